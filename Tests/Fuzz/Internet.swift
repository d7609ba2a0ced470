// Any bytes as an Internet message: read, written as .ccm, read again, written as an Internet message.

import Formats
import Mail

nonisolated(unsafe) private let converter = Converter(options: ConversionOptions())
nonisolated(unsafe) private let plain: Converter = {
  var options = ConversionOptions()
  options.layout.isSized = false
  options.codePage = CodePage("932")
  options.keepsHeaders = true
  options.setRelease(8)
  options.headerLimit = 512
  options.textLimit = 256
  return Converter(options: options)
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  for converter in [converter, plain] {
    var ccm: [UInt8] = []
    guard (try? converter.convertToCCMail(bytes.span, to: &ccm)) != nil else { continue }
    var scanner = CCScanner()
    var division = Converter.Division()
    var eml: [UInt8] = []
    // Without a copy: a header of thousands of entries becomes as many messages.
    var start = 0
    while true {
      let rest = ccm.span.extracting(start...)
      guard case .message(let message, let next) = scanner.next(in: rest, isFinal: true) else { break }
      _ = converter.convertToInternet(message, rest, division: &division, to: &eml)
      precondition(next > 0, "the scanner stands still")
      start += next
    }
    var again: [UInt8] = []
    _ = try? converter.convertToCCMail(eml.span, to: &again)
  }
  return 0
}
