/// Finds the messages of an mbox file, whose input comes piece by piece.
///
/// A message begins at a line `From sender date` after an empty line, and only when the date is plausible and a header
/// field follows; `From ` at the beginning of a line of text never splits (RFC 4155, appendix A).
public struct MboxScanner: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    /// By content: lengths where they are true, else quoting as in mboxrd.
    case auto
    /// `>From ` may be a quoted line or not; it stays as it is.
    case mboxo
    /// `>From `, `>>From ` and so on are lines with one `>` more than they had.
    case mboxrd
    /// A Content-Length field tells where the body ends.
    case mboxcl
  }

  /// What the scanner found at the beginning of the input.
  public enum Step: Sendable, Equatable {
    /// A message without its `From ` line and the empty line after it; the next one begins at `next`.
    case message(Range<Int>, next: Int)
    /// Nothing can be said before more of the input is there.
    case needsMore
    case end
  }

  public let format: Format
  /// Whether quoted lines stay quoted, as in a file that only happens to begin with a `From ` line.
  private let keepsQuoting: Bool
  /// How much of the input at hand has been searched already.
  private var searched = 0

  public init(format: Format, keepsQuoting: Bool = false) {
    self.format = format
    self.keepsQuoting = keepsQuoting
  }

  /// A length above this is not waited for, unless the format says that lengths are true.
  private static let trustedLength = 8 << 20

  /// The first message in `bytes`, which begins where the last one ended. `isFinal` tells that no more will follow.
  public mutating func next(in bytes: Bytes, isFinal: Bool) -> Step {
    var start = 0
    while start < bytes.count, bytes[start] == ASCII.lf || bytes[start] == ASCII.cr { start += 1 }
    if start == bytes.count { return isFinal ? .end : .needsMore }
    if !isFinal, bytes.count - start < 1024, searched == 0 { return .needsMore }
    var body = start
    if Self.beginsEnvelope(bytes, at: start) {
      let line = bytes.line(at: start, to: bytes.count)
      guard line.next > line.end || isFinal else { return .needsMore }
      body = line.next
    }
    if format == .mboxcl || format == .auto {
      switch endByLength(bytes, body, isFinal: isFinal) {
      case .known(let end): return message(body, end, next: end)
      case .needsMore: return .needsMore
      case .unknown: break
      }
    }
    var position = max(body + 1, searched)
    // There are far less F than lines.
    while let line = bytes.firstIndex(of: UInt8(ascii: "F"), from: position, to: bytes.count) {
      position = line
      // The From line and the one after it must be here to be judged.
      guard line + 5 <= bytes.count else { break }
      if bytes[line - 1] == ASCII.lf, bytes.hasPrefix(at: line, to: bytes.count, "From "),
        Self.followsEmptyLine(bytes, line, body)
      {
        let first = bytes.line(at: line, to: bytes.count)
        let second = bytes.line(at: first.next, to: bytes.count)
        if !isFinal, second.next == second.end { break }
        if Self.isFromLine(bytes, line..<first.end), Self.isHeaderLine(bytes, first.next..<second.end) {
          searched = 0
          return message(body, line, next: line)
        }
      }
      position = line + 1
    }
    if !isFinal {
      searched = position
      return .needsMore
    }
    searched = 0
    return message(body, bytes.count, next: bytes.count)
  }

  private func message(_ start: Int, _ end: Int, next: Int) -> Step {
    .message(start..<max(start, end), next: next)
  }

  private enum LengthStep {
    case known(Int)
    case needsMore
    case unknown
  }

  /// Where the Content-Length of the header at `start` says that the message ends, if a message or the end is there.
  private func endByLength(_ bytes: Bytes, _ start: Int, isFinal: Bool) -> LengthStep {
    var position = start
    var length: Int?
    while position < bytes.count {
      let line = bytes.line(at: position, to: bytes.count)
      if line.next == line.end, !isFinal { return position - start > 1 << 20 ? .unknown : .needsMore }
      if line.end == position {
        guard let length, length >= 0, length < 1 << 40, format == .mboxcl || length <= Self.trustedLength else {
          return .unknown
        }
        let end = line.next + length
        if end > bytes.count || (end + 1024 > bytes.count && !isFinal) { return isFinal ? .unknown : .needsMore }
        var next = end
        while next < bytes.count, bytes[next] == ASCII.lf || bytes[next] == ASCII.cr { next += 1 }
        let isTrue = next == bytes.count || Self.isFromLine(bytes, next..<bytes.line(at: next, to: bytes.count).end)
        return isTrue && (end == 0 || end == bytes.count || next > end || bytes[end - 1] == ASCII.lf)
          ? .known(end) : .unknown
      }
      if bytes[position] | 0x20 == UInt8(ascii: "c"),
        bytes.hasPrefixIgnoringCase(at: position, to: line.end, "Content-Length:")
      {
        length = Int(bytes.string(bytes.trimmed((position + 15)..<line.end)))
      }
      position = line.next
    }
    return isFinal ? .unknown : .needsMore
  }

  private static func followsEmptyLine(_ bytes: Bytes, _ line: Int, _ body: Int) -> Bool {
    var i = line - 1
    if i > body, bytes[i - 1] == ASCII.cr { i -= 1 }
    return i <= body || bytes[i - 1] == ASCII.lf
  }

  /// Whether the line at `start` begins with `From ` as the first line of an mbox does, and not as a field does whose
  /// colon stands apart (`From : ann@example.com`, RFC 5322, 4.5).
  public static func beginsEnvelope(_ bytes: Bytes, at start: Int) -> Bool {
    guard bytes.hasPrefix(at: start, to: bytes.count, "From ") else { return false }
    var i = start + 5
    while i < bytes.count, bytes[i] == ASCII.space || bytes[i] == ASCII.tab { i += 1 }
    return i == bytes.count || bytes[i] != ASCII.colon
  }

  /// `From mary@example.net Thu Aug 19 13:02:00 1999`, with or without a zone, in the forms of ctime(3) and others.
  static func isFromLine(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    guard bytes.hasPrefix(at: line.lowerBound, to: line.upperBound, "From ") else { return false }
    let rest = bytes.trimmed((line.lowerBound + 5)..<line.upperBound)
    guard !rest.isEmpty, rest.count < 500 else { return false }
    // The sender is one word, or none, or several (`ann at example.org`); then the date begins, with a day of the week
    // or a number.
    var start = rest.lowerBound
    for _ in 0..<8 {
      let date = bytes.trimmed(start..<rest.upperBound)
      guard date.count >= 14 else { return false }
      if startsDate(bytes, date), bytes.firstIndex(of: ASCII.colon, from: date.lowerBound, to: date.upperBound) != nil,
        DateField.parse(bytes, date) != nil
      {
        return true
      }
      start = wordEnd(bytes, date)
    }
    return false
  }

  private static func wordEnd(_ bytes: Bytes, _ range: Range<Int>) -> Int {
    var i = range.lowerBound
    while i < range.upperBound, !ASCII.isBlank(bytes[i]) { i += 1 }
    return i
  }

  private static func startsDate(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let isDay = DateField.dayNames.contains {
      bytes.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, $0)
    }
    if isDay { return !ASCII.isLetter(bytes[range.lowerBound + 3]) }
    return ASCII.isDigit(bytes[range.lowerBound])
  }

  private static func isHeaderLine(_ bytes: Bytes, _ line: Range<Int>) -> Bool {
    if bytes.hasPrefix(at: line.lowerBound, to: line.upperBound, ">From ") { return true }
    guard let colon = bytes.firstIndex(of: ASCII.colon, from: line.lowerBound, to: line.upperBound),
      colon > line.lowerBound
    else { return false }
    for i in line.lowerBound..<colon where bytes[i] <= 32 || bytes[i] >= 127 { return false }
    return true
  }

  /// Appends the message at `range`, the quoting of this format undone, without the empty line that ends it.
  public func append(_ bytes: Bytes, _ range: Range<Int>, to output: inout [UInt8]) {
    var end = range.upperBound
    // The empty line belongs to the mbox, not to the message.
    if end - 1 > range.lowerBound, bytes[end - 1] == ASCII.lf {
      var i = end - 1
      if i > range.lowerBound, bytes[i - 1] == ASCII.cr { i -= 1 }
      if i > range.lowerBound, bytes[i - 1] == ASCII.lf { end = i }
    }
    guard format == .mboxrd || format == .auto, !keepsQuoting else {
      output.append(bytes, range.lowerBound..<end)
      return
    }
    var copied = range.lowerBound
    var position = range.lowerBound
    while position < end {
      if bytes[position] == ASCII.greater {
        var i = position
        while i < end, bytes[i] == ASCII.greater { i += 1 }
        if bytes.hasPrefix(at: i, to: end, "From ") {
          output.append(bytes, copied..<position)
          copied = position + 1
        }
      }
      position = bytes.firstIndex(of: ASCII.lf, from: position, to: end).map { $0 + 1 } ?? end
    }
    output.append(bytes, copied..<end)
  }

  /// Appends a message to an mbox in the form mboxrd.
  public static func appendQuoted(
    _ message: Bytes, sender: String, date: Timestamp, to output: inout [UInt8]
  ) {
    output.append("From ")
    output.append(text: sender.isEmpty || sender.contains(where: \.isWhitespace) ? "MAILER-DAEMON" : sender)
    let time = Timestamp(seconds: date.seconds, zone: 0).calendar
    output.append(ASCII.space)
    output.append(DateField.dayNames[time.weekday])
    output.append(ASCII.space)
    output.append(DateField.monthNames[time.month - 1])
    output.append(time.day < 10 ? "  " : " ")
    output.append(decimal: time.day)
    output.append(ASCII.space)
    output.append(decimal: time.hour, width: 2)
    output.append(ASCII.colon)
    output.append(decimal: time.minute, width: 2)
    output.append(ASCII.colon)
    output.append(decimal: time.second, width: 2)
    output.append(ASCII.space)
    output.append(decimal: time.year, width: 4)
    output.append(ASCII.lf)
    var position = 0
    while position < message.count {
      let line = message.line(at: position, to: message.count)
      var i = position
      while i < line.end, message[i] == ASCII.greater { i += 1 }
      if message.hasPrefix(at: i, to: line.end, "From ") { output.append(ASCII.greater) }
      output.append(message, position..<line.end)
      output.append(ASCII.lf)
      position = line.next
    }
    output.append(ASCII.lf)
  }
}
