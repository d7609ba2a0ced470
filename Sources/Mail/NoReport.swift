import Formats

/// Why nobody is told that a message was not delivered. Each of these would be the beginning of a loop, or would tell
/// somebody who did not send it: RFC 3834, 2 and RFC 3464, 2.
public enum NoReport: String, Sendable {
  case noSender = "it has no sender who could be told"
  case postOffice = "its sender is a post office or a mail system"
  case emptyReturnPath = "its Return-Path is empty"
  case automatic = "it was sent automatically"
  case bulk = "it was sent to a list"
  case report = "it is a report itself"
}

extension Converter {
  /// Why no report may be made about `message`, a message of a .ccm file in `bytes`; nil when one may.
  ///
  /// Of a message that came from the Internet, the fields Auto-Submitted, Precedence and an empty Return-Path count,
  /// which its text item `RFC822 headers` carries.
  public func noReport(about message: CCMessage, _ bytes: Bytes) -> NoReport? {
    noReport(about: fromCCMail.read(message, bytes).message, from: senderName(of: message, bytes))
  }

  /// The sender as the file names it, in UTF-8.
  func senderName(of message: CCMessage, _ bytes: Bytes) -> String {
    guard let value = message.values(.from).first else { return "" }
    return mapping.text(bytes.array(bytes.trimmed(value)))
  }

  func noReport(about message: Message, from sender: String) -> NoReport? {
    let name = SystemSender.name(sender)
    if name.isEmpty || sender.lowercased() == options.defaultSender.lowercased() { return .noSender }
    if SystemSender.isPostOffice(name) { return .postOffice }
    if let sender = message.sender {
      if SystemSender.isPostOffice(SystemSender.localPart(sender.address)) { return .postOffice }
      if SystemSender.isPostOffice(sender.name.lowercased()) { return .postOffice }
    }
    for field in message.carried {
      let value = fieldValue(field)
      switch field.name {
      case .returnPath where value == "<>": return .emptyReturnPath
      // Parameters and comments may follow the keyword, RFC 3834, 5.
      case .autoSubmitted where value.prefix(while: { $0.isLetter || $0 == "-" }) != "no": return .automatic
      case .precedence where ["bulk", "junk", "list"].contains(value): return .bulk
      default: continue
      }
    }
    if message.reportType != nil || message.items.contains(where: { MachineReport.isOne($0.type) }) {
      return .report
    }
    // The router returns a message in the name of its sender (Q184624).
    let subject = message.subject.lowercased().drop { $0 == " " }
    if subject == RouterReturn.subject { return .report }
    let names = [name, message.sender?.name.lowercased() ?? ""]
    return subject.hasPrefix("undeliverable:") && names.contains(where: SystemSender.mayReport) ? .report : nil
  }

  /// The value of a carried field, in lower case, without blanks at its ends.
  private func fieldValue(_ field: Message.CarriedHeader) -> String {
    let text = field.text.span
    guard let colon = text.firstIndex(of: ASCII.colon, from: 0, to: text.count) else { return "" }
    return text.string(text.trimmed((colon + 1)..<text.count)).lowercased()
  }
}

/// Senders that are no persons.
enum SystemSender {
  private static let names: Set<String> = [
    "postmaster", "mailer-daemon", "mail delivery subsystem", "mail delivery system", "cc:mail connector interchange",
  ]

  /// Whether a name in lower case is that of a mail system: `~BEL01` is a post office, `cc:Mail Connector Interchange`
  /// sent the reports of the original (Q249133, Q184624).
  static func isPostOffice(_ name: String) -> Bool { name.hasPrefix("~") || names.contains(name) }

  /// Whether this is the sender of reports, of whom a person may have the name, too (Q228743).
  static func mayReport(_ name: String) -> Bool {
    isPostOffice(name) || name == "administrator" || name == "system administrator"
  }

  /// A cc:Mail name in lower case, without its post office, its quotes and the comma in front.
  static func name(_ ccMail: String) -> String {
    var name = ccMail[..<(AddressRule.postOffice(of: ccMail) ?? ccMail.endIndex)]
    if name.lowercased().hasPrefix("at ") || name == "at" { return "" }
    while let first = name.first, first == "," || first == "\"" || first == " " { name.removeFirst() }
    while let last = name.last, last == "\"" || last == " " { name.removeLast() }
    return name.lowercased()
  }

  /// What stands before the `@` of an address, in lower case.
  static func localPart(_ address: String) -> String { String(address.prefix { $0 != "@" }).lowercased() }
}
