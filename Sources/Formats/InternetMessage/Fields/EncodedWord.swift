/// Text of header fields: RFC 2047 encoded words, folding, and the 8-bit bytes that should not be there.
/// Example: `=?ISO-8859-1?Q?Andr=E9?= Pirard`
public enum EncodedWord {
  /// What was wrong with the text of a field.
  public struct Defects: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// An encoded word in a character set that nobody here knows; it stands in the text as it stood in the field.
    public static let unknownCharset = Defects(rawValue: 1)
    /// Bytes that mean nothing in their character set; U+FFFD stands for them.
    public static let damaged = Defects(rawValue: 2)
    /// UTF-8 with another label.
    public static let mislabelled = Defects(rawValue: 4)
    /// An encoded word whose character set has a name that other readers need not know: `koi8_r`, `cp1251`.
    public static let unusualLabel = Defects(rawValue: 8)
  }

  /// The text at `range` in UTF-8, unfolded, encoded words decoded. Raw 8-bit bytes are read in `charset`.
  public static func decode(
    _ bytes: Bytes, _ range: Range<Int>, charset: String = "", converter: CharsetConverter
  ) -> String {
    read(bytes, range, charset: charset, converter: converter).text
  }

  /// The same, and what was wrong with it.
  public static func read(
    _ bytes: Bytes, _ range: Range<Int>, charset: String = "", converter: CharsetConverter
  ) -> (text: String, defects: Defects) {
    let range = bytes.trimmed(range)
    if isPlain(bytes, range) { return (bytes.string(range), []) }
    var defects: Defects = []
    var output: [UInt8] = []
    output.reserveCapacity(range.count)
    // Words of one character set that follow one another are converted together: a character may be cut in two.
    var pending: [UInt8] = []
    var pendingCharset = ""
    var literalStart = range.lowerBound
    func append(_ text: Bytes, _ charset: String) {
      switch converter.appendUTF8(text, charset: charset, to: &output) {
      case .exact, .unknownCharset: break
      case .mislabelled: defects.insert(.mislabelled)
      case .replaced: defects.insert(.damaged)
      }
    }
    func flush() {
      if pending.isEmpty { return }
      append(pending.span, pendingCharset)
      pending.removeAll(keepingCapacity: true)
    }
    func appendLiteral(_ literal: Range<Int>) {
      let unfolded = unfold(bytes, literal)
      append(unfolded.span, charset)
    }
    var position = range.lowerBound
    while let start = bytes.firstIndex(of: ASCII.equals, from: position, to: range.upperBound) {
      guard let word = parse(bytes, start, range.upperBound) else {
        position = start + 1
        continue
      }
      let wordCharset = bytes.string(word.charset)
      guard converter.canRead(label: wordCharset) else {
        defects.insert(.unknownCharset)
        position = word.end
        continue
      }
      if !CharsetName.isUsual(wordCharset) { defects.insert(.unusualLabel) }
      let literal = literalStart..<start
      // White space between two encoded words is not text, RFC 2047, 6.2.
      let isBetweenWords = literalStart > range.lowerBound && bytes.trimmed(literal).isEmpty
      if !isBetweenWords, !literal.isEmpty {
        flush()
        appendLiteral(literal)
      }
      if wordCharset.lowercased() != pendingCharset.lowercased()
        || !pending.isEmpty && wordCharset.lowercased().hasPrefix("iso-2022")
      {
        flush()
      }
      pendingCharset = wordCharset
      appendDecoded(bytes, word, to: &pending)
      position = word.end
      literalStart = word.end
    }
    flush()
    if literalStart < range.upperBound { appendLiteral(literalStart..<range.upperBound) }
    return (String(decoding: output, as: UTF8.self), defects)
  }

  /// Whether anything at `range` may be an encoded word.
  public static func mayStand(in bytes: Bytes, _ range: Range<Int>) -> Bool {
    var position = range.lowerBound
    while let equals = bytes.firstIndex(of: ASCII.equals, from: position, to: range.upperBound) {
      if equals + 1 < range.upperBound, bytes[equals + 1] == ASCII.question { return true }
      position = equals + 1
    }
    return false
  }

  private static func isPlain(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    bytes.isPrintable(range) && !mayStand(in: bytes, range)
  }

  /// RFC 5322, 2.2.3: a line end before white space is not there; a tab there is a blank.
  static func unfold(_ bytes: Bytes, _ range: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var afterLineEnd = false
    for i in range {
      switch bytes[i] {
      case ASCII.cr, ASCII.lf: afterLineEnd = true
      case ASCII.tab where afterLineEnd: text.append(ASCII.space)
      default:
        afterLineEnd = false
        text.append(bytes[i])
      }
    }
    return text
  }

  private struct Word {
    var charset: Range<Int>
    var isBase64: Bool
    var text: Range<Int>
    var end: Int
  }

  /// `=?charset?encoding?text?=` at `start`. Blanks inside the text, as some writers put them, are taken along.
  private static func parse(_ bytes: Bytes, _ start: Int, _ end: Int) -> Word? {
    guard start + 1 < end, bytes[start + 1] == ASCII.question else { return nil }
    var position = start + 2
    while position < end, bytes[position] != ASCII.question, bytes[position] > 32, position - start < 64 {
      position += 1
    }
    guard position + 2 < end, bytes[position] == ASCII.question, bytes[position + 2] == ASCII.question else {
      return nil
    }
    var charset = (start + 2)..<position
    // RFC 2231, 5: a language after an asterisk.
    if let asterisk = bytes.firstIndex(of: ASCII.asterisk, from: charset.lowerBound, to: charset.upperBound) {
      charset = charset.lowerBound..<asterisk
    }
    let isBase64: Bool
    switch ASCII.lowercased(bytes[position + 1]) {
    case UInt8(ascii: "b"): isBase64 = true
    case UInt8(ascii: "q"): isBase64 = false
    default: return nil
    }
    let text = position + 3
    position = text
    while position + 1 < end {
      if bytes[position] == ASCII.question, bytes[position + 1] == ASCII.equals {
        // `=?x?q?=41?=`: the first byte of the text may be an equals sign.
        return Word(charset: charset, isBase64: isBase64, text: text..<position, end: position + 2)
      }
      if bytes[position] == ASCII.lf || bytes[position] == ASCII.cr { return nil }
      position += 1
    }
    return nil
  }

  private static func appendDecoded(_ bytes: Bytes, _ word: Word, to output: inout [UInt8]) {
    if word.isBase64 {
      _ = Base64.decode(bytes, word.text, into: &output)
      return
    }
    var i = word.text.lowerBound
    let end = word.text.upperBound
    while i < end {
      if bytes[i] == ASCII.underscore {
        output.append(ASCII.space)
      } else if bytes[i] == ASCII.equals, i + 2 < end, let high = ASCII.hexadecimalValue(bytes[i + 1]),
        let low = ASCII.hexadecimalValue(bytes[i + 2])
      {
        output.append(high << 4 | low)
        i += 2
      } else {
        output.append(bytes[i])
      }
      i += 1
    }
  }
}
