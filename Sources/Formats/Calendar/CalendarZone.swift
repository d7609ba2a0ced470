/// A time zone as a calendar defines it, RFC 5545, 3.6.5: when which offset from UTC begins to hold.
public struct CalendarZone: Sendable {
  /// A time from which an offset holds, each year or at given times.
  private struct Observance: Sendable {
    var start = 0
    /// Seconds east of UTC, before it and from it on.
    var from = 0
    var to = 0
    var rule: CalendarRule?
    var dates: [Int] = []
  }

  private var observances: [Observance] = []

  /// Reads the lines between `BEGIN:VTIMEZONE` and its end.
  public init(_ lines: ArraySlice<ContentLine>) {
    var current: Observance?
    for line in lines {
      let value = String(decoding: line.value.prefix(2000), as: UTF8.self)
      switch line.name {
      case "BEGIN": current = Observance()
      case "END":
        if let observance = current, observances.count < 200 { observances.append(observance) }
        current = nil
      case "DTSTART": current?.start = CalendarTime(value)?.seconds ?? 0
      case "TZOFFSETFROM": current?.from = Self.offset(value) ?? 0
      case "TZOFFSETTO": current?.to = Self.offset(value) ?? 0
      case "RRULE": current?.rule = CalendarRule(value)
      case "RDATE":
        let dates = value.split(separator: ",").prefix(500).compactMap { CalendarTime($0)?.seconds }
        current?.dates += dates
      default: continue
      }
    }
  }

  /// Seconds east of UTC of `+0200`; nil for anything else.
  private static func offset(_ text: String) -> Int? {
    let digits = text.utf8.dropFirst()
    guard let sign = text.utf8.first, sign == ASCII.plus || sign == ASCII.hyphen,
      digits.count == 4 || digits.count == 6,
      digits.allSatisfy(ASCII.isDigit), let number = Int(String(text.dropFirst().prefix(4)))
    else { return nil }
    let seconds = number / 100 * 3600 + number % 100 * 60
    return sign == ASCII.hyphen ? -seconds : seconds
  }

  /// The point in time at which the clocks of this zone show a time, given as seconds of a clock that runs in UTC; nil
  /// for a zone that defines nothing.
  public func time(ofLocal local: Int) -> Timestamp? {
    var found: (onset: Int, offset: Int)?
    for observance in observances {
      guard let onset = Self.lastOnset(of: observance, before: local), found.map({ onset > $0.onset }) ?? true else {
        continue
      }
      found = (onset, observance.to)
    }
    guard let offset = found?.offset ?? observances.min(by: { $0.start < $1.start })?.from else { return nil }
    return Timestamp(seconds: local - offset, zone: offset / 60)
  }

  private static func lastOnset(of observance: Observance, before local: Int) -> Int? {
    guard observance.start <= local else { return nil }
    var last = observance.dates.filter { $0 <= local }.max().map { max($0, observance.start) } ?? observance.start
    guard let rule = observance.rule else { return last }
    let year = Timestamp(seconds: local, zone: 0).calendar.year
    let time = Timestamp(seconds: observance.start, zone: 0).calendar
    for year in (year - 1)...year {
      guard let day = rule.day(in: year, of: observance.start) else { continue }
      let onset = day + time.hour * 3600 + time.minute * 60 + time.second
      if onset <= local, onset >= observance.start, rule.until.map({ onset <= $0 + 86_400 }) ?? true {
        last = max(last, onset)
      }
    }
    return last
  }
}
