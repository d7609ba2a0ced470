import Formats

/// Text that is filled into lines, within the quotation, the list and the width it stands in.
extension HTMLText {
  /// Takes a run of HTML without tags.
  mutating func run(_ html: Bytes, _ range: Range<Int>) {
    guard html.firstIndex(of: UInt8(ascii: "&"), from: range.lowerBound, to: range.upperBound) != nil else {
      return visible(html, range)
    }
    // The room for decoded text is kept from run to run.
    var decoded: [UInt8] = []
    swap(&decoded, &scratch)
    decoded.removeAll(keepingCapacity: true)
    HTMLEntity.appendDecoded(html, range, to: &decoded)
    visible(decoded.span, 0..<decoded.count)
    swap(&decoded, &scratch)
  }

  /// Takes text without the characters in it that are not seen.
  private mutating func visible(_ text: Bytes, _ range: Range<Int>) {
    guard InvisibleText.mayHave(text, range) else { return self.text(text, range) }
    var kept: [UInt8] = []
    swap(&kept, &cleaned)
    kept.removeAll(keepingCapacity: true)
    InvisibleText.append(
      text, range, after: lineStart == nil || pendingSpace ? [] : Array(output.suffix(4)), to: &kept)
    self.text(kept.span, 0..<kept.count)
    swap(&kept, &cleaned)
  }

  mutating func text(_ text: Bytes, _ range: Range<Int>) {
    if isSuperscript { beginSuperscript(text, range) }
    if preformatted > 0 {
      if link != nil { for i in range where !ASCII.isSpace(text[i]) { linkText.append(text[i]) } }
      for i in range {
        let byte = text[i]
        if byte == ASCII.lf {
          breakLine()
        } else if byte != ASCII.cr {
          if lineStart == nil { startLine() }
          output.append(byte == ASCII.tab ? ASCII.space : byte)
        }
      }
      return
    }
    var position = range.lowerBound
    while position < range.upperBound {
      if Self.isBlank(text[position]) {
        pendingSpace = lineStart != nil
        position += 1
        continue
      }
      let start = position
      beginWord(columns: endOfWord(text, &position, range.upperBound))
      if link != nil { linkText.append(text, start..<position) }
      // The words behind it that one blank parts and the line has room for are copied with it.
      while link == nil, position + 1 < range.upperBound, text[position] == ASCII.space,
        !Self.isBlank(text[position + 1])
      {
        var next = position + 1
        let columns = endOfWord(text, &next, range.upperBound)
        if column + 1 + columns > limit { break }
        column += 1 + columns
        position = next
      }
      output.append(text, start..<position)
    }
  }

  /// Marks a power, `10^6`; what is raised for its looks alone, as in `1st` and behind names of goods, has no mark.
  private mutating func beginSuperscript(_ text: Bytes, _ range: Range<Int>) {
    let word = text.trimmed(range)
    guard let first = word.first else { return }
    isSuperscript = false
    let plain: [StaticString] = ["st", "nd", "rd", "th", "tm", "sm", "r", "er", "re", "e"]
    if plain.contains(where: { text.equalsIgnoringCase(word, $0) }) { return }
    switch text[first] {
    case ASCII.plus, ASCII.hyphen, ASCII.leftParenthesis: break
    case let byte where ASCII.isLetter(byte) || ASCII.isDigit(byte): break
    // A minus, and Greek letters.
    case 0xE2 where text.hasPrefix(at: first, to: word.upperBound, "\u{2212}"), 0xCE, 0xCF: break
    default: return
    }
    if first > range.lowerBound { pendingSpace = lineStart != nil }
    append(word: "^")
  }

  /// Moves `position` behind the word that begins there, and returns its columns.
  private func endOfWord(_ text: Bytes, _ position: inout Int, _ end: Int) -> Int {
    var columns = 0
    while position < end, !Self.isBlank(text[position]) {
      if text[position] & 0xC0 != 0x80 { columns += 1 }
      position += 1
    }
    return columns
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte <= ASCII.space && (ASCII.isSpace(byte) || byte == 12) }

  private var indent: Int { max(0, lists.count - 1) * 2 }

  private mutating func startLine() {
    if pendingBlank > 0, !isAtStart { writeBlankLines() }
    pendingBlank = 0
    isAtStart = false
    for _ in 0..<quoteDepth { output.append("> ") }
    lastQuoteDepth = quoteDepth
    for _ in 0..<indent { output.append(ASCII.space) }
    if !bullet.isEmpty { output.append(contentsOf: bullet) }
    lineStart = output.count
    column = 0
    limit = Self.width - indent - bullet.count - quoteDepth * 2
  }

  /// Makes room for a word of so many columns, which is to be appended to `output` next: in this line, or in a new one.
  mutating func beginWord(columns: Int) {
    if lineStart == nil {
      startLine()
    } else if pendingSpace {
      if column + 1 + columns > limit {
        endLine(continues: true)
        startLine()
      } else {
        output.append(ASCII.space)
        column += 1
      }
    }
    pendingSpace = false
    column += columns
  }

  mutating func append(word: StaticString) {
    beginWord(columns: word.utf8CodeUnitCount)
    output.append(word)
    if link != nil { linkText.append(word) }
  }

  /// Ends the line; a second one in a row makes an empty line.
  mutating func breakLine() {
    if lineStart == nil {
      if !isAtStart { pendingBlank = min(pendingBlank + 1, 2) }
    } else {
      endLine()
    }
    pendingSpace = false
  }

  mutating func block(blankLines: Int) {
    endLine()
    pendingSpace = false
    pendingBlank = max(pendingBlank, blankLines)
  }

  /// - Parameter continues: Whether the paragraph goes on in the next line.
  mutating func endLine(continues: Bool = false) {
    guard let start = lineStart else { return }
    lineStart = nil
    while output.count > start, output[output.count - 1] == ASCII.space { output.removeLast() }
    output.appendLineEnd()
    if bullet.isEmpty { return }
    // The lines after the first of a list item stand under its text.
    bullet = continues ? [UInt8](repeating: ASCII.space, count: bullet.count) : []
  }

  private mutating func writeBlankLines() {
    // A line between two quotations belongs to what both of them are in.
    let depth = min(quoteDepth, lastQuoteDepth)
    for _ in 0..<pendingBlank {
      for level in 0..<depth { output.append(level == 0 ? ">" : " >") }
      output.appendLineEnd()
    }
  }

  mutating func trimEnd() {
    while output.count >= 4, output.suffix(4).elementsEqual("\r\n\r\n".utf8) { output.removeLast(2) }
  }
}
