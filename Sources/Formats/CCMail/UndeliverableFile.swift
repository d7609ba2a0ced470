/// Reads the file of undeliverable messages, CCMAIL.UND, entry by entry: the messages that IMPORT could not deliver,
/// and lines `***  reason  ***` (Q180641, Q193864, Q166499).
///
/// Where the reasons stand is attested nowhere. When there are some before the first message, those between two
/// messages belong to the second, and those behind the last message are an entry without a message: the file was cut
/// off. Otherwise they belong to the first. Reasons between the items of a message are its own.
public struct UndeliverableFile: Sendable {
  public struct Entry: Sendable {
    /// The texts of the reasons, without the asterisks and the blanks around: positions in the file.
    public var reasons: [Range<Int>] = []
    /// Nil for reasons without any message.
    public var message: CCMessage?
    /// The part of the file that the ranges of `message` are positions in.
    public var window: Range<Int>
  }

  /// Reasons of one entry; more are left out.
  public static let maximumReasons = 200_000

  private var scanner: CCScanner
  private var position = 0
  /// The entry that was read last: reasons behind it may still be its own.
  private var last: Entry?
  /// Reasons that stood at the end of a text whose end nothing tells.
  private var held: [Range<Int>] = []
  /// Reasons whose message is not there.
  private var stray: Entry?
  private var reasonsComeFirst = false
  private var isFirst = true
  private var isDone = false

  public init(maximumMessage: Int = 1 << 31) { scanner = CCScanner(maximumMessage: maximumMessage) }

  /// The next entry of the file `bytes`, which has to be the same at every call; nil at its end. Any bytes can be read:
  /// what is neither a message nor a reason is passed over.
  public mutating func next(in bytes: Bytes) -> Entry? {
    while !isDone {
      let start = position
      guard
        case .message(var message, let next) = scanner.next(in: bytes.extracting(start..<bytes.count), isFinal: true),
        next > 0
      else {
        isDone = true
        finish(bytes)
        break
      }
      position = start + next
      var reasons = held
      held = []
      Self.appendReasons(bytes, start..<(start + message.whole.lowerBound), to: &reasons)
      if isFirst { reasonsComeFirst = !reasons.isEmpty }
      isFirst = false
      if !reasons.isEmpty { message.findings.removeAll { $0.rule == .textBeforeMessage } }
      var complete = last
      if !reasonsComeFirst {
        complete?.reasons += reasons
        reasons = []
      }
      var entry = Entry(reasons: reasons, message: nil, window: start..<position)
      takeReasons(bytes, from: &message, of: &entry)
      entry.message = message
      last = entry
      if let complete { return complete }
    }
    if last == nil { swap(&last, &stray) }
    defer { last = nil }
    return last
  }

  /// What stands behind the last message is its own, unless reasons come first.
  private mutating func finish(_ bytes: Bytes) {
    var reasons = held
    held = []
    Self.appendReasons(bytes, position..<bytes.count, to: &reasons)
    if last != nil, !reasonsComeFirst {
      last?.reasons += reasons
    } else if !reasons.isEmpty {
      stray = Entry(reasons: reasons, message: nil, window: position..<bytes.count)
    }
  }

  // MARK: Reasons within a message

  /// Takes the reasons out of `message` that its reader took for its contents.
  private mutating func takeReasons(_ bytes: Bytes, from message: inout CCMessage, of entry: inout Entry) {
    let start = entry.window.lowerBound
    let belongToNext = reasonsComeFirst && start + message.whole.upperBound < bytes.count
    var items: [CCMessage.Item] = []
    var settled = Set<Int>()
    for (index, item) in message.items.enumerated() {
      let isLast = index == message.items.count - 1
      guard let cut = endOfData(bytes, item, at: start, message, isLast: isLast, belongToNext: belongToNext),
        let reasons = Self.onlyReasons(bytes, (start + cut)..<(start + item.data.upperBound))
      else {
        items.append(item)
        continue
      }
      if isLast { message.whole = message.whole.lowerBound..<cut }
      if isLast, reasonsComeFirst {
        held = reasons
      } else {
        entry.reasons += reasons.prefix(Self.maximumReasons - min(entry.reasons.count, Self.maximumReasons))
      }
      // What the reader said of the data, or of the size line before them, was about the reasons.
      settled.formUnion([item.data.lowerBound, bytes.line(at: start + item.start, to: bytes.count).next - start])
      if item.isOutside { continue }
      var item = item
      item.data = item.data.lowerBound..<cut
      if !message.isSized, item.kind != .text {
        item.isHex = MessageParser.isHex(bytes, (start + item.data.lowerBound)..<(start + cut))
      }
      items.append(item)
    }
    message.items = items
    message.findings.removeAll { Self.rules.contains($0.rule) && settled.contains($0.offset) }
  }

