/// The Date field, RFC 5322, 3.3, and what stands in its place in real mail.
/// Examples: `Thu, 19 Aug 1999 13:02:00 -0700 (PDT)`, `19 Aug 99 13:02 EST`, `Thu Aug 19 13:02:00 1999`,
/// `1999-08-19T13:02:00Z`, `8/19/99 1:02 PM`.
public enum DateField {
  /// The time told at `range`; nil when there is no date in it.
  public static func parse(_ bytes: Bytes, _ range: Range<Int>) -> Timestamp? {
    var scanner = Scanner()
    scanner.scan(bytes, range)
    return scanner.timestamp
  }

  static let monthNames: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  static let dayNames: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

  /// Appends `Thu, 19 Aug 1999 13:02:00 -0700`.
  public static func append(_ time: Timestamp, to output: inout [UInt8]) {
    let calendar = time.calendar
    output.append(dayNames[calendar.weekday])
    output.append(", ")
    output.append(decimal: calendar.day)
    output.append(ASCII.space)
    output.append(monthNames[calendar.month - 1])
    output.append(ASCII.space)
    output.append(decimal: calendar.year, width: 4)
    for (index, part) in [calendar.hour, calendar.minute, calendar.second].enumerated() {
      output.append(index == 0 ? ASCII.space : ASCII.colon)
      output.append(decimal: part, width: 2)
    }
    output.append(time.zone < 0 ? " -" : " +")
    output.append(decimal: abs(time.zone) / 60 * 100 + abs(time.zone) % 60, width: 4)
  }

  /// Takes the words of a date one by one: a month's name, numbers, a time with colons, a zone.
  private struct Scanner {
    var month: Int?
    var numbers: [(value: Int, digits: Int)] = []
    var time: (hour: Int, minute: Int, second: Int)?
    var zone: Int?
    var afternoon: Bool?
    var separator: UInt8 = 0

    mutating func scan(_ bytes: Bytes, _ range: Range<Int>) {
      var i = range.lowerBound
      let end = min(range.upperBound, range.lowerBound + 400)
      while i < end {
        let byte = bytes[i]
        if byte == ASCII.leftParenthesis {
          let close = ContentType.skipSpaceAndComments(bytes, i, end)
          // `(EST)` alone tells the zone where nothing else does.
          if zone == nil, close - i <= 8 { readWord(bytes, (i + 1)..<max(i + 1, close - 1)) }
          i = max(close, i + 1)
        } else if ASCII.isDigit(byte) {
          i = readNumber(bytes, i, end)
        } else if byte == ASCII.plus || byte == ASCII.hyphen, time != nil, zone == nil || zone == 0, i + 1 < end,
          ASCII.isDigit(bytes[i + 1])
        {
          i = readOffset(bytes, i, end)
        } else if ASCII.isLetter(byte) {
          let start = i
          while i < end, ASCII.isLetter(bytes[i]) { i += 1 }
          readWord(bytes, start..<i)
        } else {
          i += 1
        }
      }
    }

    private mutating func readNumber(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
      var i = start
      var value = 0
      while i < end, ASCII.isDigit(bytes[i]), i - start < 9 {
        value = value * 10 + Int(bytes[i] - ASCII.zero)
        i += 1
      }
      let digits = i - start
      let next = i < end ? bytes[i] : 0
      let isTime = next == ASCII.dot ? numbers.count >= (month == nil ? 3 : 2) : true
      if time == nil, digits <= 2, isTime, part(bytes, i, end, next == ASCII.dot ? next : ASCII.colon) != nil {
        return readTime(bytes, hour: value, i, end)
      }
      // 1302 or 130200, as RFC 822 writers left the colons out.
      if time == nil, month != nil, numbers.count == 2, digits == 4 || digits == 6 {
        time =
          digits == 4
          ? (value / 100, value % 100, 0) : (value / 10_000, value / 100 % 100, value % 100)
        return i
      }
      if next == ASCII.slash || next == ASCII.hyphen || next == ASCII.dot, numbers.isEmpty { separator = next }
      if numbers.count < 4 { numbers.append((value, digits)) }
      return i
    }

    /// Where the number behind a separator begins. Blanks and comments may stand around a colon, RFC 5322, 4.3:
    /// `09(hours):  55`.
    private func part(_ bytes: Bytes, _ start: Int, _ end: Int, _ separator: UInt8) -> Int? {
      var i = start
      if separator == ASCII.colon { i = ContentType.skipSpaceAndComments(bytes, i, end) }
      guard i < end, bytes[i] == separator else { return nil }
      i += 1
      if separator == ASCII.colon { i = ContentType.skipSpaceAndComments(bytes, i, end) }
      return i < end && ASCII.isDigit(bytes[i]) ? i : nil
    }

