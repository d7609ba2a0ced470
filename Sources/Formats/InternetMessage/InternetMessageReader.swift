/// Reads a message in one pass, whatever its bytes are: lines are found by `memchr`, open multiparts stand on an
/// explicit stack, and nesting and counts are bounded. A defect becomes a finding and is read as mail programs read
/// it; only what has no header at all is no message.
public struct InternetMessageReader: Sendable {
  /// Multiparts open at once; deeper ones are taken as they stand, as text.
  public static let maximumDepth = 50
  /// Parts in one message; what follows belongs to the last of them.
  public static let maximumParts = 20_000

  /// Reads the message in `bytes`.
  ///
  /// Throws `Unreadable` when no header field is there.
  public static func read(_ bytes: Bytes) throws(Unreadable) -> InternetMessage {
    guard bytes.count > 0 else { throw Unreadable(offset: 0, text: "empty, no message") }
    if bytes.count >= 2, (bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF) {
      throw Unreadable(offset: 0, text: "UTF-16 text, not an Internet message")
    }
    var message = InternetMessage()
    message.fields.reserveCapacity(32)
    var start = 0
    if bytes.hasPrefix(at: 0, to: bytes.count, "\u{FEFF}") { start = 3 }
    // A line of an mbox file, or the same line as it is quoted there, before the header.
    while MboxScanner.beginsEnvelope(bytes, at: start) || bytes.hasPrefix(at: start, to: bytes.count, ">From ") {
      start = bytes.line(at: start, to: bytes.count).next
    }
    while start < bytes.count, bytes[start] == ASCII.lf || bytes[start] == ASCII.cr { start += 1 }
    readBody(bytes, startingWithHeaderAt: start, into: &message)
    guard !message.parts[0].fields.isEmpty else {
      throw Unreadable(offset: start, text: "no header field, not an Internet message")
    }
    return message
  }

  /// Reads the header fields in `bytes`, without a body.
  public static func readHeader(_ bytes: Bytes) -> InternetMessage {
    var message = InternetMessage()
    let body = readHeader(bytes, at: 0, to: bytes.count, into: &message)
    message.parts.append(
      InternetMessage.Part(
        parent: nil, fields: 0..<message.fields.count, whole: 0..<bytes.count, body: body..<bytes.count,
        type: .plainText, encoding: .identity, isMultipart: false))
    return message
  }

  // MARK: Bodies

  private struct OpenMultipart {
    var part: Int
    var boundary: [UInt8]
    /// Whether its closing line has been met, so that what follows is its epilogue.
    var isClosed = false
  }

  private static func readBody(_ bytes: Bytes, startingWithHeaderAt start: Int, into message: inout InternetMessage) {
    let end = bytes.count
    var open: [OpenMultipart] = []
    var position = readPart(bytes, at: start, to: end, parent: nil, open: &open, into: &message)
    // The part whose body the lines belong to; nil in a preamble or an epilogue.
    var leaf: Int? = open.isEmpty ? 0 : nil
    if open.isEmpty {
      message.parts[0].body = position..<end
      message.parts[0].whole = start..<end
      return
    }
    // Where a preamble or an epilogue begins, while there is no leaf.
    var outside = position
    while position < end {
      let feed = bytes.firstIndex(of: ASCII.lf, from: position, to: end)
      let next = feed.map { $0 + 1 } ?? end
      defer { position = max(position, next) }
      guard bytes[position] == ASCII.hyphen, position + 1 < end, bytes[position + 1] == ASCII.hyphen,
        let found = match(bytes, position..<(feed ?? end), open)
      else { continue }
      // The line end before a boundary belongs to the boundary, RFC 2046, 5.1.1.
      let bodyEnd = endBeforeLineEnd(bytes, position)
      if let leaf {
        close(leaf, at: bodyEnd, in: &message)
      } else {
        noteOutside(bytes, from: outside, to: bodyEnd, open.last, in: &message)
      }
      for inner in open[(found.index + 1)...] {
        if !inner.isClosed {
          message.findings.note(position, .boundaryNotClosed, "a multipart ends without its closing boundary")
        }
        close(inner.part, at: bodyEnd, in: &message)
      }
      open.removeSubrange((found.index + 1)...)
      leaf = nil
      outside = next
      if found.isClosing {
        open[found.index].isClosed = true
        continue
      }
      if next >= end {
        // A boundary with nothing behind it begins no part.
        break
      }
      if message.parts.count >= maximumParts {
        message.findings.note(position, .tooManyParts, "more than \(maximumParts) parts; the rest is left in the last")
        leaf = message.parts.count - 1
        break
      }
      let depth = open.count
      position = readPart(bytes, at: next, to: end, parent: open[found.index].part, open: &open, into: &message)
      if open.count == depth { leaf = message.parts.count - 1 }
      outside = position
    }
    if let leaf {
      close(leaf, at: end, in: &message)
    } else {
      noteOutside(bytes, from: outside, to: end, open.last, in: &message)
    }
    for multipart in open {
      if !multipart.isClosed, multipart.part == 0 || leaf != nil {
        message.findings.note(end, .boundaryNotClosed, "a multipart ends without its closing boundary")
      }
      close(multipart.part, at: end, in: &message)
    }
    // A multipart in which no boundary was met is a body like another one.
    for i in message.parts.indices where message.parts[i].isMultipart {
      if i + 1 >= message.parts.count || message.parts[i + 1].parent != i {
        message.parts[i].isMultipart = false
        message.findings.note(
          message.parts[i].body.lowerBound, .multipartWithoutParts,
          "a multipart without a part; its body is taken as text")
      }
    }
  }

