import Formats

/// What the elements of HTML mean for its text.
extension HTMLText {
  mutating func startTag(_ name: HTMLTag?, _ html: Bytes, _ attributes: Range<Int>) {
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

  mutating func endTag(_ name: HTMLTag?) {
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
}
