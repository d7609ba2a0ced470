import Glibc

/// The input of every reader: bytes that the caller keeps alive. Values read from it are ranges of it, not copies.
public typealias Bytes = Span<UInt8>

extension Span where Element == UInt8 {
  /// The first position of `byte` at or after `start` and before `end`; `memchr(3)`.
  @inlinable
  public func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard start >= 0, start < end, end <= count else { return nil }
    return withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress, let hit = memchr(base + start, Int32(byte), end - start) else { return nil }
      return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }
  }

  /// The line that begins at `start`: where its content ends (before LF or CR LF), and where the next line begins.
  /// A last line without a line end ends at `end`.
  @inlinable
  public func line(at start: Int, to end: Int) -> (end: Int, next: Int) {
    guard let feed = firstIndex(of: ASCII.lf, from: start, to: end) else { return (end, end) }
    return (feed > start && self[feed - 1] == ASCII.cr ? feed - 1 : feed, feed + 1)
  }

  /// The line that begins at `start`, as `line(at:to:)` has it, where a CR alone ends a line, too.
  public func lineOfAnyEnd(at start: Int, to end: Int) -> (end: Int, next: Int) {
    var position = start
    var step = 128
    // Neither end of a line is looked for far beyond the other: a file may have one kind alone.
    while position < end {
      let stop = Swift.min(end, position + step)
      let feed = firstIndex(of: ASCII.lf, from: position, to: stop)
      if let cr = firstIndex(of: ASCII.cr, from: position, to: feed ?? stop) {
        return (cr, cr + 1 < end && self[cr + 1] == ASCII.lf ? cr + 2 : cr + 1)
      }
      if let feed { return (feed, feed + 1) }
      position = stop
      step *= 2
    }
    return (end, end)
  }

  /// Whether the bytes at `range` are `text`, upper and lower case ASCII letters taken as equal.
  @inlinable
  public func equalsIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount && hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, text)
  }

  /// Whether `text` stands at `start`, upper and lower case ASCII letters taken as equal, and ends before `end`.
  @inlinable
  public func hasPrefixIgnoringCase(at start: Int, to end: Int, _ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard start >= 0, end <= count, end - start >= length else { return false }
    let wanted = text.utf8Start
    for i in 0..<length {
      // Letters differ from their capitals in one bit.
      let difference = self[start + i] ^ wanted[i]
      if difference != 0, difference != 0x20 || !ASCII.isLetter(wanted[i]) { return false }
    }
    return true
  }

  /// Whether `text` stands at `start` and ends before `end`.
  @inlinable
  public func hasPrefix(at start: Int, to end: Int, _ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard start >= 0, end <= count, end - start >= length else { return false }
    let wanted = text.utf8Start
    for i in 0..<length where self[start + i] != wanted[i] { return false }
    return true
  }

  /// `range` without the blanks, tabs and line ends at both its ends.
  @inlinable
  public func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, ASCII.isSpace(self[start]) { start += 1 }
    while end > start, ASCII.isSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }

  /// Whether no byte of `range` is above 127. Eight bytes at a time.
  @inlinable
  public func isASCII(_ range: Range<Int>) -> Bool {
    guard range.lowerBound >= 0, range.upperBound <= count else { return false }
    return withUnsafeBytes { raw in
      var i = range.lowerBound
      while i + 32 <= range.upperBound {
        let bits =
          raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
          | raw.loadUnaligned(fromByteOffset: i + 8, as: UInt64.self)
          | raw.loadUnaligned(fromByteOffset: i + 16, as: UInt64.self)
          | raw.loadUnaligned(fromByteOffset: i + 24, as: UInt64.self)
        if bits & 0x8080_8080_8080_8080 != 0 { return false }
        i += 32
      }
      while i < range.upperBound {
        if raw[i] > 127 { return false }
        i += 1
      }
      return true
    }
  }

  /// Whether each byte of `range` is a printable character of ASCII, or a blank. Eight bytes at a time.
  @inlinable
  public func isPrintable(_ range: Range<Int>) -> Bool {
    guard range.lowerBound >= 0, range.upperBound <= count else { return false }
    return withUnsafeBytes { raw in
      let high: UInt64 = 0x8080_8080_8080_8080
      // The highest bit of each byte stays where it is from 32 to 126.
      func isPrintable(_ bytes: UInt64) -> Bool {
        ~bytes & ((bytes | high) &- 0x2020_2020_2020_2020) & ~(bytes &+ 0x0101_0101_0101_0101) & high == high
      }
      var i = range.lowerBound
      if i + 8 <= range.upperBound {
        while i + 8 <= range.upperBound {
          if !isPrintable(raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)) { return false }
          i += 8
        }
        return isPrintable(raw.loadUnaligned(fromByteOffset: range.upperBound - 8, as: UInt64.self))
      }
      while i < range.upperBound {
        if raw[i] < 32 || raw[i] > 126 { return false }
        i += 1
      }
      return true
    }
  }

  /// How many LF have no CR before them.
  var loneFeeds: Int {
    var number = 0
    var position = 0
    while let feed = firstIndex(of: ASCII.lf, from: position, to: count) {
      if feed == 0 || self[feed - 1] != ASCII.cr { number += 1 }
      position = feed + 1
    }
    return number
  }

  /// The bytes at `range` as text: what is not UTF-8 becomes U+FFFD.
  @inlinable
  public func string(_ range: Range<Int>) -> String {
    extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  /// A copy of the bytes at `range`.
  @inlinable
  public func array(_ range: Range<Int>) -> [UInt8] {
    extracting(range).withUnsafeBufferPointer { Array($0) }
  }
}
