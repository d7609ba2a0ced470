import Formats

/// A rule of recurrence in words: `every 2 weeks on Monday, Friday, 10 times`.
enum RecurrenceText {
  private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// `time` says a time in words.
  static func render(_ rule: CalendarRule, time: (CalendarTime) -> String) -> String {
    let units = [
      "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour", "MINUTELY": "minute",
      "SECONDLY": "second",
    ]
    guard let unit = units[rule.frequency] else { return "" }
    var text = rule.interval == 1 ? "every \(unit)" : "every \(rule.interval) \(unit)s"
    let weekdays = rule.weekdays.map(weekday)
    if let position = rule.positions.first, !weekdays.isEmpty {
      text += " on the \(ordinal(position)) of \(weekdays.joined(separator: ", "))"
    } else if !weekdays.isEmpty {
      text += " on \(weekdays.joined(separator: ", "))"
    }
    if !rule.monthDays.isEmpty {
      text +=
        " on day " + rule.monthDays.map { $0 < 0 ? "\(ordinal($0)) of the month" : "\($0)" }.joined(separator: ", ")
    }
    if !rule.months.isEmpty { text += " in " + rule.months.map { months[$0 - 1] }.joined(separator: ", ") }
    if rule.hasFurtherParts { text += ", not on all of these" }
    if let count = rule.count { text += count == 1 ? ", once" : ", \(count) times" }
    if let until = rule.untilTime { text += ", until \(time(until))" }
    return text
  }

  private static func weekday(_ day: (weekday: Int, week: Int)) -> String {
    day.week == 0 ? days[day.weekday] : "the \(ordinal(day.week)) \(days[day.weekday])"
  }

  private static func ordinal(_ number: Int) -> String {
    if number == -1 { return "last" }
    if number < 0 { return "\(ordinal(0 - max(number, -1000))) last" }
    let names = ["first", "second", "third", "fourth", "fifth"]
    return (1...5).contains(number) ? names[number - 1] : "\(number)."
  }
}
