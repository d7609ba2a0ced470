import Formats

/// Lines of a name and what it says, as appointments and contacts of Outlook have them.
struct TextRows {
  private(set) var text = ""

  /// Appends a line, unless there is nothing to say; a value is one line, whatever it has in it.
  mutating func append(_ label: String, _ value: String) {
    let value = Self.line(value)
    guard !value.isEmpty else { return }
    text += "\(label):" + String(repeating: " ", count: max(1, 14 - label.count)) + value + "\r\n"
  }

  /// Appends a line with a time, if there is one.
  mutating func append(_ label: String, _ time: Timestamp?, isDay: Bool = false) {
    guard let time else { return }
    append(label, isDay ? Self.day(time) : Self.minute(time))
  }

  /// Appends text of several lines, a blank line before it.
  mutating func append(paragraphs value: String) {
    let lines = value.split(separator: "\n", omittingEmptySubsequences: false).prefix(5000).map(Self.clean)
    guard lines.contains(where: { !$0.isEmpty }) else { return }
    if !text.isEmpty { text += "\r\n" }
    text += lines.joined(separator: "\r\n") + "\r\n"
    while text.utf8.count > 4, text.hasSuffix("\r\n\r\n") { text.removeLast() }
  }

  /// Two groups of lines apart from each other.
  mutating func appendGap() { if !text.isEmpty { text += "\r\n" } }

  private static func line(_ value: String) -> String {
    let words = value.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
    return clean(Substring(words))
  }

  private static func clean(_ line: Substring) -> String {
    let scalars = line.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 && !(0x80..<0xA0).contains($0.value) }
    var text = String(String.UnicodeScalarView(scalars))
    while text.last == " " { text.removeLast() }
    return text
  }

  /// `Tue, 2 Jun 1998 08:39:00 +0200`, in the zone of the post office.
  static func minute(_ time: Timestamp) -> String {
    var field: [UInt8] = []
    DateField.append(PostOfficeClock.zoned(time), to: &field)
    return String(decoding: field, as: UTF8.self)
  }

  /// `Tue, 2 Jun 1998`
  static func day(_ time: Timestamp) -> String {
    var field: [UInt8] = []
    DateField.append(time, to: &field)
    return String(decoding: field, as: UTF8.self).split(separator: " ").prefix(4).joined(separator: " ")
  }

  /// `Tue, 2 Jun 1998 08:39:00`, by a clock of which nothing more is known.
  static func clock(_ seconds: Int) -> String {
    var field: [UInt8] = []
    DateField.append(Timestamp(seconds: seconds, zone: 0), to: &field)
    return String(decoding: field, as: UTF8.self).split(separator: " ").prefix(5).joined(separator: " ")
  }
}
