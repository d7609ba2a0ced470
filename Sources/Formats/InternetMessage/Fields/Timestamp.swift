/// A point in time with the zone it was told in.
public struct Timestamp: Sendable, Equatable {
  /// Seconds since 1970-01-01 00:00 UTC.
  public var seconds: Int
  /// Minutes east of UTC.
  public var zone: Int

  public init(seconds: Int, zone: Int) {
    self.seconds = seconds
    self.zone = zone
  }

  /// Date and time by the calendar, nil when they are none (2/31/99).
  public init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, zone: Int) {
    guard (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year), (0...9999).contains(year),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second), abs(zone) < 24 * 60
    else { return nil }
    let days = Self.daysSince1970(year: year, month: month, day: day)
    self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second - zone * 60, zone: zone)
  }

  static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  /// Days between 1970-01-01 and a date of the Gregorian calendar; the year is counted from March.
  static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Year, month, day, hour, minute and second in the zone, and the day of the week from Sunday, 0.
  public var calendar: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, weekday: Int) {
    let local = seconds + zone * 60
    let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let time = local - day * 86_400
    let z = day + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1, time / 3600,
      time / 60 % 60, time % 60, ((day % 7) + 11) % 7
    )
  }
}
