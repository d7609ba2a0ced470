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
