import TestSupport
import Testing

@testable import Formats

/// The examples of FIPS 180-4 (NIST, "Examples with Intermediate Values"), and the edges of its padding.
@Suite struct SHA256Tests {
  private static func hex(_ text: some Sequence<UInt8>) -> String {
    let bytes = Array(text)
    return SHA256.digest(bytes.span).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func examples(_ text: String, _ digest: String) { #expect(Self.hex(text.utf8) == digest) }

  @Test func millionLetters() {
    #expect(
      Self.hex(repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func inPieces() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
    for size in [1, 55, 56, 63, 64, 65, 119, 128] {
      var hash = SHA256()
      var start = 0
      while start < bytes.count {
        let end = min(start + size, bytes.count)
        hash.update(bytes.span.extracting(start..<end))
        start = end
      }
      #expect(hash.finish() == SHA256.digest(bytes.span), "\(size)")
    }
  }

  /// With the processor's instructions and without them, at every length and offset.
  @Test func withoutInstructions() {
    let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for start in [0, 1, 3, 15] {
      for count in 0..<300 {
        var digests: [[UInt8]] = []
        for usesInstructions in [true, false] {
          var hash = SHA256(usesInstructions: usesInstructions)
          hash.update(bytes.span.extracting(start..<(start + count)))
          digests.append(hash.finish())
        }
        #expect(digests[0] == digests[1])
      }
    }
  }
}