    private mutating func readTime(_ bytes: Bytes, hour: Int, _ start: Int, _ end: Int) -> Int {
      var parts = [hour]
      var i = start
      let separator = bytes[i] == ASCII.dot ? ASCII.dot : ASCII.colon
      while parts.count < 3, let next = part(bytes, i, end, separator) {
        i = next
        var value = 0
        let first = i
        while i < end, ASCII.isDigit(bytes[i]), i - first < 3 {
          value = value * 10 + Int(bytes[i] - ASCII.zero)
          i += 1
        }
        parts.append(value)
      }
      time = (parts[0], parts[1], parts.count > 2 ? parts[2] : 0)
      // Fractions of a second.
      if i + 1 < end, bytes[i] == ASCII.dot || bytes[i] == ASCII.comma, ASCII.isDigit(bytes[i + 1]) {
        i += 1
        while i < end, ASCII.isDigit(bytes[i]) { i += 1 }
      }
      return i
    }

    private mutating func readOffset(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
      let sign = bytes[start] == ASCII.hyphen ? -1 : 1
      var i = start + 1
      var value = 0
      var digits = 0
      while i < end, ASCII.isDigit(bytes[i]) || (bytes[i] == ASCII.colon && digits <= 2), digits < 4 {
        if bytes[i] != ASCII.colon {
          value = value * 10 + Int(bytes[i] - ASCII.zero)
          digits += 1
        }
        i += 1
      }
      let minutes = digits <= 2 ? value * 60 : value / 100 * 60 + value % 100
      zone = minutes < 24 * 60 ? sign * minutes : 0
      return i
    }

    private mutating func readWord(_ bytes: Bytes, _ range: Range<Int>) {
      func named(_ name: StaticString) -> Bool { bytes.equalsIgnoringCase(range, name) }
      if month == nil, range.count >= 3 {
        for (index, name) in DateField.monthNames.enumerated()
        where bytes.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, name) {
          month = index + 1
          return
        }
      }
      if named("AM") { afternoon = false } else if named("PM") { afternoon = true }
      guard time != nil, zone == nil else { return }
      zone = DateField.zones.first { bytes.equalsIgnoringCase(range, $0.name) }.map { $0.hours * 60 }
    }

    var timestamp: Timestamp? {
      guard let date else { return nil }
      var (hour, minute, second) = self.time ?? (0, 0, 0)
      if let afternoon, hour <= 12 { hour = hour % 12 + (afternoon ? 12 : 0) }
      // Midnight at the end of the day.
      let isEndOfDay = hour == 24 && minute == 0
      if isEndOfDay { (hour, second) = (0, 0) }
      // There is no year 0.
      guard date.year > 0 else { return nil }
      var time = Timestamp(
        year: date.year, month: date.month, day: date.day, hour: hour, minute: minute, second: min(second, 59),
        zone: zone ?? 0)
      if isEndOfDay { time?.seconds += 86_400 }
      return time
    }

    private var date: (year: Int, month: Int, day: Int)? {
      if let month {
        guard numbers.count >= 2 else { return nil }
        let (first, second) = (numbers[0], numbers[1])
        if first.digits == 4 { return (Self.year(first), month, second.value) }
        return (Self.year(second), month, first.value)
      }
      guard numbers.count >= 3 else { return nil }
      let (a, b, c) = (numbers[0], numbers[1], numbers[2])
      if a.digits == 4 { return (a.value, b.value, c.value) }
      // 8/19/99 is American; 19.8.99 and 19-8-99 have the day first.
      if separator == ASCII.slash, a.value <= 12 { return (Self.year(c), a.value, b.value) }
      return (Self.year(c), b.value, a.value)
    }

    /// RFC 5322, 4.3: two digits below 50 are of this century, three digits count from 1900.
    private static func year(_ number: (value: Int, digits: Int)) -> Int {
      switch number.digits {
      case 1, 2: number.value < 50 ? 2000 + number.value : 1900 + number.value
      case 3: 1900 + number.value
      // 0102: a program that counts from 1900, and has been told to write four digits.
      case 4 where 100..<200 ~= number.value: 1900 + number.value
      default: number.value
      }
    }
  }

  /// RFC 5322, 4.3, and names that stand in mail beside them.
  private static let zones: [(name: StaticString, hours: Int)] = [
    ("GMT", 0), ("UT", 0), ("UTC", 0), ("Z", 0), ("EST", -5), ("EDT", -4), ("CST", -6), ("CDT", -5), ("MST", -7),
    ("MDT", -6), ("PST", -8), ("PDT", -7), ("AKST", -9), ("AKDT", -8), ("HST", -10), ("AST", -4), ("ADT", -3),
    ("BST", 1), ("WET", 0), ("WEST", 1), ("MET", 1), ("MEZ", 1), ("CET", 1), ("MEST", 2), ("MESZ", 2), ("CEST", 2),
    ("MSZ", 2), ("EET", 2), ("EEST", 3), ("MSK", 3), ("MSD", 4), ("JST", 9), ("KST", 9), ("HKT", 8), ("SGT", 8),
    ("AEST", 10), ("AEDT", 11), ("NZST", 12), ("NZDT", 13),
  ]
}
