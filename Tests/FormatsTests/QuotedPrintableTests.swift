import TestSupport
import Testing

@testable import Formats

@Suite struct QuotedPrintableTests {
  private static func decode(_ text: String) -> Decoded {
    Decoded(text) { QuotedPrintable.decode($0, $1, into: &$2) }
  }

  @Test(arguments: [
    ("a=3Db", "a=b"), ("=c3=A9", "é"), ("soft=\r\nbreak", "softbreak"), ("soft=\nbreak", "softbreak"),
    ("blanks  \r\nend \t", "blanks\r\nend"), ("soft= \t\r\nbreak", "softbreak"), ("kept=20\r\n", "kept \r\n"),
    ("one\ntwo\r\n", "one\ntwo\r\n"), ("", ""), ("=", ""), ("=\r\n", ""),
  ])
  func decoding(_ encoded: String, _ plain: String) {
    let decoded = Self.decode(encoded)
    #expect(decoded.text == plain)
    #expect(decoded.defect == nil)
  }

  /// An equals sign that begins nothing stands for itself.
  @Test(arguments: [("100 =% x", "100 =% x", 4), ("a=ZZb", "a=ZZb", 1), ("x=4", "x=4", 1), ("=3D=G1", "==G1", 3)])
  func defects(_ encoded: String, _ plain: String, _ offset: Int) {
    let decoded = Self.decode(encoded)
    #expect(decoded.text == plain)
    #expect(decoded.defect == offset)
  }

  @Test(arguments: [
    "", "plain\r\n", "é ü ß\r\n", "trailing blank \r\n", "trailing tab\t\r\n", ".\r\n..\r\n", "From me\r\nFrom  you",
    "a=b\r\n", "lone \r and \n line ends", "\r\n\r\n\r\n", String(repeating: "long line ", count: 40),
    String(repeating: "ä", count: 100) + "\r\n", String(repeating: "x", count: 76) + "\r\n",
    String(repeating: "x", count: 77) + "\r\n", String(repeating: "=", count: 75) + "\r\nend",
  ])
  func roundTrip(_ plain: String) {
    let encoded = write { QuotedPrintable.encode(plain.bytes.span, into: &$0) }
    for line in encoded.split(separator: ASCII.lf, omittingEmptySubsequences: false) {
      #expect(line.count <= 77)
      #expect(line.allSatisfy { $0 == ASCII.cr || ($0 >= 32 && $0 < 127) || $0 == ASCII.tab })
      #expect(!line.starts(with: "From ".utf8) && !line.elementsEqual(".\r".utf8))
    }
    let decoded = Decoded(encoded) { QuotedPrintable.decode($0, $1, into: &$2) }
    #expect(decoded.text == plain)
    #expect(decoded.defect == nil)
  }

  /// Behind a soft line break, too, a dot or `From ` begins a line.
  @Test(arguments: [75, 76, 77]) func beginningOfLine(_ length: Int) {
    for risky in [". end", "From end"] {
      let text = String(repeating: "x", count: length) + risky + "\r\n"
      let encoded = write { QuotedPrintable.encode(text.bytes.span, into: &$0) }
      for line in encoded.split(separator: ASCII.lf) {
        #expect(!line.starts(with: "From ".utf8) && line.first != ASCII.dot)
      }
      #expect(Decoded(encoded) { QuotedPrintable.decode($0, $1, into: &$2) }.text == text)
    }
  }

  @Test func anyBytes() {
    let data = noise(5000)
    let encoded = write { QuotedPrintable.encode(data.span, into: &$0) }
    #expect(Decoded(encoded) { QuotedPrintable.decode($0, $1, into: &$2) }.bytes == data)
  }
}
