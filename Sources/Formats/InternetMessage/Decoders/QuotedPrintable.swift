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
    var column = 0
    var i = 0
    while i < text.count {
      let byte = text[i]
      if byte == ASCII.cr, i + 1 < text.count, text[i + 1] == ASCII.lf {
        output.appendLineEnd()
        column = 0
        i += 2
        continue
      }
      let endsLine = i + 1 == text.count || (i + 2 < text.count && text[i + 1] == ASCII.cr && text[i + 2] == ASCII.lf)
      let isLiteral =
        (byte > 32 && byte < 127 && byte != ASCII.equals) || (ASCII.isBlank(byte) && !endsLine)
      // `From ` and a lone dot at the start of a line are changed by mailbox files and by SMTP.
      let isRisky =
        column == 0
        && (byte == ASCII.dot || (byte == UInt8(ascii: "F") && text.hasPrefix(at: i, to: text.count, "From ")))
      let width = isLiteral && !isRisky ? 1 : 3
      if column + width > (endsLine ? 76 : 75) {
        output.append("=\r\n")
        column = 0
      }
      if width == 1 {
        output.append(byte)
      } else {
        output.append(ASCII.equals)
        output.append(hexadecimal: byte)
      }
      column += width
      i += 1
    }
  }
}
