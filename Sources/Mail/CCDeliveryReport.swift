import Formats

/// Reports to senders in cc:Mail: a text, as the connector of Exchange wrote it (Q249133, Q180641, Q184624).
extension Converter {
  /// Appends a report about `message`, a message of a .ccm file in `bytes`, to `output` as a message of a .ccm file to
  /// its sender. The message itself is attached as text, or as the file ORIGINAL.CCM when `attachesOriginal` says so or
  /// when it has no items. Nothing is appended when no report may be made.
  public func appendCCMail(
    _ report: DeliveryReport, about message: CCMessage, _ bytes: Bytes, attachesOriginal: Bool = false,
    to output: inout [UInt8]
  ) -> DeliveryReport.Outcome {
    let reading = fromCCMail.read(message, bytes).message
    let senderName = senderName(of: message, bytes)
    if let why = noReport(about: reading, from: senderName) { return .none(why) }
    // A name that cannot be written again is nobody's.
    let sender = options.addresses.mailbox(senderName)
    guard senderName.unicodeScalars.allSatisfy({ $0.value >= 32 && $0 != "\u{FFFD}" }),
      options.addresses.omitsPostOffice || options.addresses.ccMail(sender) == senderName
        || HeaderWriter.isAddress(sender.address)
    else { return .none(.noSender) }
    let identity = ReportIdentity(message, bytes, report.recipients)
    let messageID = identity.messageID(domain: options.addresses.domain)
    var header: [UInt8] = []
    HeaderWriter.append("Message-ID", text: messageID, to: &header)
    let end = header.count
    header.append("Auto-Submitted: auto-replied\r\n")
    var letter = Message()
    letter.sender = Mailbox(name: "", address: "postmaster")
    letter.recipients = [Message.Recipient(field: .to, mailbox: sender)]
    letter.subject = Self.reportSubject(reading.subject)
    letter.date = report.time
    letter.headers = [
      Message.Header(name: .messageID, range: 0..<end),
      Message.Header(name: .autoSubmitted, range: end..<header.count),
    ]
    letter.items = [text(of: report, about: message, reading, bytes)]
    if attachesOriginal || reading.items.isEmpty {
      var file = Item(kind: .file, type: .data, content: .bytes(bytes.array(message.whole)))
      file.name = "ORIGINAL.CCM"
      letter.items.append(file)
    } else {
      letter.items.append(
        textItem(MessageText.render(named(reading), source: bytes, options: options, converter: charsets)))
    }
    _ = toCCMail.write(letter, source: header.span, to: &output)
    return .written(messageID: messageID)
  }

  /// `message` with its mailboxes as cc:Mail names them.
  private func named(_ message: Message) -> Message {
    func named(_ mailbox: Mailbox) -> Mailbox { Mailbox(name: "", address: options.addresses.ccMail(mailbox)) }
    var message = message
    message.sender = message.sender.map(named)
    for i in message.recipients.indices { message.recipients[i].mailbox = named(message.recipients[i].mailbox) }
    return message
  }

  private func textItem(_ utf8: [UInt8]) -> Item {
    var item = Item(kind: .text, type: .plainText, content: .bytes(utf8))
    item.charset = "utf-8"
    return item
  }

  private func text(of report: DeliveryReport, about message: CCMessage, _ reading: Message, _ bytes: Bytes) -> Item {
    var text: [UInt8] = []
    text.append("Your message was not delivered to all recipients.\r\n\r\n")
    text.append(text: "Subject: \(Self.line(reading.subject))\r\n")
    if let date = message.values(.date).first {
      text.append(text: "Sent:    \(Self.line(mapping.text(bytes.array(bytes.trimmed(date)))))\r\n")
    }
    let unknown = report.recipients.filter { $0.status == "5.1.1" }
    if !unknown.isEmpty {
      text.append("\r\nThe following email address(es) were unknown:\r\n\r\n")
      for recipient in unknown { text.append(text: "    \(Self.line(recipient.name))\r\n") }
    }
    let reasons = report.recipients.filter { !$0.reason.isEmpty || $0.status != "5.1.1" }
    if !reasons.isEmpty {
      text.append("\r\nThe cause of the failure(s) is listed below:\r\n")
      for recipient in reasons {
        text.append(text: "\r\n    \(Self.line(recipient.name.isEmpty ? "(nobody is named)" : recipient.name))\r\n")
        text.append(
          text: recipient.reason.isEmpty
            ? "        No reason was given.\r\n" : "        \(Self.line(recipient.reason))\r\n")
      }
    }
    return textItem(text)
  }
}
