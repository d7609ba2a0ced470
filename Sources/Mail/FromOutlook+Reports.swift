import Formats

/// Reports and receipts as RFC 3464 and RFC 8098 have them, and signed messages as they were.
extension FromOutlook {
  mutating func readReport(_ bytes: Bytes) {
    switch messageClass.kind {
    case .nonDelivery, .delivery: readDeliveryStatus(bytes)
    case .read, .notRead: readDisposition(bytes)
    case .message: readStoredReport(bytes)
    default: return
    }
  }

  // MARK: Reports that came as mail

  /// A report that was stored as a note is one still: its header says so, and the part for programs is among its files.
  private mutating func readStoredReport(_ bytes: Bytes) {
    let type = transportContentType(bytes)
    if let type, type.name != "multipart/report" { return }
    guard let index = message.items.firstIndex(where: { Self.reportParts[$0.type.name] != nil }),
      let reportType = Self.reportParts[message.items[index].type.name]
    else { return }
    if let told = type?.reportType, told != reportType { return }
    var part = message.items.remove(at: index)
    part.role = .plain
    // The parts of a report are no attachments.
    part.name = ""
    part.date = nil
    message.items.insert(part, at: max(0, min(bodies - marks, message.items.count)))
    if message.items.first?.kind != .text { insertReportText(bytes) }
    message.reportType = reportType
  }

  /// What programs read of a report, and the type of report that it makes, RFC 6522.
  static let reportParts = [
    "message/delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
  ]

  /// The Content-Type of the header that the message came with; nil when it had none.
  private func transportContentType(_ bytes: Bytes) -> (name: String, reportType: String?)? {
    guard let property = properties.first(PropertyID.transportMessageHeaders) else { return nil }
    let text = strings.text(property, bytes)
    let header = InternetMessageReader.readHeader(text.span)
    guard let field = header.fields.first(where: { $0.name == .contentType }) else { return nil }
    let name = text.span.string(text.span.trimmed(field.value)).prefix { $0 != ";" && !$0.isWhitespace }
    let told = ContentType.parameter("report-type", in: text.span, field.value)
    return (name.lowercased(), told.map { Message.reportType(String(decoding: $0.bytes, as: UTF8.self)) })
  }

  // MARK: Delivery

  private mutating func readDeliveryStatus(_ bytes: Bytes) {
    let isFailure = messageClass.kind == .nonDelivery
    var status: [UInt8] = []
    let host = line(PropertyID.reportingMTA, bytes)
    status.append(text: "Reporting-MTA: dns; \(DeliveryStatus.host(host))\r\n")
    for recipient in outlook.recipients.prefix(10_000) {
      guard let mailbox = mailbox(of: recipient, bytes) else { continue }
      status.appendLineEnd()
      HeaderWriter.append("Final-Recipient", literal: "rfc822;", text: mailbox.address, to: &status)
      status.append(isFailure ? "Action: failed\r\n" : "Action: delivered\r\n")
      let info = strings.line(PropertyID.supplementaryInfo, of: recipient, bytes)
      status.append(text: "Status: \(Self.status(recipient, info, isFailure: isFailure))\r\n")
      if !info.isEmpty { HeaderWriter.append("Diagnostic-Code", literal: "smtp;", text: info, to: &status) }
      let remote = strings.line(PropertyID.remoteMTA, of: recipient, bytes)
      if !remote.isEmpty { status.append(text: "Remote-MTA: dns; \(DeliveryStatus.host(remote))\r\n") }
    }
    if message.items.first?.kind != .text { insertReportText(bytes) }
    insertReport(status, "message/delivery-status", "delivery-status")
  }

  /// The status code of RFC 3463 that a report tells: in its text, or by the reason and the diagnosis of X.400.
  private static func status(_ recipient: MAPIProperties, _ info: String, isFailure: Bool) -> String {
    guard isFailure else { return "2.0.0" }
    for word in info.split(whereSeparator: { " <>#;:,()\"".contains($0) }).prefix(100) {
      let numbers = word.split(separator: ".", omittingEmptySubsequences: false)
      if numbers.count == 3, numbers[0] == "4" || numbers[0] == "5",
        numbers.allSatisfy({ (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(ASCII.isDigit) })
      {
        return String(word)
      }
    }
    switch recipient.integer(PropertyID.nonDeliveryDiagnosticCode) {
    case 0: return "5.1.1"
    case 3: return "5.1.4"
    case 5, 14: return "4.4.7"
    case 6: return "5.3.4"
    case 15: return "5.2.3"
    case 32: return "5.7.1"
    default: return "5.0.0"
    }
  }

  // MARK: Reading

  private mutating func readDisposition(_ bytes: Bytes) {
    var status: [UInt8] = []
    if let reader = message.sender {
      HeaderWriter.append("Final-Recipient", literal: "rfc822;", text: reader.address, to: &status)
    }
    let original = line(PropertyID.originalMessageID, bytes)
    if !original.isEmpty, original.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), original.utf8.count < 900 {
      status.append(text: "Original-Message-ID: \(original)\r\n")
    }
    status.append(
      messageClass.kind == .read
        ? "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
        : "Disposition: manual-action/MDN-sent-manually; deleted\r\n")
    if message.items.first?.kind != .text { insertReportText(bytes) }
    insertReport(status, "message/disposition-notification", "disposition-notification")
  }

  // MARK: Parts

  /// Puts a text for people first, where the report has none of its own.
  private mutating func insertReportText(_ bytes: Bytes) {
    var text = strings.text(PropertyID.reportText, of: properties, bytes)
    if Self.isBlank(text) {
      let subject = line(PropertyID.originalSubject, bytes)
      let what = subject.isEmpty ? "Your message " : "Your message\r\n\r\n  Subject: \(subject)\r\n\r\n"
      let verb: String
      switch messageClass.kind {
      case .nonDelivery: verb = "was not delivered to these recipients:"
      case .delivery: verb = "was delivered to these recipients:"
      case .read: verb = "was read."
      default: verb = "was deleted without being read."
      }
      text = Array("\(what)\(verb)\r\n".utf8)
      if messageClass.kind == .nonDelivery || messageClass.kind == .delivery {
        text.appendLineEnd()
        for recipient in message.recipients.prefix(10_000) {
          let mailbox = recipient.mailbox
          text.append(text: "  \(mailbox.name.isEmpty ? mailbox.address : "\(mailbox.name) <\(mailbox.address)>")\r\n")
        }
      }
    }
    var item = Item(kind: .text, type: .plainText, content: .bytes(text))
    item.charset = "utf-8"
    message.items.insert(item, at: 0)
    bodies += 1
  }

  /// Puts the part for programs behind the bodies, before the message that is reported on, RFC 6522, 3.
  private mutating func insertReport(_ status: [UInt8], _ type: String, _ reportType: String) {
    message.items.insert(Item(kind: .file, type: MediaType(type), content: .bytes(status)), at: bodies)
    message.reportType = reportType
  }
}
