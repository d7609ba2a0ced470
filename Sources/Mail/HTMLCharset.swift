import Formats

/// The label for HTML that its message and it itself tell different things about, and the bytes that the label holds to
/// the last one: Windows calls its own supersets by the names of the standards, and readers go by the standards.
enum HTMLCharset {
  /// Labels HTML of eight bits that is no UTF-8. `told` is the character set that the message tells, `declared` the one
  /// that the HTML itself does, `assumed` the one of the message's other texts; what no label holds is turned into UTF-8.
  static func labelled(
    _ html: [UInt8], told: String?, declared: String?, assumed: String, _ converter: CharsetConverter
  ) -> (bytes: [UInt8], charset: String) {
    let named = [told, declared].compactMap { $0 }.filter(isEightBit)
    for name in named { if let found = exact(html, name, converter) { return found } }
    let name = named.first ?? (isEightBit(assumed) ? assumed : "windows-1252")
    if let found = exact(html, name, converter) { return found }
    var text: [UInt8] = []
    converter.appendUTF8(html.span, charset: name, to: &text)
    return (text, "utf-8")
  }

  /// Labels HTML of seven bits: what looks like ASCII may hold the escapes of another set, which `told` names then.
  static func labelled(sevenBits html: [UInt8], told: String?, _ converter: CharsetConverter) -> (
    bytes: [UInt8], charset: String
  ) {
    guard let told else { return (html, "us-ascii") }
    let name = told.lowercased()
    if name.hasPrefix("iso-2022-"), html.contains(ASCII.escape) {
      if converter.holds(html.span, iconvName: name.uppercased()) { return (html, name) }
      var text: [UInt8] = []
      converter.appendUTF8(html.span, charset: name, to: &text)
      return (text, "utf-8")
    }
    if name.hasPrefix("hz"), zip(html, html.dropFirst()).contains(where: { $0 == ASCII.tilde && $1 == 0x7B }) {
      return (html, name)
    }
    return (html, "us-ascii")
  }

  /// Whether a name is that of a set in which bytes above 127 mean something, other than UTF-8.
  private static func isEightBit(_ name: String) -> Bool {
    let name = name.lowercased()
    return !name.isEmpty && !["utf-8", "utf8", "us-ascii", "ascii", "unicode"].contains(name)
      && !["utf-16", "utf-7", "iso-2022", "hz"].contains { name.hasPrefix($0) }
  }

  private static func exact(_ html: [UInt8], _ name: String, _ converter: CharsetConverter) -> (
    bytes: [UInt8], charset: String
  )? {
    for (label, iconvName) in labels(name) where converter.holds(html.span, iconvName: iconvName) {
      if !isOutside(label, html) { return (html, label) }
    }
    var text: [UInt8] = []
    return converter.appendUTF8(html.span, charset: name, to: &text) == .exact ? (text, "utf-8") : nil
  }

  /// The labels that text of a set may have, and what iconv calls what a reader takes them for.
  private static func labels(_ name: String) -> [(label: String, iconvName: String)] {
    switch name.lowercased() {
    case "gb2312", "gbk", "cp936", "gb_2312-80", "x-gbk", "chinese", "windows-936": return [("gbk", "CP936")]
    case "gb18030": return [("gb18030", "GB18030")]
    case "ks_c_5601-1987", "ks_c_5601", "euc-kr", "cp949", "uhc", "korean", "windows-949", "ksc5601":
      return [("euc-kr", "EUC-KR")]
    case "shift_jis", "shift-jis", "x-sjis", "sjis", "cp932", "windows-31j", "ms932", "windows-932":
      return [("shift_jis", "SJIS")]
    case "big5", "cp950", "x-x-big5", "big-5", "windows-950": return [("big5", "BIG5")]
    case "euc-jp", "x-euc-jp": return [("euc-jp", "EUC-JP")]
    case "koi8-r", "koi8-u": return [(name.lowercased(), name.uppercased())]
    // Nobody means the control characters of the standard.
    case "iso-8859-1", "latin1", "iso8859-1": return [("iso-8859-1", "ISO-8859-1"), ("windows-1252", "CP1252")]
    case "windows-1252", "cp1252": return [("windows-1252", "CP1252")]
    case let other where other.hasPrefix("windows-125"): return [(other, "CP" + other.dropFirst(8))]
    case let other where other.hasPrefix("iso-8859-") && other.utf8.count < 12:
      return [(other, other.uppercased())]
    default: return []
    }
  }

  /// Whether text has bytes that iconv takes and other readers of the set do not: user-defined characters, control
  /// characters, and vendors' extensions.
  private static func isOutside(_ label: String, _ html: [UInt8]) -> Bool {
    if label == "iso-8859-1" { return html.contains { (0x80..<0xA0).contains($0) } }
    guard label == "gbk" || label == "euc-kr" || label == "big5" else { return false }
    var i = 0
    while i < html.count {
      let lead = html[i]
      i += 1
      if lead < 0x80 { continue }
      let trail = i < html.count ? html[i] : 0
      i += 1
      switch (label, lead, trail) {
      case ("gbk", 0x80, _): return true
      case ("euc-kr", ..<0xA1, _), ("euc-kr", 0xA2, 0xE8...), ("euc-kr", 0xA4, 0xD4): return true
      case ("big5", 0xA3, 0xC0...), ("big5", 0xC6, 0xA1...), ("big5", 0xC7...0xC8, _), ("big5", 0xF9, 0xD6...):
        return true
      default: continue
      }
    }
    return false
  }
}
