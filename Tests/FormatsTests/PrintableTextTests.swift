import Formats
import Testing

@Suite struct PrintableTextTests {
  @Test(
    "What steers a terminal is a question mark",
    arguments: [
      "\u{1B}[2J": "?[2J", "a\nb\tc\r": "a?b?c?", "\u{7F}": "?", "\u{80}\u{85}\u{9B}31m\u{9F}": "???31m?",
      "\u{61C}\u{200E}\u{200F}\u{202A}\u{202E}\u{2066}\u{2069}": "???????", "\u{2028}\u{2029}": "??",
      "\u{A0}é€\u{200D}😀 \u{FFFD}": "\u{A0}é€\u{200D}😀 \u{FFFD}", "": "",
    ])
  func question(text: String, shown: String) { #expect(PrintableText.text(text) == shown) }

  /// In Latin-1, 9B is CSI; a sequence of UTF-8 that is cut off takes nothing else with it.
  @Test func whatIsNotUTF8() {
    #expect(PrintableText.bytes([0x61, 0x9B, 0x33, 0xC3, 0x62, 0xE2, 0x80, 0xFF]) == Array("a?3?b??".utf8))
    #expect(PrintableText.bytes([0xED, 0xA0, 0x80, 0xC0, 0x80]).allSatisfy { $0 == ASCII.question })
  }

  @Test func oneControlStays() {
    #expect(PrintableText.bytes(Array("a\tb\n\u{9B}".utf8), keeping: ASCII.tab) == Array("a\tb??".utf8))
  }

  /// In JSON the text stays what it is.
  @Test func escapes() {
    var json: [UInt8] = []
    JSONLine.append("a\u{9B}\u{202E}\u{1B}\n\"é", to: &json)
    #expect(String(decoding: json, as: UTF8.self) == #""a\u009B\u202E\u001B\n\"é""#)
  }
}
