import Formats

/// The kinds of files that hold messages.
public enum MessageKind: String, Sendable, CaseIterable {
  case eml, mbox, ccm, msg, tnef

  /// The kind that the first bytes of a file tell.
  public init(content bytes: Bytes) {
    if CompoundFile.isOne(bytes) {
      self = .msg
      return
    }
    if TNEFReader.isOne(bytes) {
      self = .tnef
      return
    }
    if bytes.hasPrefix(at: 2, to: bytes.count, "M\0e\0s\0s\0a\0g\0e\0"), bytes[0] == 0xFF, bytes[1] == 0xFE {
      self = .ccm
      return
    }
    if bytes.hasPrefix(at: 2, to: bytes.count, "\0M\0e\0s\0s\0a\0g\0e"), bytes[0] == 0xFE, bytes[1] == 0xFF {
      self = .ccm
      return
    }
    let start = Self.skipLineEnds(bytes)
    let first = start..<bytes.lineOfAnyEnd(at: start, to: bytes.count).end
    if Self.isMessageLine(bytes, first) {
      self = .ccm
    } else if MboxScanner.beginsEnvelope(bytes, at: start) {
      // Macintosh text is one line to a reader of dumps.
      let isLined = bytes.firstIndex(of: ASCII.lf, from: 0, to: bytes.count) != nil
      self = isLined ? .mbox : .eml
    } else if InternetMessageReader.beginsWithField(bytes, at: start) {
      self = .eml
    } else {
      // Text of a console, or reasons of a .und file, before the first message.
      var position = first.upperBound
      self = .eml
      while position < min(bytes.count, 1 << 16) {
        let line = bytes.line(at: position, to: bytes.count)
        if Self.isMessageLine(bytes, position..<line.end) {
          self = .ccm
          return
        }
        position = max(line.next, position + 1)
      }
    }
  }

  private static func isMessageLine(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    guard bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, "Message") else { return false }
    let rest = bytes.trimmed((line.lowerBound + 7)..<line.upperBound)
    return rest.count == 1 && bytes[rest.lowerBound] == ASCII.colon
  }

  /// Passes over what may stand before the first line: blanks, a byte order mark, NUL bytes, Ctrl-Z.
  private static func skipLineEnds(_ bytes: Bytes) -> Int {
    var start = 0
    while start < bytes.count {
      if ASCII.isSpace(bytes[start]) || bytes[start] == ASCII.nul || bytes[start] == ASCII.substitute {
        start += 1
      } else if bytes.hasPrefix(at: start, to: bytes.count, "\u{FEFF}") {
        start += 3
      } else {
        break
      }
    }
    return start
  }
}

/// Reads the messages of a dump one after the other.
public enum MessageReader {
  /// Calls `body` with the bytes of each message of an mbox, and their offset in the input.
  public static func mbox(
    _ input: Input, format: MboxScanner.Format, keepsQuoting: Bool = false, _ body: (Bytes, Int) throws(Failure) -> Void
  ) throws(Failure) {
    var scanner = MboxScanner(format: format, keepsQuoting: keepsQuoting)
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

  /// Reads an input that is one Internet message as a whole, and calls `body` with it. One whose beginning is none is not
  /// read any further: it may have no end.
  ///
  /// - Parameter checked: whether the beginning is looked at.
  public static func whole(
    _ input: Input, checked: Bool = true, _ body: (Bytes) throws(Failure) -> Void
  ) throws(Failure) {
    if checked, !input.isAtEnd {
      try input.withWindow { beginning throws(Failure) in
        do throws(Unreadable) { _ = try InternetMessageReader.read(beginning) } catch {
          throw Failure(.dataError, "\(input.name): offset \(error.offset): \(error.text)")
        }
      }
    }
    try input.readAll()
    try input.withWindow(body)
  }

  /// Bytes of other things that may stand before the first message of a .ccm file.
  private static let mostBefore = 16 << 20

  /// Calls `body` with each message of a .ccm file, the bytes that its ranges are of, and their offset in the input.
  public static func ccm(
    _ input: Input, maximumMessage: Int, _ body: (CCMessage, Bytes, Int) throws(Failure) -> Void
  ) throws(Failure) {
    var scanner = CCScanner(maximumMessage: maximumMessage)
    // The scanner gives up by itself, and goes on behind.
    input.limit = .max
    var isFirst = true
    let isWide = input.decodeUTF16()
    while true {
      var needsMore = false
      var consumed = 0
      var isEnd = false
      try input.withWindow { window throws(Failure) in
        switch scanner.next(in: window, isFinal: input.isAtEnd) {
        case .message(var message, let next):
          consumed = next
          if isFirst, isWide {
            message.findings.insert(
              Finding(
                offset: 0, rule: .utf16, text: "the file is UTF-16; read as UTF-8, and offsets are those of the UTF-8"
              ),
              at: 0)
          }
          isFirst = false
          try body(message, window, input.offset)
        case .needsMore:
          needsMore = true
          if isFirst, window.count > mostBefore, MessageKind(content: window) != .ccm {
            throw Failure(.dataError, "\(input.name): offset 0: no message begins in the first \(window.count) bytes")
          }
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
