/// Names of character sets: as mail labels them, as IANA registers them, as iconv(3) knows them.
public enum CharsetName {
  /// The iconv name for a label found in mail.
  ///
  /// Labels that real mail uses wrongly name a subset of what is meant: text labelled `iso-8859-1` holds the quotes
  /// of windows-1252, `gb2312` holds GBK, `ks_c_5601-1987` holds UHC, `shift_jis` the NEC and IBM extensions. The
  /// larger set is read, as the WHATWG Encoding Standard has it too.
  public static func iconv(_ label: String) -> String {
    var name = label.lowercased()
    name = String(name.drop { " \"'".contains($0) })
    while let last = name.last, " \"';,".contains(last) { name.removeLast() }
    if let known = known(name) { return known }
    if name.hasPrefix("x-"), let known = known(String(name.dropFirst(2))) { return known }
    if let number = codePageNumber(name) { return "CP\(number)" }
    return name
  }

  /// The iconv name for a label in small letters; nil for one that says it itself. A switch has nothing to be made when
  /// a program starts, and most messages ask once.
  private static func known(_ label: String) -> String? {
    switch label {
    case "utf8", "utf-8", "unicode-1-1-utf-8", "utf-8n", "utf_8": "UTF-8"
    case "", "us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1",
      "iso-8859-1-windows-3.1-latin-1", "8859_1", "iso-latin-1", "unknown-8bit", "x-unknown", "unknown",
      "x-user-defined", "default", "default_charset", "none", "binary", "ansi":
      "WINDOWS-1252"
    case "iso-8859-8-i", "iso-8859-8-e": "ISO-8859-8"
    case "iso-8859-6-i": "ISO-8859-6"
    case "unicode-1-1-utf-7": "UTF-7"
    case "unicode", "ucs-2", "iso-10646-ucs-2": "UTF-16"
    case "gb2312", "gbk", "gb_2312-80", "gb-2312", "chinese": "GB18030"
    case "ks_c_5601-1987", "ks_c_5601", "ksc5601", "euc-kr", "korean": "UHC"
    case "shift_jis", "shift-jis", "sjis", "windows-31j", "ms_kanji": "CP932"
    case "iso-2022-jp": "ISO-2022-JP-3"
    case "big5": "BIG5-HKSCS"
    case "iso-8859-9", "latin5": "WINDOWS-1254"
    case "tis-620", "iso-8859-11": "CP874"
    case "mac-roman", "macroman": "MACINTOSH"
    case "mac-cyrillic": "MAC-CYRILLIC"
    case "koi8": "KOI8-R"
    case "win-1251", "win1251": "CP1251"
    default: nil
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

  /// Whether bytes below 128 that hold no escape mean ASCII in the character set of this label, so that text of such
  /// bytes alone need not be converted.
  public static func containsASCII(_ label: String) -> Bool {
    // Nearly every label is told by its first letters.
    var label = label
    return label.withUTF8 { name in
      func starts(_ text: StaticString) -> Bool {
        guard name.count >= text.utf8CodeUnitCount else { return false }
        for i in 0..<text.utf8CodeUnitCount where ASCII.lowercased(name[i]) != text.utf8Start[i] { return false }
        return true
      }
      guard let first = name.first else { return true }
      switch ASCII.lowercased(first) {
      case UInt8(ascii: "u"):
        return
          !(starts("utf-16") || starts("utf16") || starts("utf-7") || starts("utf7") || starts("utf-32")
          || starts("utf32") || starts("ucs") || starts("unicode"))
      case UInt8(ascii: "i"):
        return !(starts("iso-2022") || starts("iso2022") || starts("iso-10646") || starts("ibm037"))
      case UInt8(ascii: "h"): return !starts("hz")
      case UInt8(ascii: "c"):
        return !(starts("cp037") || starts("cp500") || starts("cp1047") || starts("csiso2022") || starts("csunicode"))
      case UInt8(ascii: "e"): return !starts("ebcdic")
      default: return true
      }
    }
  }
}
