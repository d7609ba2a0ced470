import Formats
import Mail

/// Finds the message that an entry of an undeliverable file is about. Post offices write dates in their own order, fill
/// and cut names, and change blanks and case; what fits no message, or fits several that differ, is about none of them.
struct UndeliverableMatch {
  /// A message of a file of the batch.
  private struct Candidate {
    var file: Int
    var header: MessageHeader
    var message: CCMessage
    /// Where the ranges of `message` begin, in its file.
    var start: Int
    /// Entries that were about it.
    var entries = 0
  }

  /// What an entry is about.
  struct Found {
    /// The index of the file.
    var file: Int
    /// The index of the message among all messages.
    var message: Int
    /// How it was recognised, for people.
    var how: String
  }

  private let converter: Converter
  private let files: [[UInt8]]
  private var candidates: [Candidate] = []
  /// Recipients of each file.
  private(set) var recipients: [Int] = []
  /// Messages of each file.
  private(set) var messages: [Int] = []

  /// - Parameter files: the files of the batch, whole; an empty one for what is too large to be looked at.
  init(_ files: [[UInt8]], _ converter: Converter) {
    (self.files, self.converter) = (files, converter)
    for (index, bytes) in files.enumerated() {
      var scanner = CCScanner()
      var start = 0
      var (recipients, messages) = (0, 0)
      while start < bytes.count,
        case .message(let message, let next) = scanner.next(in: bytes.span.extracting(start...), isFinal: true)
      {
        let window = bytes.span.extracting(start...)
        candidates.append(
          Candidate(file: index, header: MessageHeader(message, window, converter), message: message, start: start))
        messages += 1
        recipients += message.header.count { [.to, .cc, .bcc].contains($0.keyword) }
        if next == 0 { break }
        start += next
      }
      self.recipients.append(recipients)
      self.messages.append(messages)
    }
  }

  /// The one message that an entry is about; nil when that cannot be told.
  mutating func find(_ entry: UndeliverableFile.Entry, in text: Bytes) -> Found? {
    guard let message = entry.message else { return nil }
    let window = text.extracting(entry.window)
    let isCut = message.items.isEmpty && entry.window.upperBound == text.count
    let header = MessageHeader(message, window, converter, isCut: isCut && text[text.count - 1] != ASCII.lf)
    var alike: [(index: Int, likeness: MessageHeader.Likeness)] = []
    for (index, candidate) in candidates.enumerated() {
      if let likeness = header.likeness(to: candidate.header), likeness.isEnough { alike.append((index, likeness)) }
    }
    guard !alike.isEmpty else { return nil }
    let whole = window.trimmed(message.whole)
    let repeated = alike.filter { self.holds(candidates[$0.index], window, whole) }
    var how = "it is repeated as it was"
    if !repeated.isEmpty {
      alike = repeated
    } else {
      let sameText = alike.filter { self.agree(message, window, candidates[$0.index]) }
      if !sameText.isEmpty { alike = sameText }
      guard let best = alike.map(\.likeness).max() else { return nil }
      alike = alike.filter { $0.likeness >= best }
      how = "recognised by \(best.text)" + (sameText.isEmpty ? "" : ", text")
    }
    // Of several that are the same in every byte, each may have its entry; several that differ are no match.
    let first = wholeBytes(candidates[alike[0].index])
    guard alike.allSatisfy({ wholeBytes(candidates[$0.index]) == first }) else { return nil }
    guard let found = alike.min(by: { candidates[$0.index].entries < candidates[$1.index].entries })?.index else {
      return nil
    }
    candidates[found].entries += 1
    return Found(file: candidates[found].file, message: found, how: how)
  }

  private func wholeBytes(_ candidate: Candidate) -> [UInt8] {
    let bytes = files[candidate.file]
    let whole =
      (candidate.start + candidate.message.whole.lowerBound)..<(candidate.start + candidate.message.whole.upperBound)
    return bytes.span.array(bytes.span.trimmed(whole))
  }

  private func holds(_ candidate: Candidate, _ window: Bytes, _ whole: Range<Int>) -> Bool {
    let range =
      (candidate.start + candidate.message.whole.lowerBound)..<(candidate.start + candidate.message.whole.upperBound)
    let bytes = files[candidate.file]
    let own = bytes.span.extracting(range)
    return own.contains(window, whole)
  }

  /// Characters of a text that was cut; fewer would be the beginning of too many.
  private static let shortestText = 16

  /// Whether the texts are the same but for blanks, or the entry's is the beginning of the message's.
  private func agree(_ message: CCMessage, _ window: Bytes, _ candidate: Candidate) -> Bool {
    let own = Self.text(of: message, window)
    let bytes = files[candidate.file]
    let theirs = Self.text(of: candidate.message, bytes.span, from: candidate.start)
    return !own.isEmpty && (own == theirs || own.count >= Self.shortestText && theirs.starts(with: own))
  }

  /// Without blanks; `start` is where the ranges of `message` begin.
  private static func text(of message: CCMessage, _ bytes: Bytes, from start: Int = 0) -> [UInt8] {
    var text: [UInt8] = []
    for item in message.items where item.kind == .text {
      for i in item.data {
        let byte = bytes[start + i]
        if !ASCII.isSpace(byte), byte != ASCII.substitute { text.append(byte) }
      }
    }
    return text
  }

  /// Whether the file ends before its last message does: what stood behind that is not known.
  static func isCut(_ last: UndeliverableFile.Entry, in text: Bytes) -> Bool {
    guard let message = last.message, last.window.upperBound == text.count else { return false }
    func has(_ rules: Set<Rule>) -> Bool { message.isSized && message.findings.contains(rules) }
    if message.items.isEmpty, has([.noContents, .contentsSize]) { return true }
    guard text[text.count - 1] != ASCII.lf else { return false }
    return message.items.isEmpty || has([.sizeTooLong, .sizeMissing, .messageSize])
  }
}
