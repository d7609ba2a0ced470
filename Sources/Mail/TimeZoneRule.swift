import Formats

/// The time zone of a recurring appointment, [MS-OXOCAL] 2.2.1.39: minutes west of UTC, and when summer time begins and
/// ends.
struct TimeZoneRule {
  private struct Change {
    var month: Int
    /// The day of the month, of a change that is on the same one each year; else the week tells it.
    var day: Int?
    /// From Sunday, 0.
    var weekday: Int
    /// From 1; 5 is the last one.
    var week: Int
    var hour: Int
    var minute: Int
  }

  private let standardOffset: Int
  private let daylightOffset: Int
  private let toStandard: Change?
  private let toDaylight: Change?

  /// A zone without summer time, `offset` minutes east of UTC.
  init?(offset: Int) {
    guard abs(offset) <= 15 * 60 else { return nil }
    (standardOffset, daylightOffset, toStandard, toDaylight) = (offset, offset, nil, nil)
  }

  /// Reads it from the properties of an appointment: a rule of 48 bytes, or else a definition with a name and several
  /// rules, [MS-OXOCAL] 2.2.1.41; nil when they have none.
  init?(_ properties: MAPIProperties, _ bytes: Bytes) {
    if let ranges = properties.data(.timeZoneStruct) {
      let raw = ranges.bytes(of: bytes, limit: 64)
      if raw.count >= 48 {
        self.init(raw.span, bias: 0, standard: 14, daylight: 32)
        return
      }
    }
    for name: PropertyName in [.timeZoneDefinitionRecur, .timeZoneDefinitionStartDisplay] {
      guard let ranges = properties.data(name) else { continue }
      let raw = ranges.bytes(of: bytes, limit: 1 << 14)
      if let rule = Self.rule(in: raw.span) {
        self.init(raw.span, bias: rule + 22, standard: rule + 34, daylight: rule + 50)
        return
      }
    }
    return nil
  }

  /// Where the rule that is in force begins in a definition.
  private static func rule(in raw: Bytes) -> Int? {
    guard raw.count >= 10 else { return nil }
    func half(_ at: Int) -> Int { Int(raw[at]) | Int(raw[at + 1]) << 8 }
    let count = 4 + half(2)
    guard count >= 6, count <= raw.count, 8 + 2 * half(6) + 2 <= raw.count else { return nil }
    let first = 4 + half(2)
    var found: Int?
    for index in 0..<min(half(first - 2), 100) {
      let rule = first + 66 * index
      guard rule + 66 <= raw.count else { break }
      if found == nil || half(rule + 4) & 2 != 0 { found = rule }
    }
    return found
  }

  private init?(_ raw: Bytes, bias: Int, standard: Int, daylight: Int) {
    func half(_ at: Int) -> Int { Int(raw[at]) | Int(raw[at + 1]) << 8 }
    func number(_ at: Int) -> Int {
      Int(Int32(bitPattern: UInt32(half(at)) | UInt32(half(at + 2)) << 16))
    }
    // Year, month, day of the week, week, hour, minute, second, millisecond.
    func change(_ at: Int) -> Change? {
      let isDate = half(at) != 0
      let change = Change(
        month: half(at + 2), day: isDate ? half(at + 6) : nil, weekday: half(at + 4), week: isDate ? 1 : half(at + 6),
        hour: half(at + 8), minute: half(at + 10))
      return (1...12).contains(change.month) && change.weekday < 7 && (1...5).contains(change.week) && change.hour < 24
        && change.minute < 60 && (1...31).contains(change.day ?? 1) ? change : nil
    }
    standardOffset = -(number(bias) + number(bias + 4))
    daylightOffset = -(number(bias) + number(bias + 8))
    guard abs(standardOffset) <= 24 * 60, abs(daylightOffset) <= 24 * 60 else { return nil }
    toStandard = change(standard)
    toDaylight = change(daylight)
  }

  /// The point in time, told in this zone.
  func local(_ time: Timestamp) -> Timestamp {
    Timestamp(seconds: time.seconds, zone: isDaylight(time) ? daylightOffset : standardOffset)
  }

