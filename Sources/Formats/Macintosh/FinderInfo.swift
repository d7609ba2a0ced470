/// What a Macintosh knows of a file besides its two forks. Each format of such files holds it, or as much of it as it can.
public struct FinderInfo: Sendable, Equatable {
  /// As the Macintosh has it, 63 bytes at most, usually in Mac Roman.
  public var name: [UInt8]
  /// Four characters each, `TEXT` and `ttxt`.
  public var type: [UInt8]
  public var creator: [UInt8]
  /// The Finder's flags.
  public var flags: UInt16
  /// Where its icon is: vertically, horizontally, 16 bits each; and in which window.
  public var location: UInt32 = 0
  public var window: UInt16 = 0
  public var isProtected = false
  /// Seconds since 1904-01-01, by the Macintosh's own clock; 0 when not known.
  public var created: UInt32
  public var modified: UInt32
  public var comment: [UInt8] = []

  public init(
    name: [UInt8], type: [UInt8], creator: [UInt8], flags: UInt16 = 0, created: UInt32 = 0, modified: UInt32 = 0
  ) {
    (self.name, self.type, self.creator) = (name, type, creator)
    (self.flags, self.created, self.modified) = (flags, created, modified)
  }

  /// A file of which nothing is known.
  public static let none = FinderInfo(name: [], type: Array("????".utf8), creator: Array("????".utf8))

  public static let maximumName = 63
}

extension Span where Element == UInt8 {
  /// The two or four bytes at `offset` as a number, the highest one first. They have to be there.
  func bigEndian16(_ offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
  func bigEndian32(_ offset: Int) -> UInt32 { UInt32(bigEndian16(offset)) << 16 | UInt32(bigEndian16(offset + 2)) }

  /// The CRC of MacBinary and BinHex, that of XMODEM: polynomial 0x1021, beginning with 0.
  func macintoshChecksum(_ range: Range<Int>) -> UInt16 {
    var crc: UInt16 = 0
    for i in range {
      crc ^= UInt16(self[i]) << 8
      for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
    return crc
  }
}

extension Array where Element == UInt8 {
  mutating func append(bigEndian value: UInt16) {
    append(UInt8(value >> 8))
    append(UInt8(value & 255))
  }

  mutating func append(bigEndian value: UInt32) {
    append(bigEndian: UInt16(value >> 16))
    append(bigEndian: UInt16(value & 0xFFFF))
  }

  /// Appends a type or a creator, four characters.
  mutating func append(code: [UInt8]) {
    for i in 0..<4 { append(i < code.count ? code[i] : ASCII.space) }
  }
}
