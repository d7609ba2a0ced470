/// The tables of a compound file that say which sector follows which, [MS-CFB] 2.3 to 2.5.
struct SectorTables {
  let isVersion3: Bool
  let firstDirectorySector: UInt32
  private(set) var findings: [Finding] = []
  private let sectorShift: Int
  private let size: Int
  private var next: [UInt32] = []
  /// Sectors that belong to something already.
  private var isUsed: [Bool]
  private let cutoff: Int
  private let firstMiniTable: UInt32
  private var miniNext: [UInt32] = []
  private var isMiniUsed: [Bool] = []
  /// Where the mini stream is, of which small streams have sectors of 64 bytes.
  private var miniStream: [Range<Int>] = []
  /// How many bytes of the mini stream are before each of its runs.
  private var miniStarts: [Int] = []
  private static let miniShift = 6
  /// The last number of a sector; greater ones mean the end, a free sector, a part of the tables.
  private static let lastSector: UInt32 = 0xFFFF_FFFA

  init(_ bytes: Bytes) throws(Unreadable) {
    guard CompoundFile.isOne(bytes) else { throw Unreadable(offset: 0, text: "not a compound file") }
    guard bytes.count >= 512 else { throw Unreadable(offset: bytes.count, text: "the header ends too early") }
    let version = bytes.uint16(at: 26)
    let shift = Int(bytes.uint16(at: 30))
    guard (version == 3 && shift == 9) || (version == 4 && shift == 12) else {
      throw Unreadable(
        offset: 26, text: "version \(version) with sectors of 2^\(shift) bytes; 3 with 9, or 4 with 12, are known")
    }
    isVersion3 = version == 3
    sectorShift = shift
    size = bytes.count
    firstDirectorySector = bytes.uint32(at: 48)
    cutoff = Int(bytes.uint32(at: 56))
    firstMiniTable = bytes.uint32(at: 60)
    // A last sector may be cut short.
    let count = max(0, (bytes.count - 1) >> shift)
    isUsed = [Bool](repeating: false, count: count)
    readTable(bytes)
  }

  /// Where a sector is; nil when the file has ended before it.
  func range(ofSector sector: UInt32) -> Range<Int>? {
    guard sector <= Self.lastSector else { return nil }
    let start = (Int(sector) + 1) << sectorShift
    return start < size ? start..<min(size, start + 1 << sectorShift) : nil
  }

  /// Reads the sectors of the table: 109 are named in the header, the others in a chain of their own.
  private mutating func readTable(_ bytes: Bytes) {
    for i in 0..<109 { readTableSector(bytes, bytes.uint32(at: 76 + 4 * i)) }
    var sector = bytes.uint32(at: 68)
    // Some writers end the chain with 0, which is a sector too: there the number of them, which the header tells, counts.
    var rest = Int(bytes.uint32(at: 72))
    while sector <= Self.lastSector, sector > 0 || rest > 0 {
      rest -= 1
      guard take(sector), let range = range(ofSector: sector) else {
        findings.note(
          0, .compoundFile, "a chain of table sectors that goes in a circle, or out of the file, at sector \(sector)")
        return
      }
      var position = range.lowerBound
      while position + 8 <= range.upperBound {
        readTableSector(bytes, bytes.uint32(at: position))
        position += 4
      }
      sector = position + 4 <= range.upperBound ? bytes.uint32(at: position) : .max
    }
  }

  private mutating func readTableSector(_ bytes: Bytes, _ sector: UInt32) {
    guard sector <= Self.lastSector else { return }
    guard take(sector), let range = range(ofSector: sector) else {
      findings.note(0, .compoundFile, "a sector of the table that is not there, or named twice: \(sector)")
      // What the sectors behind it say stays in its place.
      if next.count < isUsed.count {
        next.append(contentsOf: repeatElement(.max, count: 1 << (sectorShift - 2)))
      }
      return
    }
    var position = range.lowerBound
    while position + 4 <= range.upperBound {
      next.append(bytes.uint32(at: position))
      position += 4
    }
  }

