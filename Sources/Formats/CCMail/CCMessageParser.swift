/// More of the input has to be there before it can be judged.
struct NeedsMore: Error {}

/// Reads one message from its `Message:` line on.
struct MessageParser {
  let isFinal: Bool
  let maximumMessage: Int
  var message: CCMessage
  var position: Int
  var messageEnd: Int?
  var contentsEnd: Int?
  let searched = CCSearched()

  init(isFinal: Bool, maximumMessage: Int, start: Int, findings: [Finding]) {
    self.isFinal = isFinal
    self.maximumMessage = maximumMessage
    position = start
    message = CCMessage(whole: start..<start, findings: findings)
  }

  /// Header lines of one message; more are left out.
  static let maximumHeaderLines = 200_000
  /// Items of one message; more are left in the last.
  static let maximumItems = 100_000

  mutating func parse(_ bytes: Bytes) throws(NeedsMore) {
    let keyword = try line(bytes, position)
    position = keyword.next
    try readMessageSize(bytes)
    let hasContents = try readHeader(bytes)
    if hasContents { try readContentsSize(bytes) }
    try readItems(bytes)
    checkSizes(bytes)
    if !message.header.contains(where: { [.to, .cc, .bcc].contains($0.keyword) }) {
      note(message.whole.lowerBound, "no-recipient", "no recipient in this message")
    }
    message.whole = message.whole.lowerBound..<position
  }

  // MARK: Lines

  func line(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> (end: Int, next: Int) {
    let line = searched.line(bytes, start)
    if line.next == line.end, !isFinal { throw NeedsMore() }
    return line
  }

  mutating func note(_ offset: Int, _ rule: String, _ text: String) {
    if message.findings.count < 1000 { message.findings.append(Finding(offset: offset, rule: rule, text: text)) }
  }

  // MARK: Sizes of the message and of its contents

  mutating func readMessageSize(_ bytes: Bytes) throws(NeedsMore) {
    guard position < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return
    }
    let line = try line(bytes, position)
    switch CCLine.size(bytes, position..<line.end) {
    case .number(let size):
      message.isSized = true
      messageEnd = end(line.next, size, at: position)
    case .blank:
      message.isSized = line.end > position
      if message.isSized { note(position, "size-blank", "blanks where the message's size should be") }
    case .nonsense:
      // A header line right after `Message:` is the plain dialect.
      if CCLine.keyword(bytes, position..<line.end) != nil { return }
      message.isSized = true
      note(position, "size-nonsense", "the message's size is not a number")
    }
    position = line.next
  }

