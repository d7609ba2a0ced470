import Formats

/// How an appointment or a task recurs, [MS-OXOCAL] 2.2.1.44, and the same as a rule of RFC 5545, 3.3.10. Its times are
/// minutes since 1601 by the clock of the series' zone.
struct Recurrence {
  private var rule = ""
  /// The first day, midnight.
  private(set) var firstDay = 0
  /// The days that are left out, midnight; those on which an occurrence was changed are among them.
  private var deleted: [Int] = []
  /// The last day, midnight; nil when there is a count, or no end.
  private var lastDay: Int?
  /// Minutes from midnight to the start; nil for a task, whose days have no time.
  private(set) var startOffset: Int?
  /// The occurrences that were changed.
  private(set) var exceptions: [RecurrenceException] = []

  private static let days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
  /// Calendars whose months are not those of the Gregorian one: Hijri, Hebrew, lunar ones.
  private static let otherMonths: Set<Int> = [6, 8, 0xE, 0xF, 0x14, 0x17]
  /// Exceptions and deleted days of one series; no real one has more.
  private static let maximum = 1000

  /// Reads a pattern; nil for one of another calendar, or one that is damaged. `string8` decodes text of eight bits.
  init?(_ bytes: Bytes, string8: ([UInt8]) -> String) {
    var reader = RecurrenceReader(position: 4)
    guard let frequency = reader.half(bytes), let pattern = reader.half(bytes), let calendar = reader.half(bytes),
      reader.number(bytes) != nil, let period = reader.number(bytes), reader.number(bytes) != nil,
      (1...1_000_000).contains(period), frequency < 0x200C || !Self.otherMonths.contains(calendar)
    else { return nil }
    guard let rule = Self.rule(frequency, pattern, period, bytes, &reader) else { return nil }
    self.rule = rule
    guard let endType = reader.number(bytes), let count = reader.number(bytes), let firstOfWeek = reader.number(bytes),
      let deleted = Self.days(bytes, &reader), Self.days(bytes, &reader) != nil, let first = reader.number(bytes),
      let last = reader.number(bytes)
    else { return nil }
    // Which weeks every second one of them is depends on where a week begins; on Monday where nothing else is said.
    if frequency == 0x200B, period > 1, firstOfWeek != 1, Self.days.indices.contains(firstOfWeek) {
      self.rule += ";WKST=\(Self.days[firstOfWeek])"
    }
    self.deleted = deleted
    firstDay = first
    if endType == 0x2022, (1...100_000).contains(count) { self.rule += ";COUNT=\(count)" }
    if endType == 0x2021 { lastDay = last }
    guard reader.number(bytes) != nil, let version = reader.number(bytes), let offset = reader.number(bytes),
      reader.number(bytes) != nil, let changes = reader.half(bytes)
    else { return }
    if (0..<2 * 1440).contains(offset) { startOffset = offset }
    exceptions = RecurrenceException.list(
      min(changes, Self.maximum), isLater: version >= 0x3009, bytes, &reader, string8: string8)
  }

  /// The beginning of a rule: how often, and on which days.
  private static func rule(
    _ frequency: Int, _ pattern: Int, _ period: Int, _ bytes: Bytes, _ reader: inout RecurrenceReader
  ) -> String? {
    switch (frequency, pattern) {
    case (0x200A, 0): return "FREQ=DAILY;INTERVAL=\(max(1, period / 1440))"
    case (0x200A, 1), (0x200B, 1):
      guard let mask = reader.number(bytes) else { return nil }
      return "FREQ=WEEKLY;INTERVAL=\(frequency == 0x200A ? 1 : period);BYDAY=\(list(mask))"
    case (0x200C, 2), (0x200C, 4), (0x200D, 2), (0x200D, 4):
      guard let day = reader.number(bytes), (1...31).contains(day) else { return nil }
      return monthly(frequency, period) + ";" + monthDay(pattern == 4 ? 31 : day)
    case (0x200C, 3), (0x200D, 3):
      guard let mask = reader.number(bytes), let week = reader.number(bytes), (1...5).contains(week) else {
        return nil
      }
      return monthly(frequency, period) + ";BYDAY=\(list(mask));BYSETPOS=\(week == 5 ? -1 : week)"
    default: return nil
    }
  }

