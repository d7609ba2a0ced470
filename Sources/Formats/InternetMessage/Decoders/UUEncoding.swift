/// Files that uuencode(1) put into the text of a message (POSIX, uuencode): `begin 644 name`, lines, `end`.
public enum UUEncoding {
  /// A file found in a text.
  public struct File: Sendable, Equatable {
    /// From `begin` to after the line of `end`.
    public var whole: Range<Int>
    public var name: Range<Int>
    /// The lines between.
    public var data: Range<Int>
  }

  /// The uuencoded files in the text at `range`: a line `begin`, a mode of three or four octal digits, a name; then
  /// lines that are what their first character says they are; then `end`.
  public static func files(in bytes: Bytes, _ range: Range<Int>) -> [File] {
    var files: [File] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      if bytes[position] == UInt8(ascii: "b"), let name = beginLine(bytes, position..<line.end),
        let end = endOfData(bytes, from: line.next, to: range.upperBound)
      {
        files.append(File(whole: position..<end.next, name: name, data: line.next..<end.data))
        position = end.next
      } else {
        position = line.next
      }
    }
    return files
  }

  private static func beginLine(_ bytes: Bytes, _ line: Range<Int>) -> Range<Int>? {
    guard bytes.hasPrefix(at: line.lowerBound, to: line.upperBound, "begin ") else { return nil }
    var i = line.lowerBound + 6
    let mode = i
    while i < line.upperBound, (48...55).contains(bytes[i]) { i += 1 }
    guard (3...4).contains(i - mode), i < line.upperBound, bytes[i] == ASCII.space else { return nil }
    let name = bytes.trimmed((i + 1)..<line.upperBound)
    return name.isEmpty ? nil : name
  }

  private static func endOfData(_ bytes: Bytes, from start: Int, to end: Int) -> (data: Int, next: Int)? {
    var position = start
    while position < end {
      let line = bytes.line(at: position, to: end)
      if bytes.equalsIgnoringCase(position..<line.end, "end") { return (position, line.next) }
      guard line.end > position else {
        // An empty line stands for a line of no bytes where blanks were cut.
        position = line.next
        continue
      }
      let count = Int((bytes[position] &- 32) & 63)
      let needed = (count + 2) / 3 * 4
      // Blanks at the ends of lines are often cut off, a checksum character may follow.
      guard bytes[position] >= 32, bytes[position] <= 96, line.end - position - 1 <= needed + 2,
        line.end - position - 1 >= needed - 4 || count == 0
      else { return nil }
      position = line.next
    }
    return nil
  }

  /// Decodes the lines at `range` and appends what they say to `output`. A `begin` and an `end` line are passed over.
  ///
  /// Returns the offset of the first line that is none, or that has other characters.
  public static func decode(_ bytes: Bytes, _ range: Range<Int>, into output: inout [UInt8]) -> Int? {
    var position = range.lowerBound
    var firstDefect: Int?
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      defer { position = line.next }
      if line.end == position || bytes.hasPrefix(at: position, to: line.end, "begin ") { continue }
      if bytes.equalsIgnoringCase(position..<line.end, "end") { break }
      guard bytes[position] >= 32, bytes[position] <= 96 else {
        if firstDefect == nil { firstDefect = position }
        continue
      }
      var count = Int((bytes[position] &- 32) & 63)
      var i = position + 1
      while count > 0 {
        var bits: UInt32 = 0
        for character in 0..<4 {
          // A blank that was cut off at the end of the line.
          let byte = i < line.end ? bytes[i] : ASCII.space
          // The last characters may be anything where they only fill up.
          if byte < 32 || byte > 96, character <= count, firstDefect == nil { firstDefect = position }
          bits = bits << 6 | UInt32((byte &- 32) & 63)
          i += 1
        }
        output.append(UInt8(truncatingIfNeeded: bits >> 16))
        if count > 1 { output.append(UInt8(truncatingIfNeeded: bits >> 8)) }
        if count > 2 { output.append(UInt8(truncatingIfNeeded: bits)) }
        count -= 3
      }
    }
    return firstDefect
  }
}
