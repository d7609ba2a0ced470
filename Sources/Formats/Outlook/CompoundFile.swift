/// A compound file, [MS-CFB]: a file system within a file, in which Outlook keeps a message as `.msg`.
///
/// Everything is found when the file is opened, in one pass over its tables; what is in a stream is a list of ranges of
/// the input. No sector is taken twice, so that a chain can neither run in a circle nor into another one, and all work
/// and all memory is bounded by the size of the input.
public struct CompoundFile: Sendable {
  /// A storage (a folder) or a stream (a file).
  public struct Entry: Sendable {
    public var name: String
    public var isStorage: Bool
    /// Bytes that the directory says it has.
    public var size: Int
    /// Where its bytes are in the input, in order; less than `size` when the file is damaged.
    public var ranges: [Range<Int>] = []
    /// Indices of what a storage holds.
    public var children: [Int] = []
  }

  /// All entries; the first one is the root.
  public private(set) var entries: [Entry] = []
  public private(set) var findings: [Finding] = []

  /// The eight bytes that a compound file begins with.
  public static func isOne(_ bytes: Bytes) -> Bool {
    guard bytes.count >= 8 else { return false }
    for i in 0..<8 where bytes[i] != signature[i] { return false }
    return true
  }

  static let signature: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

  /// Reads the tables and the directory of the file in `bytes`.
  ///
  /// Throws `Unreadable` when it is none, or has no directory.
  public init(_ bytes: Bytes) throws(Unreadable) {
    var tables = try SectorTables(bytes)
    try readDirectory(bytes, &tables)
    findings += tables.findings
  }

  /// The entry of exactly that name in a storage.
  public func child(_ name: String, of storage: Int) -> Int? {
    entries[storage].children.first { entries[$0].name == name }
  }

  /// The bytes of a stream: those that are there, at most `limit`.
  public func read(_ entry: Int, from bytes: Bytes, limit: Int = .max) -> [UInt8] {
    var data: [UInt8] = []
    for range in entries[entry].ranges {
      let rest = limit - data.count
      if rest <= 0 { break }
      data.append(bytes, range.lowerBound..<min(range.upperBound, range.lowerBound + min(rest, range.count)))
    }
    return data
  }

  // MARK: The directory

  private static let entrySize = 128
  /// The index of no entry.
  private static let none: UInt32 = 0xFFFF_FFFF

  /// What the directory says of an entry, before its place in the tree is known.
  private struct Record {
    var name: String
    var kind: UInt8
    var left: UInt32
    var right: UInt32
    var child: UInt32
    var start: UInt32
    var size: Int
  }

  private mutating func readDirectory(_ bytes: Bytes, _ tables: inout SectorTables) throws(Unreadable) {
    let sectors = tables.chain(from: tables.firstDirectorySector, limit: .max, "the directory")
    var records: [Record] = []
    for sector in sectors {
      guard let range = tables.range(ofSector: sector) else { continue }
      var position = range.lowerBound
      while position + Self.entrySize <= range.upperBound {
        records.append(Self.record(bytes, position, isVersion3: tables.isVersion3))
        position += Self.entrySize
      }
    }
    guard let root = records.first, root.kind == 5 else {
      throw Unreadable(offset: 48, text: "no root entry where the directory should begin")
    }
    tables.readMiniStream(bytes, start: root.start, size: root.size)
    placeEntries(records, &tables)
  }

  private static func record(_ bytes: Bytes, _ at: Int, isVersion3: Bool) -> Record {
    let length = min(max(0, Int(bytes.uint16(at: at + 64)) - 2), 62)
    // Version 3 leaves whatever it likes in the upper half.
    let low = Int(bytes.uint32(at: at + 120))
    let high = isVersion3 ? 0 : Int(bytes.uint32(at: at + 124) & 0x7FFF_FFFF)
    return Record(
      name: bytes.utf16(at..<at + length & ~1), kind: bytes[at + 66], left: bytes.uint32(at: at + 68),
      right: bytes.uint32(at: at + 72), child: bytes.uint32(at: at + 76), start: bytes.uint32(at: at + 116),
      size: high << 32 | low)
  }

  /// Walks the tree of siblings and children, each entry once, with a stack of its own.
  private mutating func placeEntries(_ records: [Record], _ tables: inout SectorTables) {
    var isPlaced = [Bool](repeating: false, count: records.count)
    isPlaced[0] = true
    entries.append(Entry(name: records[0].name, isStorage: true, size: records[0].size))
    // A record and the entry that it is in.
    var waiting: [(record: UInt32, parent: Int)] = [(records[0].child, 0)]
    while let (index, parent) = waiting.popLast() {
      if index == Self.none { continue }
      guard index < records.count, !isPlaced[Int(index)] else {
        findings.note(
          0, .entryLost, "a directory entry points to one that is not there, or in another place too: \(index)")
        continue
      }
      isPlaced[Int(index)] = true
      let record = records[Int(index)]
      waiting.append((record.left, parent))
      waiting.append((record.right, parent))
      guard record.kind == 1 || record.kind == 2 else { continue }
      let isStorage = record.kind == 1
      var entry = Entry(name: record.name, isStorage: isStorage, size: isStorage ? 0 : record.size)
      if !isStorage { entry.ranges = tables.ranges(start: record.start, size: record.size, record.name) }
      entries[parent].children.append(entries.count)
      if isStorage { waiting.append((record.child, entries.count)) }
      entries.append(entry)
    }
  }
}