  /// A day of each month; one that a month lacks is its last one.
  private static func monthDay(_ day: Int) -> String {
    switch day {
    case 31: "BYMONTHDAY=-1"
    case 29, 30: "BYMONTHDAY=\((28...day).map(String.init).joined(separator: ","));BYSETPOS=-1"
    default: "BYMONTHDAY=\(day)"
    }
  }

  /// A list of days, with their number before them.
  private static func days(_ bytes: Bytes, _ reader: inout RecurrenceReader) -> [Int]? {
    guard let count = reader.number(bytes) else { return nil }
    var days: [Int] = []
    for _ in 0..<count {
      guard let day = reader.number(bytes) else { return nil }
      if days.count < maximum { days.append(day) }
    }
    return days
  }

  private static func list(_ mask: Int) -> String {
    days.indices.filter { mask & 1 << $0 != 0 }.map { days[$0] }.joined(separator: ",")
  }

  private static func monthly(_ frequency: Int, _ period: Int) -> String {
    frequency == 0x200C ? "FREQ=MONTHLY;INTERVAL=\(period)" : "FREQ=YEARLY;INTERVAL=\(max(1, period / 12))"
  }

  // MARK: Times

  /// Seconds between 1601 and 1970.
  private static let epoch = 11_644_473_600

  /// Seconds since 1970, by the clock of the zone, of minutes since 1601.
  static func seconds(_ minutes: Int) -> Int { minutes * 60 - epoch }

  /// The days that are left out and have no changed occurrence in their place, by the clock of the zone.
  var cancelledDays: [Timestamp] {
    let changed = Set(exceptions.map(\.originalDay))
    return deleted.filter { !changed.contains($0) }.map { Timestamp(seconds: Self.seconds($0), zone: 0) }
  }

  /// The zone that the time of the first occurrence, `start`, and the day and the time of the series tell together, where
  /// the message tells none; nil when they do not fit.
  func zone(start: Timestamp) -> TimeZoneRule? {
    guard let startOffset, firstDay > 0 else { return nil }
    let difference = (Self.seconds(firstDay + startOffset) - start.seconds) / 60
    return abs(difference) <= 14 * 60 ? TimeZoneRule(offset: difference) : nil
  }

  // MARK: iCalendar

  /// Appends RRULE and EXDATE of an event that begins at `start`, told in `zone`; with `isDay`, of one of whole days.
  func append(start: Timestamp, isDay: Bool, zone: TimeZoneRule?, to lines: inout ContentLines) {
    let local = isDay ? start : zone?.local(start) ?? start
    var rule = rule
    if rule.hasPrefix("FREQ=YEARLY") { rule += ";BYMONTH=\(local.calendar.month)" }
    let midnight = (local.seconds + local.zone * 60).quotient(by: 86_400) * 86_400
    let timeOfDay = local.seconds + local.zone * 60 - midnight
    if let lastDay {
      let day = Self.seconds(lastDay)
      if isDay {
        rule += ";UNTIL=" + ContentLines.date(Timestamp(seconds: day, zone: 0))
      } else {
        // The start of the last occurrence, in UTC.
        let last = zone?.time(ofLocal: day + timeOfDay) ?? Timestamp(seconds: day + timeOfDay, zone: 0)
        rule += ";UNTIL=" + ContentLines.time(last)
      }
    }
    lines.append("RRULE", raw: rule)
    for day in cancelledDays {
      if isDay {
        lines.append("EXDATE;VALUE=DATE", raw: ContentLines.date(day))
      } else {
        let time = Timestamp(seconds: day.seconds + timeOfDay, zone: 0)
        if zone == nil {
          lines.append("EXDATE", raw: ContentLines.time(time))
        } else {
          lines.append("EXDATE;TZID=Local", raw: ContentLines.localTime(time))
        }
      }
    }
  }
}

extension Int {
  fileprivate func quotient(by divisor: Int) -> Int { (self - (self % divisor + divisor) % divisor) / divisor }
}
