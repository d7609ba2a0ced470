/// MacBinary II: a Macintosh file's two forks and its Finder information in one stream. A header of 128 bytes, the
/// data fork, the resource fork, each padded to a multiple of 128.
public struct MacBinary: Sendable, Equatable {
  public var name: [UInt8]
  /// Four characters each, `TEXT` and `ttxt`.
  public var type: [UInt8]
  public var creator: [UInt8]
  /// The Finder's flags.
  public var flags: UInt16
  /// Seconds since 1904-01-01, by the Macintosh's own clock.
  public var created: UInt32
  public var modified: UInt32
  public var dataFork: Range<Int>
  public var resourceFork: Range<Int>

  public init(
    name: [UInt8], type: [UInt8], creator: [UInt8], flags: UInt16 = 0, created: UInt32 = 0, modified: UInt32 = 0,
    dataFork: Range<Int> = 0..<0, resourceFork: Range<Int> = 0..<0
  ) {
    (self.name, self.type, self.creator, self.flags) = (name, type, creator, flags)
    (self.created, self.modified) = (created, modified)
    (self.dataFork, self.resourceFork) = (dataFork, resourceFork)
  }

  /// Seconds from the Macintosh's epoch to that of Unix.
  public static let epoch = 2_082_844_800

  /// Reads the header at the beginning of `range`; nil when the bytes are no MacBinary II: their checksum is wrong, or
  /// the forks do not fit (Q166561).
  public init?(_ bytes: Bytes, _ range: Range<Int>) {
    guard range.count >= 128 else { return nil }
    let start = range.lowerBound
    func long(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[start + offset + $1]) }
    }
    let nameLength = Int(bytes[start + 1])
    guard bytes[start] == 0, bytes[start + 74] == 0, bytes[start + 82] == 0, (1...63).contains(nameLength),
      Self.word(bytes, start + 124) == Self.checksum(bytes, start)
    else { return nil }
    let (dataLength, resourceLength) = (long(83), long(87))
    let dataStart = 128 + Self.padded(Int(Self.word(bytes, start + 120)))
    let resourceStart = dataStart + Self.padded(dataLength)
    guard dataLength < 1 << 31, resourceLength < 1 << 31, dataStart + dataLength <= range.count,
      resourceLength == 0 || resourceStart + resourceLength <= range.count
    else { return nil }
    name = bytes.array((start + 2)..<(start + 2 + nameLength))
    type = bytes.array((start + 65)..<(start + 69))
    creator = bytes.array((start + 69)..<(start + 73))
    flags = UInt16(bytes[start + 73]) << 8 | UInt16(bytes[start + 101])
    created = UInt32(long(91))
    modified = UInt32(long(95))
    dataFork = (start + dataStart)..<(start + dataStart + dataLength)
    resourceFork = resourceLength == 0 ? 0..<0 : (start + resourceStart)..<(start + resourceStart + resourceLength)
  }

  /// Appends the file: header, `data`, `resources`, padded.
  public func append(data: Bytes, resources: Bytes, to output: inout [UInt8]) {
    var header = [UInt8](repeating: 0, count: 128)
    let name = name.prefix(63)
    header[1] = UInt8(name.count)
    header.replaceSubrange(2..<(2 + name.count), with: name)
    for i in 0..<4 {
      header[65 + i] = i < type.count ? type[i] : ASCII.space
      header[69 + i] = i < creator.count ? creator[i] : ASCII.space
    }
    header[73] = UInt8(flags >> 8)
    header[101] = UInt8(flags & 255)
    func put(_ value: Int, at offset: Int) {
      for i in 0..<4 { header[offset + i] = UInt8(truncatingIfNeeded: value >> (24 - 8 * i)) }
    }
    put(data.count, at: 83)
    put(resources.count, at: 87)
    put(Int(created), at: 91)
    put(Int(modified), at: 95)
    header[122] = 129
    header[123] = 129
    let checksum = Self.checksum(header.span, 0)
    header[124] = UInt8(checksum >> 8)
    header[125] = UInt8(checksum & 255)
    output.append(contentsOf: header)
    for fork in [0, 1] {
      let count = fork == 0 ? data.count : resources.count
      if fork == 0 { output.append(data) } else { output.append(resources) }
      output.append(contentsOf: repeatElement(0, count: Self.padded(count) - count))
    }
  }

  private static func padded(_ count: Int) -> Int { (count + 127) / 128 * 128 }

  private static func word(_ bytes: Bytes, _ offset: Int) -> UInt16 {
    UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
  }

  /// The CRC of XMODEM (polynomial 0x1021) over the first 124 bytes.
  private static func checksum(_ bytes: Bytes, _ start: Int) -> UInt16 {
    var crc: UInt16 = 0
    for i in 0..<124 {
      crc ^= UInt16(bytes[start + i]) << 8
      for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
    return crc
  }
}
