/// Where an item ends: where its size says, when that leads to a keyword or to an end, and else where the next keyword is.
extension MessageParser {
  /// Reads the size line at `start`, sets where the data begin, and returns where they end.
  mutating func endOfSizedItem(_ bytes: Bytes, _ item: inout CCMessage.Item, sizeAt start: Int)
    throws(NeedsMore) -> Int
  {
    guard start < bytes.count else {
      if !isFinal { throw NeedsMore() }
      note(start, .sizeMissing, "the file ends where the size of an item should be")
      return start
    }
    let line = try line(bytes, start)
    let size = CCLine.size(bytes, start..<line.end)
    if size == .nonsense {
      if line.next + 256 > bytes.count, !isFinal { throw NeedsMore() }
      if isSizeField(bytes, start..<line.end) {
        note(
          start, .sizeNonsense,
          "the size of an item is not a number, \(shown(bytes, start..<line.end)); its end is where the next keyword is"
        )
        item.data = line.next..<line.next
        let end = try endOfUnsized(bytes, &item, claimed: nil)
        takeHexLines(bytes, &item, from: start..<line.end, to: end)
        return end
      }
      note(start, .sizeMissing, "an item without a size line; its end is where the next keyword is")
      return try endOfLines(bytes, &item, from: start)
    }
    item.data = line.next..<line.next
    guard case .number(let count) = size else {
      noteBlanks(line.end - start)
      note(start, .sizeBlank, "blanks where the size of an item should be; its end is where the next keyword is")
      return try endOfUnsized(bytes, &item, claimed: nil)
    }
    if let end = try obeyed(bytes, item, count, sizeAt: start) {
      obeysSize = true
      // A text's last line end is not cut in two.
      if item.kind != .file, item.kind != .fax, end > line.next, end < bytes.count, bytes[end - 1] == ASCII.cr,
        bytes[end] == ASCII.lf
      {
        note(start, .sizeTooShort, "the size of an item, \(count), cuts its last line end in two; it ends a byte on")
        return end + 1
      }
      return end
    }
    let claimed = count <= maximumMessage && line.next + count <= limit ? line.next + count : nil
    let end = try endOfUnsized(bytes, &item, claimed: claimed)
    if takeHexLines(bytes, &item, from: start..<line.end, to: end) { return end }
    note(
      start, end > line.next + count ? .sizeTooShort : .sizeTooLong,
      "the size of an item, \(count), leads nowhere; it ends \(end - line.next) bytes on, where the next keyword is")
    return end
  }

  /// Takes what looked like a size for the first line of a file in hexadecimal, where it is no field filled up with
  /// blanks and all lines to `end` are pairs of digits.
  @discardableResult
  private mutating func takeHexLines(
    _ bytes: Bytes, _ item: inout CCMessage.Item, from field: Range<Int>, to end: Int
  ) -> Bool {
    guard item.kind == .file || item.kind == .fax,
      field.count != fieldWidth || !ASCII.isBlank(bytes[field.upperBound - 1]),
      Self.isHexLines(bytes, field.lowerBound..<end)
    else { return false }
    note(
      field.lowerBound, .sizeMissing,
      "a file without a size line, in hexadecimal; its end is where the next keyword is")
    item.data = field.lowerBound..<field.lowerBound
    item.isHex = true
    return true
  }

  /// Where the size of an item leads, if to a keyword or to an end.
  private mutating func obeyed(_ bytes: Bytes, _ item: CCMessage.Item, _ count: Int, sizeAt start: Int)
    throws(NeedsMore) -> Int?
  {
    let data = item.data.lowerBound
    guard count <= maximumMessage, data + count <= limit else { return nil }
    // Counted from after the size line; from the size line; from the keyword line.
    for counted in [data, start, item.start] {
      let end = counted + count
      guard end >= data else { continue }
      if end > bytes.count, !isFinal { throw NeedsMore() }
      // Sizes that agree with one another need no keyword behind them.
      var isEnd = counted == data && (end == contentsEnd || end == messageEnd)
      if end <= bytes.count, !isEnd { isEnd = try isBoundary(bytes, end) }
      if end <= bytes.count, isEnd {
        if counted != data {
          note(start, .sizeCountedDifferently, "the size of an item counts its own lines too")
        }
        return end
      }
    }
    return nil
  }

