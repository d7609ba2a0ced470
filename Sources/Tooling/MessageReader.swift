import Formats

/// The kinds of files that hold messages.
public enum MessageKind: String, Sendable, CaseIterable {
  case eml, mbox, ccm

  /// The kind that the first bytes of a file tell.
  public init(content bytes: Bytes) {
    let start = Self.skipLineEnds(bytes)
    let line = start..<bytes.line(at: start, to: bytes.count).end
    if bytes.hasPrefixIgnoringCase(at: start, to: bytes.count, "Message:"),
      bytes.trimmed((start + 8)..<max(line.upperBound, start + 8)).isEmpty
    {
      self = .ccm
    } else if bytes.hasPrefix(at: start, to: bytes.count, "From ") {
      self = .mbox
    } else {
      self = .eml
    }
  }

  private static func skipLineEnds(_ bytes: Bytes) -> Int {
    var start = bytes.hasPrefix(at: 0, to: bytes.count, "\u{FEFF}") ? 3 : 0
    while start < bytes.count, ASCII.isSpace(bytes[start]) { start += 1 }
    return start
  }
}

/// Reads the messages of a dump one after the other.
public enum MessageReader {
  /// Calls `body` with the bytes of each message of an mbox, and their offset in the input.
  public static func mbox(
    _ input: Input, format: MboxScanner.Format, _ body: (Bytes, Int) throws(Failure) -> Void
  ) throws(Failure) {
    var scanner = MboxScanner(format: format)
    var message: [UInt8] = []
    var isFirst = true
    while true {
      var needsMore = false
      var consumed = 0
      var isEnd = false
      message.removeAll(keepingCapacity: message.capacity <= 4 << 20)
      try input.withWindow { window throws(Failure) in
        switch scanner.next(in: window, isFinal: input.isAtEnd) {
        case .message(let range, let next):
          consumed = next
          scanner.append(window, range, to: &message)
          isFirst = false
          try body(message.span, input.offset + range.lowerBound)
        case .needsMore: needsMore = true
        case .end:
          isEnd = true
          if isFirst { throw Failure(.dataError, "\(input.name): offset 0: empty, no message") }
        }
      }
      if isEnd { return }
      if needsMore { try input.more() } else { input.consume(consumed) }
    }
  }

  /// Calls `body` with each message of a .ccm file, the bytes that its ranges are of, and their offset in the input.
  public static func ccm(
    _ input: Input, maximumMessage: Int, _ body: (CCMessage, Bytes, Int) throws(Failure) -> Void
  ) throws(Failure) {
    var scanner = CCScanner(maximumMessage: maximumMessage)
    var isFirst = true
    while true {
      var needsMore = false
      var consumed = 0
      var isEnd = false
      try input.withWindow { window throws(Failure) in
        switch scanner.next(in: window, isFinal: input.isAtEnd) {
        case .message(let message, let next):
          consumed = next
          isFirst = false
          try body(message, window, input.offset)
        case .needsMore: needsMore = true
        case .end:
          isEnd = true
          if isFirst { throw Failure(.dataError, "\(input.name): offset 0: empty, no message") }
        case .unreadable(let error):
          throw Failure(.dataError, "\(input.name): offset \(input.offset + error.offset): \(error.text)")
        }
      }
      if isEnd { return }
      if needsMore { try input.more() } else { input.consume(consumed) }
    }
  }
}
