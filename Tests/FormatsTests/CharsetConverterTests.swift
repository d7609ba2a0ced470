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
      ("us-ascii", [0xC3, 0xA9], "é"),
      ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x32, 0x71, 0x1B, 0x28, 0x42], "会"),
      ("utf-16", [0xFE, 0xFF, 0x00, 0xE9], "é"),
      ("unicode-1-1-utf-7", "+AOk-".bytes, "é"),
    ] as [(String, [UInt8], String)])
  func labels(_ charset: String, _ bytes: [UInt8], _ text: String) {
    let result = Self.utf8(bytes, charset)
    #expect(result.text == text)
    #expect(result.outcome == .exact)
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
