/// Where an item ends: where its size says, when that leads to a keyword or to an end, and else where the next keyword is.
extension MessageParser {
  /// Reads the size line at `start`, sets where the data begin, and returns where they end.
  mutating func endOfSizedItem(_ bytes: Bytes, _ item: inout CCMessage.Item, sizeAt start: Int)
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
  func isBoundary(_ bytes: Bytes, _ end: Int) throws(NeedsMore) -> Bool {
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
      if try isVerified(bytes, keyword, beginsLine: keyword == start || bytes[keyword - 1] == ASCII.lf) {
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
    case .blank: return beginsLine && sizeLine.end > keyword.next
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
    for word in Self.keywords {
      let position = colon - word.utf8CodeUnitCount
      if position >= start, bytes.hasPrefixIgnoringCase(at: position, to: colon, word) { return position }
    }
    return nil
  }

  /// Whether a header line follows the `Message:` line and its size.
  func isPlausibleMessage(_ bytes: Bytes, _ start: Int) throws(NeedsMore) -> Bool {
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
  func findKeyword(_ bytes: Bytes, from start: Int, messagesOnly: Bool) throws(NeedsMore) -> Int {
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
}
