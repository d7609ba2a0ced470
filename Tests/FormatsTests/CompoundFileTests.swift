import Testing

@testable import Formats

/// Compound files, made by the writer and damaged by hand.
@Suite struct CompoundFileTests {
  /// A file that holds the streams `data` in a storage, and around it the stream `small`.
  static func sample(_ sizes: [Int]) throws -> [UInt8] {
    // The writer takes what it writes from another file; the first one is made by hand.
    var header = [UInt8](repeating: 0, count: 512)
    header.replaceSubrange(0..<8, with: CompoundFile.signature)
    func put(_ number: UInt32, _ at: Int, _ bytes: inout [UInt8]) {
      for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: number >> UInt32(8 * i)) }
    }
    put(0x0003_003E, 24, &header)
    put(0x0009_FFFE, 28, &header)
    put(6, 32, &header)
    put(1, 44, &header)
    put(1, 48, &header)
    put(4096, 56, &header)
    put(0xFFFF_FFFE, 60, &header)
    put(0xFFFF_FFFE, 68, &header)
    for i in 0..<109 { put(i == 0 ? 0 : 0xFFFF_FFFF, 76 + 4 * i, &header) }
    let directory = 1
    let records = 1 + sizes.count
    let directorySectors = (records + 3) / 4
    var table = [UInt32](repeating: 0xFFFF_FFFF, count: 128)
    table[0] = 0xFFFF_FFFD
    for i in 0..<directorySectors {
      table[directory + i] = i + 1 < directorySectors ? UInt32(directory + i + 1) : 0xFFFF_FFFE
    }
    var entries: [UInt8] = []
    var data: [UInt8] = []
    var next = directory + directorySectors
    func entry(_ name: String, _ kind: UInt8, right: UInt32, child: UInt32, start: UInt32, size: Int) {
      var record = [UInt8](repeating: 0, count: 128)
      for (i, unit) in name.utf16.enumerated() { record[2 * i] = UInt8(unit & 255) }
      record[64] = UInt8(2 * name.utf16.count + 2)
      record[66] = kind
      put(0xFFFF_FFFF, 68, &record)
      put(right, 72, &record)
      put(child, 76, &record)
      put(start, 116, &record)
      put(UInt32(size), 120, &record)
      entries += record
    }
    entry("Root Entry", 5, right: 0xFFFF_FFFF, child: 1, start: 0xFFFF_FFFE, size: 0)
    for (i, size) in sizes.enumerated() {
      let count = (size + 511) / 512
      for k in 0..<count { table[next + k] = k + 1 < count ? UInt32(next + k + 1) : 0xFFFF_FFFE }
      entry(
        "stream \(i)", 2, right: i + 1 < sizes.count ? UInt32(i + 2) : 0xFFFF_FFFF, child: 0xFFFF_FFFF,
        start: UInt32(next), size: size)
      data += noise(size) + [UInt8](repeating: 0, count: count * 512 - size)
      next += count
    }
    entries += [UInt8](repeating: 0, count: directorySectors * 512 - entries.count)
    var output = header
    for number in table {
      for shift in [0, 8, 16, 24] as [UInt32] { output.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    return output + entries + data
  }

  @Test func streamsAreRead() throws {
    let bytes = try Self.sample([4096, 5000])
    let file = try CompoundFile(bytes.span)
    #expect(file.findings.isEmpty)
    let entry = try #require(file.child("stream 1", of: 0))
    #expect(file.read(entry, from: bytes.span) == noise(5000))
    #expect(file.read(entry, from: bytes.span, limit: 10) == Array(noise(10)))
  }

  /// What the writer makes is read again, with storages, long streams and those of the mini stream.
  @Test func writtenAndRead() throws {
    let bytes = try Self.sample([4096, 5000, 6000])
    let file = try CompoundFile(bytes.span)
    let written = CompoundFileWriter.file(of: 0, in: file, bytes.span)
    let again = try CompoundFile(written.span)
    #expect(again.findings.isEmpty)
    #expect(again.entries.map(\.name).sorted() == file.entries.map(\.name).sorted())
    let entry = try #require(again.child("stream 2", of: 0))
    #expect(again.read(entry, from: written.span) == noise(6000))
  }

  /// A chain that leads back to its beginning ends there, and that is said.
  @Test func circle() throws {
    var bytes = try Self.sample([4096])
    // The first sector of the stream is number 2 here; it follows itself.
    bytes[512 + 8] = 2
    let file = try CompoundFile(bytes.span)
    #expect(file.entries[1].ranges.size == 512)
    #expect(!file.findings.isEmpty)
  }

  /// Two streams that claim the same sectors: one of them gets them.
  @Test func overlap() throws {
    var bytes = try Self.sample([4096, 4096])
    let directory = 1024
    bytes[directory + 2 * 128 + 116] = bytes[directory + 128 + 116]
    let file = try CompoundFile(bytes.span)
    #expect(file.entries.reduce(0) { $0 + $1.ranges.size } == 4096)
    #expect(!file.findings.isEmpty)
  }

  /// Siblings that lead in a circle are each taken once.
  @Test func circleOfEntries() throws {
    var bytes = try Self.sample([4096, 4096])
    bytes[1024 + 2 * 128 + 72] = 1
    bytes[1024 + 2 * 128 + 73] = 0
    bytes[1024 + 2 * 128 + 74] = 0
    bytes[1024 + 2 * 128 + 75] = 0
    let file = try CompoundFile(bytes.span)
    #expect(file.entries.count == 3)
    #expect(file.findings.contains { $0.rule == .entryLost })
  }

  @Test func everyPrefixIsReadOrRefused() throws {
    let bytes = try Self.sample([4096, 5000])
    for length in stride(from: 0, to: bytes.count, by: 97) {
      let cut = Array(bytes[..<length])
      if let file = try? CompoundFile(cut.span) {
        for entry in file.entries.indices { _ = file.read(entry, from: cut.span) }
      }
    }
  }

  @Test func noCompoundFile() {
    for bytes in ["From: a@example.com".bytes, CompoundFile.signature, []] {
      #expect(throws: Unreadable.self) { try open(bytes) }
    }
  }

  private func open(_ bytes: [UInt8]) throws -> CompoundFile { try CompoundFile(bytes.span) }
}
