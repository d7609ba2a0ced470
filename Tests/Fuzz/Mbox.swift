// Any bytes as an mbox, of each kind, whole and in pieces.

import Formats

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  for format in MboxScanner.Format.allCases {
    _ = messages(bytes, format, piece: bytes.count + 1)
    _ = messages(bytes, format, piece: 1100)
  }
  _ = DateField.parse(bytes.span, 0..<bytes.count)
  return 0
}

private func messages(_ bytes: [UInt8], _ format: MboxScanner.Format, piece: Int) -> Int {
  var scanner = MboxScanner(format: format)
  var count = 0
  var start = 0
  var end = min(piece, bytes.count)
  var message: [UInt8] = []
  while true {
    let window = Array(bytes[start..<end])
    switch scanner.next(in: window.span, isFinal: end == bytes.count) {
    case .message(let range, let next):
      precondition(next > 0, "the scanner stands still")
      scanner.append(window.span, range, to: &message)
      message.removeAll()
      count += 1
      start += next
      end = max(end, start)
    case .needsMore:
      precondition(end < bytes.count, "more is wanted at the end")
      end = min(bytes.count, end + piece)
    case .end: return count
    }
  }
}
