import Formats

/// The header, RFC 5322, 3.6.
extension ToInternet {
  private static let order: [FieldName] = [
    .returnPath, .from, .sender, .replyTo, .to, .cc, .bcc, .subject, .date, .messageID, .autoSubmitted, .inReplyTo,
    .references, .precedence, .importance, .dispositionNotificationTo, .downgraded, .brokenLine,
  ]

  func writeHeader(_ message: Message, hasEnvelope: Bool, to output: inout [UInt8]) {
    var done = FieldName.Set()
    // The envelope names the blind ones, and nobody is to see them (Q181125).
    if hasEnvelope { done.insert(.bcc) }
    if message.carriesAllHeaders {
      for field in TransportField.notLeading(message.carried, name: \.name) where !hasEnvelope || field.name != .bcc {
        write(field, message, to: &output)
        done.insert(Self.kind(field.name))
      }
    }
    for remark in message.remarks { HeaderWriter.append("X-cc-Mail-\(remark.name)", text: remark.text, to: &output) }
    // Exchange shows them to everybody, and brings none of them back.
    if !hasEnvelope {
      for form in message.ccMailForms { HeaderWriter.append("X-ccmc-Address", text: form, to: &output) }
    }
    for name in Self.order where !done.contains(name) {
      let carried = message.carried.filter { Self.kind($0.name) == name }
      if carried.isEmpty {
        if message.settled.contains(name) { continue }
        write(name, message, to: &output)
      } else {
        for field in carried { write(field, message, to: &output) }
      }
    }
    for field in message.further { output.append(contentsOf: field) }
  }

  /// Appends a field that was carried, as it is as far as its lines are not too long for mail.
  private func write(_ field: Message.CarriedHeader, _ message: Message, to output: inout [UInt8]) {
    if options.writesUTF8Addresses {
      if field.name == .downgraded { return }
      if let original = Downgraded.original(of: field.text, among: message.carried, converter: converter) {
        output.append(contentsOf: original)
        return
      }
    }
    let text = field.text.span
    if text.count <= HeaderWriter.longestLine || HeaderWriter.append(field: text, to: &output) {
      if text.count <= HeaderWriter.longestLine { output.append(text) }
      return
    }
    guard let colon = text.firstIndex(of: ASCII.colon, from: 0, to: text.count) else { return }
    HeaderWriter.append(
      text.string(0..<colon), text: EncodedWord.decode(text, (colon + 1)..<text.count, converter: converter),
      to: &output)
  }

  /// Appends an address field, as `Downgraded` has it where addresses beyond ASCII may stand in it.
  private func write(_ name: String, _ mailboxes: [Mailbox], _ message: Message, to output: inout [UInt8]) {
    guard options.writesUTF8Addresses else { return HeaderWriter.append(name, mailboxes: mailboxes, to: &output) }
    var field: [UInt8] = []
    HeaderWriter.append(name, list: AddressList(mailboxes: mailboxes), isUTF8: true, to: &field)
    output.append(
      contentsOf: Downgraded.original(of: field, among: message.carried, converter: converter) ?? field)
  }

  /// The field that stands for others of its meaning.
  static func kind(_ name: FieldName) -> FieldName {
    switch name {
    case .returnReceiptTo: .dispositionNotificationTo
    case .priority, .xPriority, .xMSMailPriority: .importance
    default: name
    }
  }

  func write(_ name: FieldName, _ message: Message, to output: inout [UInt8]) {
    func mailboxes(_ field: Message.Recipient.Field) -> [Mailbox] {
      message.recipients.filter { $0.field == field }.map(\.mailbox)
    }
    switch name {
    case .from: if let sender = message.sender { write("From", [sender], message, to: &output) }
    case .to: write("To", mailboxes(.to), message, to: &output)
    case .cc: write("Cc", mailboxes(.cc), message, to: &output)
    case .bcc: write("Bcc", mailboxes(.bcc), message, to: &output)
    case .subject: if !message.subject.isEmpty { HeaderWriter.append("Subject", text: message.subject, to: &output) }
    case .date:
      guard let date = message.date else { return }
      output.append("Date: ")
      DateField.append(date, to: &output)
      output.appendLineEnd()
    case .messageID:
      output.append("Message-ID: ")
      output.append(text: madeMessageID)
      output.appendLineEnd()
    case .autoSubmitted: if message.isAutomatic { output.append("Auto-Submitted: auto-generated\r\n") }
    case .importance:
      switch message.priority {
      case .urgent: output.append("Importance: high\r\nX-Priority: 1\r\n")
      case .low: output.append("Importance: low\r\nX-Priority: 5\r\n")
      case .normal: return
      }
    case .dispositionNotificationTo:
      // RFC 8098, 2.1: a report asks for no receipt.
      if let receiptTo = message.receiptTo, !isReport {
        write("Disposition-Notification-To", [receiptTo], message, to: &output)
      }
    default: return
    }
  }
}
