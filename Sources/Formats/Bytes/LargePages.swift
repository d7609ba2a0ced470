import Glibc

/// Asks for large pages of memory: a message of 50 MB takes thousands of page faults without, and they cost more than
/// its decoding.
public enum LargePages {
  /// Buffers below this size are left alone.
  private static let threshold = 4 << 20
  private static let pageSize = 2 << 20

  /// Advises the kernel about memory that nobody has touched yet; madvise(2).
  public static func advise(_ start: UnsafeMutableRawPointer, _ size: Int) {
    guard size >= threshold else { return }
    let first = (UInt(bitPattern: start) + UInt(pageSize) - 1) & ~UInt(pageSize - 1)
    let end = (UInt(bitPattern: start) + UInt(size)) & ~UInt(pageSize - 1)
    if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_HUGEPAGE) }
  }
}

extension Array where Element == UInt8 {
  /// Reserves room for `more` bytes, in large pages where that is much. It grows by half at least, or else many small
  /// pieces, each of which reserves its own room, would copy all before them each time.
  public mutating func reserve(_ more: Int) {
    guard capacity - count < more else { return }
    reserveCapacity(Swift.max(count + more, capacity + capacity / 2))
    let (used, room) = (count, capacity)
    withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { LargePages.advise(base + used, room - used) }
    }
  }
}
