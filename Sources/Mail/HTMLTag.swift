import Formats

/// The elements of HTML that mean something for its text; all others are passed over.
enum HTMLTag: String, CaseIterable {
  case a, address, article, blockquote, br, caption, center, dd, dir, div, dl, dt, fieldset, footer, form, h1, h2, h3,
    h4, h5, h6, header, hr, img, li, menu, ol, p, pre, script, section, style, table, tbody, td, th, thead, title, tr,
    ul

  /// The element whose name stands at `range`, upper and lower case taken as equal; nil for any other.
  init?(_ html: Bytes, _ range: Range<Int>) {
    guard range.count <= 10, let tag = Self.byName[Self.key(html, range)] else { return nil }
    self = tag
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

  private static let byName: [UInt64: HTMLTag] = {
    var tags: [UInt64: HTMLTag] = [:]
    for tag in allCases {
      let name = Array(tag.rawValue.utf8)
      tags[key(name.span, 0..<name.count)] = tag
    }
    return tags
  }()
}
