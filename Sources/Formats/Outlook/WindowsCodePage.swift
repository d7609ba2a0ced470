/// Windows code pages by their numbers: the names that mail has for them.
public enum WindowsCodePage {
  /// The name that labels text of this code page in mail; nil for one that mail does not know.
  public static func charset(_ page: Int) -> String? {
    if let name = names[page] { return name }
    switch page {
    case 28591...28606: return "iso-8859-\(page - 28590)"
    case 1250...1258: return "windows-\(page)"
    case 437, 708...775, 850...869: return "cp\(page)"
    default: return nil
    }
  }

  static func isKnown(_ page: Int) -> Bool { charset(page) != nil }

  private static let names: [Int: String] = [
    874: "windows-874", 932: "shift_jis", 936: "gb2312", 949: "ks_c_5601-1987", 950: "big5", 1200: "utf-16le",
    1201: "utf-16be", 1361: "johab", 10000: "macintosh", 10007: "mac-cyrillic", 20127: "us-ascii", 20866: "koi8-r",
    20932: "euc-jp", 20936: "gb2312", 21866: "koi8-u", 38598: "iso-8859-8", 50220: "iso-2022-jp",
    50221: "iso-2022-jp", 50222: "iso-2022-jp", 50225: "iso-2022-kr", 50227: "gb2312", 50936: "gb2312",
    51932: "euc-jp", 51936: "gb2312", 51949: "euc-kr", 51950: "big5", 52936: "hz-gb-2312", 54936: "gb18030",
    65000: "utf-7", 65001: "utf-8",
  ]

  /// The code page of 8-bit text in the language of a Windows locale identifier, [MS-LCID].
  static func page(ofLocale locale: Int) -> Int? {
    switch locale & 0xFFFF {
    case 0x0404, 0x0C04, 0x1404, 0x7C04: return 950
    case 0x0C1A, 0x281A, 0x1C1A, 0x201A, 0x301A, 0x6C1A, 0x7C1A: return 1251
    case 0x082C, 0x0843: return 1251
    default: break
    }
    switch locale & 0x3FF {
    case 0x01, 0x20, 0x29: return 1256
    case 0x02, 0x19, 0x22, 0x23, 0x2F, 0x3F, 0x40, 0x44, 0x50: return 1251
    case 0x04: return 936
    case 0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x1C, 0x24: return 1250
    case 0x08: return 1253
    case 0x0D: return 1255
    case 0x11: return 932
    case 0x12: return 949
    case 0x1E: return 874
    case 0x1F, 0x2C, 0x43: return 1254
    case 0x25, 0x26, 0x27: return 1257
    case 0x2A: return 1258
    case 0x00, 0x7F: return nil
    default: return 1252
    }
  }

  /// The code page of a character set of a font, [MS-RTF] \fcharset; nil for those that have none of their own.
  static func page(ofFontCharset charset: Int) -> Int? {
    switch charset {
    case 0: 1252
    case 77: 10000
    case 128: 932
    case 129: 949
    case 130: 1361
    case 134: 936
    case 136: 950
    case 161: 1253
    case 162: 1254
    case 163: 1258
    case 177: 1255
    case 178: 1256
    case 186: 1257
    case 204: 1251
    case 222: 874
    case 238: 1250
    case 254: 437
    case 255: 850
    default: nil
    }
  }

  /// Whether a byte is the first of two that make a character.
  static func isLeadByte(_ byte: UInt8, page: Int) -> Bool {
    switch page {
    case 932: (0x81...0x9F).contains(byte) || (0xE0...0xFC).contains(byte)
    case 936, 949, 950, 1361: (0x81...0xFE).contains(byte)
    default: false
    }
  }
}
