// Any bytes as a .msg file: read, written as an Internet message, and that as .ccm.

import Formats
import Mail

nonisolated(unsafe) private let converter = Converter(options: ConversionOptions())

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  var eml: [UInt8] = []
  guard (try? converter.convertMSG(bytes.span, to: &eml)) != nil else { return 0 }
  // What Outlook's compressed RTF and UTF-16 can grow to, and base64 on top.
  precondition(eml.count < 64 * count + 65_536, "\(eml.count) bytes made of \(count)")
  var ccm: [UInt8] = []
  _ = try? converter.convertToCCMail(eml.span, to: &ccm)
  return 0
}
