import TestSupport
import Testing

@testable import Formats

@Suite struct BinHexTests {
  private static func file(_ info: FinderInfo, _ data: [UInt8], _ resources: [UInt8]) -> [UInt8] {
    write { BinHex.append(info, data: data.span, resources: resources.span, to: &$0) }
  }

  private static func read(_ bytes: [UInt8]) throws -> BinHex {
    try BinHex(bytes.span, body(bytes) ?? 0..<0)
  }

  private static func body(_ bytes: [UInt8]) -> Range<Int>? { BinHex.text(in: bytes.span, 0..<bytes.count) }

  private static func found(_ bytes: [UInt8]) -> [BinHex.Found] { BinHex.files(in: bytes.span, 0..<bytes.count) }

  private static let info = FinderInfo(
    name: "Letter".bytes, type: "TEXT".bytes, creator: "ttxt".bytes, flags: 0x0100)

  @Test(arguments: [
    [], [1], [0x90], [0x90, 0x90, 0x90, 0x90, 0x90], [0x90, 0, 0x90], [UInt8](repeating: 0, count: 600),
    [UInt8](repeating: 7, count: 3), [UInt8](repeating: 7, count: 4), [UInt8](repeating: 0x90, count: 300), noise(1000),
    noise(1001), noise(1002),
  ])
  func roundTrip(_ data: [UInt8]) throws {
    let resources = Array(data.reversed()) + [5]
    let bytes = Self.file(Self.info, data, resources)
    let lines = text(bytes).split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.utf8.count <= 64 })
    let file = try Self.read(bytes)
    #expect(file.info == Self.info)
    #expect(Array(file.bytes[file.dataFork]) == data)
    #expect(Array(file.bytes[file.resourceFork]) == resources)
    let found = Self.found(bytes)
    #expect(found.count == 1)
    #expect(found.first?.whole == 0..<bytes.count)
  }

  /// Written by another program.
  @Test func sample() throws {
    let sample = """
      (This file must be converted with BinHex 4.0)

      :$8aPG(4PFL"dEb"#C@i!9%9B9(4dH(3"!*!%33!!!4krEd4PBA)J3Q9Z,!edD'8
      JF'aKEL"[CL"dD'8JH@&bC#`JGfPdD#"dD'8JEQ9h)'GKG'8JD@iJCh*PC@iZ$9*
      eG'J02&i!!!%!!!!"!*!)(J#3mJ%!!!!"!*!)(J#3#4`!([rrki`:

      """
    let file = try Self.read(sample.bytes)
    #expect(text(file.info.name) == "Letter to Ben")
    #expect(text(file.info.type + file.info.creator) == "TEXTttxt")
    #expect(text(file.bytes[file.dataFork]).hasPrefix("Dear Ben,\r"))
    #expect(file.resourceFork.count == 286)
  }

  /// Whichever character is another one, a checksum does not fit or a fork is too short; what cannot be seen is nothing.
  @Test func damaged() throws {
    let good = Self.file(Self.info, noise(40), noise(20))
    let text = try #require(Self.body(good))
    for at in text where !ASCII.isSpace(good[at]) {
      var bytes = good
      bytes[at] = good[at] == ASCII.quote ? UInt8(ascii: "#") : ASCII.quote
      guard let file = try? Self.read(bytes) else { continue }
      // The last bits mean nothing.
      #expect(at == text.upperBound - 1, "character \(at)")
      #expect(file.info == Self.info)
    }
    for count in text.lowerBound..<(text.upperBound - 2) {
      #expect(throws: Unreadable.self) { try Self.read(Array(good[..<count]) + ":".bytes) }
    }
    var foreign = good
    foreign[text.lowerBound + 3] = UInt8(ascii: "~")
    #expect(throws: Unreadable.self) { try Self.read(foreign) }
    #expect(throws: Unreadable.self) { try Self.read("::".bytes) }
    #expect(Self.body("no colon".bytes) == nil)
    #expect(Self.body(":one".bytes) == nil)
  }

  /// Runs of a short text would fill the memory.
  @Test func bomb() {
    // 0x90 FF, over and over: 255 times the byte before.
    let packed = [UInt8](repeating: 65, count: 1) + (0..<100_000).flatMap { _ in [0x90, 0xFF] as [UInt8] }
    var text = ":".bytes
    var bits: UInt32 = 0
    var count = 0
    let alphabet = Array("!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr".utf8)
    for byte in packed {
      bits = (bits << 8 | UInt32(byte)) & 0xFFFF
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    text.append(ASCII.colon)
    #expect(throws: Unreadable.self) { try Self.read(text) }
  }

  @Test func inAText() {
    let file = text(Self.file(Self.info, [1, 2], [3]))
    let mail = "Dear Ben,\r\n\(file)and another:\r\n\(file)Ruth\r\n(This file must be converted with BinHex 4.0)\r\n"
      .bytes
    let found = Self.found(mail)
    #expect(found.count == 2)
    #expect(found.map { text(mail[$0.whole]) } == [file, file])
    #expect(Self.found("(This file must".bytes).isEmpty)
    // A letter about it, and the file after that.
    let letter = "(This file must be converted with BinHex 4.0) is what\r\nit says.\r\n\r\n\(file)".bytes
    #expect(Self.found(letter).map { text(letter[$0.whole]) } == [file])
  }
}
