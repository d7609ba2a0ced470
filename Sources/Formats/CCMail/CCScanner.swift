/// Reads the messages of a .ccm file one after the other, while its input comes piece by piece.
///
/// Sizes are obeyed where they lead to a keyword or to an end; where they do not, the reader finds the next keyword,
/// goes on there, and says so. A region whose size is right is never searched for keywords (Q233054).
public struct CCScanner: Sendable {
  public enum Step: Sendable {
    /// The next message begins at `next`.
    case message(CCMessage, next: Int)
    /// Nothing can be said before more of the input is there.
    case needsMore
    case end
    /// What is left holds no message.
    case unreadable(Unreadable)
  }

  /// A size above this is taken for nonsense.
  public let maximumMessage: Int
  private var searched = 0

  public init(maximumMessage: Int = 1 << 31) { self.maximumMessage = maximumMessage }

  /// The first message in `bytes`, which begins where the last one ended. `isFinal` tells that no more will follow.
  /// All ranges and offsets are positions in `bytes`.
  public mutating func next(in bytes: Bytes, isFinal: Bool) -> Step {
    var findings: [Finding] = []
    guard let start = findMessage(in: bytes, isFinal: isFinal) else {
      if !isFinal { return .needsMore }
      let first = Self.skipFiller(bytes, 0)
      if first == bytes.count { return .end }
      return .unreadable(Unreadable(offset: first, text: "no `Message:` line, not a .ccm file"))
    }
    let first = Self.skipFiller(bytes, 0)
    if start > first {
      findings.append(
        Finding(
          offset: first, rule: "text-before-message",
          text:
            "\(start - first) bytes before `Message:` are left out: \(bytes.string(bytes.trimmed(first..<min(start, first + 80))))"
        ))
    }
    var parser = MessageParser(isFinal: isFinal, maximumMessage: maximumMessage, start: start, findings: findings)
    do {
      try parser.parse(bytes)
      searched = 0
      return .message(parser.message, next: parser.message.whole.upperBound)
    } catch {
      return .needsMore
    }
  }

  /// Line ends, blanks, NUL bytes and Ctrl-Z, which DOS programs put between messages and at the end of a file.
  static func skipFiller(_ bytes: Bytes, _ start: Int) -> Int {
    var position = start
    while position < bytes.count,
      ASCII.isSpace(bytes[position]) || bytes[position] == ASCII.substitute || bytes[position] == ASCII.nul
    { position += 1 }
    return position
  }

  private mutating func findMessage(in bytes: Bytes, isFinal: Bool) -> Int? {
    var position = max(searched, Self.skipFiller(bytes, 0))
    while position < bytes.count {
      let line = bytes.line(at: position, to: bytes.count)
      if line.next == line.end, !isFinal { break }
      if CCLine.isMessage(bytes, position..<line.end) { return position }
      position = line.next
    }
    // A line of which only a part is here is looked at again; one without an end is not kept for ever.
    searched = position
    return nil
  }
}

/// More of the input has to be there before it can be judged.
struct NeedsMore: Error {}

/// Reads one message from its `Message:` line on.
struct MessageParser {
  let isFinal: Bool
  let maximumMessage: Int
  var message: CCMessage
  private var position: Int
  private var messageEnd: Int?
  private var contentsEnd: Int?

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

