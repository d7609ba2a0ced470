import Formats

/// Receipts and returned messages of cc:Mail as the reports that the Internet has for them, RFC 8098 and RFC 3464. Their
/// texts stay as they are.
extension FromCCMail {
  /// Makes a report of `message`, where it is one of cc:Mail's own: from a user of cc:Mail, to one person.
  func makeReport(of message: inout Message, _ history: RouterReturn?, _ source: CCMessage, _ bytes: Bytes) {
    guard message.recipients.count == 1, HeaderWriter.isAddress(message.recipients[0].mailbox.address),
      let text = message.items.first, text.kind == .text
    else { return }
    if let history {
      makeDeliveryReport(of: &message, history, source, bytes)
    } else if message.items.count == 1 {
      makeReceipt(of: &message, source, bytes)
    }
  }

  /// A message that the router returned: the history, the recipients that it names, and the message as it was.
  private func makeDeliveryReport(
    of message: inout Message, _ history: RouterReturn, _ source: CCMessage, _ bytes: Bytes
  ) {
    var original = Message()
    // The router returns a message to whom it came from.
    original.sender = message.recipients[0].mailbox
    original.recipients = history.recipients.map {
      Message.Recipient(field: .to, mailbox: options.addresses.mailbox($0.name))
    }
    original.subject = history.subject
    original.items = Array(message.items.dropFirst())
    message.items.removeSubrange(1...)
    var status: [UInt8] = []
    DeliveryStatus(history.recipients, reportingMTA: options.addresses.domain, time: nil)
      .append(addresses: options.addresses, to: &status)
    message.items.append(Item(kind: .file, type: .deliveryStatus, content: .bytes(status)))
    message.reportType = "delivery-status"
    message.isAutomatic = true
    guard !original.items.isEmpty || !original.subject.isEmpty else { return }
    // Its identifier is nowhere told.
    original.settled.insert(.messageID)
    // Its boundaries have to be others than those of the report.
    let header = source.whole.lowerBound..<max(source.whole.lowerBound, source.items[0].start)
    var eml: [UInt8] = []
    var occurrences = MadeMessageID.Occurrences()
    ToInternet(options: options, converter: converter).write(
      original, source: bytes, identity: header, occurrences: &occurrences, to: &eml)
    message.items.append(Item(kind: .file, type: .message, content: .bytes(eml)))
  }

  private func makeReceipt(of message: inout Message, _ source: CCMessage, _ bytes: Bytes) {
    guard let sender = message.sender, HeaderWriter.isAddress(sender.address), let from = source.values(.from).first,
      !options.addresses.isOutside(mapping.text(bytes.array(from)))
    else { return }
    var text: [UInt8] = []
    _ = message.items[0].content.append(from: bytes, to: &text)
    guard let receipt = ReadReceipt(text.span, order: options.dateOrder) else { return }
    // Without it the receipt would tell of no time at all.
    if message.date == nil { message.date = receipt.time }
    var fields: [UInt8] = []
    fields.append(text: "Reporting-UA: \(DeliveryStatus.host(options.addresses.domain)); cc:Mail\r\n")
    fields.append(text: "Final-Recipient: rfc822; \(sender.address)\r\n")
    fields.append("Disposition: manual-action/MDN-sent-automatically; displayed\r\n")
    if let time = receipt.time {
      fields.append("X-cc-Mail-Read: ")
      DateField.append(time, to: &fields)
      fields.appendLineEnd()
    }
    message.items.append(Item(kind: .file, type: .dispositionNotification, content: .bytes(fields)))
    message.reportType = "disposition-notification"
    message.isAutomatic = true
  }
}
