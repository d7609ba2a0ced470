/// MacBinary II: a Macintosh file's two forks and its Finder information in one stream. A header of 128 bytes, the
/// data fork, the resource fork, the comment, each padded to a multiple of 128.
public struct MacBinary: Sendable, Equatable {
  public var info: FinderInfo
  public var dataFork: Range<Int>
  public var resourceFork: Range<Int>

  /// Reads the header at the beginning of `range`; nil when the bytes are no MacBinary II: their checksum is wrong, or
  /// the forks do not fit (Q166561).
  public init?(_ bytes: Bytes, _ range: Range<Int>) {
    guard range.count >= 128 else { return nil }
    let start = range.lowerBound
    let nameLength = Int(bytes[start + 1])
    guard bytes[start] == 0, bytes[start + 74] == 0, bytes[start + 82] == 0,
      (1...FinderInfo.maximumName).contains(nameLength),
      bytes.bigEndian16(start + 124) == bytes.macintoshChecksum(start..<(start + 124))
    else { return nil }
    let (dataLength, resourceLength) = (Int(bytes.bigEndian32(start + 83)), Int(bytes.bigEndian32(start + 87)))
    let dataStart = 128 + Self.padded(Int(bytes.bigEndian16(start + 120)))
    let resourceStart = dataStart + Self.padded(dataLength)
    guard dataLength < 1 << 31, resourceLength < 1 << 31, dataStart + dataLength <= range.count,
      resourceLength == 0 || resourceStart + resourceLength <= range.count
    else { return nil }
    info = FinderInfo(
      name: bytes.array((start + 2)..<(start + 2 + nameLength)), type: bytes.array((start + 65)..<(start + 69)),
      creator: bytes.array((start + 69)..<(start + 73)),
      flags: UInt16(bytes[start + 73]) << 8 | UInt16(bytes[start + 101]), created: bytes.bigEndian32(start + 91),
      modified: bytes.bigEndian32(start + 95))
    info.location = bytes.bigEndian32(start + 75)
    info.window = bytes.bigEndian16(start + 79)
    info.isProtected = bytes[start + 81] & 1 != 0
    let comment = start + resourceStart + Self.padded(resourceLength)
    let commentLength = Int(bytes.bigEndian16(start + 99))
    if comment + commentLength <= range.upperBound { info.comment = bytes.array(comment..<(comment + commentLength)) }
    dataFork = (start + dataStart)..<(start + dataStart + dataLength)
    resourceFork = resourceLength == 0 ? 0..<0 : (start + resourceStart)..<(start + resourceStart + resourceLength)
  }

  /// Appends a file: header, `data`, `resources`, comment, padded.
  public static func append(_ info: FinderInfo, data: Bytes, resources: Bytes, to output: inout [UInt8]) {
    var header: [UInt8] = [0]
    let name = info.name.prefix(FinderInfo.maximumName)
    let comment = info.comment.prefix(Int(UInt16.max))
    header.append(UInt8(name.count))
    header.append(contentsOf: name)
    header.append(contentsOf: repeatElement(0, count: 65 - header.count))
    header.append(code: info.type)
    header.append(code: info.creator)
    header.append(UInt8(info.flags >> 8))
    header.append(0)
    header.append(bigEndian: info.location)
    header.append(bigEndian: info.window)
    header.append(info.isProtected ? 1 : 0)
    header.append(0)
    header.append(bigEndian: UInt32(truncatingIfNeeded: data.count))
    header.append(bigEndian: UInt32(truncatingIfNeeded: resources.count))
    header.append(bigEndian: info.created)
    header.append(bigEndian: info.modified)
    header.append(bigEndian: UInt16(comment.count))
    header.append(UInt8(info.flags & 255))
    header.append(contentsOf: repeatElement(0, count: 122 - header.count))
    // The version that wrote this, and the oldest one that can read it: MacBinary II.
    header += [129, 129]
    header.append(bigEndian: header.span.macintoshChecksum(0..<124))
    header += [0, 0]
    output.append(contentsOf: header)
    output.append(data)
    pad(data.count, &output)
    output.append(resources)
    pad(resources.count, &output)
    output.append(contentsOf: comment)
    pad(comment.count, &output)
  }

  private static func pad(_ count: Int, _ output: inout [UInt8]) {
    output.append(contentsOf: repeatElement(0, count: padded(count) - count))
  }

  private static func padded(_ count: Int) -> Int { (count + 127) / 128 * 128 }
}
