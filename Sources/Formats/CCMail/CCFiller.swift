/// Bytes that stand between the messages of a .ccm file, and between the blocks of one, and mean nothing: line ends,
/// blanks, and what programs of DOS and Windows leave there.
enum CCFiller {
  /// Passes over line ends, blanks, NUL bytes, Ctrl-Z and byte order marks.
  static func end(_ bytes: Bytes, _ start: Int) -> Int {
    var position = start
    while position < bytes.count {
      if ASCII.isSpace(bytes[position]) {
        position += 1
      } else {
        let next = endOfMarks(bytes, position, to: bytes.count)
        if next == position { break }
        position = next
      }
    }
    return position
  }

  /// Passes over NUL bytes, Ctrl-Z and byte order marks.
  static func endOfMarks(_ bytes: Bytes, _ start: Int, to end: Int) -> Int {
    var position = start
    while position < end {
      if isMark(bytes[position]) {
        position += 1
      } else if bytes[position] == 0xEF, isByteOrderMark(bytes, position, to: end) {
        position += 3
      } else {
        break
      }
    }
    return position
  }

  /// Where the NUL bytes, Ctrl-Z and byte order marks before `end` begin.
  static func startOfMarks(_ bytes: Bytes, _ end: Int, from start: Int) -> Int {
    var position = end
    while position > start {
      if isMark(bytes[position - 1]) {
        position -= 1
      } else if position - start >= 3, isByteOrderMark(bytes, position - 3, to: position) {
        position -= 3
      } else {
        break
      }
    }
    return position
  }

  @inline(__always)
  static func isMark(_ byte: UInt8) -> Bool { byte == ASCII.substitute || byte == ASCII.nul }

  /// Whether the byte order mark of UTF-8 is here.
  static func isByteOrderMark(_ bytes: Bytes, _ position: Int, to end: Int) -> Bool {
    bytes.hasPrefix(at: position, to: end, "\u{FEFF}")
  }

  /// `Ctrl-Z`, `NUL bytes`, ...: what is in `range`.
  static func names(_ bytes: Bytes, _ range: Range<Int>) -> String {
    var names: [String] = []
    func add(_ name: String, _ isThere: (UInt8) -> Bool) {
      for i in range where isThere(bytes[i]) { return names.append(name) }
    }
    add("line ends") { $0 == ASCII.cr || $0 == ASCII.lf }
    add("blanks", ASCII.isBlank)
    add("Ctrl-Z") { $0 == ASCII.substitute }
    add("NUL") { $0 == ASCII.nul }
    add("a byte order mark") { $0 == 0xEF }
    return names.joined(separator: ", ")
  }

  /// The end of a text without the Ctrl-Z, NUL bytes and line ends at it that are no text: lines of nothing else, and
  /// what stands behind the last line end.
  static func endOfText(_ bytes: Bytes, _ range: Range<Int>) -> Int {
    var start = range.upperBound
    while start > range.lowerBound,
      isMark(bytes[start - 1]) || bytes[start - 1] == ASCII.lf || bytes[start - 1] == ASCII.cr
    { start -= 1 }
    var lastLineEnd: Int?
    for i in start..<range.upperBound where !isMark(bytes[i]) { lastLineEnd = i }
    for i in start..<range.upperBound where isMark(bytes[i]) {
      let beginsLine = i == range.lowerBound || bytes[i - 1] == ASCII.lf || bytes[i - 1] == ASCII.cr
      if beginsLine || i > lastLineEnd ?? -1 { return i }
    }
    return range.upperBound
  }
}
