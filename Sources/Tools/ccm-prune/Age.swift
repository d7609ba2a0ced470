/// An age on a command line: a number and its unit.
enum Age {
  /// Longer ago than any computer was there.
  private static let maximum = 100_000 * 86_400

  /// `90s`, `15m`, `6h`, `30d` and `4w` in seconds; nil for anything else.
  static func seconds(_ text: String) -> Int? {
    let digits = text.dropLast()
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), digits.count <= 12, !digits.isEmpty,
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(digits),
      number <= maximum / unit
    else { return nil }
    return number * unit
  }
}
