import Testing

@testable import Spool

@Suite struct FileNameTests {
  @Test(arguments: [
    ("X.eml", 1, "X.eml"), ("X.eml", 2, "X~2.eml"), ("X.eml", 17, "X~17.eml"), ("X", 2, "X~2"),
    (".profile", 2, ".profile~2"),
    ("a.b.eml", 3, "a.b~3.eml"), ("X.", 2, "X~2."), ("two words.eml", 2, "two words~2.eml"),
  ])
  func numbered(_ name: String, _ number: Int, _ expected: String) {
    #expect(FileName(name).numbered(number).description == expected)
  }

  @Test(
    arguments: [
      ("X.eml", nil, "X.ccm"), ("X.eml", 2, "X.2.ccm"), ("X", nil, "X.ccm"), ("a.b.eml", nil, "a.b.ccm"),
      ("a\nb\u{7F}.eml", nil, "a_b_.ccm"),
      ("X.a-very-long-suffix-that-is-none-at-all", nil, "X.a-very-long-suffix-that-is-none-at-all.ccm"),
    ] as [(String, Int?, String)])
  func results(_ name: String, _ number: Int?, _ expected: String) {
    #expect(FileName(name).result(number: number, suffix: "ccm").description == expected)
  }

  /// No name is longer than 255 bytes, and none is cut within a character.
  @Test func longNames() {
    for name in [
      String(repeating: "x", count: 255), String(repeating: "ü", count: 127) + "x",
      String(repeating: "x", count: 251) + ".eml",
      String(repeating: "資", count: 83) + ".eml",
    ] {
      let file = FileName(name)
      for candidate in [
        file.numbered(2), file.numbered(1_000_000), file.result(number: nil, suffix: "ccm"),
        file.result(number: 12, suffix: "ccm"), file.report,
      ] {
        #expect(candidate.count <= 255)
        #expect(String(validating: candidate.bytes, as: UTF8.self) != nil)
      }
      #expect(file.numbered(2) != file.numbered(3))
      #expect(file.report.description.hasSuffix(".report"))
    }
  }

  /// In a fate, the name of the report fits, whatever is cut for it, and is that of no other original.
  @Test func inFate() {
    for length in [1, 247, 248, 249, 255] {
      for suffix in ["", ".eml", ".report"] where suffix.utf8.count < length {
        let name = FileName(String(repeating: "x", count: length - suffix.utf8.count) + suffix)
        let original = name.inFate
        #expect(!original.isReport)
        #expect(length > 248 || suffix == ".report" || original == name)
        for candidate in [original, original.numbered(2, maximum: FileName.maximumInFate)] {
          #expect(candidate.report.original == candidate)
          #expect(candidate.report.count <= 255)
        }
      }
    }
    #expect(FileName("X.report").inFate == FileName("X.report~2"))
  }

  @Test func anyBytes() {
    let name = FileName(bytes: [0xFF, 0xFE, 0x2E, 0x80])
    #expect(name.bytes == [0xFF, 0xFE, 0x2E, 0x80])
    #expect(name.numbered(2).bytes == [0xFF, 0xFE, 0x7E, 0x32, 0x2E, 0x80])
    #expect(FileName(".x").isHidden)
    #expect(!FileName("x").isHidden)
  }
}
