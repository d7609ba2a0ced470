import Formats

/// Names of files for cc:Mail: eight characters, a dot and three by default (Q190297), long ones where the post office
/// allows them (Q192593). Within one message no two are the same.
struct FileNames {
  let isLong: Bool
  private var used: Set<String> = []
  /// The last number behind a name, so that a thousand files of one name are not a million tries.
  private var numbers: [String: Int] = [:]

  init(isLong: Bool) { self.isLong = isLong }

  /// A name for a file whose name is `original`, or for one without a name whose type is `type`.
  mutating func name(for original: String, type: MediaType) -> String {
    if Self.isShort(original), !Self.isDevice(original), used.insert(original).inserted { return original }
    var name = Self.lastComponent(original)
    if name.isEmpty { name = "ATTACH." + (FileTypes.fileExtension(for: type) ?? "DAT") }
    let parts = Self.split(name)
    var base = isLong ? parts.base : Self.short(parts.base, 8)
    let suffix = isLong ? parts.suffix : Self.short(parts.suffix, 3)
    if Self.isDevice(base) { base = "_" + base }
    let plain = Self.join(base.isEmpty ? "FILE" : base, suffix)
    var number = numbers[plain.uppercased()] ?? 0
    var candidate = plain
    while !used.insert(candidate.uppercased()).inserted {
      number += 1
      let mark = "~\(number)"
      candidate = Self.join((isLong ? base : String(base.prefix(max(0, 8 - mark.count)))) + mark, suffix)
    }
    numbers[plain.uppercased()] = number
    return candidate
  }

  /// Whether a name is one of eight capitals and digits, a dot and three already.
  private static func isShort(_ name: String) -> Bool {
    var (count, dot) = (0, -1)
    for byte in name.utf8 {
      if byte == ASCII.dot, dot < 0, count > 0 {
        dot = count
      } else if !ASCII.isDigit(byte), !(65...90).contains(byte) {
        return false
      }
      count += 1
    }
    return dot > 0 && dot <= 8 && count - dot > 1 && count - dot <= 4
  }

  /// Whether DOS and Windows take a name for a device, whatever its suffix: who saves such a file prints it, or waits.
  private static func isDevice(_ name: String) -> Bool {
    let base = name.prefix { $0 != "." }.uppercased()
    if ["CON", "PRN", "AUX", "NUL", "CLOCK$"].contains(base) { return true }
    return base.count == 4 && (base.hasPrefix("COM") || base.hasPrefix("LPT")) && base.last?.isNumber == true
  }

  /// What follows the last separator of any system; control characters and the two names of directories are no name.
  private static func lastComponent(_ name: String) -> String {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" || $0 == ":" }).last ?? ""
    let clean = String(String.UnicodeScalarView(last.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
    let trimmed = clean.drop { $0 == " " }
    return trimmed.allSatisfy { $0 == "." } ? "" : String(trimmed.prefix(200))
  }

  private static func split(_ name: String) -> (base: String, suffix: String) {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name, "") }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }

  private static func join(_ base: String, _ suffix: String) -> String { suffix.isEmpty ? base : base + "." + suffix }

  private static func short(_ text: String, _ count: Int) -> String {
    var result = ""
    for scalar in text.unicodeScalars where result.count < count {
      if scalar == " " || scalar == "." { continue }
      if scalar.isASCII, let byte = UInt8(exactly: scalar.value), ASCII.isLetter(byte) || ASCII.isDigit(byte) {
        result.unicodeScalars.append(Unicode.Scalar(ASCII.uppercased(byte)))
      } else if "!#$%&'()-@^_`{}~".unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result.append("_")
      }
    }
    return result
  }
}
