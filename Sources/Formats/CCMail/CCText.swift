/// The text of a text item, without what the item puts around it.
public enum CCText {
  /// The part of a text item's data that is its text: up to `lead` line ends before it are left out, and up to
  /// `trail` - 1 behind its last line.
  public static func range(_ bytes: Bytes, _ data: Range<Int>, lead: Int, trail: Int) -> Range<Int> {
    var (start, end) = (data.lowerBound, data.upperBound)
    for _ in 0..<lead {
      if start + 1 < end, bytes[start] == ASCII.cr, bytes[start + 1] == ASCII.lf {
        start += 2
      } else if start < end, bytes[start] == ASCII.lf {
        start += 1
      } else {
        break
      }
    }
    for _ in 0..<max(0, trail - 1) {
      guard end - 1 > start, bytes[end - 1] == ASCII.lf else { break }
      let before = end - (bytes[end - 2] == ASCII.cr ? 2 : 1)
      // The text's own last line end stays.
      guard before > start, bytes[before - 1] == ASCII.lf else { break }
      end = before
    }
    return start..<end
  }

  /// Whether a text item's data are nothing but up to `count` line ends.
  public static func isEmpty(_ bytes: Bytes, _ data: Range<Int>, upTo count: Int) -> Bool {
    data.count <= count * 2 && data.allSatisfy { bytes[$0] == ASCII.cr || bytes[$0] == ASCII.lf }
      && data.count { bytes[$0] == ASCII.lf } <= count
  }

  /// Appends the text at `range`; in the plain dialect, lines that look like keywords lose the blank before them.
  public static func append(_ bytes: Bytes, _ range: Range<Int>, isProtected: Bool, to output: inout [UInt8]) {
    guard isProtected else { return output.append(bytes, range) }
    var position = range.lowerBound
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      let isMarked =
        bytes[position] == ASCII.space && CCLine.looksLikeKeyword(bytes, (position + 1)..<line.end)
      output.append(bytes, (isMarked ? position + 1 : position)..<line.next)
      position = line.next
    }
  }

  /// Appends the bytes that pairs of hexadecimal digits at `range` mean.
  public static func appendHex(_ bytes: Bytes, _ range: Range<Int>, to output: inout [UInt8]) {
    var high: UInt8?
    for i in range {
      guard let value = ASCII.hexadecimalValue(bytes[i]) else { continue }
      if let first = high {
        output.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
  }
}
