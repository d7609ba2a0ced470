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

  static let width = 76

  var output: [UInt8] = []
  /// Where the line that is being filled begins in `output`, behind its prefix; nil between lines.
  var lineStart: Int?
  /// Columns of the line: its characters. At most `limit` of them.
  var column = 0
  var limit = 0
  var pendingSpace = false
  /// Empty lines wanted before the next text.
  var pendingBlank = 0
  var isAtStart = true
  var quoteDepth = 0
  var lists: [Int?] = []
  /// What stands before the next line's text: a list item's bullet.
  var bullet: [UInt8] = []
  var preformatted = 0
  var cells = 0
  var link: [UInt8]?
  var linkText: [UInt8] = []
  var scratch: [UInt8] = []

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
