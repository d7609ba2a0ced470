import TestSupport
import Testing

@testable import Formats

@Suite struct CharsetConverterTests {
  private static func utf8(_ bytes: [UInt8], _ charset: String) -> (text: String, outcome: CharsetConverter.Outcome) {
    var output: [UInt8] = []
    let outcome = CharsetConverter().appendUTF8(bytes.span, charset: charset, to: &output)
    return (text(output), outcome)
  }

  private static func page(_ text: String, _ name: String) -> (bytes: [UInt8], isExact: Bool) {
    var output: [UInt8] = []
    let source = text.bytes
    let isExact = CharsetConverter().append(source.span, codePage: CodePage(name), to: &output)
    return (output, isExact)
  }

  /// Labels as real mail has them.
  @Test(
    arguments: [
      ("iso-8859-1", [0x93, 0x80], "“€"), ("windows-1252", [0xE9], "é"), ("\"utf-8\"", [0xC3, 0xA9], "é"),
      ("", [0xE9], "é"),
      ("koi8-r", [0xC4, 0xC1], "да"), ("ks_c_5601-1987", [0xC8, 0xB8], "회"), ("gb2312", [0xBB, 0xE1], "会"),
      ("big5", [0xB7, 0x7C], "會"), ("shift_jis", [0x87, 0x40], "①"), ("x-sjis", [0x83, 0x5C], "ソ"),
      ("cp850", [0x81], "ü"),
      ("iso-8859-8-i", [0xF9], "ש"), ("iso-8859-9", [0xFE], "ş"), ("macintosh", [0x8A], "ä"),
      ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x32, 0x71, 0x1B, 0x28, 0x42], "会"),
      ("utf-16", [0xFE, 0xFF, 0x00, 0xE9], "é"),
      ("unicode-1-1-utf-7", "+AOk-".bytes, "é"),
    ] as [(String, [UInt8], String)])
  func labels(_ charset: String, _ bytes: [UInt8], _ text: String) {
    let result = Self.utf8(bytes, charset)
    #expect(result.text == text)
    #expect(result.outcome == .exact)
  }

  /// Every name that iconv can read under another one, in any spelling.
  @Test(
    arguments: [
      ("koi8_r", [0xC4, 0xC1], "да"), ("csKOI8R", [0xC4, 0xC1], "да"), ("x-cp1251", [0xE4, 0xE0], "да"),
      ("x-windows-1251", [0xE4, 0xE0], "да"), ("win-1251", [0xE4, 0xE0], "да"), ("Windows_1251", [0xE4, 0xE0], "да"),
      ("KSC_5601", [0xC8, 0xB8], "회"), ("csKSC56011987", [0xC8, 0xB8], "회"), ("iso-ir-149", [0xC8, 0xB8], "회"),
      ("csBig5", [0xB7, 0x7C], "會"), ("cn-big5", [0xB7, 0x7C], "會"), ("x-x-big5", [0xB7, 0x7C], "會"),
      ("euc_jp", [0xB2, 0xF1], "会"), ("x-euc-jp", [0xB2, 0xF1], "会"), ("ujis", [0xB2, 0xF1], "会"),
      ("Shift-JIS", [0x83, 0x5C], "ソ"), ("csShiftJIS", [0x83, 0x5C], "ソ"), ("MS_Kanji", [0x83, 0x5C], "ソ"),
      ("iso-2022-jp-ms", [0x1B, 0x24, 0x42, 0x2D, 0x21, 0x1B, 0x28, 0x42], "①"),
      ("cp50220", [0x1B, 0x24, 0x42, 0x32, 0x71, 0x2D, 0x6A, 0x1B, 0x28, 0x42], "会㈱"),
      ("iso-2022-jp", [0x1B, 0x28, 0x49, 0x31, 0x1B, 0x28, 0x42], "ｱ"),
      ("hz-gb-2312", "~{<:Ky2;~}".bytes, "己所不"), ("x-gbk", [0xBB, 0xE1], "会"), ("csGB2312", [0xBB, 0xE1], "会"),
      ("ISO-8859-6-E", [0xC7], "ا"), ("iso_8859-8:1988", [0xF9], "ש"), ("visual", [0xF9], "ש"), ("8859_2", [0xB1], "ą"),
      ("iso8859-2", [0xB1], "ą"), ("ISO_8859-2:1987", [0xB1], "ą"), ("iso-ir-101", [0xB1], "ą"), ("l2", [0xB1], "ą"),
      ("l1", [0x93], "“"), ("cp819", [0xE9], "é"), ("ibm819", [0xE9], "é"), ("csISOLatin1", [0xE9], "é"),
      ("windows-28592", [0xB1], "ą"), ("latin-2", [0xB1], "ą"), ("iso-8859-15", [0xA4], "€"), ("latin9", [0xA4], "€"),
      ("x-mac-roman", [0x8A], "ä"), ("x-mac-ce", [0x8A], "ä"), ("ansi_x3.110-1983", "a".bytes, "a"),
      ("x-unicode-2-0-utf-7", "+AOk-".bytes, "é"), ("utf7", "+AOk-".bytes, "é"),
      ("csUnicode11UTF7", "+AOk-".bytes, "é"),
      ("tis620", [0xA1], "ก"), ("windows-874", [0xA1], "ก"), ("ibm00858", [0xD5], "€"), ("IBM-850", [0x81], "ü"),
      ("cp65001", [0xC3, 0xA9], "é"), ("ibm037", [0x81], "a"), ("unicode-1-1-utf-8", [0xC3, 0xA9], "é"),
    ] as [(String, [UInt8], String)])
  func otherNames(_ charset: String, _ bytes: [UInt8], _ text: String) {
    let result = Self.utf8(bytes, charset)
    #expect(result.text == text)
    #expect(result.outcome == .exact)
  }

  /// Each name that the list of aliases leads to is one of iconv's.
  @Test(
    arguments: [
      "isolatin3", "latin4", "cyrillic", "arabic", "greek", "latin6", "latin7", "latin8", "latin10", "koi8-t", "koi8-e",
      "gost_19768-74", "pt154", "kz-1048", "euc-tw", "iso-2022-cn", "iso-2022-cn-ext", "johab", "iso-2022-kr", "viscii",
      "tcvn", "tscii", "armscii-8", "georgian-ps", "mac", "mac-cyrillic", "x-mac-ukrainian", "x-mac-icelandic",
      "roman8",
      "iso_6937", "dec-mcs", "ucs-2", "ucs-4", "utf-16le", "utf-32be", "ansi-1251", "iso-8859-16", "cspc862latinhebrew",
      "cp1200", "cp51932", "cp54936", "ibm1047", "ebcdic-cp-us",
    ])
  func known(_ name: String) {
    #expect(CharsetConverter().canRead(label: name))
  }

  /// Valid UTF-8 is UTF-8, whatever its label says.
  @Test(
    arguments: [
      ("us-ascii", "é"), ("iso-8859-1", "é"), ("windows-1252", "último método"), ("iso-8859-2", "Żółw"),
      ("koi8-r", "Привет, мир"), ("windows-1251", "Привет"), ("windows-1251", "да"), ("iso-8859-7", "Καλημέρα"),
      ("gb2312", "Grüße aus Köln"), ("euc-kr", "안녕"), ("shift_jis", "会議室の予約"), ("cp850", "Žluťoučký"),
    ])
  func mislabelled(_ charset: String, _ utf8: String) {
    let result = Self.utf8(utf8.bytes, charset)
    #expect(result.text == utf8)
    #expect(result.outcome == .mislabelled)
  }

  /// Words that are valid UTF-8 by chance, and text that its label reads strictly.
  @Test(
    arguments: [
      ("windows-1251", [0xCD, 0xB3], "Ні"), ("tis-620", [0xC2, 0xA1], "ยก"),
      ("gb2312", [0xC4, 0xE3, 0xBA, 0xC3], "你好"),
      ("shift_jis", [0x83, 0x5C], "ソ"), ("gb2312", [0xC4, 0xA3], "模"), ("euc-kr", [0xC8, 0xB8], "회"),
      ("utf-7", "+AOk-".bytes, "é"),
    ] as [(String, [UInt8], String)])
  func rightlyLabelled(_ charset: String, _ bytes: [UInt8], _ text: String) {
    #expect(Self.utf8(bytes, charset).text == text)
    #expect(Self.utf8(bytes, charset).outcome == .exact)
  }

  @Test func bytesThatMeanNothing() {
    let result = Self.utf8([0x41, 0xFF, 0x42], "utf-8")
    #expect(result.text == "A\u{FFFD}B")
    #expect(result.outcome == .replaced(at: 1))
    #expect(Self.utf8([0x41, 0x83], "shift_jis").text == "A\u{FFFD}")
  }

  @Test func unknownCharset() {
    #expect(Self.utf8([0xC3, 0xA9], "x-klingon").text == "é")
    #expect(Self.utf8([0xE9], "x-klingon").text == "é")
    #expect(Self.utf8([0xE9], "x-klingon").outcome == .unknownCharset)
  }

  /// What a code page lacks is written so that it can be read.
  @Test func transliteration() {
    #expect(Self.page("Straße", "850").isExact)
    let result = Self.page("“Žluťoučký” – Ж €", "437")
    #expect(!result.isExact)
    #expect(text(result.bytes).hasPrefix("\"Zlutoucky\" - ZH"))
    #expect(text(Self.page("会", "437").bytes) == "?")
    #expect(text(Self.page("\u{FEFF}a\u{200B}b", "850").bytes) == "ab")
  }

  @Test(arguments: ["437", "850", "852", "857", "866", "932", "936", "949", "950", "1252", "cp737", "utf-8"])
  func codePages(_ name: String) {
    #expect(CharsetConverter().knows(CodePage(name).iconvName))
    #expect(Self.page("plain text", name) == ("plain text".bytes, true))
  }

  /// A piece of text of any length is converted whole.
  @Test func longText() {
    let source = String(repeating: "Termin, 会議 ", count: 5000)
    let result = Self.page(source, "932")
    #expect(result.isExact)
    #expect(Self.utf8(result.bytes, "cp932").text == source)
  }

  @Test func leadBytes() {
    #expect(CodePage("932").isLeadByte(0x83))
    #expect(!CodePage("932").isLeadByte(0xB1))
    #expect(CodePage("949").isLeadByte(0xC8))
    #expect(!CodePage("850").isLeadByte(0x83))
  }

  @Test func codePageNumbers() {
    for name in ["850", "cp850", "CP-850", "ibm850", "windows-850", "dos-850"] {
      #expect(CharsetName.codePageNumber(name) == 850)
    }
    for name in ["", "cp", "utf-8", "12", "iso-8859-1"] { #expect(CharsetName.codePageNumber(name) == nil) }
  }
}
