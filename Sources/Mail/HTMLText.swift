import Formats

/// HTML as text to be read: paragraphs, headings and lists as lines, table rows as lines, links with their addresses,
/// quotations with `> `, entities as their characters. Never fails, whatever the HTML is; linear in its length.
public struct HTMLText {
  /// Appends the text of `html` (UTF-8) to `output` in lines of at most 76 columns, ended by CR LF.
  public static func render(_ html: Bytes, to output: inout [UInt8]) {
    var renderer = HTMLText()
    renderer.output.reserveCapacity(html.count / 2)
    renderer.read(html)
    renderer.endLine()
    renderer.trimEnd()
    output.append(contentsOf: renderer.output)
  }

  private static let width = 76

  private var output: [UInt8] = []
  /// Where the line that is being filled begins in `output`, behind its prefix; nil between lines.
  private var lineStart: Int?
  /// Columns of the line: its characters. At most `limit` of them.
  private var column = 0
  private var limit = 0
  private var pendingSpace = false
  /// Empty lines wanted before the next text.
  private var pendingBlank = 0
  private var isAtStart = true
  private var quoteDepth = 0
  private var lists: [Int?] = []
  /// What stands before the next line's text: a list item's bullet.
  private var bullet: [UInt8] = []
  private var preformatted = 0
  private var cells = 0
  private var link: [UInt8]?
  private var linkText: [UInt8] = []
  private var scratch: [UInt8] = []

  private init() {}

  // MARK: Reading

  private mutating func read(_ html: Bytes) {
    var position = 0
    let end = html.count
    while position < end {
      guard let open = html.firstIndex(of: ASCII.less, from: position, to: end) else {
        run(html, position..<end)
        return
      }
      if open > position { run(html, position..<open) }
      position = readMarkup(html, open, end)
    }
  }

  /// Reads what `<` begins; returns where text goes on.
  private mutating func readMarkup(_ html: Bytes, _ open: Int, _ end: Int) -> Int {
    let start = open + 1
    guard start < end else { return end }
    let byte = html[start]
    if byte == UInt8(ascii: "!") || byte == ASCII.question {
      if html.hasPrefix(at: open, to: end, "<!--") { return endOfComment(html, start + 3, end) }
      return html.firstIndex(of: ASCII.greater, from: start, to: end).map { $0 + 1 } ?? end
    }
    let isEnd = byte == ASCII.slash
    let nameStart = isEnd ? start + 1 : start
    guard nameStart < end, ASCII.isLetter(html[nameStart]) else {
      text(html, open..<start)
      return start
    }
    var nameEnd = nameStart
    while nameEnd < end, ASCII.isLetter(html[nameEnd]) || ASCII.isDigit(html[nameEnd]) { nameEnd += 1 }
    let close = endOfTag(html, nameEnd, end)
    let name = HTMLTag(html, nameStart..<nameEnd)
    let next = min(close + 1, end)
    if isEnd {
      endTag(name)
      return next
    }
    if name == .script || name == .style || name == .title {
      return skipElement(html, html.array(nameStart..<nameEnd), next, end)
    }
    startTag(name, html, nameEnd..<close)
    return next
  }

  private func endOfComment(_ html: Bytes, _ start: Int, _ end: Int) -> Int {
    var position = start
    while let hyphen = html.firstIndex(of: ASCII.hyphen, from: position, to: end) {
      if html.hasPrefix(at: hyphen, to: end, "-->") { return hyphen + 3 }
      position = hyphen + 1
    }
    return end
  }

  /// The `>` that ends a tag, outside of quoted values.
  private func endOfTag(_ html: Bytes, _ start: Int, _ end: Int) -> Int {
    var position = start
    let limit = min(end, start + 65_536)
    while position < limit {
      let byte = html[position]
      if byte == ASCII.greater { return position }
      if byte == ASCII.quote || byte == ASCII.apostrophe, position > start,
        html[position - 1] == ASCII.equals || ASCII.isSpace(html[position - 1])
      {
        guard let close = html.firstIndex(of: byte, from: position + 1, to: limit) else { break }
        position = close
      }
      position += 1
    }
    // A quote that is never closed: the first `>` ends the tag all the same.
    return html.firstIndex(of: ASCII.greater, from: start, to: end) ?? end
  }

  /// Passes over the content of an element that is no text.
  private mutating func skipElement(_ html: Bytes, _ name: [UInt8], _ start: Int, _ end: Int) -> Int {
    var position = start
    let length = name.count
    while let open = html.firstIndex(of: ASCII.less, from: position, to: end) {
      if open + 2 + length <= end, html[open + 1] == ASCII.slash,
        (0..<length).allSatisfy({ ASCII.lowercased(html[open + 2 + $0]) == ASCII.lowercased(name[$0]) })
      {
        return html.firstIndex(of: ASCII.greater, from: open, to: end).map { $0 + 1 } ?? end
      }
      position = open + 1
    }
    return end
  }

