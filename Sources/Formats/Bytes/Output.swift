import Glibc

/// What writers append to. An array keeps its storage over `removeAll(keepingCapacity: true)`, so that a worker
/// that writes one message after the other allocates nothing.
extension Array where Element == UInt8 {
  @inlinable
  public mutating func append(_ bytes: Bytes) {
    bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
  }

  @inlinable
  public mutating func append(_ bytes: Bytes, _ range: Range<Int>) {
    append(bytes.extracting(range))
  }

  @inlinable
  public mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inlinable
  public mutating func append(text: String) {
    append(contentsOf: text.utf8)
  }

  @inlinable
  public mutating func appendLineEnd() {
    append(ASCII.cr)
    append(ASCII.lf)
  }

  /// Removes a CR LF at the end.
  @inlinable
  public mutating func removeLineEnd() {
    if count > 1, self[count - 1] == ASCII.lf, self[count - 2] == ASCII.cr { removeLast(2) }
  }

  /// Appends `value` in decimal, with zeros in front up to `width` digits.
  public mutating func append(decimal value: Int, width: Int = 1) {
    if value < 0 { append(ASCII.hyphen) }
    let rest = value.magnitude
    var unit: UInt = 1
    var digits = 1
    while rest / unit >= 10 {
      unit *= 10
      digits += 1
    }
    while digits < width {
      append(ASCII.zero)
      digits += 1
    }
    while unit > 0 {
      append(ASCII.zero + UInt8(rest / unit % 10))
      unit /= 10
    }
  }

  /// Appends `text` with CR LF at the end of each line that has LF alone.
  ///
  /// All of it is copied at once, behind room for the CR, and the lines are then moved up: an append for each line would
  /// cost more than its bytes.
  public mutating func append(linesOf text: Bytes) {
    var lone = text.loneFeeds
    guard lone > 0 else { return append(text) }
    let start = count
    let first = start + lone
    append(contentsOf: repeatElement(0, count: lone))
    append(text)
    withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      var (written, moved, position) = (start, first, first)
      while lone > 0, let hit = memchr(base + position, Int32(ASCII.lf), bytes.count - position) {
        let feed = UnsafeMutableRawPointer(hit) - base
        position = feed + 1
        if feed > first, bytes[feed - 1] == ASCII.cr { continue }
        memmove(base + written, base + moved, feed - moved)
        written += feed - moved
        bytes[written] = ASCII.cr
        written += 1
        moved = feed
        lone -= 1
      }
    }
  }

  /// Appends `value` as two upper-case hexadecimal digits.
  @inlinable
  public mutating func append(hexadecimal value: UInt8) {
    append(ASCII.hexadecimalDigit(value >> 4))
    append(ASCII.hexadecimalDigit(value & 15))
  }
}
