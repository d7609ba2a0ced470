import Glibc

/// A time zone as people write it: a name of the system's zone data, one of Windows', an offset, or POSIX's form.
enum ZoneName {
  /// The value of TZ for a zone.
  ///
  /// - Parameter text: `Europe/Berlin`, `W. Europe Standard Time`, `+0200` or `+02:00` (east of Greenwich, RFC 5322),
  ///   `UTC`, or `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, Base Definitions 8.3; west of Greenwich). Empty means UTC, as to
  ///   tzset(3).
  /// - Returns: nil for what is none of them. tzset(3) would take that for UTC without a word.
  static func value(_ text: String) -> String? {
    if ["", "utc", "gmt", "z", "ut"].contains(text.lowercased()) { return "UTC0" }
    if let offset = offset(text) { return offset }
    // A colon may stand before what is no POSIX form.
    let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
    if isInZoneData(name) { return text }
    if PosixZone.isValid(text) { return text }
    if let name = WindowsZone.name(text), isInZoneData(name) { return name }
    return nil
  }

  /// Makes it the zone of this process and of those that it starts. False for what is no zone.
  static func set(_ text: String) -> Bool {
    guard let value = value(text) else { return false }
    setenv("TZ", value, 1)
    tzset()
    return true
  }

  /// What to say of a text that is no zone.
  static func unknown(_ text: String) -> String {
    access(folder, R_OK | X_OK) == 0
      ? "`\(text)` is no time zone" : "`\(text)` is no time zone here, as there is no zone data in \(folder)"
  }

  private static var folder: String { getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo" }

  /// `+0200` as POSIX writes it, `<+0200>-02:00`; nil for what is no offset of less than 16 hours.
  private static func offset(_ text: String) -> String? {
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    let digits = text.dropFirst().filter { $0 != ":" }
    let isForm = text.dropFirst() == digits || text.dropFirst(3).first == ":" && text.utf8.count == 6
    guard isForm, digits.utf8.count == 4 || digits.utf8.count == 2,
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let hours = Int(digits.prefix(2)), let minutes = Int(digits.count == 4 ? digits.suffix(2) : "0"),
      hours < 16, minutes < 60
    else { return nil }
    let zone = "\(digits.prefix(2)):\(digits.count == 4 ? digits.suffix(2) : "00")"
    return "<\(sign)\(digits)>\(sign == "+" ? "-" : "+")\(zone)"
  }

  /// Whether the system has a file of this name that is zone data, RFC 8536, 3.
  private static func isInZoneData(_ name: String) -> Bool {
    guard !name.isEmpty, !name.utf8.contains(0), !"/\(name)/".contains("/../") else { return false }
    let file = open(name.hasPrefix("/") ? name : "\(folder)/\(name)", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    var magic: [UInt8] = [0, 0, 0, 0]
    return read(file, &magic, 4) == 4 && magic == Array("TZif".utf8)
  }
}
