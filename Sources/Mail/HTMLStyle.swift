import Formats

/// What a `style` attribute says of whether its element can be seen, and of its list marks. Of two declarations of one
/// property the later one counts, unless the earlier one is `!important` (CSS 2.2, 6.4).
struct HTMLStyle {
  /// The element and all in it is left out, whatever they say themselves.
  private(set) var isLeftOut = false
  /// Left out by Outlook alone.
  private(set) var isLeftOutByOutlook = false
  /// Whether letters have no size; nil where nothing is said, and what is around it counts.
  private(set) var hasNoSize: Bool?
  /// Whether the element is there and cannot be seen; nil where nothing is said.
  private(set) var isInvisible: Bool?
  private(set) var listMark: HTMLList.Mark?

  private var display: (isNone: Bool, isImportant: Bool)?
  private var hidesOverflow = false
  private var hasNoHeight = false

  init(_ html: Bytes, _ range: Range<Int>) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = html.firstIndex(of: ASCII.semicolon, from: start, to: range.upperBound) ?? range.upperBound
      declaration(html, html.trimmed(start..<end))
      start = end + 1
    }
    isLeftOut = isLeftOut || display?.isNone == true || hasNoHeight && hidesOverflow
  }

  private mutating func declaration(_ html: Bytes, _ range: Range<Int>) {
    // Few properties matter, and most declarations are passed over by their first letter.
    guard let first = range.first, Self.mayMatter(html[first] | 0x20),
      let colon = html.firstIndex(of: ASCII.colon, from: first, to: range.upperBound)
    else { return }
    let name = html.trimmed(first..<colon)
    let value = html.trimmed((colon + 1)..<range.upperBound)
    func named(_ text: StaticString) -> Bool { html.equalsIgnoringCase(name, text) }
    func says(_ text: StaticString) -> Bool {
      html.hasPrefixIgnoringCase(at: value.lowerBound, to: value.upperBound, text)
    }
    if named("display") {
      let mark = html.firstIndex(of: UInt8(ascii: "!"), from: value.lowerBound, to: value.upperBound)
      if display?.isImportant != true || mark != nil { display = (says("none"), mark != nil) }
    } else if named("mso-hide") {
      isLeftOutByOutlook = says("all")
    } else if named("visibility") {
      isInvisible = says("hidden") || says("collapse")
    } else if named("font-size") {
      hasNoSize = says("inherit") ? nil : isZero(html, value)
    } else if named("font") {
      hasNoSize = isZero(html, value)
    } else if named("opacity") {
      isLeftOut = isZero(html, value)
    } else if named("overflow") {
      hidesOverflow = says("hidden")
    } else if named("max-height") || named("height") || named("max-width") || named("width") {
      if isZero(html, value) { hasNoHeight = true }
    } else if named("list-style-type") || named("list-style") {
      listMark = HTMLList.Mark(style: html, value)
    }
  }

  private static func mayMatter(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "d"), UInt8(ascii: "m"), UInt8(ascii: "f"), UInt8(ascii: "v"), UInt8(ascii: "o"),
      UInt8(ascii: "h"), UInt8(ascii: "w"), UInt8(ascii: "l"):
      true
    default: false
    }
  }

  /// Whether a length is zero, in whatever unit.
  private func isZero(_ html: Bytes, _ value: Range<Int>) -> Bool {
    var hasDigit = false
    for i in value {
      switch html[i] {
      case ASCII.zero: hasDigit = true
      case ASCII.dot, ASCII.plus, ASCII.hyphen: continue
      case UInt8(ascii: "1")...ASCII.nine: return false
      default: return hasDigit
      }
    }
    return hasDigit
  }
}