  /// Notes what stands outside of the parts of `multipart`, unless it is blank.
  private static func noteOutside(
    _ bytes: Bytes, from start: Int, to end: Int, _ multipart: OpenMultipart?, in message: inout InternetMessage
  ) {
    guard let multipart, start < end, message.outsideTexts.count < maximumParts,
      !bytes.trimmed(start..<end).isEmpty
    else { return }
    message.outsideTexts.append(
      InternetMessage.OutsideText(part: multipart.part, isEpilogue: multipart.isClosed, range: start..<end))
  }

  private static func close(_ part: Int, at end: Int, in message: inout InternetMessage) {
    let start = message.parts[part].body.lowerBound
    message.parts[part].body = start..<max(start, end)
    message.parts[part].whole = message.parts[part].whole.lowerBound..<max(start, end)
  }

  private static func endBeforeLineEnd(_ bytes: Bytes, _ position: Int) -> Int {
    var end = position
    if end > 0, bytes[end - 1] == ASCII.lf { end -= 1 }
    if end > 0, end < position, bytes[end - 1] == ASCII.cr { end -= 1 }
    return end
  }

  /// The open multipart whose boundary the line is, the innermost first.
  private static func match(
    _ bytes: Bytes, _ line: Range<Int>, _ open: [OpenMultipart]
  ) -> (index: Int, isClosing: Bool)? {
    var end = line.upperBound
    while end > line.lowerBound, ASCII.isSpace(bytes[end - 1]) { end -= 1 }
    let text = (line.lowerBound + 2)..<max(end, line.lowerBound + 2)
    for index in open.indices.reversed() {
      let boundary = open[index].boundary
      guard text.count >= boundary.count, text.count <= boundary.count + 2 else { continue }
      let isSame = (0..<boundary.count).allSatisfy { bytes[text.lowerBound + $0] == boundary[$0] }
      guard isSame else { continue }
      if text.count == boundary.count { return (index, false) }
      if text.count == boundary.count + 2, bytes[text.upperBound - 1] == ASCII.hyphen,
        bytes[text.upperBound - 2] == ASCII.hyphen
      {
        return (index, true)
      }
    }
    return nil
  }

  /// Reads the header of a part at `start`, appends the part, and puts it on the stack when it is a multipart.
  /// Returns where its body begins.
  private static func readPart(
    _ bytes: Bytes, at start: Int, to end: Int, parent: Int?, open: inout [OpenMultipart],
    into message: inout InternetMessage
  ) -> Int {
    let firstField = message.fields.count
    // A part that begins with its boundary's next line blank has no header at all.
    let body = readPartHeader(bytes, at: start, to: end, open: open, into: &message)
    let inDigest = parent.map { message.parts[$0].type.name == "multipart/digest" } ?? false
    var part = InternetMessage.Part(
      parent: parent, fields: firstField..<message.fields.count, whole: start..<end, body: body..<end,
      type: inDigest ? .message : .plainText, encoding: .identity, isMultipart: false)
    var boundary: [UInt8]?
    for field in message.fields[part.fields] {
      switch field.name {
      case .contentType:
        if let type = ContentType.mediaType(bytes, field.value) {
          part.type = type
          if type.isMultipart { boundary = ContentType.boundary(bytes, field.value) }
        } else {
          message.findings.note(field.value.lowerBound, .contentType, "a Content-Type that is none is left out")
        }
      case .contentTransferEncoding:
        if let encoding = TransferEncoding(bytes, field.value) {
          part.encoding = encoding
        } else {
          message.findings.note(
            field.value.lowerBound, .unknownTransferEncoding,
            "an unknown Content-Transfer-Encoding; the body is taken as it stands")
        }
      default: continue
      }
    }
    let index = message.parts.count
    if part.type.isMultipart {
      if open.count >= maximumDepth {
        message.findings.note(start, .nestedTooDeep, "multiparts nested deeper than \(maximumDepth); taken as text")
      } else if let boundary, !boundary.isEmpty {
        part.isMultipart = true
        part.encoding = .identity
        open.append(OpenMultipart(part: index, boundary: boundary))
      } else {
        message.findings.note(
          start, .multipartWithoutBoundary, "a multipart without a boundary; its body is taken as text")
      }
    }
    message.parts.append(part)
    return body
  }

  /// Reads the header of a part; one that runs into the next boundary line, for want of a blank line, ends there.
  private static func readPartHeader(
    _ bytes: Bytes, at start: Int, to end: Int, open: [OpenMultipart], into message: inout InternetMessage
  ) -> Int {
    guard !open.isEmpty else { return readHeader(bytes, at: start, to: end, into: &message) }
    var limit = start
    while limit < end {
      let line = bytes.line(at: limit, to: end)
      if line.end == limit { return readHeader(bytes, at: start, to: line.next, into: &message) }
      if bytes[limit] == ASCII.hyphen, limit + 1 < line.end, bytes[limit + 1] == ASCII.hyphen,
        match(bytes, limit..<line.end, open) != nil
      {
        _ = readHeader(bytes, at: start, to: limit, into: &message)
        return limit
      }
      limit = line.next
    }
    return readHeader(bytes, at: start, to: end, into: &message)
  }
}
