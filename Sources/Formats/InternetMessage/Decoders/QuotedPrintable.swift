/// Quoted-printable, RFC 2045, 6.7.
public enum QuotedPrintable {
  /// Decodes the text at `range` and appends it to `output`. An equals sign that begins nothing stands for itself.
  ///
  /// Returns the offset of the first such sign.
  public static func decode(_ bytes: Bytes, _ range: Range<Int>, into output: inout [UInt8]) -> Int? {
    output.reserve(range.count)
    var firstDefect: Int?
    var position = range.lowerBound
    // What is before this is in the output; lines that need no decoding are copied together.
    var copied = position
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      // Blanks at the end of a line were added on the way, 6.7 (3).
      var end = line.end
      while end > position, ASCII.isBlank(bytes[end - 1]) { end -= 1 }
      var i = position
      while let sign = bytes.firstIndex(of: ASCII.equals, from: i, to: end) {
        i = sign + 1
        if sign + 1 == end {
          output.append(bytes, copied..<sign)
          copied = line.next
        } else if sign + 2 < end, let high = ASCII.hexadecimalValue(bytes[sign + 1]),
          let low = ASCII.hexadecimalValue(bytes[sign + 2])
        {
          if copied < sign { output.append(bytes, copied..<sign) }
          output.append(high << 4 | low)
          i = sign + 3
          copied = i
        } else if firstDefect == nil {
          firstDefect = sign
        }
      }
      if end < line.end, copied < line.next {
        output.append(bytes, copied..<end)
        copied = line.end
      }
      position = line.next
    }
    if copied < range.upperBound { output.append(bytes, copied..<range.upperBound) }
    return firstDefect
  }

  /// Appends `text`, lines ended by CR LF, in lines of at most 76 characters.
  public static func encode(_ text: Bytes, into output: inout [UInt8]) {
    var position = 0
    while position < text.count {
      let end = text.endOfLine(from: position)
      encode(text, position..<end, into: &output)
      if end < text.count { output.appendLineEnd() }
      position = end + 2
    }
  }

  /// Appends one line without its end.
  private static func encode(_ text: Bytes, _ line: Range<Int>, into output: inout [UInt8]) {
    var column = 0
    var i = line.lowerBound
    while i < line.upperBound {
      let last = line.upperBound - 1
      // At the beginning, `From ` and a dot are changed by mailbox files and by SMTP; at the end, blanks get lost.
      if column > 0 {
        let run = text.literals(from: i, to: min(last, i + 75 - column))
        if run > i {
          output.append(text, i..<run)
          column += run - i
          i = run
        }
      }
      let byte = text[i]
      var isLiteral = byte.isLiteral && !(i == last && ASCII.isBlank(byte))
      let limit = i == last ? 76 : 75
      if column + (isLiteral ? 1 : 3) > limit {
        output.append("=\r\n")
        column = 0
      }
      if column == 0, byte == ASCII.dot || text.hasPrefix(at: i, to: text.count, "From ") { isLiteral = false }
      if isLiteral {
        output.append(byte)
      } else {
        output.append(ASCII.equals)
        output.append(hexadecimal: byte)
      }
      column += isLiteral ? 1 : 3
      i += 1
    }
  }
}

extension UInt8 {
  /// Whether a byte within a line stands for itself.
  fileprivate var isLiteral: Bool { self >= 32 && self < 127 && self != ASCII.equals || self == ASCII.tab }
}

extension Bytes {
  /// Where the next CR LF begins, or the text ends.
  fileprivate func endOfLine(from start: Int) -> Int {
    var from = start
    while let cr = firstIndex(of: ASCII.cr, from: from, to: count) {
      if cr + 1 < count, self[cr + 1] == ASCII.lf { return cr }
      from = cr + 1
    }
    return count
  }

  /// The end of the bytes that stand for themselves.
  fileprivate func literals(from start: Int, to end: Int) -> Int {
    var i = start
    while i < end, self[i].isLiteral { i += 1 }
    return i
  }
}
