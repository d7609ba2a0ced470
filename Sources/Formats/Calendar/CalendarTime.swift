/// A time of a calendar, RFC 5545, 3.3.4 and 3.3.5: a day, or a time in UTC, in a zone, or by whatever clock hangs there.
public struct CalendarTime: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case day
    case utc
    /// By the clock of the zone of this name.
    case zoned(String)
    case floating
  }

  public var kind: Kind
  /// Seconds since 1970 of a clock that shows this time and runs in UTC.
  public var seconds: Int

  public init(kind: Kind, seconds: Int) { (self.kind, self.seconds) = (kind, seconds) }

  /// `19980602`, `19980602T083900`, `19980602T063900Z`; nil for anything else, and for what the calendar lacks.
  public init?(_ text: some StringProtocol, zone: String? = nil) {
    var digits = text.utf8.filter { $0 != ASCII.hyphen && $0 != ASCII.colon }
    let isUTC = digits.last.map { $0 | 0x20 == UInt8(ascii: "z") } ?? false
    if isUTC { digits.removeLast() }
    guard digits.count == 8 || digits.count >= 13 && digits[8] | 0x20 == UInt8(ascii: "t") else { return nil }
    func number(_ start: Int, _ count: Int) -> Int? {
      guard start + count <= digits.count else { return count == 2 && start == 13 ? 0 : nil }
      var number = 0
      for byte in digits[start..<(start + count)] {
        guard ASCII.isDigit(byte) else { return nil }
        number = number * 10 + Int(byte - ASCII.zero)
      }
      return number
    }
    guard let year = number(0, 4), let month = number(4, 2), let day = number(6, 2) else { return nil }
    if digits.count == 8 {
      guard
        let time = Timestamp(year: year, month: month, day: day, hour: 0, minute: 0, second: 0, zone: 0)
      else { return nil }
      self.init(kind: .day, seconds: time.seconds)
      return
    }
    guard let hour = number(9, 2), let minute = number(11, 2), let second = number(13, 2),
      let time = Timestamp(
        year: year, month: month, day: day, hour: hour == 24 ? 0 : hour, minute: minute, second: min(second, 59),
        zone: 0)
    else { return nil }
    self.init(
      kind: isUTC ? .utc : zone.map { .zoned($0) } ?? .floating, seconds: time.seconds + (hour == 24 ? 86_400 : 0))
  }

  /// The time of a property, with the zone that its TZID names.
  public init?(_ line: ContentLine) {
    self.init(String(decoding: line.value.prefix(64), as: UTF8.self), zone: line.parameter("TZID"))
  }

  /// Seconds of a duration, RFC 5545, 3.3.6: `PT1H30M`, `-P2W`; nil for anything else.
  public static func duration(_ text: String) -> Int? {
    var total = 0
    var number: Int?
    var isNegative = false
    var isTime = false
    for (index, byte) in text.utf8.prefix(40).enumerated() {
      switch byte {
      case ASCII.plus where index == 0: continue
      case ASCII.hyphen where index == 0: isNegative = true
      case UInt8(ascii: "P"): continue
      case UInt8(ascii: "T"): isTime = true
      case ASCII.zero...ASCII.nine: number = min((number ?? 0) * 10 + Int(byte - ASCII.zero), 100_000_000)
      default:
        guard let count = number, let unit = unit(byte, isTime) else { return nil }
        total += count * unit
        number = nil
      }
    }
    return number == nil ? isNegative ? -total : total : nil
  }

  private static func unit(_ letter: UInt8, _ isTime: Bool) -> Int? {
    switch (letter, isTime) {
    case (UInt8(ascii: "W"), false): 7 * 86_400
    case (UInt8(ascii: "D"), false): 86_400
    case (UInt8(ascii: "H"), true): 3600
    case (UInt8(ascii: "M"), true): 60
    case (UInt8(ascii: "S"), true): 1
    default: nil
    }
  }
}
