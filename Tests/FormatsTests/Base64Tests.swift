import TestSupport
import Testing

@testable import Formats

@Suite struct Base64Tests {
  private static func decode(_ text: String) -> Decoded {
    Decoded(text) { Base64.decode($0, $1, into: &$2) }
  }

  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
    ("Zm9vYmFy", "foobar"),
  ])
  func vectors(_ encoded: String, _ plain: String) {
    let decoded = Self.decode(encoded)
    #expect(decoded.text == plain)
    #expect(decoded.defect == nil)
    let lines = write { Base64.encode(plain.bytes.span, into: &$0) }
    #expect(text(lines) == (plain.isEmpty ? "" : encoded + "\r\n"))
  }

  /// Every length around the block of the decoder and the line of the encoder.
  @Test(arguments: Array(0...200) + [12_287, 12_288, 12_289, 16_383, 16_384, 16_385, 50_000])
  func roundTrip(_ count: Int) {
    let data = noise(count)
    let encoded = write { Base64.encode(data.span, into: &$0) }
    #expect(text(encoded).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    let decoded = Decoded(encoded) { Base64.decode($0, $1, into: &$2) }
    #expect(
      decoded
        == Decoded(data) {
          $2.append($0, $1)
          return nil
        })
  }

  /// Foreign bytes are passed over, and the first one is told.
  @Test func foreignBytes() {
    let decoded = Self.decode("Zm9v\r\n--*YmFy")
    #expect(decoded.text == "foobar")
    #expect(decoded.defect == 6)
  }

  /// Padding in the middle: two encoded texts, one behind the other.
  /// The lines that a mailing list's program puts behind the data are none of them.
  @Test(arguments: ["Zm9vYg==\r\n-- \r\nlist@example.org\r\n", "Zm9vYg==\r\n\r\n_______________\r\nThe list\r\n"])
  func textBehindThePadding(_ encoded: String) {
    let decoded = Self.decode(encoded)
    #expect(decoded.text == "foob")
    #expect(decoded.defect == 6)
  }

  @Test func paddingInTheMiddle() {
    #expect(Self.decode("Zg==Zm8=Zm9v").text == "ffofoo")
    #expect(Self.decode("Zg==\r\nZg==\r\n").text == "ff")
  }

  @Test(arguments: [("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"), ("Zm9vY", "foo"), ("=", ""), ("Z", "")])
  func cutOff(_ encoded: String, _ plain: String) {
    let decoded = Self.decode(encoded)
    #expect(decoded.text == plain)
    #expect(decoded.defect != nil || encoded == "=")
  }

  @Test func partOfABuffer() {
    let source = "!!Zm9v!!".bytes
    var output: [UInt8] = []
    #expect(Base64.decode(source.span, 2..<6, into: &output) == nil)
    #expect(text(output) == "foo")
  }
}
