import Testing

@testable import Formats

@Suite struct MacBinaryTests {
  private static func file(_ data: [UInt8], _ resources: [UInt8], name: String = "Letter to Ben") -> [UInt8] {
    var info = letter
    info.name = name.bytes
    return write { MacBinary.append(info, data: data.span, resources: resources.span, to: &$0) }
  }

  private static func read(_ bytes: [UInt8], from start: Int = 0) -> MacBinary? {
    MacBinary(bytes.span, start..<bytes.count)
  }

  @Test(arguments: [0, 1, 127, 128, 129, 5000], [0, 1, 128, 300])
  func roundTrip(_ dataCount: Int, _ resourceCount: Int) throws {
    let (data, resources) = (noise(dataCount), noise(resourceCount))
    let bytes = [9, 9] + Self.file(data, resources)
    #expect((bytes.count - 2) % 128 == 0)
    let read = try #require(Self.read(bytes, from: 2))
    #expect(read.info == letter)
    #expect(Array(bytes[read.dataFork]) == data)
    #expect(Array(bytes[read.resourceFork]) == resources)
  }

  /// A Macintosh name has at most 63 characters.
  @Test func longName() {
    let bytes = Self.file([], [], name: String(repeating: "x", count: 100))
    #expect(Self.read(bytes)?.info.name.count == 63)
  }

  /// Any bit of the header that is wrong makes it none; so does a file that is cut off within its forks.
  @Test func damaged() {
    let good = Self.file(noise(200), noise(10))
    for at in 0..<126 {
      var bytes = good
      bytes[at] ^= 0x10
      #expect(Self.read(bytes) == nil, "byte \(at)")
    }
    // Only the comment may be missing.
    for count in 0..<(128 + 256 + 10) { #expect(Self.read(Array(good[..<count])) == nil) }
    #expect(Self.read([UInt8](repeating: 0, count: 256)) == nil)
  }
}
