import Formats

/// HTML as text to be read: paragraphs, headings and lists as lines, table rows as lines, links with their addresses,
/// quotations with `> `, entities as their characters. What nobody is meant to see is left out, unless there is nothing
/// else. Never fails, whatever the HTML is; linear in its length.
public struct HTMLText {
  /// Appends the text of `html` (UTF-8) to `output` in lines of at most 76 columns, ended by CR LF. `links` is what
  /// becomes of the addresses of links; an address is never divided, however long it is.
  public static func render(_ html: Bytes, links: LinkStyle = .end, to output: inout [UInt8]) {
    var renderer = HTMLText(html, links)
    renderer.read(html)
    if renderer.output.isEmpty, renderer.hidesSomething {
      renderer = HTMLText(html, links)
      renderer.showsHidden = true
      renderer.read(html)
    }
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
  /// That of the last line.
  var lastQuoteDepth = 0
  var lists: [HTMLList] = []
  /// Bytes that may still be looked at for the numbers of lists that count down.
  var countingBudget: Int
  /// What stands before the next line's text: a list item's bullet.
  var bullet: [UInt8] = []
  var preformatted = 0
  var cells = 0
  let linkStyle: LinkStyle
  var link: [UInt8]?
  var linkText: [UInt8] = []
  var hasLinkedImage = false
  var links = HTMLLinks()
  /// Whether the next text is the beginning of a superscript.
  var isSuperscript = false
  /// The mark of lists that the style of the last tag names.
  var listMark: HTMLList.Mark?
  var scratch: [UInt8] = []
  var cleaned: [UInt8] = []

  private var visibility = HTMLVisibility()
  private var showsHidden = false
  private var hidesSomething = false
  /// What the tag that was read last has of these attributes.
  private var tagStyle: Range<Int>?
  private var isTagHidden = false

  private init(_ html: Bytes, _ links: LinkStyle) {
    linkStyle = links
    countingBudget = html.count
    output.reserveCapacity(html.count / 2)
  }

  // MARK: Reading

  private mutating func read(_ html: Bytes) {
    var position = 0
    let end = html.count
    while position < end {
      let open = html.firstIndex(of: ASCII.less, from: position, to: end) ?? end
      if open > position, !visibility.isMuted { run(html, position..<open) }
      if open == end { break }
      position = readMarkup(html, open, end)
    }
    endLink()
    endLine()
    trimEnd()
    appendLinks()
  }

  /// Reads what `<` begins; returns where text goes on.
  private mutating func readMarkup(_ html: Bytes, _ open: Int, _ end: Int) -> Int {
    let start = open + 1
    guard start < end else { return end }
    let byte = html[start]
    if byte == UInt8(ascii: "!") || byte == ASCII.question {
      if html.hasPrefix(at: open, to: end, "<!--") { return endOfComment(html, start + 1, end) }
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
      if visibility.isActive, visibility.end(name, key: HTMLTag.key(html, nameStart..<nameEnd)) { return next }
      endTag(name)
      return next
    }
    switch name {
    case .script, .style, .title, .iframe, .template, .datalist:
      return skipElement(html, html.array(nameStart..<nameEnd), next, end)
    default: break
    }
    if tagStyle != nil || isTagHidden || visibility.isActive, isLeftOut(html, nameStart..<nameEnd, name) { return next }
    startTag(name, html, nameEnd..<close)
    return next
  }

  /// Whether the element that begins here is left out.
  private mutating func isLeftOut(_ html: Bytes, _ nameRange: Range<Int>, _ name: HTMLTag?) -> Bool {
    let style = tagStyle.map { HTMLStyle(html, $0) }
    listMark = style?.listMark
    if showsHidden { return false }
    let isLeftOut = visibility.start(
      name, key: HTMLTag.key(html, nameRange), style: style, isHidden: isTagHidden,
      isVoid: HTMLTag.isVoid(html, nameRange))
    if isLeftOut || visibility.isMuted { hidesSomething = true }
    return isLeftOut
  }

  /// What is neither text nor a tag, and is seen only where it is not hidden.
  var isMuted: Bool { visibility.isMuted }

  /// Letters have a size again, however it was said.
  mutating func setSize() { visibility.setSize() }

  private func endOfComment(_ html: Bytes, _ start: Int, _ end: Int) -> Int {
    var position = start
    while let hyphen = html.firstIndex(of: ASCII.hyphen, from: position, to: end) {
      if html.hasPrefix(at: hyphen, to: end, "-->") { return hyphen + 3 }
      position = hyphen + 1
    }
    return end
  }

  /// The `>` that ends a tag, outside of quoted values. Notes where its style is, and whether it is hidden.
  private mutating func endOfTag(_ html: Bytes, _ start: Int, _ end: Int) -> Int {
    var position = start
    let limit = min(end, start + 65_536)
    tagStyle = nil
    isTagHidden = false
    listMark = nil
    while position < limit {
      let byte = html[position]
      if byte > ASCII.greater {
        // Nearly all of it is names and values.
        position += 1
        continue
      }
      switch byte {
      case ASCII.greater: return position
      case ASCII.quote, ASCII.apostrophe:
        guard position > start, html[position - 1] == ASCII.equals || ASCII.isSpace(html[position - 1]) else { break }
        guard let close = html.firstIndex(of: byte, from: position + 1, to: limit) else {
          return html.firstIndex(of: ASCII.greater, from: start, to: end) ?? end
        }
        position = close
      case ASCII.equals:
        let before = html[position - 1]
        if before | 0x20 == UInt8(ascii: "e") || ASCII.isSpace(before) { noteStyle(html, position, start, limit) }
      case ASCII.space, ASCII.lf, ASCII.tab, ASCII.cr:
        if position + 1 < limit, html[position + 1] | 0x20 == UInt8(ascii: "h"),
          isHiddenAttribute(html, position + 1, limit)
        {
          isTagHidden = true
        }
      default: break
      }
      position += 1
    }
    // A quote that is never closed: the first `>` ends the tag all the same.
    return html.firstIndex(of: ASCII.greater, from: start, to: end) ?? end
  }

  private func isStyle(_ html: Bytes, before equals: Int, from start: Int) -> Bool {
    equals - 5 > start && html[equals - 1] | 0x20 == UInt8(ascii: "e") && html[equals - 3] | 0x20 == UInt8(ascii: "y")
      && html.hasPrefixIgnoringCase(at: equals - 5, to: equals, "style") && !ASCII.isLetter(html[equals - 6])
      && html[equals - 6] != ASCII.hyphen
  }

  /// Notes the style behind an `=`, where one is; blanks may be around the sign.
  private mutating func noteStyle(_ html: Bytes, _ equals: Int, _ start: Int, _ end: Int) {
    var name = equals
    while name > start, equals - name < 20, ASCII.isSpace(html[name - 1]) { name -= 1 }
    guard isStyle(html, before: name, from: start) else { return }
    var value = equals + 1
    while value < end, value - equals < 20, ASCII.isSpace(html[value]) { value += 1 }
    guard value < end else { return }
    if html[value] == ASCII.quote || html[value] == ASCII.apostrophe {
      guard let close = html.firstIndex(of: html[value], from: value + 1, to: end) else { return }
      tagStyle = (value + 1)..<close
      return
    }
    var last = value
    while last < end, !ASCII.isSpace(html[last]), html[last] != ASCII.greater { last += 1 }
    tagStyle = value..<last
  }

  private func isHiddenAttribute(_ html: Bytes, _ position: Int, _ end: Int) -> Bool {
    guard position + 6 < end, html.hasPrefixIgnoringCase(at: position, to: end, "hidden") else { return false }
    let behind = html[position + 6]
    return ASCII.isSpace(behind) || behind == ASCII.greater || behind == ASCII.equals || behind == ASCII.slash
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