  // MARK: Items whose size does not tell

  /// Where an item ends whose size does not tell; its data begin where `item` says.
  private mutating func endOfUnsized(_ bytes: Bytes, _ item: inout CCMessage.Item, claimed: Int?)
    throws(NeedsMore) -> Int
  {
    let start = item.data.lowerBound
    let end = try resynchronise(bytes, from: start, claimed: claimed, kind: item.kind)
    return item.kind == .file || item.kind == .fax ? end : CCFiller.endOfText(bytes, start..<end)
  }

  /// Where an item without a size line ends. A file is in hexadecimal when each of its lines is.
  private mutating func endOfLines(_ bytes: Bytes, _ item: inout CCMessage.Item, from start: Int)
    throws(NeedsMore) -> Int
  {
    item.data = start..<start
    let end = try endOfUnsized(bytes, &item, claimed: nil)
    guard item.kind == .file || item.kind == .fax else { return end }
    let text = CCFiller.endOfText(bytes, start..<end)
    item.isHex = Self.isHexLines(bytes, start..<text)
    return item.isHex ? text : end
  }

  /// Whether a line that is no number stands where a size should be: it looks like one, is a field filled up with
  /// blanks as the other sizes are, or these are no numbers either. Any other line is the first one of the data, the
  /// size line missing.
  private func isSizeField(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    let text = bytes.trimmed(line)
    guard !text.isEmpty, text.count <= 40, !text.contains(where: { ASCII.isBlank(bytes[$0]) }) else { return false }
    if line.count > 2, line.count == max(fieldWidth, blankWidth), text.upperBound < line.upperBound { return true }
    if hasNonsense, text.allSatisfy({ bytes[$0] > 32 && bytes[$0] < 127 }) { return true }
    // A word before data that are no text is none of them.
    let next = min(line.upperBound + 2, bytes.count)
    if text.allSatisfy({ ASCII.isLetter(bytes[$0]) }),
      (next..<min(next + 256, bytes.count)).contains(where: { bytes[$0] == ASCII.nul })
    {
      return true
    }
    var digits = text
    if bytes[text.lowerBound] == ASCII.hyphen || bytes[text.lowerBound] == ASCII.plus { digits = text.dropFirst() }
    if bytes.hasPrefixIgnoringCase(at: digits.lowerBound, to: digits.upperBound, "0x") {
      return digits.dropFirst(2).allSatisfy { ASCII.hexadecimalValue(bytes[$0]) != nil }
    }
    return !digits.isEmpty && digits.allSatisfy { ASCII.isDigit(bytes[$0]) }
  }

  /// Whether each line is pairs of hexadecimal digits, and there is one.
  static func isHexLines(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var digits = 0
    var hasDigits = false
    for i in range {
      if bytes[i] == ASCII.cr || bytes[i] == ASCII.lf {
        if digits % 2 != 0 { return false }
        digits = 0
      } else if ASCII.hexadecimalValue(bytes[i]) != nil {
        digits += 1
        hasDigits = true
      } else if !ASCII.isBlank(bytes[i]) {
        return false
      }
    }
    return hasDigits && digits % 2 == 0
  }

  // MARK: Boundaries

