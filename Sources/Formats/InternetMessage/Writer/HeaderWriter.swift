/// Writes header fields as RFC 5322 and RFC 2047 want them: seven bits, lines of at most 78 characters.
public enum HeaderWriter {
  /// Characters of a line, its end not counted, RFC 5322, 2.1.1.
  public static let longestLine = 998

  /// Appends `Name: text`, folded, with encoded words where the text is not plain ASCII.
  public static func append(_ name: String, text: String, to output: inout [UInt8]) {
    output.append(text: name)
    output.append(": ")
    var column = name.utf8.count + 2
    append(words: text, column: &column, to: &output)
    output.appendLineEnd()
  }

  /// Appends `Name: literal text`, the text as an unstructured field has it: `Diagnostic-Code: x-ccmail; text`,
  /// RFC 3464, 2.3.6. `literal` stays as it is.
  public static func append(_ name: String, literal: StaticString, text: String, to output: inout [UInt8]) {
    output.append(text: name)
    output.append(": ")
    output.append(literal)
    // A word that does not fit begins a line of its own.
    var column = name.utf8.count + 2 + literal.utf8CodeUnitCount
    if column + 1 + text.utf8.prefix(while: { $0 != ASCII.space }).count > 78 {
      output.append("\r\n")
      column = 0
    }
    output.append(ASCII.space)
    column += 1
    append(words: text, column: &column, to: &output)
    output.appendLineEnd()
  }

  /// Whether a byte may stand in an atom, RFC 5322, 3.2.3.
  public static func isAtomText(_ byte: UInt8) -> Bool {
    if ASCII.isLetter(byte) || ASCII.isDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
      UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
      UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
      UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
      return true
    default: return false
    }
  }

  /// Unstructured text: folded at blanks where it is plain and its words are short enough.
  static func append(words text: String, column: inout Int, to output: inout [UInt8]) {
    let utf8 = Array(text.utf8)
    let isPlain =
      utf8.allSatisfy { $0 >= 32 && $0 < 127 } && !utf8.hasPair(ASCII.equals, UInt8(ascii: "?"))
      && utf8.first != ASCII.space && utf8.last != ASCII.space
    var (longest, length) = (0, 0)
    for byte in utf8 {
      length = byte == ASCII.space ? 0 : length + 1
      longest = max(longest, length)
    }
    guard isPlain, longest <= 76 else {
      if !utf8.isEmpty { append(encodedWords: text, column: &column, to: &output) }
      return
    }
    var start = 0
    while start < utf8.count {
      // A run of blanks and the word after it, so that a fold is before blanks and no line is blank.
      var end = start
      while end < utf8.count, utf8[end] == ASCII.space { end += 1 }
      while end < utf8.count, utf8[end] != ASCII.space { end += 1 }
      if column + end - start > 78, start > 0 {
        output.append("\r\n")
        column = 0
      }
      output.append(contentsOf: utf8[start..<end])
      column += end - start
      start = end
    }
  }

  /// Appends a field as it stands, folded again where a line of it is too long for mail; `field` is whole, with its name
  /// and its last line end. Returns false, and appends nothing, where it has no place to be folded at.
  public static func append(field: Bytes, to output: inout [UInt8]) -> Bool {
    let start = output.count
    var position = 0
    while position < field.count {
      let line = field.line(at: position, to: field.count)
      guard appendLine(field, position..<line.end, to: &output) else {
        output.removeSubrange(start...)
        return false
      }
      position = line.next
    }
    return true
  }

  private static func appendLine(_ field: Bytes, _ line: Range<Int>, to output: inout [UInt8]) -> Bool {
    var start = line.lowerBound
    while line.upperBound - start > longestLine {
      // The last blank that leaves text on both sides of it, or else the last comma.
      var blank = min(start + longestLine, line.upperBound - 1)
      while blank > start, !ASCII.isBlank(field[blank]) || field.trimmed(start..<blank).isEmpty { blank -= 1 }
      var end = blank
      if blank == start || field.trimmed(blank..<line.upperBound).isEmpty {
        end = start + longestLine - 1
        while end > start, field[end - 1] != ASCII.comma { end -= 1 }
        guard end > start, end < line.upperBound else { return false }
      }
      output.append(field, start..<end)
      output.appendLineEnd()
      if !ASCII.isBlank(field[end]) { output.append(ASCII.space) }
      start = end
    }
    output.append(field, start..<line.upperBound)
    output.appendLineEnd()
    return true
  }
}
