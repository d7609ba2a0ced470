/// What a line of a .ccm file can be.
enum CCLine {
  /// `Message:` and nothing else.
  static func isMessage(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, "Message:")
      && bytes.trimmed((line.lowerBound + 8)..<line.upperBound).isEmpty
  }

  /// `Contents:` and nothing else.
  static func isContents(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, "Contents:")
      && bytes.trimmed((line.lowerBound + 9)..<line.upperBound).isEmpty
  }

  /// `Text item: title`, `File item: name`, `Fax item: name`, or another word with `item:`.
  static func item(_ bytes: Bytes, _ line: Range<Int>) -> (kind: CCItemKind, title: Range<Int>)? {
    func after(_ count: Int) -> Range<Int> {
      let start = line.lowerBound + count
      return (start < line.upperBound && bytes[start] == ASCII.space ? start + 1 : start)..<line.upperBound
    }
    if bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, "Text item:") { return (.text, after(10)) }
    if bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, "File item:") { return (.file, after(10)) }
    if bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, "Fax item:") { return (.fax, after(9)) }
    guard let name = keyword(bytes, line), name.count > 5, name.count <= 30,
      bytes.equalsIgnoringCase((name.upperBound - 5)..<name.upperBound, " item")
    else { return nil }
    return (.other, after(name.count + 1))
  }

  /// The keyword before the colon of a header line: letters, digits, blanks and hyphens, beginning with a letter.
  static func keyword(_ bytes: Bytes, _ line: Range<Int>) -> Range<Int>? {
    var i = line.lowerBound
    while i < line.upperBound, i - line.lowerBound <= 40 {
      let byte = bytes[i]
      if byte == ASCII.colon { return i > line.lowerBound ? line.lowerBound..<i : nil }
      guard
        ASCII.isLetter(byte)
          || (i > line.lowerBound && (ASCII.isDigit(byte) || byte == ASCII.space || byte == ASCII.hyphen))
      else { return nil }
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

  /// Whether a text line, after the blanks before it, begins with what a reader of the plain dialect takes for a
  /// keyword. Such lines are written with one more blank in front.
  static func looksLikeKeyword(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    var start = line.lowerBound
    while start < line.upperBound, bytes[start] == ASCII.space { start += 1 }
    let rest = start..<line.upperBound
    return isMessage(bytes, rest) || item(bytes, rest) != nil
  }
}
