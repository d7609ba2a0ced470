import TestSupport
import Testing

@testable import Formats

/// A file of which all is known.
let letter: FinderInfo = {
  var info = FinderInfo(
    name: "Letter to Ben".bytes, type: "TEXT".bytes, creator: "ttxt".bytes, flags: 0x0102, created: 2_900_000_000,
    modified: 2_900_000_001)
  info.location = 0x0010_0020
  info.window = 3
  info.isProtected = true
  info.comment = "Read it twice".bytes
  return info
}()

@Suite struct AppleFileTests {
  private static func read(_ bytes: [UInt8], from start: Int = 0) throws -> AppleFile {
    try AppleFile(bytes.span, start..<bytes.count)
  }

  /// Entries laid out one behind the other.
  private static func file(magic: UInt32, version: UInt32 = 0x2_0000, _ entries: [(UInt32, [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: magic)
    bytes.append(bigEndian: version)
    bytes += [UInt8](repeating: 32, count: 16)
    bytes.append(bigEndian: UInt16(entries.count))
    var offset = UInt32(26 + 12 * entries.count)
    for (identifier, data) in entries {
      bytes.append(bigEndian: identifier)
      bytes.append(bigEndian: offset)
      bytes.append(bigEndian: UInt32(data.count))
      offset += UInt32(data.count)
    }
    return bytes + entries.flatMap(\.1)
  }

  private static let finder = "TEXTttxt".bytes + [1, 2, 0, 0x10, 0, 0x20, 0, 3] + [UInt8](repeating: 0, count: 16)

  @Test(arguments: [0, 1, 300]) func double(_ count: Int) throws {
    let resources = noise(count)
    let bytes = [9, 9] + write { AppleFile.appendDouble(letter, resources: resources.span, to: &$0) }
    let file = try Self.read(bytes, from: 2)
    #expect(file.info == letter)
    #expect(file.dataFork == nil)
    #expect(Array(bytes[file.resourceFork]) == resources)
  }

  @Test func nothingKnown() throws {
    let bytes = write { AppleFile.appendDouble(.none, resources: [UInt8]().span, to: &$0) }
    #expect(try Self.read(bytes).info == .none)
  }

  /// AppleSingle, and version 1 with its dates.
  @Test func single() throws {
    let bytes = Self.file(
      magic: 0x0005_1600,
      [(3, "Letter".bytes), (9, Self.finder), (2, [7, 8]), (1, [1, 2, 3]), (10, [0, 0, 0, 2]), (1, [9]), (77, [5])])
    let file = try Self.read(bytes)
    #expect(file.dataFork.map { Array(bytes[$0]) } == [1, 2, 3])
    #expect(Array(bytes[file.resourceFork]) == [7, 8])
    #expect(text(file.info.name) == "Letter")
    #expect(text(file.info.type + file.info.creator) == "TEXTttxt")
    #expect(file.info.flags == 0x0102)
    #expect(file.info.isProtected)
    let old = Self.file(
      magic: 0x0005_1600, version: 0x1_0000, [(7, [0, 0, 1, 0, 0, 0, 2, 0] + [0, 0, 0, 0, 0, 0, 0, 0])])
    #expect(try Self.read(old).info.created == 256)
    #expect(try Self.read(old).info.modified == 512)
    #expect(try Self.read(old).dataFork?.isEmpty == true)
  }

  @Test(arguments: [0, 1, 3_029_529_600, 2_900_000_000, 0xFFFF_FFFF, 0x8000_0000] as [UInt32])
  func dates(_ date: UInt32) throws {
    var info = FinderInfo.none
    (info.created, info.modified) = (date, date)
    let bytes = write { AppleFile.appendDouble(info, resources: [UInt8]().span, to: &$0) }
    #expect(AppleFile.canHold(info))
    #expect(try Self.read(bytes).info == info)
    // That one second means that nothing is known.
    info.created = 882_045_952
    #expect(!AppleFile.canHold(info))
  }

  /// What is cut off, or points out of the file, is none; entries of which the half is there are left out.
  @Test func damaged() throws {
    let good = Self.file(magic: 0x0005_1607, [(9, Self.finder), (2, noise(10))])
    _ = try Self.read(good)
    for count in 0..<good.count { #expect(throws: Unreadable.self) { try Self.read(Array(good[..<count])) } }
    for at in [0, 3, 4, 5, 24, 30, 34, 42, 46] {
      var bytes = good
      bytes[at] = 0xFF
      #expect(throws: Unreadable.self, "byte \(at)") { try Self.read(bytes) }
    }
    let short = Self.file(magic: 0x0005_1607, [(9, [1, 2]), (8, [1]), (7, []), (10, [2])])
    #expect(try Self.read(short).info == .none)
    // As many entries as there can be, and none of them is known.
    let many = Self.file(magic: 0x0005_1607, (0..<2000).map { ($0 + 100, []) })
    #expect(try Self.read(many).info == .none)
  }
}
