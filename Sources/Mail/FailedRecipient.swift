import Formats

/// A recipient that a message could not be delivered to, and why.
public struct FailedRecipient: Sendable, Equatable {
  /// As cc:Mail names it, in UTF-8: `Okafor, Ben at PLANT3`. Empty when nobody is named.
  public var name: String
  /// What the program said, word for word; empty when it said nothing.
  public var reason: String
  /// RFC 3463: `5.1.1`.
  public var status: String

  /// `status` is chosen by the reason when it is not given.
  public init(name: String, reason: String, status: String? = nil) {
    self.name = name
    self.reason = reason
    self.status = status ?? Self.status(for: reason)
  }

  /// The words of reasons, and the status codes of RFC 3463, 3 that they mean; the first one that is met counts. Of
  /// `Unknown Date Format` (Q180641), `Header Buffer Full` (Q166499) and `Disk error in creating message item`
  /// (Q193864) it is known that IMPORT says them.
  private static let statuses: [(words: String, status: String)] = [
    ("date format", "5.6.0"), ("time zone", "5.6.0"), ("header buffer", "5.5.3"), ("disk full", "5.3.1"),
    ("disk error", "5.3.0"), ("mailing list", "5.2.4"), ("mailbox full", "5.2.2"), ("unknown post office", "5.1.2"),
    ("ambiguous", "5.1.4"), ("unknown recipient", "5.1.1"), ("unknown user", "5.1.1"), ("unknown name", "5.1.1"),
    ("unknown address", "5.1.1"), ("no such", "5.1.1"), ("not deliverable to", "5.1.1"), ("no mailbox", "5.1.1"),
  ]

  private static func status(for reason: String) -> String {
    let reason = reason.prefix(1024).lowercased()
    return statuses.first { reason.contains($0.words) }?.status ?? "5.0.0"
  }
}

extension Converter {
  /// The text of a value of a .ccm header, in UTF-8.
  public func text(_ value: [UInt8]) -> String { mapping.text(value) }

  /// The recipients that an entry of an undeliverable file says have failed. `file` is the whole file.
  public func failedRecipients(of entry: UndeliverableFile.Entry, in file: Bytes) -> [FailedRecipient] {
    let reasons = entry.reasons.map { mapping.text(file.array($0)) }
    guard let message = entry.message else { return [] }
    return failedRecipients(of: message, file.extracting(entry.window), reasons: reasons)
  }

  /// The recipients of `message`, in `bytes`, that `reasons` say have failed: those that a reason names. A reason that
  /// names none of them is that of all who are not named. Without any reason all have failed.
  public func failedRecipients(of message: CCMessage, _ bytes: Bytes, reasons: [String]) -> [FailedRecipient] {
    let names = fromCCMail.recipientNames(message, bytes)
    if names.isEmpty {
      return reasons.isEmpty
        ? [FailedRecipient(name: "", reason: "")]
        : distinct(reasons).map { FailedRecipient(name: RecipientIndex.name(behindColonOf: $0), reason: $0) }
    }
    let index = RecipientIndex(names)
    var own = [[String]](repeating: [], count: names.count)
    var common: [String] = []
    for reason in reasons {
      let named = index.recipients(namedIn: reason)
      if named.isEmpty { common.append(reason) }
      for i in named { own[i].append(reason) }
    }
    let isForAll = !common.isEmpty || reasons.isEmpty
    let shared = FailedRecipient(name: "", reason: distinct(common).joined(separator: "; "))
    var failed: [FailedRecipient] = []
    for (i, name) in names.enumerated() {
      if !own[i].isEmpty {
        failed.append(FailedRecipient(name: name, reason: distinct(own[i]).joined(separator: "; ")))
      } else if isForAll {
        failed.append(FailedRecipient(name: name, reason: shared.reason, status: shared.status))
      }
    }
    return failed
  }

  /// Each reason once: IMPORT repeats some of them for each recipient (Q166499).
  private func distinct(_ reasons: [String]) -> [String] {
    var seen = Set<String>()
    return reasons.filter { seen.insert($0).inserted }.prefix(20).map { String($0.prefix(4096)) }
  }
}
