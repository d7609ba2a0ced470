import Formats

/// A list that is open, and what stands before its next item.
struct HTMLList {
  /// HTML 4.01, 10.3.1, and `list-style-type` of CSS 2.2, 12.5.1.
  enum Mark {
    case bullet, none, decimal, lowerAlpha, upperAlpha, lowerRoman, upperRoman

    /// `type="a"`.
    init?(type: [UInt8]) {
      switch type {
      case [UInt8(ascii: "1")]: self = .decimal
      case [UInt8(ascii: "a")]: self = .lowerAlpha
      case [UInt8(ascii: "A")]: self = .upperAlpha
      case [UInt8(ascii: "i")]: self = .lowerRoman
      case [UInt8(ascii: "I")]: self = .upperRoman
      default: return nil
      }
    }

    /// `list-style: lower-roman inside`.
    init?(style html: Bytes, _ value: Range<Int>) {
      let marks: [(StaticString, Mark)] = [
        ("none", .none), ("decimal", .decimal), ("lower-alpha", .lowerAlpha), ("lower-latin", .lowerAlpha),
        ("upper-alpha", .upperAlpha), ("upper-latin", .upperAlpha), ("lower-roman", .lowerRoman),
        ("upper-roman", .upperRoman), ("disc", .bullet), ("circle", .bullet), ("square", .bullet),
      ]
      let mark = marks.first { html.hasPrefixIgnoringCase(at: value.lowerBound, to: value.upperBound, $0.0) }
      guard let mark else { return nil }
      self = mark.1
    }
  }

  var mark: Mark
  /// The number of the next item.
  private var number: Int
  private let step: Int

  init(_ mark: Mark, start: Int = 1, isReversed: Bool = false) {
    self.mark = mark
    number = start
    step = isReversed ? -1 : 1
  }

  /// What stands before an item, which may have a number and a mark of its own: `4. `, `* `.
  mutating func next(value: Int?, mark own: Mark?) -> [UInt8] {
    if let value { number = value }
    defer { number += step }
    let mark = own ?? mark
    switch mark {
    case .none: return []
    case .bullet: return [ASCII.asterisk, ASCII.space]
    default: return Array("\(Self.text(number, mark)). ".utf8)
    }
  }

  /// Numbers in the order of letters and of Rome begin at 1; others are written as they are.
  private static func text(_ number: Int, _ mark: Mark) -> String {
    switch mark {
    case .lowerAlpha, .upperAlpha:
      guard number > 0 else { return "\(number)" }
      var letters: [UInt8] = []
      var rest = number
      while rest > 0 {
        letters.append(UInt8((rest - 1) % 26) + UInt8(ascii: mark == .lowerAlpha ? "a" : "A"))
        rest = (rest - 1) / 26
      }
      return String(decoding: letters.reversed(), as: UTF8.self)
    case .lowerRoman: return roman(number).lowercased()
    case .upperRoman: return roman(number)
    default: return "\(number)"
    }
  }

  private static func roman(_ number: Int) -> String {
    guard (1...3999).contains(number) else { return "\(number)" }
    let letters = [
      (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
      (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    var rest = number
    var text = ""
    for (value, letter) in letters {
      while rest >= value {
        text += letter
        rest -= value
      }
    }
    return text
  }

  /// The whole number that a text begins with, as browsers read it; nil for none.
  static func number(_ text: [UInt8]?) -> Int? {
    guard let text else { return nil }
    var digits = text[...].drop(while: ASCII.isSpace)
    let isNegative = digits.first == ASCII.hyphen
    if isNegative || digits.first == ASCII.plus { digits = digits.dropFirst() }
    guard let first = digits.first, ASCII.isDigit(first) else { return nil }
    // Beyond nine digits nobody counts.
    let number = digits.prefix(9).prefix(while: ASCII.isDigit).reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
    return isNegative ? -number : number
  }
}

extension HTMLList {
  /// The items of the list whose content begins at `start`, by whose number a reversed one begins; `budget` is how many
  /// bytes may still be looked at in this HTML for such lists.
  static func countItems(_ html: Bytes, from start: Int, to end: Int, budget: inout Int) -> Int {
    let end = min(end, start + max(0, budget))
    var count = 0
    var depth = 0
    var position = start
    while let open = html.firstIndex(of: ASCII.less, from: position, to: end) {
      position = open + 1
      func named(_ text: StaticString) -> Bool {
        let behind = position + text.utf8CodeUnitCount
        guard html.hasPrefixIgnoringCase(at: position, to: end, text), behind < end else { return false }
        return html[behind] == ASCII.greater || html[behind] == ASCII.slash || ASCII.isSpace(html[behind])
      }
      if named("li") {
        if depth == 0 { count += 1 }
      } else if named("ol") || named("ul") {
        depth += 1
      } else if named("/ol") || named("/ul") {
        if depth == 0 { break }
        depth -= 1
      }
    }
    budget -= position - start
    return count
  }
}
