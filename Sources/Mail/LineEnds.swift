import Formats

enum LineEnds {
  /// `text` with CR LF at the end of each line.
  static func canonical(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.append(linesOf: text.span)
    return output
  }

  /// `bytes` with LF for CR, when no line of it ends otherwise (Macintosh text); nil for any other.
  static func withoutLoneReturns(_ bytes: Bytes) -> [UInt8]? {
    guard bytes.firstIndex(of: ASCII.lf, from: 0, to: bytes.count) == nil,
      bytes.firstIndex(of: ASCII.cr, from: 0, to: bytes.count) != nil
    else { return nil }
    return bytes.array(0..<bytes.count).map { $0 == ASCII.cr ? ASCII.lf : $0 }
  }
}
