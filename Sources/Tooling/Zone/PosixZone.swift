/// POSIX's form of a time zone, Base Definitions 8.3: `CET-1CEST,M3.5.0,M10.5.0/3`, `<+0330>-3:30`.
struct PosixZone {
  private var rest: Substring.UTF8View

  /// Whether all of `text` has that form.
  static func isValid(_ text: String) -> Bool {
    var zone = PosixZone(rest: text[...].utf8)
    return zone.read() && zone.rest.isEmpty
  }

  private mutating func read() -> Bool {
    guard name(), time(hours: 24) else { return false }
    if rest.isEmpty { return true }
    guard name() else { return false }
    if rest.first != UInt8(ascii: ",") {
      if rest.isEmpty { return true }
      guard time(hours: 24) else { return false }
      if rest.isEmpty { return true }
    }
    return rule() && rule()
  }

  private mutating func take(_ byte: Character) -> Bool {
    guard rest.first == byte.asciiValue else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Three letters or more, or anything of letters, digits and signs between `<` and `>`.
  private mutating func name() -> Bool {
    let isQuoted = take("<")
    let name = rest.prefix {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isQuoted
      default: false
      }
    }
    rest = rest[name.endIndex...]
    return name.count >= 3 && (!isQuoted || take(">"))
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Bool {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard (1...3).contains(digits.count) else { return false }
    rest = rest[digits.endIndex...]
    return range.contains(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
  }

  /// `[+|-]hh[:mm[:ss]]`.
  private mutating func time(hours: Int) -> Bool {
    if !take("+") { _ = take("-") }
    guard number(0...hours) else { return false }
    for _ in 0..<2 where take(":") { guard number(0...59) else { return false } }
    return true
  }

  /// `,date[/time]`, where the date is `Jn`, `n` or `Mm.n.d`; times of up to a week, RFC 8536, 3.3.1.
  private mutating func rule() -> Bool {
    guard take(",") else { return false }
    if take("M") {
      guard number(1...12), take("."), number(1...5), take("."), number(0...6) else { return false }
    } else if take("J") {
      guard number(1...365) else { return false }
    } else {
      guard number(0...365) else { return false }
    }
    return !take("/") || time(hours: 167)
  }
}
