import Formats
import Mail

/// The recipients in the header of a message, and where they are.
struct Recipients {
  private struct Recipient {
    var line: Int
    var isHidden: Bool
    var address: [UInt8]
    /// The addresses that the message itself does not have, by mailbox.
    var added: [String: [[UInt8]]]
  }

  private var recipients: [Recipient] = []
  /// The folders of the mailboxes that get a copy, each once, however many ways lead to it (Q181797).
  private(set) var mailboxes: [String] = []
  /// Why recipients cannot be delivered to.
  private(set) var failures: [(reason: StaticString, recipient: [UInt8]?)] = []
  /// The recipients of each mailbox, and of each bcc line, by number.
  private var byMailbox: [String: [Int]] = [:]
  private var onHiddenLine: [Int: Int] = [:]
  private var hidden: Set<Int> = []
  private var named = Set<String>()
  private let keys: NameKeys
  private let codePage: CodePage

  /// Reads the recipients of `message`. Those on lines that end more than `limit` bytes behind its beginning fail
  /// (Q166499).
  init(_ message: CCMessage, _ bytes: Bytes, _ resolver: Resolver, _ codePage: CodePage, limit: Int) {
    keys = resolver.book.keys
    self.codePage = codePage
    var resolved: [String: Resolution] = [:]
    for (number, line) in message.header.enumerated() {
      guard line.keyword == .to || line.keyword == .cc || line.keyword == .bcc else { continue }
      for address in RecipientLine.split(Self.unfolded(bytes, line.value)) {
        let address = address.span.array(address.span.trimmed(0..<address.count))
        var resolution = Resolution(failure: "Header Buffer Full")
        if line.value.upperBound - message.whole.lowerBound <= limit {
          // A name that stands there a thousand times is looked up once.
          let key = keys.key(address.span, codePage)
          resolution = resolved[key] ?? resolver.resolve(address.span, codePage)
          resolved[key] = resolution
        }
        if let failure = resolution.failure { failures.append((failure, address)) }
        add(Recipient(line: number, isHidden: line.keyword == .bcc, address: address, added: resolution.mailboxes))
      }
    }
    if recipients.isEmpty { failures.append(("No recipient", nil)) }
  }

  private mutating func add(_ recipient: Recipient) {
    for mailbox in recipient.added.keys.sorted() {
      if byMailbox[mailbox] == nil { mailboxes.append(mailbox) }
      byMailbox[mailbox, default: []].append(recipients.count)
    }
    if recipient.isHidden {
      hidden.insert(recipient.line)
      onHiddenLine[recipient.line, default: 0] += 1
    }
    named.insert(keys.key(recipient.address.span, codePage))
    recipients.append(recipient)
  }

  /// What the copy in `mailbox` has other than the message.
  func changes(for mailbox: String) -> HeaderChanges {
    var changes = HeaderChanges(hidden: hidden)
    var added = Set<String>()
    var kept: [Int: [[UInt8]]] = [:]
    for number in byMailbox[mailbox] ?? [] {
      let recipient = recipients[number]
      if recipient.isHidden { kept[recipient.line, default: []].append(recipient.address) }
      for address in recipient.added[mailbox] ?? [] {
        let key = keys.key(address.span, codePage)
        if !named.contains(key), added.insert(key).inserted { changes.added.append(address) }
      }
    }
    for (line, addresses) in kept {
      changes.kept[line] =
        addresses.count == onHiddenLine[line] ? [] : Array(addresses.joined(separator: [ASCII.comma, ASCII.space]))
    }
    if kept.count == hidden.count, changes.kept.values.allSatisfy(\.isEmpty) {
      changes.hidden = []
      changes.kept = [:]
    }
    return changes
  }

  /// A value on one line: each line end and the blanks behind it become one blank.
  private static func unfolded(_ bytes: Bytes, _ range: Range<Int>) -> [UInt8] {
    var value: [UInt8] = []
    value.reserveCapacity(range.count)
    var isBehindLineEnd = false
    for i in range {
      if bytes[i] == ASCII.cr || bytes[i] == ASCII.lf {
        isBehindLineEnd = true
        continue
      }
      if isBehindLineEnd {
        if ASCII.isBlank(bytes[i]) { continue }
        isBehindLineEnd = false
        value.append(ASCII.space)
      }
      value.append(bytes[i])
    }
    return value
  }
}
