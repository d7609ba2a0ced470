/// What a line of a .ccm file can be.
enum CCLine {
  /// Blanks that may stand before a colon.
  static let blanksBeforeColon = 16

  /// The position behind the colon where a line begins with `word` and one; blanks may stand between them.
  static func after(_ word: StaticString, _ bytes: Bytes, _ line: Range<Int>) -> Int? {
    guard bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, word) else { return nil }
    let end = line.lowerBound + word.utf8CodeUnitCount
    var i = end
    while i < line.upperBound, i - end < blanksBeforeColon, ASCII.isBlank(bytes[i]) { i += 1 }
    return i < line.upperBound && bytes[i] == ASCII.colon ? i + 1 : nil
  }

  /// `Message:` and nothing else.
  static func isMessage(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    guard let rest = after("Message", bytes, line) else { return false }
    return bytes.trimmed(rest..<line.upperBound).isEmpty
  }

  /// `Contents:` and nothing else.
  static func isContents(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    guard let rest = after("Contents", bytes, line) else { return false }
    return bytes.trimmed(rest..<line.upperBound).isEmpty
  }

  /// `Text item: title`, `File item: name`, `Fax item: name`, or another word with `item:`.
  static func item(_ bytes: Bytes, _ line: Range<Int>) -> (kind: CCItemKind, title: Range<Int>)? {
    guard let first = line.first, ASCII.isLetter(bytes[first]) else { return nil }
    func title(_ start: Int) -> Range<Int> {
      (start < line.upperBound && bytes[start] == ASCII.space ? start + 1 : start)..<line.upperBound
    }
    if let start = after("Text item", bytes, line) { return (.text, title(start)) }
    if let start = after("File item", bytes, line) { return (.file, title(start)) }
    if let start = after("Fax item", bytes, line) { return (.fax, title(start)) }
    guard let (name, colon) = keyword(bytes, line), name.count > 5, name.count <= 30,
      bytes.equalsIgnoringCase((name.upperBound - 5)..<name.upperBound, " item")
    else { return nil }
    return (.other, title(colon + 1))
  }

  /// The keyword of a header line, without blanks behind it, and where its colon is: letters, digits, blanks and
  /// hyphens, beginning with a letter.
  static func keyword(_ bytes: Bytes, _ line: Range<Int>) -> (name: Range<Int>, colon: Int)? {
    var i = line.lowerBound
    var end = i
    while i < line.upperBound, i - line.lowerBound <= 40 {
      let byte = bytes[i]
      if byte == ASCII.colon { return end > line.lowerBound ? (line.lowerBound..<end, i) : nil }
      if ASCII.isLetter(byte) || (i > line.lowerBound && (ASCII.isDigit(byte) || byte == ASCII.hyphen)) {
        end = i + 1
      } else if i == line.lowerBound || !ASCII.isBlank(byte) {
        return nil
      }
      i += 1
    }
    return nil
  }

  enum Size: Equatable {
    case number(Int)
    /// Nothing, or blanks where the size should be (Q287056).
    case blank
    case nonsense
  }

  static func size(_ bytes: Bytes, _ line: Range<Int>) -> Size {
    // No field is that wide; and it may be looked at for any number of keywords.
    guard line.count <= 1024 else { return .nonsense }
    let digits = bytes.trimmed(line)
    if digits.isEmpty { return .blank }
    var value = 0
    for i in digits {
      guard ASCII.isDigit(bytes[i]), value < 1 << 50 else { return .nonsense }
      value = value * 10 + Int(bytes[i] - ASCII.zero)
    }
    return .number(value)
  }

  /// Whether a text line, after the blanks before it, is what a reader of the plain dialect takes for a keyword or for
  /// bytes between messages. Such lines are written with one more blank in front.
  static func looksLikeKeyword(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    var start = line.lowerBound
    while start < line.upperBound, bytes[start] == ASCII.space { start += 1 }
    guard start < line.upperBound else { return false }
    let rest = CCFiller.endOfMarks(bytes, start, to: line.upperBound)..<line.upperBound
    if rest.isEmpty || isMessage(bytes, rest) || item(bytes, rest) != nil { return true }
    return messageBehindMarks(bytes, start..<line.upperBound) != nil
  }

  /// Where the Ctrl-Z and NUL bytes begin that stand between the end of a text and `Message:` in one line.
  static func messageBehindMarks(_ bytes: Bytes, _ line: Range<Int>) -> Int? {
    // The colon has to be the last thing of the line: nearly all lines are done with here.
    var end = line.upperBound
    while end > line.lowerBound, line.upperBound - end < 64, ASCII.isSpace(bytes[end - 1]) { end -= 1 }
    guard end - line.lowerBound > 8, bytes[end - 1] == ASCII.colon else { return nil }
    end -= 1
    let colon = end
    while end > line.lowerBound, colon - end < blanksBeforeColon, ASCII.isBlank(bytes[end - 1]) { end -= 1 }
    let start = end - 7
    guard start > line.lowerBound, bytes.hasPrefixIgnoringCase(at: start, to: end, "Message") else { return nil }
    let marks = CCFiller.startOfMarks(bytes, start, from: line.lowerBound)
    return marks < start ? marks : nil
  }
}
