/// The many names of character sets that iconv(3) has under another one: those of the IANA registry, and those that mail
/// programs made up. They are compared by their letters and digits alone, without `cs` and `x-` in front, since mail
/// has each of them with hyphens, underscores, blanks or nothing between its parts.
enum CharsetAlias {
  /// The iconv name for a label in small letters; nil when it is in no list here.
  static func iconv(_ label: String) -> String? {
    guard label.utf8.count <= 64 else { return nil }
    let letters = label.utf8.filter { ASCII.isLetter($0) || ASCII.isDigit($0) }
    var name: ArraySlice<UInt8>? = letters[...]
    while let current = name {
      if let set = latin(current) ?? listed(current) ?? codePage(current) { return set }
      name = withoutPrefix(current)
    }
    return nil
  }

  /// Without the `cs` of IANA's names for programs, and the `x-` of those that IANA does not have.
  private static func withoutPrefix(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    if name.starts(with: "cs".utf8), name.count > 3 { return name.dropFirst(2) }
    if name.first == UInt8(ascii: "x"), name.count > 2 { return name.dropFirst() }
    return nil
  }

  /// `iso8859n` and `8859n`, with the year of the standard behind it or `E` and `I`, RFC 1556.
  private static func latin(_ name: ArraySlice<UInt8>) -> String? {
    var rest = name
    for prefix in ["isolatin", "iso", "is0", "is"] where rest.starts(with: prefix.utf8) {
      if prefix == "isolatin" { return nil }
      rest = rest.dropFirst(prefix.utf8.count)
      break
    }
    guard rest.starts(with: "8859".utf8) else { return nil }
    rest = rest.dropFirst(4)
    if let last = rest.last, last == UInt8(ascii: "e") || last == UInt8(ascii: "i") { rest = rest.dropLast() }
    if rest.count > 4, rest.suffix(4).starts(with: "19".utf8) || rest.suffix(4).starts(with: "20".utf8) {
      rest = rest.dropLast(4)
    }
    guard (1...2).contains(rest.count), let part = number(rest), (1...16).contains(part), part != 12 else { return nil }
    return part8859(part)
  }

  /// The iconv name for a part of ISO 8859: that of the Windows code page which holds it and is what is meant.
  private static func part8859(_ part: Int) -> String {
    switch part {
    case 1: "WINDOWS-1252"
    case 9: "WINDOWS-1254"
    case 11: "CP874"
    default: "ISO-8859-\(part)"
    }
  }

