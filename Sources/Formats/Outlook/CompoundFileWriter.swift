/// Makes a compound file of its own, [MS-CFB], of a storage within one: an OLE object that is attached to a message
/// becomes a file that the programs which made it open.
///
/// Version 3, sectors of 512 bytes. Every stream has whole sectors, of the mini stream where it is short: the cutoff
/// between the two is the format's.
struct CompoundFileWriter {
  private static let end: UInt32 = 0xFFFF_FFFE
  private static let free: UInt32 = 0xFFFF_FFFF
  private static let cutoff = 4096

  private struct Record {
    var name: String
    var kind: UInt8
    var left = CompoundFileWriter.free
    var right = CompoundFileWriter.free
    var child = CompoundFileWriter.free
    var start: UInt32 = 0
    var size = 0
  }

  private var records: [Record] = []
  private var sectors: [UInt8] = []
  private var next: [UInt32] = []
  private var mini: [UInt8] = []
  private var miniNext: [UInt32] = []

  /// The bytes of a file whose root is the storage `storage` of `file`, which was read from `bytes`.
  static func file(of storage: Int, in file: CompoundFile, _ bytes: Bytes) -> [UInt8] {
    var writer = CompoundFileWriter()
    writer.records.append(Record(name: "Root Entry", kind: 5))
    var waiting = [(storage, 0)]
    while let (entry, record) = waiting.popLast() {
      writer.appendChildren(of: entry, to: record, file, bytes, &waiting)
    }
    return writer.finished()
  }

  private mutating func appendChildren(
    of entry: Int, to record: Int, _ file: CompoundFile, _ bytes: Bytes, _ waiting: inout [(Int, Int)]
  ) {
    var children: [Int] = []
    for child in file.entries[entry].children {
      let source = file.entries[child]
      var new = Record(name: source.name, kind: source.isStorage ? 1 : 2)
      if source.isStorage {
        waiting.append((child, records.count))
      } else {
        append(file.read(child, from: bytes), &new)
      }
      children.append(records.count)
      records.append(new)
    }
    // Siblings are a tree that is searched by the length of the names, then by their capitals, [MS-CFB] 2.6.4.
    children.sort { Self.key(records[$0].name) < Self.key(records[$1].name) }
    records[record].child = tree(children[...])
  }

  private static func key(_ name: String) -> (Int, String) { (name.utf16.count, name.uppercased()) }

  /// Puts sorted siblings into a balanced tree; returns its root.
  private mutating func tree(_ siblings: ArraySlice<Int>) -> UInt32 {
    guard !siblings.isEmpty else { return Self.free }
    let middle = siblings.startIndex + siblings.count / 2
    let root = siblings[middle]
    records[root].left = tree(siblings[..<middle])
    records[root].right = tree(siblings[(middle + 1)...])
    return UInt32(root)
  }

  private mutating func append(_ data: [UInt8], _ record: inout Record) {
    record.size = data.count
    if data.isEmpty {
      record.start = Self.end
    } else if data.count < Self.cutoff {
      record.start = Self.chain(data, 64, &mini, &miniNext)
    } else {
      record.start = Self.chain(data, 512, &sectors, &next)
    }
  }

  /// Appends `data` in whole sectors; returns the number of the first.
  private static func chain(_ data: [UInt8], _ size: Int, _ sectors: inout [UInt8], _ next: inout [UInt32]) -> UInt32 {
    let first = UInt32(next.count)
    let count = (data.count + size - 1) / size
    sectors.append(contentsOf: data)
    sectors.append(contentsOf: repeatElement(0, count: count * size - data.count))
    for i in 1...count { next.append(i == count ? end : first + UInt32(i)) }
    return first
  }

  private mutating func finished() -> [UInt8] {
    var miniTable: [UInt8] = []
    for number in miniNext { Self.append(number, to: &miniTable) }
    let miniTableSectors = (miniTable.count + 511) / 512
    miniTable.append(contentsOf: repeatElement(0xFF, count: miniTableSectors * 512 - miniTable.count))
    let miniTableStart = miniTable.isEmpty ? Self.end : Self.chain(miniTable, 512, &sectors, &next)
    records[0].size = mini.count
    records[0].start = mini.isEmpty ? Self.end : Self.chain(mini, 512, &sectors, &next)
    var directory: [UInt8] = []
    for record in records { Self.append(record, to: &directory) }
    while directory.count % 512 != 0 { Self.append(Record(name: "", kind: 0), to: &directory) }
    let directoryStart = Self.chain(directory, 512, &sectors, &next)

    // The table describes its own sectors too, and those that name them beyond the 109 of the header.
    let data = next.count
    var tables = 0
    var lists = 0
    while true {
      let wanted = (data + tables + lists + 127) / 128
      let wantedLists = wanted > 109 ? (wanted - 109 + 126) / 127 : 0
      if wanted == tables, wantedLists == lists { break }
      (tables, lists) = (wanted, wantedLists)
    }
    next.append(contentsOf: repeatElement(0xFFFF_FFFD, count: tables))
    next.append(contentsOf: repeatElement(0xFFFF_FFFC, count: lists))
    while next.count % 128 != 0 { next.append(Self.free) }

    var output: [UInt8] = CompoundFile.signature
    output.append(contentsOf: repeatElement(0, count: 16))
    for half: UInt16 in [0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0] {
      output.append(UInt8(half & 255))
      output.append(UInt8(half >> 8))
    }
    for number in [
      0, UInt32(tables), directoryStart, 0, UInt32(Self.cutoff), miniTableStart, UInt32(miniTableSectors),
      lists == 0 ? Self.end : UInt32(data + tables), UInt32(lists),
    ] {
      Self.append(number, to: &output)
    }
    for i in 0..<109 { Self.append(i < tables ? UInt32(data + i) : Self.free, to: &output) }
    output.append(contentsOf: sectors)
    for number in next { Self.append(number, to: &output) }
    for list in 0..<lists {
      for i in 0..<127 {
        let table = 109 + list * 127 + i
        Self.append(table < tables ? UInt32(data + table) : Self.free, to: &output)
      }
      Self.append(list + 1 < lists ? UInt32(data + tables + list + 1) : Self.end, to: &output)
    }
    return output
  }

  private static func append(_ number: UInt32, to output: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) { output.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
  }

  private static func append(_ record: Record, to output: inout [UInt8]) {
    let units = Array(record.name.utf16.prefix(31))
    for i in 0..<32 {
      let unit = i < units.count ? units[i] : 0
      output.append(UInt8(unit & 255))
      output.append(UInt8(unit >> 8))
    }
    let length = units.isEmpty ? 0 : 2 * units.count + 2
    output.append(contentsOf: [UInt8(length), 0, record.kind, 1])
    for number in [record.left, record.right, record.child] { append(number, to: &output) }
    // Class, flags and times: none.
    output.append(contentsOf: repeatElement(0, count: 36))
    append(record.start, to: &output)
    append(UInt32(record.size), to: &output)
    append(0, to: &output)
  }
}
