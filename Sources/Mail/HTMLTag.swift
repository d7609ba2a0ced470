import Formats

/// The elements of HTML that mean something for its text; all others are passed over.
enum HTMLTag: String, CaseIterable {
  case a, address, article, blockquote, br, caption, center, dd, dir, div, dl, dt, fieldset, footer, form, h1, h2, h3,
    h4, h5, h6, header, hr, img, li, menu, ol, p, pre, script, section, style, table, tbody, td, th, thead, title, tr,
    ul

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
  private static func key(_ name: Bytes, _ range: Range<Int>) -> UInt64 {
    var key: UInt64 = 0
    for i in range {
      let byte = ASCII.lowercased(name[i])
      key = key * 37 + UInt64(ASCII.isDigit(byte) ? byte - 48 + 27 : byte & 0x1F)
    }
    return key
  }

  private static let slots = 256

  /// Where the search for a key begins: the upper bits of its product with the golden ratio.
  private static func slot(_ key: UInt64) -> Int { Int((key &* 0x9E37_79B9_7F4A_7C15) >> 56) }

  /// The elements by their keys; one whose place is taken stands in the next that is free.
  private static let entries: [(key: UInt64, tag: HTMLTag)?] = {
    var entries = [(key: UInt64, tag: HTMLTag)?](repeating: nil, count: slots)
    for tag in allCases {
      let name = Array(tag.rawValue.utf8)
      let key = key(name.span, 0..<name.count)
      var slot = slot(key)
      while entries[slot] != nil { slot = (slot + 1) % slots }
      entries[slot] = (key, tag)
    }
    return entries
  }()
}
