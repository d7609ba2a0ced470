/// The order of day, month and year in the dates of a post office (Q180641).
public enum CCDateOrder: String, Sendable, CaseIterable {
  /// American: 6/2/98
  case monthDayYear = "mdy"
  /// European: 2/6/98
  case dayMonthYear = "dmy"
  /// Japanese: 98/6/2
  case yearMonthDay = "ymd"
}

/// A date and a time of day as .ccm files tell them: by the post office's clock, without a zone.
public struct CCDate: Sendable, Equatable {
  public var year: Int
  public var month: Int
  public var day: Int
  public var hour: Int
  public var minute: Int
  /// Whether the file has another year: programs that were not made for the year 2000 write 100, or 19100.
  public private(set) var isYearMended = false

  public init(year: Int, month: Int, day: Int, hour: Int, minute: Int) {
    (self.year, self.month, self.day, self.hour, self.minute) = (year, month, day, hour, minute)
  }

  /// Whether the calendar has this day: 2/31/99 occurs in real post offices (Q233325).
  public var exists: Bool {
    Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: 0, zone: 0) != nil
  }

  /// Reads `6/2/98 8:39`, `9-11-1998`, `5/6/97 3:10PM`, `31.12.1999 17:05:00`. Separators may be `/`, `-` or `.`,
  /// fields may have one digit or two, the year four. Years below 70 are of this century;
  /// 100 and 19100 are 2000, as programs count that add 1900, or write 19 before the years since 1900.
  ///
  /// Where the order that was asked for makes no date and another one does, the other one is taken.
  public init?(_ bytes: Bytes, _ range: Range<Int>, order: CCDateOrder) {
    var i = bytes.trimmed(range).lowerBound
    let end = bytes.trimmed(range).upperBound
    var numbers: [(value: Int, digits: Int)] = []
    func number() -> (value: Int, digits: Int)? {
      let start = i
      var value = 0
      while i < end, ASCII.isDigit(bytes[i]), i - start < 5 {
        value = value * 10 + Int(bytes[i] - ASCII.zero)
        i += 1
      }
      return i > start ? (value, i - start) : nil
    }
    while numbers.count < 3 {
      guard let next = number() else { return nil }
      numbers.append(next)
      if numbers.count < 3 {
        guard i < end, bytes[i] == ASCII.slash || bytes[i] == ASCII.hyphen || bytes[i] == ASCII.dot else { return nil }
        i += 1
      }
    }
    while i < end, ASCII.isBlank(bytes[i]) { i += 1 }
    (hour, minute) = (0, 0)
    if i < end {
      guard let first = number(), i < end, bytes[i] == ASCII.colon || bytes[i] == ASCII.dot else { return nil }
      i += 1
      guard let second = number() else { return nil }
      (hour, minute) = (first.value, second.value)
      if i < end, bytes[i] == ASCII.colon || bytes[i] == ASCII.dot {
        i += 1
        _ = number()
      }
      while i < end, ASCII.isBlank(bytes[i]) { i += 1 }
      if i < end {
        guard let isAfternoon = Self.halfOfDay(bytes, i..<end), hour <= 12 else { return nil }
        hour = hour % 12 + (isAfternoon ? 12 : 0)
      }
    }
    (year, month, day) = (0, 0, 0)
    isYearMended = numbers.contains { Self.year($0) != $0.value && $0.digits > 2 }
    set(numbers, order)
    if !exists {
      let asked = self
      for other in CCDateOrder.allCases where other != order {
        set(numbers, other)
        if exists { return }
      }
      self = asked
    }
  }

  private mutating func set(_ numbers: [(value: Int, digits: Int)], _ order: CCDateOrder) {
    let (a, b, c) = (numbers[0], numbers[1], numbers[2])
    switch order {
    case .monthDayYear: (month, day, year) = (a.value, b.value, Self.year(c))
    case .dayMonthYear: (day, month, year) = (a.value, b.value, Self.year(c))
    case .yearMonthDay: (year, month, day) = (Self.year(a), b.value, c.value)
    }
  }

  private static func year(_ number: (value: Int, digits: Int)) -> Int {
    switch number.value {
    case ..<70: 2000 + number.value
    case ..<200: 1900 + number.value
    case 19_100...19_199: number.value - 17_100
    case 20_100...20_199: number.value - 18_200
    default: number.value
    }
  }

  private static func halfOfDay(_ bytes: Bytes, _ range: Range<Int>) -> Bool? {
    if bytes.equalsIgnoringCase(range, "PM") || bytes.equalsIgnoringCase(range, "P") { return true }
    if bytes.equalsIgnoringCase(range, "AM") || bytes.equalsIgnoringCase(range, "A") { return false }
    return nil
  }

  /// Appends `6/2/98` and, unless `time` says otherwise, ` 8:39`.
  public func append(
    order: CCDateOrder, fourDigitYear: Bool, twelveHours: Bool = false, to output: inout [UInt8]
  ) {
    let short = fourDigitYear || !(1970...2069).contains(year) ? year : year % 100
    let width = short == year ? 4 : 2
    let fields: [(Int, Int)] =
      switch order {
      case .monthDayYear: [(month, 1), (day, 1), (short, width)]
      case .dayMonthYear: [(day, 1), (month, 1), (short, width)]
      case .yearMonthDay: [(short, width), (month, 1), (day, 1)]
      }
    for (index, field) in fields.enumerated() {
      if index > 0 { output.append(ASCII.slash) }
      output.append(decimal: field.0, width: field.1)
    }
    output.append(ASCII.space)
    output.append(decimal: twelveHours ? (hour + 11) % 12 + 1 : hour)
    output.append(ASCII.colon)
    output.append(decimal: minute, width: 2)
    if twelveHours { output.append(hour < 12 ? "AM" : "PM") }
  }
}
