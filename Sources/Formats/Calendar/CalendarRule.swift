/// A rule of recurrence, RFC 5545, 3.3.10.
public struct CalendarRule: Sendable {
  /// The parts by their names in capitals.
  private let parts: [String: String]

  /// Reads `FREQ=WEEKLY;BYDAY=TU;UNTIL=20190607`; nil where it has no frequency.
  public init?(_ text: String) {
    var parts: [String: String] = [:]
    for part in text.prefix(2000).split(separator: ";").prefix(30) {
      let pair = part.split(separator: "=", maxSplits: 1)
      if pair.count == 2 { parts[pair[0].uppercased()] = pair[1].uppercased() }
    }
    guard parts["FREQ"] != nil else { return nil }
    self.parts = parts
  }

  /// `WEEKLY`.
  public var frequency: String { parts["FREQ"] ?? "" }
  public var interval: Int { max(1, parts["INTERVAL"].flatMap { Int($0) } ?? 1) }
  public var count: Int? { parts["COUNT"].flatMap { Int($0) } }
  public var untilTime: CalendarTime? { parts["UNTIL"].flatMap { CalendarTime($0) } }
  var until: Int? { untilTime?.seconds }

  /// The days of the week from Sunday, 0, each with which of them it is: 0 for every one, -1 for the last one.
  public var weekdays: [(weekday: Int, week: Int)] {
    let names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
    return (parts["BYDAY"] ?? "").split(separator: ",").prefix(50).compactMap { text in
      guard let weekday = names.firstIndex(of: String(text.suffix(2))) else { return nil }
      let week = text.dropLast(2)
      return week.isEmpty ? (weekday, 0) : Int(week.drop { $0 == "+" }).map { (weekday, $0) }
    }
  }

  public var monthDays: [Int] { numbers("BYMONTHDAY") }
  public var months: [Int] { numbers("BYMONTH").filter { (1...12).contains($0) } }
  public var positions: [Int] { numbers("BYSETPOS") }
  /// Whether there are parts that are read by nothing here.
  public var hasFurtherParts: Bool {
    parts.keys.contains { ["BYHOUR", "BYMINUTE", "BYSECOND", "BYYEARDAY", "BYWEEKNO"].contains($0) }
  }

  private func numbers(_ name: String) -> [Int] {
    (parts[name] ?? "").split(separator: ",").prefix(50).compactMap { Int($0) }
  }

  /// Midnight of the day of a year on which a yearly rule that began at `start` falls, as zones change; nil for none.
  func day(in year: Int, of start: Int) -> Int? {
    let begin = Timestamp(seconds: start, zone: 0).calendar
    let month = months.first ?? begin.month
    guard frequency == "YEARLY", (1...9998).contains(year),
      let first = Timestamp(year: year, month: month, day: 1, hour: 0, minute: 0, second: 0, zone: 0)
    else { return nil }
    let length = Timestamp.days(in: month, of: year)
    guard let (weekday, week) = weekdays.first else {
      let day = monthDays.first ?? begin.day
      return (1...length).contains(day) ? first.seconds + (day - 1) * 86_400 : nil
    }
    let offset = (weekday - first.calendar.weekday + 7) % 7
    var days = Array(stride(from: 1 + offset, through: length, by: 7))
    if !monthDays.isEmpty { days = days.filter { monthDays.contains($0) } }
    let position = week != 0 ? week : positions.first ?? 1
    let index = position > 0 ? position - 1 : days.count + position
    return days.indices.contains(index) ? first.seconds + (days[index] - 1) * 86_400 : nil
  }
}
