import Formats

/// A message that cc:Mail's router returned to its sender: its subject is `Message not deliverable`, and a history in
/// its first text says to whom it could not be delivered and why (Q184624). The original's text follows unchanged.
public struct RouterReturn: Sendable, Equatable {
  /// Those that lines `Not deliverable to` name (Q228743), each with the text below its line as the reason.
  public var recipients: [FailedRecipient] = []
  /// The original's subject; empty when the history does not tell it.
  public var subject = ""

  /// The subject of every one of them, in lower case.
  static let subject = "message not deliverable"
  /// Recipients of one history; further ones are left out.
  static let maximumRecipients = 1000
  private static let keyword: StaticString = "Not deliverable to"

  /// Reads the history in `text`, lines in UTF-8; nil when it names nobody.
  init?(_ text: Bytes) {
    var position = 0
    // The line above had the keyword and no name.
    var wantsName = false
    var reasonLines = 0
    while position < text.count {
      let line = text.line(at: position, to: text.count)
      let range = text.trimmed(position..<line.end)
      position = line.next
      if let name = Self.name(text, range) {
        guard recipients.count < Self.maximumRecipients else { break }
        recipients.append(FailedRecipient(name: name, reason: ""))
        wantsName = name.isEmpty
        reasonLines = 0
      } else if wantsName {
        if range.isEmpty { continue }
        recipients[recipients.count - 1].name = String(text.string(range).prefix(1024))
        wantsName = false
      } else if let last = recipients.indices.last, reasonLines >= 0 {
        // The reason ends with its paragraph.
        if range.isEmpty || reasonLines == 5 || Self.isLabel(text, range) {
          reasonLines = -1
        } else {
          let more = String(text.string(range).prefix(500))
          let reason = recipients[last].reason
          recipients[last] = FailedRecipient(
            name: recipients[last].name, reason: reason.isEmpty ? more : reason + " " + more)
          reasonLines += 1
        }
      }
      for label in ["Subject:", "Original subject:"] as [StaticString]
      where subject.isEmpty && text.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, label) {
        let start = range.lowerBound + label.utf8CodeUnitCount
        subject = String(text.string(text.trimmed(start..<range.upperBound)).prefix(1024))
      }
    }
    recipients.removeAll { $0.name.isEmpty }
    for i in recipients.indices where recipients[i].reason.isEmpty {
      recipients[i] = FailedRecipient(name: recipients[i].name, reason: "Not deliverable to \(recipients[i].name)")
    }
    if recipients.isEmpty { return nil }
  }

  /// What stands behind `Not deliverable to`, a colon or not between; nil for another line.
  private static func name(_ text: Bytes, _ line: Range<Int>) -> String? {
    guard text.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, keyword) else { return nil }
    var start = line.lowerBound + keyword.utf8CodeUnitCount
    guard start == line.upperBound || text[start] == ASCII.colon || ASCII.isBlank(text[start]) else { return nil }
    while start < line.upperBound, text[start] == ASCII.colon || ASCII.isBlank(text[start]) { start += 1 }
    return String(text.string(start..<line.upperBound).prefix(1024))
  }

  /// Lines of the history that are no reason.
  private static func isLabel(_ text: Bytes, _ line: Range<Int>) -> Bool {
    for label in ["Subject:", "Original subject:", "Author:", "Date:", "From:", "To:", "____"] as [StaticString]
    where text.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, label) { return true }
    return false
  }
}

extension Converter {
  /// What the history in `message` says, when cc:Mail's router returned it; nil for any other message.
  public func routerReturn(of message: CCMessage, _ bytes: Bytes) -> RouterReturn? {
    fromCCMail.routerReturn(of: message, bytes)
  }
}