  mutating func readContentsSize(_ bytes: Bytes) throws(NeedsMore) {
    guard position < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return
    }
    let line = try line(bytes, position)
    switch CCLine.size(bytes, position..<line.end) {
    case .number(let size):
      message.isSized = true
      contentsEnd = end(line.next, size, at: position)
      if let outer = messageEnd, let inner = contentsEnd, inner > outer + Self.slack {
        note(position, "size-too-long", "the contents' size, \(size), is more than the message's")
        contentsEnd = nil
      }
    case .blank:
      guard message.isSized else { return }
      note(position, "size-blank", "blanks where the size of the contents should be")
    case .nonsense:
      guard message.isSized, CCLine.item(bytes, position..<line.end) == nil,
        !CCLine.isMessage(bytes, position..<line.end)
      else { return }
      note(position, "size-nonsense", "the size of the contents is not a number")
    }
    position = line.next
  }

  /// How far the sizes of nested blocks may disagree: line ends and size lines, counted or not (dossier 1.4).
  static let slack = 64

  mutating func end(_ start: Int, _ size: Int, at offset: Int) -> Int? {
    if size > maximumMessage {
      note(offset, "size-too-long", "a size of \(size) bytes is more than a message may have")
      return nil
    }
    return start + size
  }

  /// What no item can go beyond. Nothing here depends on how much of the input is at hand: a message is read alike
  /// whole and in pieces, and a wrong size never makes the reader wait for more than the message can have.
  var limit: Int { (contentsEnd ?? messageEnd).map { $0 + Self.slack } ?? Int.max }

  // MARK: Header

  /// Reads header lines up to `Contents:`. Returns false when there is none (Q234745).
  mutating func readHeader(_ bytes: Bytes) throws(NeedsMore) -> Bool {
    while position < bytes.count {
      let line = try line(bytes, position)
      let range = position..<line.end
      if bytes.trimmed(range).isEmpty || (range.count == 1 && bytes[position] == ASCII.substitute) {
        position = line.next
        continue
      }
      if CCLine.isContents(bytes, range) {
        position = line.next
        return true
      }
      if CCLine.isMessage(bytes, range) || CCLine.item(bytes, range) != nil { break }
      if ASCII.isBlank(bytes[position]), let last = message.header.indices.last {
        message.header[last].value = message.header[last].value.lowerBound..<line.end
      } else if let name = CCLine.keyword(bytes, range) {
        if message.header.count < Self.maximumHeaderLines {
          let keyword = CCKeyword(bytes, name)
          if keyword == .other {
            note(position, "unknown-keyword", "an unknown keyword, kept: \(bytes.string(name))")
          }
          let value = name.upperBound + 1
          message.header.append(
            CCMessage.HeaderLine(
              keyword: keyword, name: name,
              value: (value < line.end && bytes[value] == ASCII.space ? value + 1 : value)..<line.end))
        }
      } else {
        break
      }
      position = line.next
    }
    if position >= bytes.count, !isFinal { throw NeedsMore() }
    note(position, "no-contents", "no `Contents:` line in this message")
    return false
  }

  // MARK: Items

  mutating func readItems(_ bytes: Bytes) throws(NeedsMore) {
    while true {
      position = skipLineEnds(bytes, position)
      guard position < bytes.count else {
        if !isFinal { throw NeedsMore() }
        return
      }
      let line = try line(bytes, position)
      let range = position..<line.end
      if try isMessageStart(bytes, position) { return }
      if message.items.count >= Self.maximumItems {
        note(position, "too-many-items", "more than \(Self.maximumItems) items; the rest is left out")
        position = try findKeyword(bytes, from: position, messagesOnly: true)
        return
      }
      if let item = CCLine.item(bytes, range) {
        if item.kind == .other { note(position, "unknown-section", "an unknown section, kept: \(bytes.string(range))") }
        try readItem(bytes, item.kind, title: item.title, dataAt: line.next)
      } else if message.isSized, CCLine.keyword(bytes, range) != nil, try hasSizeThatFits(bytes, line.next) {
        // A section of a name that nobody knows (Q176375).
        note(position, "unknown-section", "an unknown section, kept: \(bytes.string(range))")
        try readItem(bytes, .other, title: range, dataAt: line.next)
      } else if let messageEnd, position >= messageEnd,
        message.items.last.map({ $0.data.upperBound <= messageEnd }) ?? true
      {
        // What stands behind a message whose size is right is not a part of it (the reasons in a .und file).
        return
      } else {
        // Text outside of any item: what a size too short left over, or a message without `Contents:`.
        let start = position
        position = try findKeyword(bytes, from: line.next, messagesOnly: false)
        if let last = message.items.indices.last, message.items[last].kind == .text,
          message.items[last].data.upperBound == start, bytes[start - 1] != ASCII.lf
        {
          // A size too short cut a line in two.
          note(start, "size-too-short", "a text goes on behind its size, for \(position - start) bytes")
          message.items[last].data = message.items[last].data.lowerBound..<position
          continue
        }
        note(start, "text-outside-items", "text outside of any item, kept as a text")
        message.items.append(CCMessage.Item(kind: .text, start: start, title: start..<start, data: start..<position))
      }
    }
  }

  /// Passes over line ends, Ctrl-Z and NUL bytes between blocks.
  func skipLineEnds(_ bytes: Bytes, _ start: Int) -> Int { searched.endOfFiller(bytes, start) }

  /// Whether a message begins here: `Message:`, and after it a size or a header line.
  func isMessageStart(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
    guard start < bytes.count, ASCII.lowercased(bytes[start]) == UInt8(ascii: "m") else { return false }
    let first = try line(bytes, start)
    guard CCLine.isMessage(bytes, start..<first.end) else { return false }
    guard first.next < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return true
    }
    let second = try line(bytes, first.next)
    if CCLine.size(bytes, first.next..<second.end) != .nonsense { return true }
    guard let name = CCLine.keyword(bytes, first.next..<second.end) else { return message.isSized }
    return CCKeyword(bytes, name) != .other
  }

  mutating func readItem(_ bytes: Bytes, _ kind: CCItemKind, title: Range<Int>, dataAt start: Int)
    throws(NeedsMore)
  {
    var item = CCMessage.Item(kind: kind, start: position, title: title, data: start..<start)
    if message.isSized {
      let end = try endOfSizedItem(bytes, &item, sizeAt: start)
      item.data = item.data.lowerBound..<end
    } else {
      let end = try findKeyword(bytes, from: start, messagesOnly: false)
      item.data = start..<end
      item.isProtected = kind != .file && kind != .fax
      item.isHex = kind != .text && Self.isHex(bytes, item.data)
      if kind == .file || kind == .fax, !item.isHex, !bytes.trimmed(item.data).isEmpty {
        note(start, "file-not-hex", "a file without a size that is not in hexadecimal; taken as it stands")
      }
    }
    position = item.data.upperBound
    message.items.append(item)
  }

  static func isHex(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var digits = 0
    for i in range {
      if ASCII.isSpace(bytes[i]) { continue }
      guard ASCII.hexadecimalValue(bytes[i]) != nil else { return false }
      digits += 1
    }
    return digits % 2 == 0
  }

  // MARK: Afterwards

  /// Says where the sizes of the contents and of the message differ from what was found.
  mutating func checkSizes(_ bytes: Bytes) {
    guard message.isSized else { return }
    let last = message.items.last?.data.upperBound ?? position
    if let end = contentsEnd, end != last {
      note(
        last, "contents-size",
        "the contents end here, \(abs(end - last)) bytes \(end > last ? "before" : "behind") their size")
    }
    if let end = messageEnd, end < last || end > position {
      note(last, "message-size", "the message ends here, \(abs(end - position)) bytes from where its size says")
    }
  }
}
