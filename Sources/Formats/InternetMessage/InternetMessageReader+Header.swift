/// Header fields, RFC 5322, 2.2.
extension InternetMessageReader {
  /// Reads fields from `start` on; returns where the body begins.
  ///
  /// A line that is no field, for want of a blank in front of it, belongs to the header while a field that counts
  /// stands behind it, before the first blank line: it becomes a `brokenLine`, so that nothing of it is lost. Where none
  /// does, the body begins.
  static func readHeader(_ bytes: Bytes, at start: Int, to end: Int, into message: inout InternetMessage) -> Int {
    let first = message.fields.count
    var position = start
    // Where the last field stands that counts behind a broken line; looked for once.
    var lastCounting: Int?
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
      if let colon = endOfName(bytes, at: position, to: line.end) {
        let name = position..<colon.name
        message.fields.append(
          InternetMessage.Field(
            name: FieldName(bytes, name), nameRange: name, value: (colon.colon + 1)..<max(line.end, colon.colon + 1),
            whole: position..<line.next))
        position = line.next
        continue
      }
      let last =
        lastCounting ?? lastCountingField(bytes, behind: line.next, to: end, beside: message.fields[first...])
      lastCounting = last
      guard position < last, !bytes.hasPrefix(at: position, to: end, "--") else {
        message.findings.note(position, .noBlankLine, "no blank line after the header; the body begins at this line")
        return position
      }
      let text = line.end - position > 80 ? position..<(position + 80) : position..<line.end
      message.findings.note(
        position, .headerLineWithoutName,
        "a line of the header that is no field; it is kept beside the others: \(bytes.string(text))")
      message.fields.append(
        InternetMessage.Field(
          name: .brokenLine, nameRange: position..<position, value: position..<line.end, whole: position..<line.next))
      position = line.next
    }
    return end
  }

  /// Where the last field begins that counts although it stands behind a line that is none: before the first blank line,
  /// known by name, and not there yet if it may be there once. -1 when none does.
  ///
  /// What looks like a field in a text that no blank line divides from the header is none of these: `And: so on`, or the
  /// quoted header of another message.
  private static func lastCountingField(
    _ bytes: Bytes, behind start: Int, to end: Int, beside fields: ArraySlice<InternetMessage.Field>
  ) -> Int {
    var seen = FieldName.Set()
    for field in fields { seen.insert(field.name) }
    let isFirst = seen.isEmpty
    var counting = 0
    var last = -1
    var position = start
    while position < end {
      let line = bytes.line(at: position, to: end)
      if bytes.trimmed(position..<line.end).isEmpty || bytes.hasPrefix(at: position, to: end, "--") { break }
      if !ASCII.isBlank(bytes[position]), let colon = endOfName(bytes, at: position, to: line.end) {
        let name = FieldName(bytes, position..<colon.name)
        if name != .other, name.mayRepeat || !seen.contains(name) {
          counting += 1
          last = position
          seen.insert(name)
        }
      }
      position = line.next
    }
    // Text with one such line in it is not yet a message.
    return isFirst && counting < 2 ? -1 : last
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
