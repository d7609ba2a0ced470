/// Encoded words, RFC 2047.
extension HeaderWriter {
  /// What stands around the text of an encoded word: `=?utf-8?B?` and `?=`.
  private static let wordFrame = 12
  /// The longest encoded word, RFC 2047, 2, and the longest line with one.
  private static let longestWord = 75
  private static let longestWordLine = 76

  /// Appends `text` as encoded words of at most 75 characters, each of whole characters, in whichever of B and Q is
  /// shorter. A word in base64 ends at a multiple of three bytes, so that only the last one is padded: there are readers
  /// that put the words together before they decode them.
  static func append(encodedWords text: String, column: inout Int, to output: inout [UInt8]) {
    let utf8 = Array(text.utf8)
    let literal = utf8.count { isAtomText($0) && $0 != ASCII.underscore && $0 != ASCII.question && $0 != ASCII.equals }
    let prefersBase64 = literal * 3 < utf8.count * 2
    var start = 0
    while start < utf8.count {
      if column > 1, longestWordLine - column < 28 {
        output.append("\r\n ")
        column = 1
      }
      let room = max(16, min(longestWord, longestWordLine - column) - wordFrame)
      var end = prefersBase64 ? base64End(utf8, start, room) : start
      let isBase64 = end > start
      if !isBase64 { end = quotedEnd(utf8, start, room, aligned: prefersBase64) }
      let before = output.count
      output.append(isBase64 ? "=?utf-8?B?" : "=?utf-8?Q?")
      if isBase64 { appendBase64(utf8[start..<end], to: &output) } else { appendQuoted(utf8[start..<end], to: &output) }
      output.append("?=")
      column += output.count - before
      start = end
      if start < utf8.count {
        output.append("\r\n ")
        column = 1
      }
    }
  }

  private static func isCharacterStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

  /// Where a word in base64 ends that begins at `start`: at the end of the text, or at the last multiple of three bytes
  /// that is the end of a character; at `start` where there is none.
  private static func base64End(_ utf8: [UInt8], _ start: Int, _ room: Int) -> Int {
    let limit = start + room / 4 * 3
    if utf8.count <= limit { return utf8.count }
    var end = limit
    while end > start, !isCharacterStart(utf8[end]) { end -= 3 }
    return max(end, start)
  }

  /// Where a word in Q ends that begins at `start`.
  ///
  /// - Parameter aligned: Whether base64 would go on behind it, so that it ends as soon as that can.
  private static func quotedEnd(_ utf8: [UInt8], _ start: Int, _ room: Int, aligned: Bool) -> Int {
    var end = start
    var width = 0
    while end < utf8.count {
      var next = end + 1
      while next < utf8.count, !isCharacterStart(utf8[next]), next - end < 4 { next += 1 }
      width += utf8[end..<next].reduce(0) { $0 + (isWordLiteral($1) || $1 == ASCII.space ? 1 : 3) }
      if width > room, end > start { break }
      end = next
      if aligned, base64End(utf8, end, longestWord - wordFrame) > end { break }
    }
    return end
  }

  private static func appendQuoted(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
    for byte in bytes {
      if byte == ASCII.space {
        output.append(ASCII.underscore)
      } else if isWordLiteral(byte) {
        output.append(byte)
      } else {
        output.append(ASCII.equals)
        output.append(hexadecimal: byte)
      }
    }
  }

  /// What may stand unencoded in an encoded word of a phrase, RFC 2047, 5 (3).
  private static func isWordLiteral(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "!") || byte == ASCII.asterisk
      || byte == ASCII.plus || byte == ASCII.hyphen || byte == ASCII.slash
  }

  private static func appendBase64(_ data: ArraySlice<UInt8>, to output: inout [UInt8]) {
    var encoded: [UInt8] = []
    Base64.encode(Array(data).span, into: &encoded)
    output.append(contentsOf: encoded.filter { !ASCII.isSpace($0) })
  }
}
