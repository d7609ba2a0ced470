import Formats

/// The elements of HTML that mean something for its text; all others are passed over.
enum HTMLTag: String, CaseIterable {
  case a, address, article, blockquote, body, br, button, caption, center, datalist, dd, dir, div, dl, dt, fieldset,
    font, footer, form, h1, h2, h3, h4, h5, h6, header, hr, iframe, img, input, li, menu, ol, optgroup, option, p, pre,
    script, section, select, style, sup, table, tbody, td, template, textarea, th, thead, title, tr, ul

  /// The element whose name stands at `range`, upper and lower case taken as equal; nil for any other.
  init?(_ html: Bytes, _ range: Range<Int>) {
    guard range.count <= 10 else { return nil }
    let key = Self.key(html, range)
    let entries = Self.entries
    var slot = Self.slot(key)
    while let entry = entries[slot] {
      if entry.key == key {
        self = entry.tag
        return
      }
      slot = (slot + 1) % Self.slots
    }
    return nil
  }

  /// A name as a number, to the base of 37: letters and digits, ten of them at most.
  static func key(_ name: Bytes, _ range: Range<Int>) -> UInt64 {
    var key: UInt64 = 0
    for i in range.prefix(10) {
      let byte = ASCII.lowercased(name[i])
      key = key * 37 + UInt64(ASCII.isDigit(byte) ? byte - 48 + 27 : byte & 0x1F)
    }
    return key
  }

  /// The name of this element as a number.
  var key: UInt64 {
    let name = Array(rawValue.utf8)
    return Self.key(name.span, 0..<name.count)
  }

  /// Whether its end ends all that is open within it.
  var isContainer: Bool {
    switch self {
    case .address, .article, .blockquote, .body, .center, .dir, .div, .dl, .fieldset, .footer, .form, .header, .li,
      .menu,
      .ol, .section, .select, .table, .tbody, .td, .th, .thead, .tr, .ul:
      true
    default: false
    }
  }

  /// Whether its start ends a paragraph.
  var isBlock: Bool {
    switch self {
    case .h1, .h2, .h3, .h4, .h5, .h6, .hr, .p, .pre: true
    case .body, .select: false
    default: isContainer
    }
  }

  /// Whether the element named at `range` holds nothing and has no end.
  static func isVoid(_ html: Bytes, _ range: Range<Int>) -> Bool {
    let names: [StaticString] = [
      "img", "br", "hr", "input", "meta", "link", "wbr", "col", "area", "base", "embed", "source", "track", "param",
    ]
    return names.contains { html.equalsIgnoringCase(range, $0) }
  }

  private static let slots = 256

  /// Where the search for a key begins: the upper bits of its product with the golden ratio.
  private static func slot(_ key: UInt64) -> Int { Int((key &* 0x9E37_79B9_7F4A_7C15) >> 56) }

  /// The elements by their keys; one whose place is taken stands in the next that is free.
  private static let entries: [(key: UInt64, tag: HTMLTag)?] = {
    var entries = [(key: UInt64, tag: HTMLTag)?](repeating: nil, count: slots)
    for tag in allCases {
      let key = tag.key
      var slot = slot(key)
      while entries[slot] != nil { slot = (slot + 1) % slots }
      entries[slot] = (key, tag)
    }
    return entries
  }()
}
