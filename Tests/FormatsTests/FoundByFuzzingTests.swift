import Foundation
import Testing

@testable import Formats

/// Files that fuzzing found: their messages once came out otherwise in pieces than whole.
@Suite struct FoundByFuzzingTests {
  @Test(arguments: ["filler-before-message", "sizes-beyond-the-file"])
  func ccmInPieces(_ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = [UInt8](try Data(contentsOf: folder.appendingPathComponent("Fuzz/Found/CCMail-\(name)")))
    let whole = scan(file)
    for size in [1, 7, 64, 100] {
      let pieces = scan(file, pieces: size)
      #expect(pieces.messages == whole.messages, "pieces of \(size)")
    }
  }
}