  // MARK: Elements

  private mutating func startTag(_ name: HTMLTag?, _ html: Bytes, _ attributes: Range<Int>) {
    switch name {
    case .br: breakLine()
    case .p, .h1, .h2, .h3, .h4, .h5, .h6, .dl, .form, .fieldset: block(blankLines: 1)
    case .div, .section, .article, .header, .footer, .address, .center, .dt, .tbody, .thead, .caption:
      block(blankLines: 0)
    case .table: block(blankLines: 0)
    case .tr:
      block(blankLines: 0)
      cells = 0
    case .td, .th:
      if cells > 0, lineStart != nil {
        pendingSpace = false
        append(word: "  ")
      }
      cells += 1
    case .hr:
      block(blankLines: 0)
      append(word: "------------------------------------------------------------")
      block(blankLines: 0)
    case .ul, .menu, .dir:
      block(blankLines: lists.isEmpty ? 1 : 0)
      if lists.count < 20 { lists.append(nil) }
    case .ol:
      block(blankLines: lists.isEmpty ? 1 : 0)
      if lists.count < 20 { lists.append(0) }
    case .li:
      block(blankLines: 0)
      if let last = lists.indices.last, let number = lists[last] {
        lists[last] = number + 1
        bullet = Array("\(number + 1). ".utf8)
      } else {
        bullet = Array("* ".utf8)
      }
    case .dd:
      block(blankLines: 0)
      bullet = Array("    ".utf8)
    case .blockquote:
      block(blankLines: 1)
      quoteDepth = min(quoteDepth + 1, 20)
    case .pre:
      block(blankLines: 1)
      preformatted += 1
    case .a:
      endLink()
      link = attribute("href", html, attributes)
      linkText.removeAll(keepingCapacity: true)
    case .img:
      if let alt = attribute("alt", html, attributes), !alt.allSatisfy(ASCII.isSpace) {
        let text = [ASCII.leftBracket] + alt + [ASCII.rightBracket]
        self.text(text.span, 0..<text.count)
      }
    default: return
    }
  }

  private mutating func endTag(_ name: HTMLTag?) {
    switch name {
    case .p, .h1, .h2, .h3, .h4, .h5, .h6, .dl, .form, .table: block(blankLines: 1)
    case .div, .section, .article, .header, .footer, .address, .center, .li, .dt, .dd, .tr:
      block(blankLines: 0)
    case .ul, .ol, .menu, .dir:
      block(blankLines: 0)
      if !lists.isEmpty { lists.removeLast() }
      block(blankLines: lists.isEmpty ? 1 : 0)
    case .blockquote:
      block(blankLines: 1)
      quoteDepth = max(0, quoteDepth - 1)
    case .pre:
      block(blankLines: 1)
      preformatted = max(0, preformatted - 1)
    case .a: endLink()
    default: return
    }
  }

  /// Writes the address of a link behind its text, unless the text is the address.
  private mutating func endLink() {
    guard let link else { return }
    self.link = nil
    var href = link[...]
    if link.span.hasPrefix(at: 0, to: link.count, "mailto:") { href = href.dropFirst(7) }
    guard let first = href.first, first != UInt8(ascii: "#"), href.count <= 2000,
      !link.span.hasPrefix(at: href.startIndex, to: link.count, "javascript:"),
      linkText[...] != href, linkText[...] != href.dropFirst(7)
    else { return }
    pendingSpace = lineStart != nil
    beginWord(columns: href.count + 2)
    output.append(ASCII.less)
    let start = output.count
    output.append(contentsOf: href)
    for i in start..<output.count where ASCII.isSpace(output[i]) || ASCII.isControl(output[i]) {
      output[i] = ASCII.plus
    }
    output.append(ASCII.greater)
  }