  /// Marks a sector as used; false when it is not there or somebody has it.
  private mutating func take(_ sector: UInt32) -> Bool {
    guard sector < isUsed.count, !isUsed[Int(sector)] else { return false }
    isUsed[Int(sector)] = true
    return true
  }

  /// The sectors of a chain, at most `limit`.
  mutating func chain(from start: UInt32, limit: Int, _ what: String) -> [UInt32] {
    var sectors: [UInt32] = []
    var sector = start
    while sector <= Self.lastSector, sectors.count < limit {
      guard take(sector) else {
        findings.note(
          0, .compoundFile,
          "\(what): its chain goes in a circle, into another one, or out of the file, at sector \(sector)")
        break
      }
      sectors.append(sector)
      guard sector < next.count else {
        findings.note(0, .compoundFile, "\(what): its chain leaves the table at sector \(sector)")
        break
      }
      sector = next[Int(sector)]
    }
    return sectors
  }

  /// Finds the mini stream, which the root entry has, and reads the table of its sectors.
  mutating func readMiniStream(_ bytes: Bytes, start: UInt32, size: Int) {
    miniStream = ordinaryRanges(start: start, size: size, "the mini stream")
    for sector in chain(from: firstMiniTable, limit: .max, "the table of the mini stream") {
      guard let range = range(ofSector: sector) else { continue }
      var position = range.lowerBound
      while position + 4 <= range.upperBound {
        miniNext.append(bytes.uint32(at: position))
        position += 4
      }
    }
    var available = 0
    for run in miniStream {
      miniStarts.append(available)
      available += run.count
    }
    isMiniUsed = [Bool](repeating: false, count: (available + 63) >> Self.miniShift)
  }

  /// Where the bytes of a stream are.
  mutating func ranges(start: UInt32, size: Int, _ name: String) -> [Range<Int>] {
    if size == 0 { return [] }
    return size < cutoff
      ? miniRanges(start: start, size: size, name) : ordinaryRanges(start: start, size: size, name)
  }

  private mutating func ordinaryRanges(start: UInt32, size: Int, _ name: String) -> [Range<Int>] {
    let wanted = size >> sectorShift + (size & (1 << sectorShift - 1) == 0 ? 0 : 1)
    var ranges: [Range<Int>] = []
    var rest = size
    for sector in chain(from: start, limit: wanted, name) {
      guard let range = range(ofSector: sector) else { break }
      let part = range.lowerBound..<min(range.upperBound, range.lowerBound + min(rest, range.count))
      rest -= part.count
      Self.append(part, to: &ranges)
    }
    if rest > 0 { findings.note(0, .compoundFile, "\(name): \(rest) of its \(size) bytes are not there") }
    return ranges
  }

  private mutating func miniRanges(start: UInt32, size: Int, _ name: String) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var rest = size
    var sector = start
    while rest > 0, sector <= Self.lastSector {
      guard sector < isMiniUsed.count, !isMiniUsed[Int(sector)] else { break }
      isMiniUsed[Int(sector)] = true
      let part = miniRange(Int(sector) << Self.miniShift, min(rest, 1 << Self.miniShift))
      if part.isEmpty { break }
      rest -= part.count
      Self.append(part, to: &ranges)
      guard sector < miniNext.count else { break }
      sector = miniNext[Int(sector)]
    }
    if rest > 0 { findings.note(0, .compoundFile, "\(name): \(rest) of its \(size) bytes are not there") }
    return ranges
  }

  /// Where `count` bytes of the mini stream are. A small sector never lies over two runs of great ones.
  private func miniRange(_ offset: Int, _ count: Int) -> Range<Int> {
    // The last run that begins at `offset` or before it.
    var (low, high) = (0, miniStarts.count)
    while low < high {
      let middle = (low + high) / 2
      if miniStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return 0..<0 }
    let run = miniStream[low - 1]
    let start = run.lowerBound + offset - miniStarts[low - 1]
    return start < run.upperBound ? start..<min(run.upperBound, start + count) : 0..<0
  }

  private static func append(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else if !range.isEmpty {
      ranges.append(range)
    }
  }
}
