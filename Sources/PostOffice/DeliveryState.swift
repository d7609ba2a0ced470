import Formats
import Glibc
import Spool

/// The file `state`: the number of the next delivery, and the memory of the last ones, by which no message is
/// delivered twice. Everything but reading the header needs the lock.
///
/// The memory is a table of 8192 buckets of 32 entries, found by the first bits of a digest; in a full bucket the oldest
/// entry goes. With 65,536 deliveries a bucket has 8 entries on average, and practically never more than 32.
final class DeliveryState: Sendable {
  private static let magic: StaticString = "ccpo state 1\r\n\u{1A}\0"
  private static let tableStart = 4096
  private static let buckets = 8192
  private static let slots = 32
  /// A digest of 32 bytes and a number of 8; an empty slot has the number 0.
  private static let slotSize = 40
  private static let bucketSize = slots * slotSize

  private let file: FileDescriptor

  /// Opens the file in `root`; made by `make`.
  init(_ root: borrowing FileDescriptor) throws(SystemError) { file = try Self.open(root) }

  private static func open(_ root: borrowing FileDescriptor) throws(SystemError) -> FileDescriptor {
    let file = try FileDescriptor.open(FileName("state"), in: root, O_RDWR | O_NOFOLLOW)
    let header = try read(file, at: 0, 16)
    guard header.span.hasPrefix(at: 0, to: header.count, magic) else {
      throw SystemError("the state of the post office is damaged", file.path, EINVAL)
    }
    return file
  }

  /// Makes the file in `root`, if it is not there.
  static func make(in root: borrowing FileDescriptor, isDurable: Bool) throws(SystemError) {
    if try root.has(FileName("state")) { return }
    var bytes: [UInt8] = []
    bytes.append(magic)
    bytes += number(1)
    try WholeFile.write(bytes.span, "state", in: root, isDurable: isDurable)
    let file = try FileDescriptor.open(FileName("state"), in: root, O_RDWR | O_NOFOLLOW)
    guard ftruncate(file.number, tableStart + buckets * bucketSize) == 0 else {
      throw SystemError("ftruncate", file.path)
    }
  }

  func lock() throws(SystemError) {
    while flock(file.number, LOCK_EX) != 0 { if errno != EINTR { throw SystemError("flock", file.path) } }
  }

  func unlock() { flock(file.number, LOCK_UN) }

  /// Makes what was recorded durable.
  func sync() throws(SystemError) {
    guard fdatasync(file.number) == 0 else { throw SystemError("fdatasync", file.path) }
  }

  /// Takes `count` numbers; returns the first.
  func take(_ count: Int) throws(SystemError) -> UInt64 {
    let next = try nextNumber()
    try setNext(next &+ UInt64(count))
    return next
  }

  /// Sees to it that no number below `number` is taken again.
  func reserve(upTo number: UInt64) throws(SystemError) {
    if try nextNumber() < number { try setNext(number) }
  }

  /// Remembers that what has this digest is delivery `number`. Returns false when it is another delivery already.
  func record(_ digest: [UInt8], _ number: UInt64) throws(SystemError) -> Bool {
    let bucket = (Int(digest[0]) << 8 | Int(digest[1])) % Self.buckets
    let start = Self.tableStart + bucket * Self.bucketSize
    let table = try Self.read(file, at: start, Self.bucketSize)
    var oldest = (slot: 0, number: UInt64.max)
    for slot in 0..<Self.slots {
      let position = slot * Self.slotSize
      let known = Self.number(table, position + 32)
      if known != 0, Self.isEqual(table, position, digest) { return known == number }
      if known < oldest.number { oldest = (slot, known) }
    }
    // Something this old, recorded again after a crash, has been forgotten in the meantime.
    if oldest.number > number { return true }
    let entry = digest + Self.number(number)
    try write(entry.span, at: start + oldest.slot * Self.slotSize)
    return true
  }

  private func nextNumber() throws(SystemError) -> UInt64 { Self.number(try Self.read(file, at: 16, 8), 0) }

  private func setNext(_ number: UInt64) throws(SystemError) { try write(Self.number(number).span, at: 16) }

  private static func isEqual(_ table: [UInt8], _ position: Int, _ digest: [UInt8]) -> Bool {
    for i in 0..<32 where table[position + i] != digest[i] { return false }
    return true
  }

  private static func number(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  private static func number(_ bytes: [UInt8], _ start: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
  }

  /// `count` bytes; zeros where the file is shorter.
  private static func read(_ file: borrowing FileDescriptor, at offset: Int, _ count: Int) throws(SystemError)
    -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: count)
    let number = file.number
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(number, $0.baseAddress! + filled, count - filled, offset + filled)
      }
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw SystemError("read", file.path) }
      if got == 0 { break }
      filled += got
    }
    return bytes
  }

  private func write(_ bytes: Bytes, at offset: Int) throws(SystemError) {
    let number = file.number
    let count = bytes.withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, offset) }
    guard count == bytes.count else { throw SystemError("write", file.path, count < 0 ? errno : ENOSPC) }
  }
}
