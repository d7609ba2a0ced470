import Formats

/// How an appointment recurs, [MS-OXOCAL] 2.2.1.44.1, and the same as a rule of RFC 5545, 3.3.10.
struct Recurrence {
  private var rule = ""
  /// Minutes since 1601, by the clock of the zone, of the days that are left out.
  private var deleted: [Int] = []
  /// Minutes since 1601 of the last day; nil when there is a count, or no end.
  private var end: Int?
  /// Minutes from midnight to the start.
  private var startOffset = 0

  private static let days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

  /// Reads a pattern; nil for one of another calendar, or one that is damaged.
  init?(_ bytes: Bytes) {
    var position = 4
    func half() -> Int? {
      guard position + 2 <= bytes.count else { return nil }
      defer { position += 2 }
      return Int(bytes[position]) | Int(bytes[position + 1]) << 8
    }
    func number() -> Int? {
      guard let low = half(), let high = half() else { return nil }
      return low | high << 16
    }
    guard let frequency = half(), let pattern = half(), half() != nil, number() != nil, let period = number(),
      number() != nil, (1...1_000_000).contains(period)
    else { return nil }
    switch (frequency, pattern) {
    case (0x200A, 0): rule = "FREQ=DAILY;INTERVAL=\(max(1, period / 1440))"
    case (0x200A, 1), (0x200B, 1):
      guard let mask = number() else { return nil }
      rule = "FREQ=WEEKLY;INTERVAL=\(frequency == 0x200A ? 1 : period);BYDAY=\(Self.list(mask))"
    case (0x200C, 2), (0x200C, 4), (0x200D, 2), (0x200D, 4):
      guard let day = number(), (1...31).contains(day) else { return nil }
      // A day that a month lacks is its last one.
      let which = pattern == 4 || day == 31 ? "-1" : "\(day)"
      rule = Self.monthly(frequency, period) + ";BYMONTHDAY=\(which)"
    case (0x200C, 3), (0x200D, 3):
      guard let mask = number(), let week = number(), (1...5).contains(week) else { return nil }
      rule = Self.monthly(frequency, period) + ";BYDAY=\(Self.list(mask));BYSETPOS=\(week == 5 ? -1 : week)"
    default: return nil
    }
    guard let endType = number(), let count = number(), number() != nil, let deletions = number() else { return nil }
    for _ in 0..<deletions {
      guard let day = number() else { return nil }
      if deleted.count < 1000 { deleted.append(day) }
    }
    guard let changes = number() else { return nil }
    var changed: [Int] = []
    for _ in 0..<changes {
      guard let day = number() else { return nil }
      if changed.count < 1000 { changed.append(day) }
    }
    guard number() != nil, let last = number() else { return nil }
    if endType == 0x2022, (1...100_000).contains(count) { rule += ";COUNT=\(count)" }
    if endType == 0x2021 { end = last }
    guard number() != nil, number() != nil, let offset = number() else { return }
    startOffset = offset
  }

  private static func list(_ mask: Int) -> String {
    days.indices.filter { mask & 1 << $0 != 0 }.map { days[$0] }.joined(separator: ",")
  }

  private static func monthly(_ frequency: Int, _ period: Int) -> String {
    frequency == 0x200C ? "FREQ=MONTHLY;INTERVAL=\(period)" : "FREQ=YEARLY;INTERVAL=\(max(1, period / 12))"
  }

  /// Seconds between 1601 and 1970.
  private static let epoch = 11_644_473_600

  /// Appends RRULE and EXDATE of an event that begins at `start`.
  func append(start: Timestamp, isDay: Bool, zone: TimeZoneRule?, to lines: inout ContentLines) {
    var rule = rule
    if rule.hasPrefix("FREQ=YEARLY") { rule += ";BYMONTH=\((zone?.local(start) ?? start).calendar.month)" }
    if let end {
      let day = Timestamp(seconds: end * 60 - Self.epoch + 86_399, zone: 0)
      rule += ";UNTIL=" + (isDay ? ContentLines.date(day) : ContentLines.time(day))
    }
    lines.append("RRULE", raw: rule)
    for day in deleted {
      let time = Timestamp(seconds: (day + (isDay ? 0 : startOffset)) * 60 - Self.epoch, zone: 0)
      if isDay {
        lines.append("EXDATE;VALUE=DATE", raw: ContentLines.date(time))
      } else if zone != nil {
        lines.append("EXDATE;TZID=Local", raw: String(ContentLines.time(time).dropLast()))
      } else {
        // Without a zone the clock of the start is all that is known.
        let seconds = day * 60 - Self.epoch + start.seconds.remainder(of: 86_400)
        lines.append("EXDATE", raw: ContentLines.time(Timestamp(seconds: seconds, zone: 0)))
      }
    }
  }
}

extension Int {
  fileprivate func remainder(of divisor: Int) -> Int { (self % divisor + divisor) % divisor }
}
