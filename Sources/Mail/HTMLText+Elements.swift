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
      if cells > 0, lineStart != nil, !isMuted {
        pendingSpace = false
        append(word: "  ")
      }
      cells += 1
    case .hr:
      if isMuted { return }
      block(blankLines: 0)
      append(word: "------------------------------------------------------------")
      block(blankLines: 0)
    case .ul, .menu, .dir: beginList(.bullet, html, attributes)
    case .ol: beginList(.decimal, html, attributes)
    case .li:
      block(blankLines: 0)
      let value = attributes.isEmpty ? nil : HTMLList.number(attribute("value", html, attributes))
      let mark = attributes.isEmpty ? nil : takeMark(html, attributes)
      if lists.isEmpty {
        bullet = [ASCII.asterisk, ASCII.space]
      } else {
        bullet = lists[lists.count - 1].next(value: value, mark: mark)
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
      if isMuted || linkStyle == .none { return }
      link = attribute("href", html, attributes).flatMap(HTMLLinks.address)
      linkText.removeAll(keepingCapacity: true)
      hasLinkedImage = false
    case .img:
      if isMuted { return }
      hasLinkedImage = true
      if let alt = attribute("alt", html, attributes), !alt.allSatisfy(ASCII.isSpace) {
        let text = [ASCII.leftBracket] + alt + [ASCII.rightBracket]
        self.text(text.span, 0..<text.count)
      }
    case .sup: isSuperscript = !isMuted
    case .font: if !attributes.isEmpty, attribute("size", html, attributes) != nil { setSize() }
    case .select, .option, .optgroup: block(blankLines: 0)
    case .button, .textarea: pendingSpace = lineStart != nil
    case .input: appendButton(html, attributes)
    default: return
    }
  }

  private mutating func beginList(_ mark: HTMLList.Mark, _ html: Bytes, _ attributes: Range<Int>) {
    block(blankLines: lists.isEmpty ? 1 : 0)
    guard lists.count < 20 else { return }
    guard !attributes.isEmpty else { return lists.append(HTMLList(mark)) }
    let isReversed = mark == .decimal && attribute("reversed", html, attributes) != nil
    var start = mark == .decimal ? HTMLList.number(attribute("start", html, attributes)) : nil
    if isReversed, start == nil {
      start = HTMLList.countItems(html, from: attributes.upperBound, to: html.count, budget: &countingBudget)
    }
    lists.append(HTMLList(takeMark(html, attributes) ?? mark, start: start ?? 1, isReversed: isReversed))
  }

  /// The mark of a list or an item that its style or its type names.
  private mutating func takeMark(_ html: Bytes, _ attributes: Range<Int>) -> HTMLList.Mark? {
    let style = listMark
    listMark = nil
    return style ?? attribute("type", html, attributes).flatMap(HTMLList.Mark.init(type:))
  }

  /// A button is text as the others are.
  private mutating func appendButton(_ html: Bytes, _ attributes: Range<Int>) {
    let buttons: [StaticString] = ["submit", "button", "reset"]
    guard !isMuted, let type = attribute("type", html, attributes),
      buttons.contains(where: { type.span.equalsIgnoringCase(0..<type.count, $0) }),
      let value = attribute("value", html, attributes), !value.allSatisfy(ASCII.isSpace)
    else { return }
    pendingSpace = lineStart != nil
    let text = [ASCII.leftBracket] + value + [ASCII.rightBracket]
    self.text(text.span, 0..<text.count)
    pendingSpace = true
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
    case .sup: isSuperscript = false
    case .select: block(blankLines: 0)
    case .button, .textarea: pendingSpace = lineStart != nil
    default: return
    }
  }

  /// Writes the address of a link, or its number, behind its text, unless the text is the address.
  mutating func endLink() {
    guard let address = link else { return }
    link = nil
    guard !HTMLLinks.isSame(linkText, address) else { return }
    if linkStyle == .inline {
      pendingSpace = lineStart != nil
      beginWord(columns: address.count + 2)
      output.append(ASCII.less)
      output.append(contentsOf: address)
      output.append(ASCII.greater)
      return
    }
    // A link that has nothing to be seen leads nobody anywhere.
    guard !linkText.isEmpty || hasLinkedImage else { return }
    pendingSpace = lineStart != nil
    let number = links.number(of: address)
    beginWord(columns: number < 10 ? 3 : number < 100 ? 4 : number < 1000 ? 5 : 8)
    append(number: number)
  }

  private mutating func append(number: Int) {
    output.append(ASCII.leftBracket)
    output.append(decimal: number)
    output.append(ASCII.rightBracket)
  }

  /// Appends the addresses of the links that have numbers.
  mutating func appendLinks() {
    guard !links.addresses.isEmpty else { return }
    output.appendLineEnd()
    for (index, address) in links.addresses.enumerated() {
      append(number: index + 1)
      output.append(ASCII.space)
      output.append(contentsOf: address)
      output.appendLineEnd()
    }
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
        if html.equalsIgnoringCase(key, name) { return [] }
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