  /// The findings that reasons behind the data of an item, or outside of any, cause.
  private static let rules: Set<Rule> = [.textOutsideItems, .fileNotHex, .sizeTooShort]

  /// Where the data of an item end and what may be reasons begins; nil when nothing stands behind them.
  private func endOfData(
    _ bytes: Bytes, _ item: CCMessage.Item, at start: Int, _ message: CCMessage, isLast: Bool, belongToNext: Bool
  ) -> Int? {
    if item.isOutside { return item.data.lowerBound }
    let data = (start + item.data.lowerBound)..<(start + item.data.upperBound)
    if message.isSized {
      let keyword = bytes.line(at: start + item.start, to: bytes.count)
      guard keyword.next < data.lowerBound, case .number(let size) = CCLine.size(bytes, keyword.next..<data.lowerBound),
        size < item.data.count
      else { return nil }
      return item.data.lowerBound + size
    }
    // Nothing ends a plain text but the next keyword. At the end of a file whose reasons come first, asterisks are text.
    guard isLast, belongToNext || !reasonsComeFirst else { return nil }
    let tail = Self.tail(bytes, data)
    return tail < data.upperBound ? tail - start : nil
  }

  /// Where the reasons and empty lines at the end of `range` begin; its end when there are no reasons.
  private static func tail(_ bytes: Bytes, _ range: Range<Int>) -> Int {
    var (tail, end) = (range.upperBound, range.upperBound)
    while end > range.lowerBound {
      var start = end - 1
      while start > range.lowerBound, bytes[start - 1] != ASCII.lf { start -= 1 }
      let line = start..<bytes.line(at: start, to: end).end
      if bytes.hasPrefix(at: start, to: line.upperBound, "***  "), reason(bytes, line) != nil {
        tail = start
      } else if !bytes.trimmed(line).isEmpty {
        break
      }
      end = start
    }
    return tail
  }

  // MARK: Lines

  /// The text of a line `***  text  ***`, with any blanks; nil for any other line.
  static func reason(_ bytes: Bytes, _ line: Range<Int>) -> Range<Int>? {
    let whole = bytes.trimmed(line)
    guard whole.count > 6, bytes.hasPrefix(at: whole.lowerBound, to: whole.upperBound, "***"),
      bytes.hasPrefix(at: whole.upperBound - 3, to: whole.upperBound, "***")
    else { return nil }
    let text = bytes.trimmed((whole.lowerBound + 3)..<(whole.upperBound - 3))
    return text.contains { bytes[$0] != ASCII.asterisk && !ASCII.isSpace(bytes[$0]) } ? text : nil
  }

  private static func appendReasons(_ bytes: Bytes, _ range: Range<Int>, to reasons: inout [Range<Int>]) {
    var position = range.lowerBound
    while position < range.upperBound, reasons.count < maximumReasons {
      let line = bytes.line(at: position, to: range.upperBound)
      if let reason = reason(bytes, position..<line.end) { reasons.append(reason) }
      position = line.next
    }
  }

  /// The reasons in `range` when nothing else is in it but empty lines.
  private static func onlyReasons(_ bytes: Bytes, _ range: Range<Int>) -> [Range<Int>]? {
    var reasons: [Range<Int>] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      if let reason = reason(bytes, position..<line.end) {
        if reasons.count < maximumReasons { reasons.append(reason) }
      } else if !bytes.trimmed(position..<line.end).isEmpty {
        return nil
      }
      position = line.next
    }
    return reasons.isEmpty ? nil : reasons
  }
}

extension CCMessage.Item {
  /// Made of text that stands outside of any item: there is no keyword line.
  fileprivate var isOutside: Bool {
    kind == .text && title.isEmpty && title.lowerBound == start && data.lowerBound == start
  }
}
