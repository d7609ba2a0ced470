/// AppleSingle and AppleDouble, RFC 1740: a Macintosh file in one file, or all of it but its data fork. A header, a
/// table of entries, and what they point to.
public struct AppleFile: Sendable, Equatable {
  public var info = FinderInfo.none
  /// Nil in AppleDouble: the data fork is a file of its own.
  public var dataFork: Range<Int>?
  public var resourceFork = 0..<0

  /// RFC 1740, appendix A: the entries that are read and written here.
  private enum Entry: UInt32 {
    case dataFork = 1
    case resourceFork, realName, comment
    /// Dates and attributes of version 1.
    case fileInfo = 7
    case dates, finderInfo, macintoshInfo
  }

  private static let single: UInt32 = 0x0005_1600
  private static let double: UInt32 = 0x0005_1607
  private static let headerSize = 26
  private static let entrySize = 12

  /// Reads the file at `range`.
  ///
  /// Throws `Unreadable` when it is none, or when an entry points out of it.
  public init(_ bytes: Bytes, _ range: Range<Int>) throws(Unreadable) {
    let start = range.lowerBound
    guard range.count >= Self.headerSize else { throw Unreadable(offset: start, text: "shorter than its header") }
    let magic = bytes.bigEndian32(start)
    guard magic == Self.single || magic == Self.double else {
      throw Unreadable(offset: start, text: "neither AppleSingle nor AppleDouble")
    }
    let version = bytes.bigEndian32(start + 4)
    guard version == 0x1_0000 || version == 0x2_0000 else {
      throw Unreadable(offset: start + 4, text: "an unknown version")
    }
    let count = Int(bytes.bigEndian16(start + 24))
    guard range.count >= Self.headerSize + count * Self.entrySize else {
      throw Unreadable(offset: start + 24, text: "more entries than it has room for")
    }
    if magic == Self.single { dataFork = start..<start }
    var seen = Set<UInt32>()
    for index in 0..<count {
      let at = start + Self.headerSize + index * Self.entrySize
      let offset = Int(bytes.bigEndian32(at + 4))
      let length = Int(bytes.bigEndian32(at + 8))
      guard offset + length <= range.count else { throw Unreadable(offset: at, text: "an entry points out of it") }
      let identifier = bytes.bigEndian32(at)
      guard seen.insert(identifier).inserted, let entry = Entry(rawValue: identifier) else { continue }
      read(entry, bytes, (start + offset)..<(start + offset + length), isSingle: magic == Self.single)
    }
  }

  private mutating func read(_ entry: Entry, _ bytes: Bytes, _ range: Range<Int>, isSingle: Bool) {
    let start = range.lowerBound
    switch entry {
    case .dataFork: if isSingle { dataFork = range }
    case .resourceFork: resourceFork = range
    case .realName: info.name = bytes.array(range.prefix(FinderInfo.maximumName))
    case .comment: info.comment = bytes.array(range.prefix(Int(UInt16.max)))
    case .fileInfo:
      guard range.count >= 8 else { return }
      info.created = bytes.bigEndian32(start)
      info.modified = bytes.bigEndian32(start + 4)
    case .dates:
      guard range.count >= 8 else { return }
      info.created = Self.macintoshDate(bytes.bigEndian32(start))
      info.modified = Self.macintoshDate(bytes.bigEndian32(start + 4))
    case .finderInfo:
      guard range.count >= 16 else { return }
      info.type = bytes.array(start..<(start + 4))
      info.creator = bytes.array((start + 4)..<(start + 8))
      info.flags = bytes.bigEndian16(start + 8)
      info.location = bytes.bigEndian32(start + 10)
      info.window = bytes.bigEndian16(start + 14)
    case .macintoshInfo: info.isProtected = range.count >= 4 && bytes[start + 3] & Self.isProtectedBit != 0
    }
  }

  private static let isProtectedBit: UInt8 = 2

  /// Appends all of a file but its data fork, as AppleDouble.
  public static func appendDouble(_ info: FinderInfo, resources: Bytes, to output: inout [UInt8]) {
    var finder: [UInt8] = []
    finder.append(code: info.type)
    finder.append(code: info.creator)
    finder.append(bigEndian: info.flags)
    finder.append(bigEndian: info.location)
    finder.append(bigEndian: info.window)
    // The extended part is not known.
    finder.append(contentsOf: repeatElement(0, count: 16))
    var dates: [UInt8] = []
    for date in [info.created, info.modified, 0, 0] { dates.append(bigEndian: Self.date(ofMacintosh: date)) }
    var entries: [(Entry, [UInt8])] = [
      (.realName, Array(info.name.prefix(FinderInfo.maximumName))), (.dates, dates), (.finderInfo, finder),
    ]
    if info.isProtected { entries.append((.macintoshInfo, [0, 0, 0, isProtectedBit])) }
    if !info.comment.isEmpty { entries.append((.comment, Array(info.comment.prefix(Int(UInt16.max))))) }
    var count = entries.count
    if resources.count > 0 { count += 1 }
    output.append(bigEndian: double)
    output.append(bigEndian: 0x2_0000 as UInt32)
    output.append(contentsOf: repeatElement(0, count: 16))
    output.append(bigEndian: UInt16(count))
    var offset = headerSize + count * entrySize
    func appendEntry(_ entry: Entry, _ length: Int, _ output: inout [UInt8]) {
      output.append(bigEndian: entry.rawValue)
      output.append(bigEndian: UInt32(truncatingIfNeeded: offset))
      output.append(bigEndian: UInt32(truncatingIfNeeded: length))
      offset += length
    }
    for (entry, data) in entries { appendEntry(entry, data.count, &output) }
    if resources.count > 0 { appendEntry(.resourceFork, resources.count, &output) }
    for (_, data) in entries { output.append(contentsOf: data) }
    output.append(resources)
  }

  // MARK: Dates

  /// Seconds between the two epochs, 1904 and 2000.
  private static let between: UInt32 = 3_029_529_600
  private static let unknown: UInt32 = 0x8000_0000

  /// Dates count from 2000 there, 31 bits and a sign.
  private static func macintoshDate(_ date: UInt32) -> UInt32 { date == unknown ? 0 : date &+ between }

  private static func date(ofMacintosh date: UInt32) -> UInt32 { date == 0 ? unknown : date &- between }

  /// Whether these dates are the same again when they are read: one second of 1931 means an unknown date there.
  public static func canHold(_ info: FinderInfo) -> Bool {
    [info.created, info.modified].allSatisfy { macintoshDate(self.date(ofMacintosh: $0)) == $0 }
  }
}
