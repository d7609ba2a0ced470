import TestSupport
import Testing

@testable import Formats

@Suite struct RTFTests {
  /// The example of [MS-OXRTFCP] 3.1.1.1, compressed.
  @Test func compressed() throws {
    let packed: [UInt8] = [
      0x2D, 0, 0, 0, 0x2B, 0, 0, 0, 0x4C, 0x5A, 0x46, 0x75, 0xF1, 0xC5, 0xC7, 0xA7, 0x03, 0, 0x0A, 0, 0x72, 0x63, 0x70,
      0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0A, 0xF3, 0x20, 0x68, 0x65, 0x6C, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xB0,
      0x6C, 0x64, 0x7D, 0x0A, 0x80, 0x0F, 0xA0,
    ]
    let (rtf, defect) = try unpack(packed)
    #expect(text(rtf) == "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")
    #expect(defect == nil)
    var wrong = packed
    wrong[12] ^= 1
    #expect(try unpack(wrong).defect != nil)
    #expect(try unpack(Array(packed[..<30])).defect != nil)
  }

  private func unpack(_ packed: [UInt8]) throws -> (rtf: [UInt8], defect: String?) {
    try CompressedRTF.decode(packed.span)
  }

  @Test func notCompressed() throws {
    let packed: [UInt8] = [0x12, 0, 0, 0, 6, 0, 0, 0] + "MELA".bytes + [0, 0, 0, 0] + "{\\rtf}".bytes
    #expect(text(try unpack(packed).rtf) == "{\\rtf}")
    #expect(throws: Unreadable.self) { try unpack("nothing that is compressed".bytes) }
  }

  private func decode(_ rtf: String) -> String {
    text(RTFText.decode(rtf.bytes.span, converter: CharsetConverter()))
  }

  private func kind(_ rtf: String) -> RTFText.Kind {
    let bytes = rtf.bytes
    return RTFText.kind(bytes.span)
  }

  private static let fonts =
    "{\\fonttbl{\\f0\\fswiss Arial;}{\\f1\\fswiss\\fcharset204 Arial Cyr;}{\\f2\\fcharset128 Gothic;}}"

  @Test func html() {
    let head = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0\(Self.fonts)"
    #expect(kind(head) == .html)
    // Tags as they are; what is for readers of RTF alone is left out, at the right end of its group too.
    #expect(
      decode(head + "{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 a\\htmlrtf\\par}\\htmlrtf0 b{\\*\\htmltag72 </p>}}")
        == "<p>ab</p>")
    // Line ends of the source are none of the text; \par, \line and \tab are.
    #expect(decode(head + "a\r\nb\\par\r\nc\\tab d}") == "ab\r\nc\td")
    #expect(
      decode(head + "{\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0 \\lquote x\\rquote\\~\\emdash}")
        == "&amp;&lsquo;x&rsquo;&nbsp;&mdash;")
    // Pictures for mhtml and unknown destinations.
    #expect(decode(head + "{\\*\\mhtmltag <img>}{\\*\\unknown x}{\\pntext y}z}") == "z")
    #expect(decode(head + "\\{\\}\\\\}") == "{}\\")
  }

  @Test func characters() {
    let head = "{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0\(Self.fonts)"
    #expect(kind(head) == .text)
    #expect(decode(head + "Gr\\'fc\\'dfe") == "Grüße")
    // The code page of a font, and back.
    #expect(decode(head + "\\f1 \\'ef\\'f0\\'e8\\f0 \\'e9}") == "приé")
    #expect(decode(head + "\\f2 \\'93\\'fa\\'96\\'7b}") == "日本")
    // \u, with as many characters behind it that say the same as \uc tells.
    #expect(decode(head + "\\u8364 ?x\\uc2\\u8364 \\'80?y\\uc0\\u8364 z}") == "€x€y€z")
    // Negative numbers, and two halves of one character.
    #expect(decode(head + "\\uc0\\u-10179\\u-8704 }") == "😀")
    #expect(decode(head + "a\\bin3 {{{b}") == "ab")
  }

  @Test func plain() {
    #expect(
      decode(
        "{\\rtf1\\ansi{\\fonttbl{\\f0 A;}}{\\info{\\title no}}{\\*\\generator x}{\\stylesheet{s;}}\\v hidden\\v0 seen\\par}"
      )
        == "seen\r\n")
    #expect(decode("{\\rtf1 a{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt link}}\\cell b\\row}") == "alink\tb\r\n")
  }

  @Test func damaged() {
    for rtf in [
      "", "{", "}}}}", "\\", "{\\rtf1\\u", "{\\rtf1\\'", "\\'4", "{\\*", "\\u99999999999999999999 ?",
      "\\bin99999999999999 x",
    ] {
      _ = decode(rtf)
    }
    // Groups deeper than anybody writes.
    _ = decode(String(repeating: "{", count: 100_000) + "x" + String(repeating: "}", count: 100_000))
  }
}
