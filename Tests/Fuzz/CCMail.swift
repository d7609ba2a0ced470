// Any bytes as a .ccm file: read whole and in pieces, written as Internet messages, and those as .ccm.

import Formats
import Mail

nonisolated(unsafe) private let converter = Converter(options: ConversionOptions())

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let whole = messages(bytes, piece: bytes.count + 1)
  // Pieces of a file give the same messages as the whole of it.
  let pieces = messages(bytes, piece: 7)
  precondition(whole == pieces, "other messages in pieces")
  return 0
}

/// Where the messages of a file are, when no more than `piece` bytes come at once.
private func messages(_ bytes: [UInt8], piece: Int) -> [Range<Int>] {
  var found: [Range<Int>] = []
  var scanner = CCScanner()
  var division = Converter.Division()
  var start = 0
  var end = min(piece, bytes.count)
  while true {
    let window = Array(bytes[start..<end])
    switch scanner.next(in: window.span, isFinal: end == bytes.count) {
    case .message(let message, let next):
      precondition(next > 0, "the scanner stands still")
      found.append((start + message.whole.lowerBound)..<(start + message.whole.upperBound))
      if piece > bytes.count {
        var eml: [UInt8] = []
        _ = converter.convertToInternet(message, window.span, division: &division, to: &eml)
        var again: [UInt8] = []
        _ = try? converter.convertToCCMail(eml.span, to: &again)
      }
      start += next
      end = max(end, start)
    case .needsMore:
      precondition(end < bytes.count, "more is wanted at the end")
      end = min(bytes.count, end + max(piece, end - start))
    case .end, .unreadable: return found
    }
  }
}
