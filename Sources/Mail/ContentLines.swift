import Formats

/// Writes the content lines of iCalendar, RFC 5545, 3.1, and vCard, RFC 6350, 3.2: folded after at most 75 bytes, text
/// escaped.
struct ContentLines {
  private(set) var bytes: [UInt8] = []

  /// Appends `NAME:value`; the value stands as it is.
  mutating func append(_ name: String, raw value: String) {
    var width = 0
    for scalar in "\(name):\(value)".unicodeScalars {
      let character = Array(String(scalar).utf8)
      if ASCII.isControl(character[0]), character[0] != ASCII.tab { continue }
      if width + character.count > 75 {
        bytes.append("\r\n ")
        width = 1
      }
      bytes.append(contentsOf: character)
      width += character.count
    }
    bytes.appendLineEnd()
  }

  /// Appends `NAME:text` with what has a meaning of its own escaped; nothing for an empty text.
  mutating func append(_ name: String, _ text: String) {
    if !text.isEmpty { append(name, raw: Self.escaped(text)) }
  }

  /// Appends texts with semicolons between them, unless all are empty: `N:Adler;Ruth;;;`
  mutating func append(_ name: String, parts: [String]) {
    guard parts.contains(where: { !$0.isEmpty }) else { return }
    append(name, raw: parts.map(Self.escaped).joined(separator: ";"))
  }

  /// Appends texts with commas between them, unless there are none: `CATEGORIES:Yard,Plans`.
  mutating func append(_ name: String, list: [String]) {
    if !list.isEmpty { append(name, raw: list.map(Self.escaped).joined(separator: ",")) }
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", ";", ",":
        result.append("\\")
        result.unicodeScalars.append(scalar)
      case "\n": result += "\\n"
      case "\r": continue
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `19980602T083900Z`, in UTC.
  static func time(_ time: Timestamp) -> String {
    date(time) + "T" + digits(time.utc.hour) + digits(time.utc.minute) + digits(time.utc.second) + "Z"
  }

  /// `19980602T083900`, by the clock that `time` is told by as if it were UTC.
  static func localTime(_ time: Timestamp) -> String { String(self.time(time).dropLast()) }

  /// `19980602`, the day in the zone of `time`.
  static func date(_ time: Timestamp) -> String {
    let day = time.calendar
    var year: [UInt8] = []
    year.append(decimal: max(0, day.year), width: 4)
    return String(decoding: year, as: UTF8.self) + digits(day.month) + digits(day.day)
  }

  private static func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Timestamp {
  fileprivate var utc: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, weekday: Int) {
    Timestamp(seconds: seconds, zone: 0).calendar
  }
}
