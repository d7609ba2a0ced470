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
  /// Whether a byte order mark told that the text is UTF-8.
  private var isUTF8 = false

  public init(maximumMessage: Int = 1 << 31) { self.maximumMessage = maximumMessage }

  /// The first message in `bytes`, which begins where the last one ended. `isFinal` tells that no more will follow.
  /// All ranges and offsets are positions in `bytes`.
  public mutating func next(in bytes: Bytes, isFinal: Bool) -> Step {
    var findings: [Finding] = []
    guard let start = findMessage(in: bytes, isFinal: isFinal) else {
      if !isFinal { return .needsMore }
      let first = CCFiller.end(bytes, 0)
      if first == bytes.count { return .end }
      return .unreadable(Unreadable(offset: first, text: "no `Message:` line, not a .ccm file"))
    }
    let first = CCFiller.end(bytes, 0)
    noteBefore(start, first, bytes, &findings)
    var parser = MessageParser(isFinal: isFinal, maximumMessage: maximumMessage, start: start, findings: findings)
    let line = bytes.lineOfAnyEnd(at: start, to: bytes.count)
    if line.next == line.end + 1, bytes[line.end] == ASCII.cr {
      if line.next == bytes.count, !isFinal { return .needsMore }
      parser.setLinesEndWithCR()
    }
    do {
      try parser.parse(bytes)
      searched = 0
      parser.message.isUTF8 = isUTF8
      if parser.endsWithByteOrderMark { isUTF8 = true }
      return .message(parser.message, next: parser.message.whole.upperBound)
    } catch {
      return .needsMore
    }
  }

  /// Says what stands before the message at `start`, behind the filler that ends at `first`.
  private mutating func noteBefore(_ start: Int, _ first: Int, _ bytes: Bytes, _ findings: inout [Finding]) {
    let marks = CCFiller.startOfMarks(bytes, start, from: 0)
    if start - marks >= 3, CCFiller.isByteOrderMark(bytes, start - 3, to: start) {
      isUTF8 = true
      findings.note(
        start - 3, .byteOrderMark, "a byte order mark before `Message:` is left out; what is UTF-8 is read as that")
    }
    if start > first {
      let shown = bytes.string(bytes.trimmed(first..<min(start, first + 80)))
      findings.note(first, .textBeforeMessage, "\(start - first) bytes before `Message:` are left out: \(shown)")
    } else {
      let before = bytes.trimmed(0..<(isUTF8 ? max(0, start - 3) : start))
      if !before.isEmpty {
        let names = CCFiller.names(bytes, before)
        findings.note(before.lowerBound, .filler, "\(before.count) bytes before `Message:` are left out: \(names)")
      }
    }
  }

  /// The next line that is `Message:`; Ctrl-Z, NUL bytes and a byte order mark may stand before it.
  private mutating func findMessage(in bytes: Bytes, isFinal: Bool) -> Int? {
    var position = max(searched, CCFiller.end(bytes, 0))
    while position < bytes.count {
      let line = bytes.lineOfAnyEnd(at: position, to: bytes.count)
      // Behind a CR at the end an LF may follow.
      if !isFinal, line.next == line.end || (line.next == bytes.count && line.next == line.end + 1) { break }
      let start = CCFiller.endOfMarks(bytes, position, to: line.end)
      if CCLine.isMessage(bytes, start..<line.end) { return start }
      if let marks = CCLine.messageBehindMarks(bytes, position..<line.end) {
        return CCFiller.endOfMarks(bytes, marks, to: line.end)
      }
      position = line.next
    }
    // A line of which only a part is here is looked at again; one without an end is not kept for ever.
    searched = position
    return nil
  }
}