  /// Whether a keyword, or the end of the file, follows `end` after nothing but line ends and the like.
  func isBoundary(_ bytes: Bytes, _ end: Int) throws(NeedsMore) -> Bool {
    let next = skipLineEnds(bytes, end)
    guard next < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return true
    }
    // A byte order mark of which only a part is here.
    if bytes[next] == 0xEF, next + 3 > bytes.count, !isFinal { throw NeedsMore() }
    // A keyword stands at the beginning of a line, or right behind the item (Q184391).
    guard ASCII.isLetter(bytes[next]) else { return false }
    guard let colon = bytes.firstIndex(of: ASCII.colon, from: next, to: min(next + 42, bytes.count)) else {
      if !isFinal, next + 42 > bytes.count { throw NeedsMore() }
      return false
    }
    guard let (name, _) = CCLine.keyword(bytes, next..<(colon + 1)) else { return false }
    let line = try line(bytes, next)
    if try isMessageStart(bytes, next) { return true }
    if let item = CCLine.item(bytes, next..<line.end), item.kind != .other { return true }
    // A size that is a little too long ends within a keyword: `le item:` is no section, and no `Contents:` is one.
    for word in Self.keywords + ["Contents"] {
      for behind in 0..<word.utf8CodeUnitCount where next >= behind {
        if bytes.hasPrefixIgnoringCase(at: next - behind, to: bytes.count, word),
          name.upperBound == next - behind + word.utf8CodeUnitCount
        {
          return false
        }
      }
    }
    // One that is too short ends before a keyword: `abText item:` is none either, nor is `a:Text item:`.
    if keywordStart(bytes, colon, from: next) != nil { return false }
    if let second = bytes.firstIndex(of: ASCII.colon, from: colon + 1, to: min(line.end, colon + 42)),
      keywordStart(bytes, second, from: colon + 1) != nil
    {
      return false
    }
    return try hasSizeThatFits(bytes, line.next)
  }

  static let keywords: [StaticString] = ["Message", "Text item", "File item", "Fax item"]

  /// Whether a size line is here whose size does not go beyond the message.
  func hasSizeThatFits(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
    guard start < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return false
    }
    let line = try line(bytes, start)
    guard case .number(let size) = CCLine.size(bytes, start..<line.end) else { return false }
    return size <= maximumMessage && line.next + size <= limit
  }

  /// Where the item that begins at `start` ends, when its size does not tell.
  func resynchronise(_ bytes: Bytes, from start: Int, claimed: Int?, kind: CCItemKind) throws(NeedsMore) -> Int {
    if let found = try findChain(bytes, from: start) { return found }
    if let claimed, let found = try findNear(bytes, claimed, from: start) { return found }
    // Data of files may hold lines like keywords: look behind the claimed end first.
    if kind != .text, let claimed, claimed > start, let found = try findVerified(bytes, from: claimed),
      try !isMessageStart(bytes, found)
    {
      return found
    }
    if let found = try findVerified(bytes, from: start) {
      guard try isMessageStart(bytes, found) else { return found }
      // The next message is sure; an item of this one, its size useless too, may stand before it.
      return try lastEnd(bytes, from: start, to: min(found, findKeyword(bytes, from: start, messagesOnly: false)), kind)
    }
    for end in [contentsEnd, messageEnd] {
      guard let end, end >= start else { continue }
      if end > bytes.count, !isFinal { throw NeedsMore() }
      if end <= bytes.count, try isBoundary(bytes, end) { return end }
    }
    return try lastEnd(bytes, from: start, to: findKeyword(bytes, from: start, messagesOnly: false), kind)
  }

  /// The end of an item that goes on to `end` at most: the end of the contents where nothing but line ends stands
  /// between the two, or, in the data of a file, a keyword with a field for a size that leads nowhere either.
  private func lastEnd(_ bytes: Bytes, from start: Int, to end: Int, _ kind: CCItemKind) throws(NeedsMore) -> Int {
    if let contentsEnd, contentsEnd >= start, contentsEnd <= end, skipLineEnds(bytes, contentsEnd) >= end {
      return contentsEnd
    }
    guard kind == .file || kind == .fax else { return end }
    var position = start
    while let colon = bytes.firstIndex(of: ASCII.colon, from: position, to: end) {
      if let keyword = keywordStart(bytes, colon, from: start), try isField(bytes, keyword) { return keyword }
      position = colon + 1
    }
    return end
  }

  /// The keyword nearest to where a size leads that is a little wrong: one with a field for a size, or of a message.
  private func findNear(_ bytes: Bytes, _ claimed: Int, from start: Int) throws(NeedsMore) -> Int? {
    let last = claimed + 64
    if last > bytes.count, !isFinal { throw NeedsMore() }
    var best: Int?
    var message: Int?
    var position = max(start, claimed - 64)
    while let colon = bytes.firstIndex(of: ASCII.colon, from: position, to: min(last, bytes.count)) {
      position = colon + 1
      guard let keyword = keywordStart(bytes, colon, from: start),
        best.map({ abs(keyword - claimed) < abs($0 - claimed) }) ?? true
      else { continue }
      if try isMessageStart(bytes, keyword) {
        if message == nil, try isPlausibleMessage(bytes, keyword) { message = keyword }
        continue
      }
      var isKeyword = try isField(bytes, keyword)
      if !isKeyword { isKeyword = try isVerified(bytes, keyword, beginsLine: false) }
      if isKeyword { best = keyword }
    }
    // The next message is the end where no item of this one is.
    if let found = message, best.map({ $0 > found }) ?? true { best = found }
    // Behind the last item stand line ends, and the next message.
    if let found = best, let contentsEnd, contentsEnd >= start, contentsEnd <= found,
      skipLineEnds(bytes, contentsEnd) >= found
    {
      return contentsEnd
    }
    return best
  }

  /// Whether the keyword of an item is here, and behind it a field for a size: digits filled up with blanks, or blanks.
  private func isField(_ bytes: Bytes, _ position: Int) throws(NeedsMore) -> Bool {
    let keyword = try line(bytes, position)
    guard let item = CCLine.item(bytes, position..<keyword.end), item.kind != .other else { return false }
    guard keyword.next < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return false
    }
    let field = try line(bytes, keyword.next)
    switch CCLine.size(bytes, keyword.next..<field.end) {
    case .number:
      // At the beginning of a line it need not be filled up.
      return ASCII.isBlank(bytes[field.end - 1]) || field.end - keyword.next == fieldWidth
        || position > 0 && endsLine(bytes[position - 1])
    case .blank: return blankWidth > 0 && field.end - keyword.next == blankWidth
    case .nonsense: return false
    }
  }

  /// The next keyword with a size after it that leads to a boundary: at the beginning of a line, or right behind data
  /// (Q184391).
  func findVerified(_ bytes: Bytes, from start: Int) throws(NeedsMore) -> Int? {
    let last = contentsEnd.map { max($0, start) + 4096 } ?? Int.max
    var position = start
    while true {
      let region = searched.unsearched(from: position)
      let end = min(region.upperBound, bytes.count)
      guard let colon = bytes.firstIndex(of: ASCII.colon, from: region.lowerBound, to: end) else {
        position = region.upperBound
        if position < bytes.count { continue }
        break
      }
      guard colon < last else { break }
      position = colon + 1
      guard let keyword = keywordStart(bytes, colon, from: start) else { continue }
      if try isVerified(bytes, keyword, beginsLine: keyword == start || endsLine(bytes[keyword - 1])) {
        searched.noteSearch(from: start, to: colon)
        return keyword
      }
    }
    if bytes.count < last, !isFinal { throw NeedsMore() }
    searched.noteSearch(from: start, to: min(last, bytes.count))
    return nil
  }

  /// Whether the keyword at `position` has a size after it that leads to a boundary, or begins the next message. A size
  /// that is blank or 0 counts where the keyword begins a line.
  func isVerified(_ bytes: Bytes, _ position: Int, beginsLine: Bool) throws(NeedsMore) -> Bool {
    if try isMessageStart(bytes, position), try isPlausibleMessage(bytes, position) { return true }
    let keyword = try line(bytes, position)
    guard let item = CCLine.item(bytes, position..<keyword.end), item.kind != .other else { return false }
    guard keyword.next < bytes.count else {
      if !isFinal { throw NeedsMore() }
      return false
    }
    let sizeLine = try line(bytes, keyword.next)
    switch CCLine.size(bytes, keyword.next..<sizeLine.end) {
    case .number(0): return beginsLine
    case .number(let count):
      guard count <= maximumMessage, sizeLine.next + count <= limit else { return false }
      if sizeLine.next + count > bytes.count, !isFinal { throw NeedsMore() }
      guard sizeLine.next + count <= bytes.count else { return false }
      return try isBoundary(bytes, sizeLine.next + count)
    case .blank:
      let width = sizeLine.end - keyword.next
      return beginsLine && width > 0 || blankWidth > 0 && width == blankWidth
    case .nonsense: return false
    }
  }

  /// The next keyword from which sizes lead to the end of the contents.
  func findChain(_ bytes: Bytes, from start: Int) throws(NeedsMore) -> Int? {
    guard let contentsEnd, contentsEnd > start else { return nil }
    if contentsEnd > bytes.count, !isFinal { throw NeedsMore() }
    let last = min(contentsEnd, bytes.count)
    var position = start
    // Bounded: the data may be full of colons.
    for _ in 0..<1000 {
      position = searched.withoutChain(from: position)
      guard let colon = bytes.firstIndex(of: ASCII.colon, from: position, to: last) else {
        position = last
        break
      }
      if let keyword = keywordStart(bytes, colon, from: start), try leadsToEnd(bytes, keyword, contentsEnd) {
        searched.noteNoChain(from: start, to: colon)
        return keyword
      }
      position = colon + 1
    }
    searched.noteNoChain(from: start, to: position)
    return nil
  }

  /// Whether items follow one another from `start` to the end of the contents, all their sizes right.
  func leadsToEnd(_ bytes: Bytes, _ start: Int, _ contentsEnd: Int) throws(NeedsMore) -> Bool {
    var position = start
    var passed: [Int] = []
    while passed.count < 64 {
      passed.append(position)
      guard let next = try endOfChained(bytes, position, contentsEnd) else {
        searched.broken.formUnion(passed)
        return false
      }
      position = next
      if position >= contentsEnd { return true }
    }
    searched.broken.insert(start)
    return false
  }

  /// Where the size of the item at `start` leads, if not beyond the contents.
  private func endOfChained(_ bytes: Bytes, _ start: Int, _ contentsEnd: Int) throws(NeedsMore) -> Int? {
    guard start < bytes.count, !searched.broken.contains(start) else { return nil }
    let keyword = try line(bytes, start)
    guard CCLine.item(bytes, start..<keyword.end) != nil, keyword.next < bytes.count else { return nil }
    let size = try line(bytes, keyword.next)
    guard case .number(let count) = CCLine.size(bytes, keyword.next..<size.end), count <= contentsEnd - size.next
    else { return nil }
    return skipLineEnds(bytes, size.next + count)
  }

  /// Where the keyword before `colon` begins.
  func keywordStart(_ bytes: Bytes, _ colon: Int, from start: Int) -> Int? {
    var end = colon
    while end > start, colon - end < CCLine.blanksBeforeColon, ASCII.isBlank(bytes[end - 1]) { end -= 1 }
    for word in Self.keywords {
      let position = end - word.utf8CodeUnitCount
      if position >= start, bytes.hasPrefixIgnoringCase(at: position, to: end, word) { return position }
    }
    return nil
  }

  private func endsLine(_ byte: UInt8) -> Bool { byte == ASCII.lf || message.endsLinesWithCR && byte == ASCII.cr }

  /// Whether a header line follows the `Message:` line and its size.
  func isPlausibleMessage(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
    var position = try line(bytes, start).next
    for _ in 0..<3 {
      guard position < bytes.count else {
        if !isFinal { throw NeedsMore() }
        return false
      }
      let line = try line(bytes, position)
      if let (name, _) = CCLine.keyword(bytes, position..<line.end) { return CCKeyword(bytes, name) != .other }
      position = line.next
    }
    return false
  }

  /// The next line that is the keyword of an item or of a message, or the end of the file. Where Ctrl-Z, NUL bytes or a
  /// byte order mark stand before the keyword, they begin there.
  func findKeyword(_ bytes: Bytes, from start: Int, messagesOnly: Bool) throws(NeedsMore) -> Int {
    var position = start
    while position < bytes.count {
      let line = try line(bytes, position)
      let keyword = CCFiller.endOfMarks(bytes, position, to: line.end)
      if try isMessageStart(bytes, keyword) { return position }
      if !messagesOnly, let item = CCLine.item(bytes, keyword..<line.end), item.kind != .other { return position }
      if let marks = CCLine.messageBehindMarks(bytes, position..<line.end), bytes[position] != ASCII.space,
        try isMessageStart(bytes, CCFiller.endOfMarks(bytes, marks, to: line.end))
      {
        return marks
      }
      position = line.next
    }
    if !isFinal { throw NeedsMore() }
    return bytes.count
  }
}