  /// A code page by its number: `windows1251`, `cp1251`, `ibm00858`, `ccsid1140`, `ms874`, `1251`.
  private static func codePage(_ name: ArraySlice<UInt8>) -> String? {
    var digits = name
    for prefix in ["windows", "win", "codepage", "cp", "ibm", "ccsid", "dos", "ms", "oem", "pc"]
    where name.starts(with: prefix.utf8) {
      digits = name.dropFirst(prefix.utf8.count)
      break
    }
    while digits.first == ASCII.zero, digits.count > 3 { digits = digits.dropFirst() }
    guard (2...5).contains(digits.count), let page = number(digits) else { return nil }
    switch page {
    case 367, 20127: return "WINDOWS-1252"
    case 819: return part8859(1)
    case 912...916: return part8859(page - 910)
    case 813: return part8859(7)
    case 920: return part8859(9)
    case 921: return part8859(13)
    case 923: return part8859(15)
    case 1089: return part8859(6)
    case 28591...28606: return part8859(page - 28590)
    case 38596, 38598: return part8859(page - 38590)
    case 878, 20866: return "KOI8-R"
    case 1168, 21866: return "KOI8-U"
    case 1383, 1386, 20936, 50227, 51936, 54936: return "GB18030"
    case 970, 51949, 20949: return "UHC"
    case 51950: return "BIG5-HKSCS"
    case 943: return "CP932"
    case 20932, 51932, 954, 33722: return "EUC-JP"
    case 50220, 50221, 50222: return "ISO-2022-JP-3"
    case 50225: return "ISO-2022-KR"
    case 52936: return "HZ"
    case 964: return "EUC-TW"
    case 1200, 1202: return "UTF-16LE"
    case 1201, 13488: return "UTF-16BE"
    case 12000: return "UTF-32LE"
    case 12001: return "UTF-32BE"
    case 65000: return "UTF-7"
    case 65001, 1208: return "UTF-8"
    case 10000: return "MACINTOSH"
    case 10007: return "MAC-CYRILLIC"
    case 10017: return "MAC-UK"
    case 10029: return "MAC-CENTRALEUROPE"
    case 37: return "IBM037"
    default: return "CP\(page)"
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.allSatisfy(ASCII.isDigit) ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  /// A name of `list`.
  private static func listed(_ name: ArraySlice<UInt8>) -> String? {
    list.withUTF8Buffer { text in
      let bytes = Bytes(_unsafeElements: text)
      var position = 0
      while position < bytes.count {
        let line = bytes.line(at: position, to: bytes.count)
        defer { position = line.next }
        guard var start = bytes.firstIndex(of: ASCII.space, from: position, to: line.end) else { continue }
        let set = position..<start
        while start < line.end {
          let end = bytes.firstIndex(of: ASCII.space, from: start + 1, to: line.end) ?? line.end
          if end - start - 1 == name.count, bytes.extracting((start + 1)..<end).elementsEqual(name) {
            return bytes.string(set)
          }
          start = end
        }
      }
      return nil
    }
  }

  /// An iconv name a line, and the names that mean it. Looked through for odd labels alone.
  private static let list: StaticString = """
    UTF-8 utf8 utf8n utf8j unicode11utf8 unicode20utf8 utf utf8mac utf8bom cesu8
    WINDOWS-1252 usascii ascii ascii7 ansix341968 ansix341986 isoir6 iso646irv1991 iso646us us 646 isoir100 latin1 l1 \
    isolatin1 iso88591windows30latin1 iso88591windows31latin1 windows30latin1 windows31latin1 western latin roman \
    isolat1 ansi1252 windowslatin1 cpansi english westerneuropean
    ISO-8859-2 isoir101 latin2 l2 isolatin2 easteurope
    CP1250 iso88592windowslatin2 windows31latin2 ansi1250
    ISO-8859-3 isoir109 latin3 l3 isolatin3
    ISO-8859-4 isoir110 latin4 l4 isolatin4
    ISO-8859-5 isoir144 cyrillic isolatincyrillic
    ISO-8859-6 isoir127 ecma114 asmo708 arabic isolatinarabic iso88596s
    ISO-8859-7 isoir126 elot928 ecma118 greek greek8 isolatingreek suneugreek
    ISO-8859-8 isoir138 hebrew hebrew8 isolatinhebrew visual logical
    WINDOWS-1254 isoir148 latin5 l5 isolatin5 turkish turkish8 iso88599windowslatin5 windows31latin5
    ISO-8859-10 isoir157 latin6 l6 isolatin6
    CP874 tis620 tis6200 tis6202529 tis6202533 thai eucth
    ISO-8859-13 isoir179 latin7 l7 baltic
    ISO-8859-14 isoir199 latin8 l8 isoceltic
    ISO-8859-15 isoir203 latin9 latin0 l9 isolatin9 isolatin0
    ISO-8859-16 isoir226 latin10 l10
    KOI8-R koi8r koi8 koi
    KOI8-U koi8u koi8ru
    KOI8-T koi8t
    KOI-8 gost1976874 isoir153 koi8gost
    ECMA-CYRILLIC ecmacyrillic isoir111 koi8e
    CP1251 ansi1251 amiga1251 windowscyrillic
    PT154 ptcp154 pt154 cp154 cyrillicasian
    RK1048 rk1048 kz1048 strk10482002
    GB18030 gb gb18030 gb231280 gb2312 gbk isoir58 chinese euccn cngb gb23121980 simplifiedchinese iso58gb231280 hp15cn \
    ibmeuccn
    BIG5-HKSCS big5 big5hkscs big5hk hkscsbig5 hkbig5 ms950hkscs big5eten big5tw cnbig5 traditionalchinese bigfive
    EUC-TW euctw cns11643 ibmeuctw
    HZ hz hzgb hzgb2312
    ISO-2022-CN iso2022cn iso2022cngb
    ISO-2022-CN-EXT iso2022cnext
    UHC euckr ksc5601 ksc56011987 ksc56011989 ksc56011992 ksc5601iso isoir149 korean uhc ibmeuckr unifiedhangul
    JOHAB johab
    ISO-2022-KR iso2022kr
    EUC-JP eucjp eucjis ujis eucpkdfmtjapanese extendedunixcodepackedformatforjapanese eucjpms eucjpwin ibmeucjp
    CP932 shiftjis sjis mskanji windows31j ms932 mscp932 pck xsjis sjiswin cp943c sjisopen
    ISO-2022-JP-3 iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms windowsiso2022jp jis jisencoding jis7 jis8 \
    windows50220 windows50221 junet
    VISCII viscii vietnamese
    TCVN5712-1 tcvn tcvn5712 tcvn57121 vntcvn
    TSCII tscii
    ARMSCII-8 armscii8 armscii
    GEORGIAN-PS georgianps
    GEORGIAN-ACADEMY georgianacademy
    MACINTOSH macintosh mac macroman maclatin1 macosroman
    MAC-CYRILLIC maccyrillic maccy
    MAC-UK macukrainian macukraine
    MAC-CENTRALEUROPE maccentraleurope macce maccentraleurroman maclatin2
    MAC-IS macicelandic macis
    HP-ROMAN8 hproman8 roman8 r8
    NEXTSTEP nextstep
    ISO_6937 iso6937 iso69372add isotextcomm isoir142
    DEC-MCS decmcs dec
    IBM037 ebcdiccpus ebcdiccpca ebcdiccpwt ebcdiccpnl
    CP850 pc850multilingual pcmultilingual
    CP852 pcp852
    CP858 pcmultilingual850euro
    CP437 pc8codepage437
    CP862 pc862latinhebrew
    CP775 pc775baltic
    UTF-7 utf7 unicode11utf7 unicode20utf7
    UTF-16 utf16 unicode ucs2 iso10646ucs2 iso10646 unicode11 10646
    UTF-16BE utf16be unicodebig unicodebigunmarked utf16bigendian unicodefffe
    UTF-16LE utf16le unicodelittle unicodelittleunmarked utf16littleendian
    UTF-32 utf32 ucs4 iso10646ucs4
    UTF-32BE utf32be utf32bigendian
    UTF-32LE utf32le utf32littleendian
    """
}

extension Span where Element == UInt8 {
  fileprivate func elementsEqual(_ other: ArraySlice<UInt8>) -> Bool {
    withUnsafeBufferPointer { $0.elementsEqual(other) }
  }
}
