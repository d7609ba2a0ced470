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
    var rest = value.magnitude
    let start = count
    repeat {
      append(ASCII.zero + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    while count - start < width { append(ASCII.zero) }
    self[start...].reverse()
  }

  /// Appends `value` as two upper-case hexadecimal digits.
  @inlinable
  public mutating func append(hexadecimal value: UInt8) {
    append(ASCII.hexadecimalDigit(value >> 4))
    append(ASCII.hexadecimalDigit(value & 15))
  }
}
