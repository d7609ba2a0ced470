/// Header fields, RFC 5322, 2.2.
extension InternetMessageReader {
  /// Reads fields from `start` on; returns where the body begins.
  static func readHeader(_ bytes: Bytes, at start: Int, to end: Int, into message: inout InternetMessage) -> Int {
    let first = message.fields.count
    var position = start
    while position < end {
      let line = bytes.line(at: position, to: end)
      if line.end == position { return line.next }
      if ASCII.isBlank(bytes[position]) {
        // A continuation, RFC 5322, 2.2.3; or, when no field follows, a line of blanks for the empty line.
        if bytes.trimmed(position..<line.end).isEmpty, !isHeader(bytes, at: line.next, to: end),
          line.next >= end || !ASCII.isSpace(bytes[line.next])
        {
          return line.next
        }
        if message.fields.count > first { message.fields[message.fields.count - 1].extend(to: line.end, line.next) }
        position = line.next
        continue
      }
      guard let colon = endOfName(bytes, at: position, to: line.end) else {
        if isHeader(bytes, at: line.next, to: end), !bytes.hasPrefix(at: position, to: end, "--") {
          message.findings.append(
            Finding(
              offset: position, rule: "header-line-without-name",
              text: "a line of the header that is no field is left out"))
          position = line.next
          continue
        }
        message.findings.append(
          Finding(
            offset: position, rule: "no-blank-line",
            text: "no blank line after the header; the body begins at this line"))
        return position
      }
      let name = position..<colon.name
      message.fields.append(
        InternetMessage.Field(
          name: FieldName(bytes, name), nameRange: name, value: (colon.colon + 1)..<max(line.end, colon.colon + 1),
          whole: position..<line.next))
      position = line.next
    }
    return end
  }

  /// Whether a header field begins at `position`: a name, a colon, and white space.
  public static func beginsWithField(_ bytes: Bytes, at position: Int) -> Bool {
    isHeader(bytes, at: position, to: bytes.count)
  }

  /// Whether a header line is at `position`.
  private static func isHeader(_ bytes: Bytes, at position: Int, to end: Int) -> Bool {
    guard position < end else { return false }
    let line = bytes.line(at: position, to: end)
    guard let colon = endOfName(bytes, at: position, to: line.end) else { return false }
    return colon.colon + 1 == line.end || ASCII.isSpace(bytes[colon.colon + 1])
  }

  /// Where a field name ends and where its colon is. RFC 5322, 2.2 and 4.5: printable characters, blanks before the
  /// colon in old messages.
  private static func endOfName(_ bytes: Bytes, at start: Int, to end: Int) -> (name: Int, colon: Int)? {
    var i = start
    while i < end, bytes[i] > 32, bytes[i] < 127, bytes[i] != ASCII.colon { i += 1 }
    let name = i
    guard name > start, name - start <= 256 else { return nil }
    while i < end, ASCII.isBlank(bytes[i]) { i += 1 }
    return i < end && bytes[i] == ASCII.colon ? (name, i) : nil
  }
}
