import Formats

/// Reports and receipts as RFC 3464 and RFC 8098 have them, and signed messages as they were.
extension FromOutlook {
  mutating func readReport(_ bytes: Bytes) {
    switch messageClass.kind {
    case .nonDelivery, .delivery: readDeliveryStatus(bytes)
    case .read, .notRead: readDisposition(bytes)
    default: return
    }
  }

  // MARK: Delivery

  private mutating func readDeliveryStatus(_ bytes: Bytes) {
    let isFailure = messageClass.kind == .nonDelivery
    var status: [UInt8] = []
    let host = line(PropertyID.reportingMTA, bytes)
    status.append(text: "Reporting-MTA: dns; \(DeliveryStatus.host(host))\r\n")
    for recipient in outlook.recipients.prefix(10_000) {
      guard
        let mailbox = mailbox(
          name: PropertyID.displayName, smtp: PropertyID.smtpAddress, type: PropertyID.addressType,
          address: PropertyID.emailAddress, entry: PropertyID.entryID, of: recipient, bytes)
      else { continue }
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

  // MARK: Signed messages

  /// A signed or encrypted message holds one file: the entity as it went over the wire. It stays as it is, [MS-OXOSMIME].
  mutating func readSigned(_ bytes: Bytes) {
    guard messageClass.kind == .clearSigned || messageClass.kind == .opaque, outlook.attachments.count == 1,
      let ranges = outlook.attachments[0].properties.data(PropertyID.attachDataObject)
    else { return }
    let content = ranges.bytes(of: bytes)
    if messageClass.kind == .clearSigned {
      // The boundary of its own stands in its own header.
      let header = InternetMessageReader.readHeader(content.span)
      guard let type = header.fields.first(where: { $0.name == .contentType }),
        ContentType.parameter("boundary", in: content.span, type.value) != nil, !Self.holdsBoundary(content.span)
      else { return }
      message.items = []
      message.entity = .bytes(content)
    } else if let item = message.items.last {
      var whole = item
      whole.type = MediaType("application/pkcs7-mime")
      if whole.name.isEmpty || !whole.name.lowercased().hasSuffix(".p7m") { whole.name = "smime.p7m" }
      message.items = [whole]
    }
  }
}
