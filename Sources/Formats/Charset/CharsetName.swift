/// Names of character sets: as mail labels them, as IANA registers them, as iconv(3) knows them.
public enum CharsetName {
  /// The iconv name for a label found in mail, in whatever spelling: `koi8_r`, `x-cp1251`, `csBig5`, `latin1`.
  ///
  /// Labels that real mail uses wrongly name a subset of what is meant: text labelled `iso-8859-1` holds the quotes
  /// of windows-1252, `gb2312` holds GBK, `ks_c_5601-1987` holds UHC, `shift_jis` the NEC and IBM extensions. The
  /// larger set is read, as the WHATWG Encoding Standard has it too.
  public static func iconv(_ label: String) -> String {
    var name = label.lowercased()
    name = String(name.drop { " \"'".contains($0) })
    while let last = name.last, " \"';,".contains(last) { name.removeLast() }
    return known(name) ?? CharsetAlias.iconv(name) ?? name
  }

  /// The iconv name for a label in small letters; nil for one that says it itself. A switch has nothing to be made when
  /// a program starts, and most messages ask once.
  private static func known(_ label: String) -> String? {
    switch label {
    case "utf8", "utf-8": "UTF-8"
    case "", "us-ascii", "ascii", "iso-8859-1", "unknown-8bit", "x-unknown", "unknown", "x-user-defined", "default",
      "default_charset", "none", "binary", "ansi", "charset", "undefined", "x-user", "unspecified":
      "WINDOWS-1252"
    case "windows-1252": "CP1252"
    case "iso-8859-2": "ISO-8859-2"
    case "iso-8859-15": "ISO-8859-15"
    case "gb2312", "gbk": "GB18030"
    case "euc-kr", "ks_c_5601-1987": "UHC"
    case "shift_jis": "CP932"
    case "iso-2022-jp": "ISO-2022-JP-3"
    case "big5": "BIG5-HKSCS"
    default: nil
    }
  }

  /// Whether a label is a name that readers of mail know: the preferred one of the IANA registry.
  static func isUsual(_ label: String) -> Bool {
    let label = label.lowercased()
    switch label {
    case "utf-8", "us-ascii", "koi8-r", "koi8-u", "gb2312", "gbk", "gb18030", "big5", "big5-hkscs", "euc-kr", "euc-jp",
      "ks_c_5601-1987", "shift_jis", "tis-620", "macintosh", "viscii", "utf-7", "hz-gb-2312":
      return true
    default:
      return ["iso-8859-", "windows-", "iso-2022-", "ibm"].contains { label.hasPrefix($0) }
    }
  }

  /// The number in `cp850`, `cp-850`, `ibm850`, `windows-1252`, `dos-850`, `850`.
  public static func codePageNumber(_ name: String) -> Int? {
    var digits = Substring(name.lowercased())
    for prefix in ["windows-", "windows", "cp-", "cp", "ibm-", "ibm", "dos-", "dos", "ms"]
    where digits.hasPrefix(prefix) {
      digits = digits.dropFirst(prefix.count)
      break
    }
    guard (3...5).contains(digits.count) else { return nil }
    return Int(digits)
  }

  /// How the characters of a set lie in bytes.
  enum Kind {
    /// One byte a character, and ASCII below 128.
    case single
    /// One or more bytes a character, and ASCII below 128.
    case multiple
    /// Bytes below 128 are not always ASCII: escapes (ISO-2022, HZ, UTF-7), wide characters, EBCDIC.
    case other
  }

  /// The kind of a set by its iconv name.
  static func kind(ofIconv name: String) -> Kind {
    let name = name.uppercased()
    func starts(_ prefixes: String...) -> Bool { prefixes.contains { name.hasPrefix($0) } }
    if starts(
      "UTF-16", "UTF-32", "UTF-7", "UCS", "ISO-10646", "UNICODE", "ISO-2022", "ISO2022", "HZ", "EBCDIC", "CSISO2022")
    {
      return .other
    }
    if starts("CP", "IBM"), let number = Int(name.drop { !ASCII.isDigit($0.utf8.first ?? 0) }), isEBCDIC(number) {
      return .other
    }
    let isMultiple =
      name == "UTF-8" || name == "UHC" || name == "JOHAB"
      || starts("GB", "EUC", "BIG5", "SHIFT", "SJIS", "CP932", "CP936", "CP949", "CP950", "CP1361", "IBM943", "IBM932")
    return isMultiple ? .multiple : .single
  }

  /// The set that a label names where `name`, a larger one, is read for it.
  static func narrow(ofIconv name: String) -> String {
    switch name {
    case "GB18030": "EUC-CN"
    case "UHC": "EUC-KR"
    case "BIG5-HKSCS": "BIG5"
    case "CP932": "SHIFT_JIS"
    default: name
    }
  }

  private static func isEBCDIC(_ page: Int) -> Bool {
    switch page {
    case 37, 38, 256, 273...298, 420, 423, 424, 500, 803, 870, 871, 875, 880, 905, 918, 924, 930, 933, 935, 937, 939,
      1025...1047, 1097, 1112, 1122, 1123, 1130, 1132, 1137, 1140...1160, 1164, 1166, 1364, 1371, 1388, 1390, 1399,
      4517, 4899, 4971, 9030, 12712, 16804:
      page != 1046
    default: false
    }
  }

  /// Whether bytes below 128 that hold no escape mean ASCII in the character set of this label, so that text of such
  /// bytes alone need not be converted.
  public static func containsASCII(_ label: String) -> Bool {
    // Nearly every label is told by its first letters.
    var label = label
    let isUsual = label.withUTF8 { name in
      func starts(_ text: StaticString) -> Bool {
        guard name.count >= text.utf8CodeUnitCount else { return false }
        for i in 0..<text.utf8CodeUnitCount where ASCII.lowercased(name[i]) != text.utf8Start[i] { return false }
        return true
      }
      guard let first = name.first else { return true }
      switch ASCII.lowercased(first) {
      case UInt8(ascii: "u"): return starts("us-ascii") || starts("utf-8") || starts("utf8")
      case UInt8(ascii: "i"): return starts("iso-8859-")
      case UInt8(ascii: "w"): return starts("windows-125")
      case UInt8(ascii: "k"): return starts("koi8")
      case UInt8(ascii: "c"): return starts("cp8") || starts("cp125")
      default: return false
      }
    }
    return isUsual || kind(ofIconv: iconv(label)) != .other
  }
}