  private func line(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> (end: Int, next: Int) {
    let line = bytes.line(at: start, to: bytes.count)
    if line.next == line.end, !isFinal { throw NeedsMore() }
    return line
  }

  private mutating func note(_ offset: Int, _ rule: String, _ text: String) {
    if message.findings.count < 1000 { message.findings.append(Finding(offset: offset, rule: rule, text: text)) }
  }

  // MARK: Sizes of the message and of its contents

  private mutating func readMessageSize(_ bytes: Bytes) throws(NeedsMore) {
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

  private mutating func readContentsSize(_ bytes: Bytes) throws(NeedsMore) {
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
  private static let slack = 64

  private mutating func end(_ start: Int, _ size: Int, at offset: Int) -> Int? {
    if size > maximumMessage {
      note(offset, "size-too-long", "a size of \(size) bytes is more than a message may have")
      return nil
    }
    return start + size
  }

  /// What no item can go beyond. Nothing here depends on how much of the input is at hand: a message is read alike
  /// whole and in pieces, and a wrong size never makes the reader wait for more than the message can have.
  private var limit: Int { (contentsEnd ?? messageEnd).map { $0 + Self.slack } ?? Int.max }

  // MARK: Header

  /// Reads header lines up to `Contents:`. Returns false when there is none (Q234745).
  private mutating func readHeader(_ bytes: Bytes) throws(NeedsMore) -> Bool {
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

  private mutating func readItems(_ bytes: Bytes) throws(NeedsMore) {
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
  private func skipLineEnds(_ bytes: Bytes, _ start: Int) -> Int { CCScanner.skipFiller(bytes, start) }

  /// Whether a message begins here: `Message:`, and after it a size or a header line.
  private func isMessageStart(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
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

  private mutating func readItem(_ bytes: Bytes, _ kind: CCItemKind, title: Range<Int>, dataAt start: Int)
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
      item.isHex = kind != .text && isHex(bytes, item.data)
      if kind == .file || kind == .fax, !item.isHex, !bytes.trimmed(item.data).isEmpty {
        note(start, "file-not-hex", "a file without a size that is not in hexadecimal; taken as it stands")
      }
    }
    position = item.data.upperBound
    message.items.append(item)
  }

  private func isHex(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var digits = 0
    for i in range {
      if ASCII.isSpace(bytes[i]) { continue }
      guard ASCII.hexadecimalValue(bytes[i]) != nil else { return false }
      digits += 1
    }
    return digits % 2 == 0
  }

  // MARK: Sized items

  /// Reads the size line at `start`, sets where the data begin, and returns where they end.
  private mutating func endOfSizedItem(_ bytes: Bytes, _ item: inout CCMessage.Item, sizeAt start: Int)
    throws(NeedsMore) -> Int
  {
    guard start < bytes.count else {
      if !isFinal { throw NeedsMore() }
      note(start, "size-missing", "the file ends where the size of an item should be")
      return start
    }
    let line = try line(bytes, start)
    let size = CCLine.size(bytes, start..<line.end)
    if size == .nonsense {
      note(start, "size-nonsense", "the size of an item is not a number; its end is where the next keyword is")
      // A line that looks like text is the first line of the text, its size line missing.
      let isText = item.kind == .text && bytes.trimmed(start..<line.end).contains { ASCII.isBlank(bytes[$0]) }
      item.data = (isText ? start : line.next)..<(isText ? start : line.next)
      return try resynchronise(bytes, from: item.data.lowerBound, claimed: nil, kind: item.kind)
    }
    item.data = line.next..<line.next
    guard case .number(let count) = size else {
      note(start, "size-blank", "blanks where the size of an item should be; its end is where the next keyword is")
      return try resynchronise(bytes, from: line.next, claimed: nil, kind: item.kind)
    }
    if count <= maximumMessage, line.next + count <= limit {
      // Counted from after the size line; from the size line; from the keyword line (dossier 1.4).
      for counted in [line.next, start, item.start] {
        let end = counted + count
        guard end >= line.next else { continue }
        if end > bytes.count, !isFinal { throw NeedsMore() }
        // Sizes that agree with one another need no keyword behind them.
        var isEnd = counted == line.next && (end == contentsEnd || end == messageEnd)
        if end <= bytes.count, !isEnd { isEnd = try isBoundary(bytes, end) }
        if end <= bytes.count, isEnd {
          if counted != line.next {
            note(start, "size-counted-differently", "the size of an item counts its own lines too")
          }
          return end
        }
      }
    }
    let claimed = count <= maximumMessage && line.next + count <= limit ? line.next + count : nil
    let end = try resynchronise(bytes, from: line.next, claimed: claimed, kind: item.kind)
    note(
      start, end > line.next + count ? "size-too-short" : "size-too-long",
      "the size of an item, \(count), leads nowhere; it ends \(end - line.next) bytes on, where the next keyword is")
    return end
  }

  /// Whether a keyword, or the end of the file, follows `end` after nothing but line ends.
  private func isBoundary(_ bytes: Bytes, _ end: Int) throws(NeedsMore) -> Bool {
    let next = skipLineEnds(bytes, end)
    guard next < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return true
    }
    // A keyword stands at the beginning of a line, or right behind the item (Q184391).
    guard ASCII.isLetter(bytes[next]) else { return false }
    guard let colon = bytes.firstIndex(of: ASCII.colon, from: next, to: min(next + 42, bytes.count)) else {
      if !isFinal, next + 42 > bytes.count { throw NeedsMore() }
      return false
    }
    guard CCLine.keyword(bytes, next..<(colon + 1)) != nil else { return false }
    let line = try line(bytes, next)
    if try isMessageStart(bytes, next) { return true }
    if let item = CCLine.item(bytes, next..<line.end), item.kind != .other { return true }
    // A size that is a little too long ends within a keyword: `le item:` is no section, and no `Contents:` is one.
    for word in Self.keywords + ["Contents"] {
      for behind in 0..<word.utf8CodeUnitCount where next >= behind {
        if bytes.hasPrefixIgnoringCase(at: next - behind, to: bytes.count, word),
          colon == next - behind + word.utf8CodeUnitCount
        {
          return false
        }
      }
    }
    return try hasSizeThatFits(bytes, line.next)
  }

  private static let keywords: [StaticString] = ["Message", "Text item", "File item", "Fax item"]

  /// Whether a size line is here whose size does not go beyond the message.
  private func hasSizeThatFits(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
    guard start < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return false
    }
    let line = try line(bytes, start)
    guard case .number(let size) = CCLine.size(bytes, start..<line.end) else { return false }
    return size <= maximumMessage && line.next + size <= limit
  }

  /// Where the item that begins at `start` ends, when its size does not tell.
  private func resynchronise(_ bytes: Bytes, from start: Int, claimed: Int?, kind: CCItemKind) throws(NeedsMore) -> Int
  {
    if let found = try findChain(bytes, from: start) { return found }
    // Data of files may hold lines like keywords: look behind the claimed end first.
    if kind != .text, let claimed, claimed > start, let found = try findVerified(bytes, from: claimed),
      try !isMessageStart(bytes, found)
    {
      return found
    }
    if let found = try findVerified(bytes, from: start) {
      guard try isMessageStart(bytes, found) else { return found }
      // The next message is sure; an item of this one, its size useless too, may stand before it.
      return try min(found, findKeyword(bytes, from: start, messagesOnly: false))
    }
    for end in [contentsEnd, messageEnd] {
      guard let end, end >= start else { continue }
      if end > bytes.count, !isFinal { throw NeedsMore() }
      if end <= bytes.count, try isBoundary(bytes, end) { return end }
    }
    return try findKeyword(bytes, from: start, messagesOnly: false)
  }

  /// The next keyword with a size after it that leads to a boundary: at the beginning of a line, or right behind data
  /// (Q184391).
  private func findVerified(_ bytes: Bytes, from start: Int) throws(NeedsMore) -> Int? {
    let last = contentsEnd.map { max($0, start) + 4096 } ?? Int.max
    var searched = start
    while let colon = bytes.firstIndex(of: ASCII.colon, from: searched, to: bytes.count), colon < last {
      searched = colon + 1
      guard let position = keywordStart(bytes, colon, from: start) else { continue }
      if try isMessageStart(bytes, position), try isPlausibleMessage(bytes, position) { return position }
      let keyword = try line(bytes, position)
      guard let item = CCLine.item(bytes, position..<keyword.end), item.kind != .other else { continue }
      guard keyword.next < bytes.count else {
        if !isFinal { throw NeedsMore() }
        continue
      }
      let beginsLine = position == start || bytes[position - 1] == ASCII.lf
      let sizeLine = try line(bytes, keyword.next)
      switch CCLine.size(bytes, keyword.next..<sizeLine.end) {
      case .number(0): if beginsLine { return position }
      case .number(let count):
        guard count <= maximumMessage, sizeLine.next + count <= limit else { continue }
        if sizeLine.next + count > bytes.count, !isFinal { throw NeedsMore() }
        if sizeLine.next + count <= bytes.count, try isBoundary(bytes, sizeLine.next + count) { return position }
      case .blank: if beginsLine, sizeLine.end > keyword.next { return position }
      case .nonsense: continue
      }
    }
    if bytes.count < last, !isFinal { throw NeedsMore() }
    return nil
  }

  /// The next keyword from which sizes lead to the end of the contents.
  private func findChain(_ bytes: Bytes, from start: Int) throws(NeedsMore) -> Int? {
    guard let contentsEnd, contentsEnd > start else { return nil }
    if contentsEnd > bytes.count, !isFinal { throw NeedsMore() }
    var searched = start
    // Bounded: the data may be full of colons.
    for _ in 0..<1000 {
      guard let colon = bytes.firstIndex(of: ASCII.colon, from: searched, to: min(contentsEnd, bytes.count)) else {
        return nil
      }
      searched = colon + 1
      if let position = keywordStart(bytes, colon, from: start), try leadsToEnd(bytes, position, contentsEnd) {
        return position
      }
    }
    return nil
  }

  /// Whether items follow one another from `start` to the end of the contents, all their sizes right.
  private func leadsToEnd(_ bytes: Bytes, _ start: Int, _ contentsEnd: Int) throws(NeedsMore) -> Bool {
    var position = start
    for _ in 0..<64 {
      guard position < bytes.count else { return false }
      let keyword = try line(bytes, position)
      guard CCLine.item(bytes, position..<keyword.end) != nil, keyword.next < bytes.count else { return false }
      let size = try line(bytes, keyword.next)
      guard case .number(let count) = CCLine.size(bytes, keyword.next..<size.end), count <= contentsEnd - size.next
      else { return false }
      position = skipLineEnds(bytes, size.next + count)
      if position >= contentsEnd { return true }
    }
    return false
  }

  /// Where the keyword before `colon` begins.
  private func keywordStart(_ bytes: Bytes, _ colon: Int, from start: Int) -> Int? {
    for word in Self.keywords {
      let position = colon - word.utf8CodeUnitCount
      if position >= start, bytes.hasPrefixIgnoringCase(at: position, to: colon, word) { return position }
    }
    return nil
  }

  /// Whether a header line follows the `Message:` line and its size.
  private func isPlausibleMessage(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
    var position = try line(bytes, start).next
    for _ in 0..<3 {
      guard position < bytes.count else {
        if !isFinal { throw NeedsMore() }
        return false
      }
      let line = try line(bytes, position)
      if let name = CCLine.keyword(bytes, position..<line.end) { return CCKeyword(bytes, name) != .other }
      position = line.next
    }
    return false
  }

  /// The next line that is the keyword of an item or of a message, or the end of the file.
  private func findKeyword(_ bytes: Bytes, from start: Int, messagesOnly: Bool) throws(NeedsMore) -> Int {
    var position = start
    while position < bytes.count {
      let line = try line(bytes, position)
      if try isMessageStart(bytes, position) { return position }
      if !messagesOnly, let item = CCLine.item(bytes, position..<line.end), item.kind != .other { return position }
      position = line.next
    }
    if !isFinal { throw NeedsMore() }
    return bytes.count
  }

  // MARK: Afterwards

  /// Says where the sizes of the contents and of the message differ from what was found.
  private mutating func checkSizes(_ bytes: Bytes) {
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
