import TestSupport
import Testing

@testable import Formats

@Suite struct TNEFTests {
  private static let head: [UInt8] = [0x78, 0x9F, 0x3E, 0x22, 1, 0]

  private static func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  /// An attribute with its checksum.
  private static func attribute(_ level: UInt8, _ id: Int, _ data: [UInt8], checksum: UInt16? = nil) -> [UInt8] {
    let sum = checksum ?? data.reduce(0) { $0 &+ UInt16($1) }
    return [level] + number(id) + number(data.count) + data + [UInt8(sum & 255), UInt8(sum >> 8)]
  }

  private func read(_ bytes: [UInt8]) throws -> OutlookMessage { try TNEFReader.read(bytes.span) }

  @Test func legacyAttributes() throws {
    let bytes =
      Self.head + Self.attribute(1, 0x0001_8004, "Lunch\0".bytes) + Self.attribute(1, 0x0002_800C, "At noon.\0".bytes)
      + Self.attribute(2, 0x0006_9002, [0, 0]) + Self.attribute(2, 0x0001_8010, "A.TXT\0".bytes)
      + Self.attribute(2, 0x0006_800F, "data".bytes)
    let message = try read(bytes)
    #expect(message.findings.isEmpty)
    #expect(message.properties.data(PropertyID.subject)?.bytes(of: bytes.span) == "Lunch".bytes)
    #expect(message.properties.data(PropertyID.body)?.bytes(of: bytes.span) == "At noon.".bytes)
    #expect(message.attachments.count == 1)
    #expect(
      message.attachments.first?.properties.data(PropertyID.attachDataObject)?.bytes(of: bytes.span) == "data".bytes)
  }

  @Test func properties() throws {
    // Importance, a text in UTF-16 with its padding, a list of two texts, a named number.
    var data = Self.number(4) + [3, 0, 0x17, 0] + Self.number(2)
    data += [0x1F, 0, 0x37, 0] + Self.number(1) + Self.number(6) + [0x41, 0, 0xE9, 0, 0, 0, 0, 0]
    data +=
      [0x1E, 0x10, 0x01, 0x60] + Self.number(2) + Self.number(1) + [0x78, 0, 0, 0] + Self.number(2) + [
        0x79, 0x79, 0, 0,
      ]
    data += [3, 0, 0, 0x80] + [8, 0x20, 6, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]
    data += Self.number(0) + Self.number(0x8501) + Self.number(15)
    let bytes = Self.head + Self.attribute(1, 0x0006_9003, data)
    let message = try read(bytes)
    #expect(message.findings.isEmpty)
    #expect(message.properties.integer(PropertyID.importance) == 2)
    #expect(message.properties.data(PropertyID.subject)?.size == 6)
    #expect(message.properties.integer(PropertyName(.common, 0x8501)) == 15)
    #expect(message.properties.all.count == 4)
  }

  @Test func checksumIsSaidAndTaken() throws {
    let bytes = Self.head + Self.attribute(1, 0x0001_8004, "Lunch\0".bytes, checksum: 1)
    let message = try read(bytes)
    #expect(message.findings.map(\.rule) == [.tnefChecksum])
    #expect(message.properties.first(PropertyID.subject) != nil)
  }

  /// Counts and sizes of two thousand million: nothing is made of them.
  @Test func hostileCounts() throws {
    let huge = Self.number(0x7FFF_FFFF)
    let rows = Self.attribute(1, 0x0006_9004, huge)
    let row = Self.attribute(1, 0x0006_9004, huge + huge)
    let list = Self.attribute(1, 0x0006_9003, Self.number(1) + [0x02, 0x10, 0x01, 0x60] + huge)
    let text = Self.attribute(1, 0x0006_9003, Self.number(1) + [0x1F, 0, 0x37, 0] + huge + huge)
    let name = Self.attribute(
      1, 0x0006_9003, Self.number(1) + [3, 0, 0, 0x80] + [UInt8](repeating: 1, count: 16) + huge + huge)
    for attribute in [rows, row, list, text, name] {
      let message = try read(Self.head + attribute)
      #expect(message.properties.all.count + message.recipients.count <= 2)
    }
    let cut = Self.head + [1] + Self.number(0x0001_8004) + huge + "abc".bytes
    #expect(try read(cut).findings.map(\.rule) == [.tnefCut])
  }

  @Test func noTNEF() {
    #expect(throws: Unreadable.self) { try read("From: a@example.com\n".bytes) }
    #expect(throws: Unreadable.self) { try read([]) }
  }

  /// A one-off identifier with text in UTF-16, and one cut off anywhere.
  @Test func entryIdentifiers() {
    var id: [UInt8] = [
      0, 0, 0, 0, 0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0, 0xDD, 1, 0x0F, 0x54, 2,
    ]
    id += [0, 0, 0, 0x80]
    for word in ["Ann", "SMTP", "ann@example.com"] { id += (word + "\0").utf16.flatMap { [UInt8($0), 0] } }
    let address = EntryID.address(id.span) { String(decoding: $0, as: UTF8.self) }
    #expect(address == EntryID.Address(type: "SMTP", address: "ann@example.com", name: "Ann"))
    for length in 0..<id.count { _ = EntryID.address(id.span.extracting(0..<length)) { _ in "" } }
  }
}

@Suite struct UTF16Tests {
  @Test(arguments: ["", "plain", "Grüße", "日本語", "😀 and €", "\u{7FF}\u{800}\u{FFFF}\u{10000}"])
  func wholeCharacters(_ text: String) {
    let bytes = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    #expect(decode(bytes) == text)
  }

  @Test func halves() {
    #expect(decode([0x3D, 0xD8]) == "\u{FFFD}")
    #expect(decode([0x00, 0xDE, 0x41, 0]) == "\u{FFFD}A")
    #expect(decode([0x3D, 0xD8, 0x3D, 0xD8, 0x00, 0xDE]) == "\u{FFFD}😀")
    #expect(decode([0x41, 0, 0x42]) == "A")
  }

  private func decode(_ bytes: [UInt8]) -> String { bytes.span.utf16(0..<bytes.count) }
}
