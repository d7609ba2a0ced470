// Any bytes as RTF: as they are, as compressed RTF with its header and as what stands behind such a header.

import Formats

nonisolated(unsafe) private let converter = CharsetConverter()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  check(bytes)
  for packed in [bytes, header(count) + bytes] {
    guard let rtf = try? CompressedRTF.decode(packed.span).rtf else { continue }
    precondition(rtf.count <= 9 * packed.count, "\(rtf.count) bytes of RTF made of \(packed.count)")
    check(rtf)
  }
  return 0
}

private func check(_ rtf: [UInt8]) {
  for prefix in ["", "{\\rtf1\\ansi\\fromhtml1 ", "{\\rtf1\\ansi\\ansicpg932\\fromtext "] {
    let whole = Array(prefix.utf8) + rtf
    let text = RTFText.decode(whole.span, converter: converter)
    precondition(text.count <= 8 * whole.count, "\(text.count) bytes of text made of \(whole.count)")
  }
}

/// The header of compressed RTF, with a wrong checksum.
private func header(_ count: Int) -> [UInt8] {
  func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  return number(count + 12) + number(1 << 30) + Array("LZFu".utf8) + number(0)
}