  private func attribute(_ name: StaticString, _ html: Bytes, _ range: Range<Int>) -> [UInt8]? {
    var i = range.lowerBound
    while i < range.upperBound {
      while i < range.upperBound, ASCII.isSpace(html[i]) || html[i] == ASCII.slash { i += 1 }
      let start = i
      while i < range.upperBound, !ASCII.isSpace(html[i]), html[i] != ASCII.equals { i += 1 }
      let key = start..<i
      while i < range.upperBound, ASCII.isSpace(html[i]) { i += 1 }
      guard i < range.upperBound, html[i] == ASCII.equals else {
        if i == start { i += 1 }
        continue
      }
      i += 1
      while i < range.upperBound, ASCII.isSpace(html[i]) { i += 1 }
      var value = i..<i
      if i < range.upperBound, html[i] == ASCII.quote || html[i] == ASCII.apostrophe {
        let quote = html[i]
        let valueStart = i + 1
        i = html.firstIndex(of: quote, from: valueStart, to: range.upperBound) ?? range.upperBound
        value = valueStart..<max(i, valueStart)
        i += 1
      } else {
        let valueStart = i
        while i < range.upperBound, !ASCII.isSpace(html[i]) { i += 1 }
        value = valueStart..<i
      }
      if html.equalsIgnoringCase(key, name) {
        var decoded: [UInt8] = []
        HTMLEntity.appendDecoded(html, html.trimmed(value), to: &decoded)
        return decoded
      }
    }
    return nil
  }

  // MARK: Text

  /// Takes a run of HTML without tags.
  private mutating func run(_ html: Bytes, _ range: Range<Int>) {
    guard html.firstIndex(of: UInt8(ascii: "&"), from: range.lowerBound, to: range.upperBound) != nil else {
      return text(html, range)
    }
    // The room for decoded text is kept from run to run.
    var decoded: [UInt8] = []
    swap(&decoded, &scratch)
    decoded.removeAll(keepingCapacity: true)
    HTMLEntity.appendDecoded(html, range, to: &decoded)
    text(decoded.span, 0..<decoded.count)
    swap(&decoded, &scratch)
  }

  private mutating func text(_ text: Bytes, _ range: Range<Int>) {
    if preformatted > 0 {
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
    for _ in 0..<indent { output.append(ASCII.space) }
    if !bullet.isEmpty { output.append(contentsOf: bullet) }
    lineStart = output.count
    column = 0
    limit = Self.width - indent - bullet.count - quoteDepth * 2
  }

  /// Makes room for a word of so many columns, which is to be appended to `output` next: in this line, or in a new one.
  private mutating func beginWord(columns: Int) {
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

  private mutating func append(word: StaticString) {
    beginWord(columns: word.utf8CodeUnitCount)
    output.append(word)
    if link != nil { linkText.append(word) }
  }

  /// Ends the line; a second one in a row makes an empty line.
  private mutating func breakLine() {
    if lineStart == nil {
      if !isAtStart { pendingBlank = min(pendingBlank + 1, 2) }
    } else {
      endLine()
    }
    pendingSpace = false
  }

  private mutating func block(blankLines: Int) {
    endLine()
    pendingSpace = false
    pendingBlank = max(pendingBlank, blankLines)
  }

  /// - Parameter continues: Whether the paragraph goes on in the next line.
  private mutating func endLine(continues: Bool = false) {
    guard let start = lineStart else { return }
    lineStart = nil
    while output.count > start, output[output.count - 1] == ASCII.space { output.removeLast() }
    output.appendLineEnd()
    if bullet.isEmpty { return }
    // The lines after the first of a list item stand under its text.
    bullet = continues ? [UInt8](repeating: ASCII.space, count: bullet.count) : []
  }

  private mutating func writeBlankLines() {
    for _ in 0..<pendingBlank {
      for _ in 0..<quoteDepth { output.append(ASCII.greater) }
      output.appendLineEnd()
    }
  }

  private mutating func trimEnd() {
    while output.count >= 4, output.suffix(4).elementsEqual("\r\n\r\n".utf8) { output.removeLast(2) }
  }

  // MARK: Character set

  /// The character set that a `meta` element near the beginning declares.
  static func declaredCharset(_ html: Bytes) -> String? {
    var position = 0
    let end = min(html.count, 4096)
    while let open = html.firstIndex(of: ASCII.less, from: position, to: end) {
      position = open + 1
      guard html.hasPrefixIgnoringCase(at: open, to: end, "<meta") else { continue }
      let close = html.firstIndex(of: ASCII.greater, from: open, to: end) ?? end
      var i = open
      while let equals = html.firstIndex(of: ASCII.equals, from: i, to: close) {
        i = equals + 1
        guard equals >= open + 7, html.hasPrefixIgnoringCase(at: equals - 7, to: equals, "charset") else { continue }
        var start = equals + 1
        while start < close, html[start] == ASCII.quote || html[start] == ASCII.apostrophe || html[start] == ASCII.space
        { start += 1 }
        var stop = start
        while stop < close,
          ASCII.isLetter(html[stop]) || ASCII.isDigit(html[stop]) || html[stop] == ASCII.hyphen
            || html[stop] == ASCII.underscore || html[stop] == ASCII.colon
        { stop += 1 }
        return stop > start ? html.string(start..<stop) : nil
      }
    }
    return nil
  }
}