  /// `19980602T083900`, without a zone.
  func localTime(_ time: Timestamp) -> String {
    let local = local(time)
    return String(ContentLines.time(Timestamp(seconds: local.seconds + local.zone * 60, zone: 0)).dropLast())
  }

  /// When the clock of this zone shows a time, told in seconds since 1970 as if it were UTC. Of the two times that it
  /// shows when summer time ends the first one; one that is left out when it begins by the offset from before, RFC 5545,
  /// 3.3.5.
  func time(ofLocal seconds: Int) -> Timestamp {
    let daylight = Timestamp(seconds: seconds - daylightOffset * 60, zone: 0)
    return isDaylight(daylight) ? daylight : Timestamp(seconds: seconds - standardOffset * 60, zone: 0)
  }

  private func isDaylight(_ time: Timestamp) -> Bool {
    guard let toStandard, let toDaylight else { return false }
    let year = Timestamp(seconds: time.seconds, zone: standardOffset).calendar.year
    let begin = Self.seconds(toDaylight, year) - standardOffset * 60
    let end = Self.seconds(toStandard, year) - daylightOffset * 60
    return begin < end
      ? time.seconds >= begin && time.seconds < end : !(time.seconds >= end && time.seconds < begin)
  }

  /// When a change is in a year, by the clock on the wall.
  private static func seconds(_ change: Change, _ year: Int) -> Int {
    guard let first = Timestamp(year: year, month: change.month, day: 1, hour: 0, minute: 0, second: 0, zone: 0) else {
      return 0
    }
    if let day = change.day {
      return first.seconds + (day - 1) * 86_400 + change.hour * 3600 + change.minute * 60
    }
    var day = 1 + (change.weekday - first.calendar.weekday + 7) % 7 + 7 * (change.week - 1)
    while Timestamp(year: year, month: change.month, day: day, hour: 0, minute: 0, second: 0, zone: 0) == nil, day > 7 {
      day -= 7
    }
    return first.seconds + (day - 1) * 86_400 + change.hour * 3600 + change.minute * 60
  }

  // MARK: iCalendar

  /// Appends it as the zone `Local`, RFC 5545, 3.6.5.
  func append(to lines: inout ContentLines) {
    lines.append("BEGIN", raw: "VTIMEZONE")
    lines.append("TZID", raw: "Local")
    if let toStandard, let toDaylight {
      append("STANDARD", toStandard, from: daylightOffset, to: standardOffset, &lines)
      append("DAYLIGHT", toDaylight, from: standardOffset, to: daylightOffset, &lines)
    } else {
      append("STANDARD", nil, from: standardOffset, to: standardOffset, &lines)
    }
    lines.append("END", raw: "VTIMEZONE")
  }

  private func append(_ name: String, _ change: Change?, from: Int, to: Int, _ lines: inout ContentLines) {
    lines.append("BEGIN", raw: name)
    if let change {
      // 1601 is the first year of this calendar.
      let time = Timestamp(seconds: Self.seconds(change, 1601), zone: 0)
      lines.append("DTSTART", raw: String(ContentLines.time(time).dropLast()))
      let days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
      let week = change.week == 5 ? -1 : change.week
      let day = change.day.map { "BYMONTHDAY=\($0)" } ?? "BYDAY=\(week)\(days[change.weekday])"
      lines.append("RRULE", raw: "FREQ=YEARLY;\(day);BYMONTH=\(change.month)")
    } else {
      lines.append("DTSTART", raw: "16010101T000000")
    }
    lines.append("TZOFFSETFROM", raw: Self.offset(from))
    lines.append("TZOFFSETTO", raw: Self.offset(to))
    lines.append("END", raw: name)
  }

  private static func offset(_ minutes: Int) -> String {
    var text: [UInt8] = [minutes < 0 ? ASCII.hyphen : ASCII.plus]
    text.append(decimal: abs(minutes) / 60, width: 2)
    text.append(decimal: abs(minutes) % 60, width: 2)
    return String(decoding: text, as: UTF8.self)
  }
}
