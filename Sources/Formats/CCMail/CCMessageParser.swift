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
  /// How many blanks stand where a size should be, when EXPORT left the field blank (Q287056); 0 before one was met.
  var blankWidth = 0
  /// Columns of the fields in which the sizes of the message and of its contents stand, filled up with blanks.
  var fieldWidth = 0
  /// Whether one of these two sizes is no number.
  var hasNonsense = false
  /// What stands between the items, where line ends do: how many items have none behind them, and the gaps.
  var gaps = CCGaps()
  /// Whether the last item ends where its size says.
  var obeysSize = false
  /// Whether a byte order mark stands behind this message: the next one is UTF-8.
  var endsWithByteOrderMark = false
  private var isHeaderFull = false
  private var hasBlanksBeforeColon = false
  private var seen = Set<CCKeyword>()
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
      note(message.whole.lowerBound, .noRecipient, "no recipient in this message")
    }
    message.whole = message.whole.lowerBound..<position
  }

  // MARK: Lines

  /// Takes a CR alone for the end of a line.
  mutating func setLinesEndWithCR() {
    message.endsLinesWithCR = true
    searched.endsLinesWithCR = true
    note(message.whole.lowerBound, .crLineEnds, "lines end in CR alone, as those of a Macintosh")
  }

  func line(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> (end: Int, next: Int) {
    let line = searched.line(bytes, start)
    if !isFinal {
      // Behind a CR at the end an LF may follow.
      if line.next == line.end || (line.next == bytes.count && bytes[line.next - 1] == ASCII.cr) { throw NeedsMore() }
    }
    return line
  }

  mutating func note(_ offset: Int, _ rule: Rule, _ text: String) {
    message.findings.note(offset, rule, text)
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
      fieldWidth = line.end - position
      messageEnd = end(line.next, size, at: position)
    case .blank:
      message.isSized = line.end > position
      if message.isSized {
        noteBlanks(line.end - position)
        note(position, .sizeBlank, "blanks where the message's size should be")
      }
    case .nonsense:
      // A header line right after `Message:` is the plain dialect.
      if CCLine.keyword(bytes, position..<line.end) != nil { return }
      message.isSized = true
      hasNonsense = true
      note(position, .sizeNonsense, "the message's size is not a number: \(shown(bytes, position..<line.end))")
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
      fieldWidth = max(fieldWidth, line.end - position)
      contentsEnd = end(line.next, size, at: position)
      if let outer = messageEnd, let inner = contentsEnd, inner > outer + Self.slack {
        note(position, .sizeTooLong, "the contents' size, \(size), is more than the message's")
        contentsEnd = nil
      }
    case .blank:
      guard message.isSized else { return }
      noteBlanks(line.end - position)
      note(position, .sizeBlank, "blanks where the size of the contents should be")
    case .nonsense:
      guard message.isSized, CCLine.item(bytes, position..<line.end) == nil,
        !CCLine.isMessage(bytes, position..<line.end)
      else { return }
      hasNonsense = true
      note(
        position, .sizeNonsense, "the size of the contents is not a number: \(shown(bytes, position..<line.end))")
    }
    position = line.next
  }

  /// Notes how wide a blank size field is: one of this width behind a keyword tells an item wherever it stands.
  mutating func noteBlanks(_ width: Int) {
    guard blankWidth == 0, width >= 2 else { return }
    blankWidth = width
    searched.forgetSearches()
  }

  /// What a line says, for a finding.
  func shown(_ bytes: Bytes, _ line: Range<Int>) -> String {
    bytes.string(bytes.trimmed(line.lowerBound..<min(line.upperBound, line.lowerBound + 80)))
  }

  /// How far the sizes of nested blocks may disagree: line ends and size lines, counted or not.
  static let slack = 64

  mutating func end(_ start: Int, _ size: Int, at offset: Int) -> Int? {
    if size > maximumMessage {
      note(offset, .sizeTooLong, "a size of \(size) bytes is more than a message may have")
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
      let marks = CCFiller.endOfMarks(bytes, position, to: line.end)
      if marks > position {
        note(position, .filler, "left out of the header: \(CCFiller.names(bytes, position..<marks))")
        position = marks
        continue
      }
      if bytes.trimmed(range).isEmpty {
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
      } else if let (name, colon) = CCLine.keyword(bytes, range) {
        if name.upperBound < colon, !hasBlanksBeforeColon {
          hasBlanksBeforeColon = true
          note(position, .blankBeforeColon, "a blank stands before a colon; the keyword is taken without it")
        }
        appendHeaderLine(bytes, name, value: (colon + 1)..<line.end)
      } else {
        break
      }
      position = line.next
    }
    if position >= bytes.count, !isFinal { throw NeedsMore() }
    note(position, .noContents, "no `Contents:` line in this message")
    return false
  }

  private mutating func appendHeaderLine(_ bytes: Bytes, _ name: Range<Int>, value: Range<Int>) {
    guard message.header.count < Self.maximumHeaderLines else {
      if !isHeaderFull {
        note(
          name.lowerBound, .tooManyHeaderLines,
          "more than \(Self.maximumHeaderLines) lines in the header; this one and those that follow are left out")
      }
      isHeaderFull = true
      return
    }
    let keyword = CCKeyword(bytes, name)
    if keyword == .other { note(name.lowerBound, .unknownKeyword, "an unknown keyword, kept: \(bytes.string(name))") }
    var start = value.lowerBound
    if start < value.upperBound, bytes[start] == ASCII.space { start += 1 }
    if keyword.isSingle, !bytes.trimmed(value).isEmpty, !seen.insert(keyword).inserted {
      note(
        name.lowerBound, .secondField,
        "\(bytes.string(name)) a second time; the first one counts, this one is kept beside it: "
          + shown(bytes, value))
    }
    message.header.append(CCMessage.HeaderLine(keyword: keyword, name: name, value: start..<value.upperBound))
  }

  // MARK: Items

  mutating func readItems(_ bytes: Bytes) throws(NeedsMore) {
    while true {
      let gap = position..<skipLineEnds(bytes, position)
      position = gap.upperBound
      guard position < bytes.count else {
        if !isFinal { throw NeedsMore() }
        noteGap(bytes, gap, isLast: true, isEndOfFile: true)
        return
      }
      let line = try line(bytes, position)
      let range = position..<line.end
      if try isMessageStart(bytes, position) {
        noteGap(bytes, gap, isLast: true)
        return
      }
      if message.items.count >= Self.maximumItems {
        let start = position
        position = try findKeyword(bytes, from: position, messagesOnly: true)
        note(
          start, .tooManyItems,
          "more than \(Self.maximumItems) items; the rest, \(position - start) bytes, is left out")
        return
      }
      if let item = CCLine.item(bytes, range) {
        noteGap(bytes, gap)
        if item.kind == .other { note(position, .unknownSection, "an unknown section, kept: \(bytes.string(range))") }
        try readItem(bytes, item.kind, title: item.title, dataAt: line.next)
      } else if message.isSized, CCLine.keyword(bytes, range) != nil, try hasSizeThatFits(bytes, line.next) {
        // A section of a name that nobody knows (Q176375).
        noteGap(bytes, gap)
        note(position, .unknownSection, "an unknown section, kept: \(bytes.string(range))")
        try readItem(bytes, .other, title: range, dataAt: line.next)
      } else if let messageEnd, position >= messageEnd,
        message.items.last.map({ $0.data.upperBound <= messageEnd }) ?? true
      {
        // What stands behind a message whose size is right is not a part of it (the reasons in a .und file).
        noteGap(bytes, gap, isLast: true)
        return
      } else {
        // Text outside of any item: what a size too short left over, or a message without `Contents:`.
        var start = position
        position = try findKeyword(bytes, from: position, messagesOnly: false)
        // Blanks before it are part of it, and so is all that is no line end.
        while start > gap.lowerBound, bytes[start - 1] != ASCII.lf, bytes[start - 1] != ASCII.cr { start -= 1 }
        if let last = message.items.indices.last, message.items[last].kind == .text,
          message.items[last].data.upperBound == start, bytes[start - 1] != ASCII.lf
        {
          // A size too short cut a line in two.
          note(start, .sizeTooShort, "a text goes on behind its size, for \(position - start) bytes")
          message.items[last].data = message.items[last].data.lowerBound..<position
          continue
        }
        noteGap(bytes, gap.lowerBound..<start)
        note(start, .textOutsideItems, "text outside of any item, kept as a text")
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
    guard let (name, _) = CCLine.keyword(bytes, first.next..<second.end) else { return message.isSized }
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
      item.data = start..<CCFiller.endOfText(bytes, start..<end)
      item.isProtected = kind != .file && kind != .fax
      item.isHex = kind != .text && Self.isHex(bytes, item.data)
      if kind == .file || kind == .fax, !item.isHex, !bytes.trimmed(item.data).isEmpty {
        note(start, .fileNotHex, "a file without a size that is not in hexadecimal; taken as it stands")
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
}
