import Glibc
import TestSupport
import Testing

@testable import Spool

@Suite struct AuditTests {
  private static func key(_ name: String, _ size: Int = 1, _ folder: AuditFolder = .done) -> UInt64 {
    AuditFile(folder, FileName(name), size: size).key
  }

  /// A name, and what it becomes where it is taken, are of one class.
  @Test(arguments: [
    "a.eml", "a", "a.b.eml", "a~2.eml", "a~2", ".eml", "~2", "a.", "x.verylongsuffixthatisnosuffixatallforsure.eml",
    String(repeating: "n", count: 255), String(repeating: "n", count: 250) + ".eml",
    String(repeating: "é", count: 125) + ".eml",
    "a." + String(repeating: "s", count: 60),
    String(repeating: "n", count: 200) + "." + String(repeating: "s", count: 50),
  ])
  func numbersDoNotMatter(_ name: String) {
    for number in [2, 3, 64, 1 << 40] {
      let numbered = FileName(name).numbered(number)
      #expect(AuditFile(.done, numbered, size: 1).key == Self.key(name), "\(numbered)")
    }
  }

  @Test func otherFilesHaveOtherKeys() {
    #expect(Self.key("a.eml") != Self.key("b.eml"))
    #expect(Self.key("a.eml") != Self.key("a.ccm"))
    #expect(Self.key("a.eml") != Self.key("a.eml", 2))
    #expect(Self.key("a.eml") != Self.key("a.eml", 1, .failed))
    #expect(Self.key("ab.c") != Self.key("a.bc"))
  }

  /// Names that are not UTF-8 are in events as U+FFFD.
  @Test func notUTF8() {
    let name = FileName(bytes: [0xE9, 0x74, 0xFF] + Array(".eml".utf8))
    #expect(AuditFile(.done, name, size: 1).key == AuditFile(.done, Array("\u{FFFD}t\u{FFFD}.eml".utf8), size: 1).key)
  }

  @Test func ledger() {
    var ledger = AuditLedger()
    for key in 1...100_000 as ClosedRange<UInt64> { ledger.add(key &* 0x9E37_79B9_7F4A_7C15, 1) }
    for key in 1...100_000 as ClosedRange<UInt64> where key != 777 {
      let isTaken = ledger.take(key &* 0x9E37_79B9_7F4A_7C15)
      #expect(isTaken)
    }
    let again = ledger.take(5 &* 0x9E37_79B9_7F4A_7C15)
    #expect(!again)
    #expect(ledger.unsound(limit: 10).entries.keys.map { $0 } == [777 &* 0x9E37_79B9_7F4A_7C15])
  }

  /// What may be absent may be there, but not twice.
  @Test func optional() {
    var ledger = AuditLedger()
    ledger.add(1, 1, optional: 1)
    #expect(ledger.unsound(limit: 10).count == 0)
    ledger.add(1, -1)
    #expect(ledger.unsound(limit: 10).count == 0)
    ledger.add(1, -1)
    #expect(ledger.unsound(limit: 10).count == 1)
    // A replay that is told, and its announcement.
    ledger.add(2, 1)
    ledger.add(2, 0, optional: 1)
    ledger.add(2, -1, optional: -1)
    #expect(ledger.unsound(limit: 10).count == 1)
  }

  /// Lines of any length are read, and what is cut off is told.
  @Test func eventReader() throws {
    let queue = try TestQueue()
    let long = String(repeating: "x", count: 1_000_000)
    queue.write("log/a.1.jsonl", "{\"id\":1}\n{\"id\":2,\"text\":\"\(long)\"}\nnoise\n{\"id\":3}\n{\"id\":4")
    let log = try FileDescriptor.open(path: "\(queue.path)/log", O_RDONLY | O_DIRECTORY)
    let reader = try EventReader(FileName("a.1.jsonl"), in: log)
    var ids: [Int] = []
    var damaged: [Int] = []
    while let line = try reader.read() {
      if case .event = line { ids.append(reader.integer("id") ?? 0) } else { damaged.append(reader.number) }
      if reader.number == 2 { #expect(reader.string("text")?.count == long.utf8.count) }
    }
    #expect(ids == [1, 2, 3])
    #expect(damaged == [3, 5])
  }
}
