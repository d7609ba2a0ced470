import Formats

/// What a sender is told about a message that could not be delivered to some recipients, or to any.
public struct DeliveryReport: Sendable {
  /// The host that says so, RFC 3464, 2.2.2: `hub.example.com`.
  public var reportingMTA: String
  public var postmaster: Mailbox
  public var time: Timestamp
  public var recipients: [FailedRecipient]

  public init(reportingMTA: String, postmaster: Mailbox, time: Timestamp, recipients: [FailedRecipient]) {
    self.reportingMTA = reportingMTA
    self.postmaster = postmaster
    self.time = time
    self.recipients = recipients
  }

  public enum Outcome: Sendable, Equatable {
    /// The Message-ID is the same for the same message and the same recipients, whenever the report is made.
    case written(messageID: String)
    case none(NoReport)
  }
}

extension Converter {
  /// Appends a report about `message`, a message of a .ccm file in `bytes`, to `output` as an Internet message to its
  /// sender: multipart/report of RFC 6522 with a text, message/delivery-status of RFC 3464, and the message itself.
  /// Nothing is appended when no report may be made.
  public func append(
    _ report: DeliveryReport, about message: CCMessage, _ bytes: Bytes, to output: inout [UInt8]
  ) -> DeliveryReport.Outcome {
    let reading = fromCCMail.read(message, bytes).message
    if let why = noReport(about: reading, from: senderName(of: message, bytes)) { return .none(why) }
    var original: [UInt8] = []
    var occurrences = MadeMessageID.Occurrences()
    toInternet.write(reading, source: bytes, identity: message.whole, occurrences: &occurrences, to: &original)
    let header = FromInternet.readHeader(original.span, converter: charsets)
    guard let sender = header.sender, HeaderWriter.isAddress(sender.address) else { return .none(.noSender) }
    let identity = ReportIdentity(message, bytes, report.recipients)
    let messageID = identity.messageID(domain: options.addresses.domain)
    appendHeader(report, to: sender, header, original.span, messageID, to: &output)
    let isASCII = original.span.isASCII(0..<original.count)
    // A multipart says that something in it has eight bits, RFC 2045, 6.4.
    if !isASCII { output.append("Content-Transfer-Encoding: 8bit\r\n") }
    var number = 0
    let boundary = BodyWriter.boundary(after: &number, seed: identity.seed, absentFrom: original.span)
    output.append("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"")
    output.append(contentsOf: boundary)
    output.append("\"\r\n\r\n")
    func delimit(_ end: StaticString) {
      output.append("--")
      output.append(contentsOf: boundary)
      output.append(end)
    }
    delimit("\r\n")
    appendText(report, about: reading, to: &output)
    output.appendLineEnd()
    delimit("\r\n")
    output.append("Content-Type: message/delivery-status\r\nContent-Description: Delivery report\r\n\r\n")
    DeliveryStatus(report.recipients, reportingMTA: report.reportingMTA, time: report.time)
      .append(addresses: options.addresses, to: &output)
    output.appendLineEnd()
    delimit("\r\n")
    output.append("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: ")
    output.append(isASCII ? "7bit\r\n\r\n" : "8bit\r\n\r\n")
    output.append(contentsOf: original)
    output.appendLineEnd()
    delimit("--\r\n")
    return .written(messageID: messageID)
  }

  private func appendHeader(
    _ report: DeliveryReport, to sender: Mailbox, _ original: Message, _ bytes: Bytes, _ messageID: String,
    to output: inout [UInt8]
  ) {
    if options.writesEnvelope { ToInternet.writeEnvelope(sender: "", receivers: [sender.address], to: &output) }
    // Nobody may answer a report with another: its own Return-Path is empty, RFC 3464, 2.
    output.append("Return-Path: <>\r\n")
    HeaderWriter.append("From", mailboxes: [report.postmaster], to: &output)
    HeaderWriter.append("To", mailboxes: [Mailbox(name: sender.name, address: sender.address)], to: &output)
    HeaderWriter.append("Subject", text: Self.reportSubject(original.subject), to: &output)
    output.append("Date: ")
    DateField.append(report.time, to: &output)
    output.appendLineEnd()
    HeaderWriter.append("Message-ID", text: messageID, to: &output)
    if let field = original.headers.first(where: { $0.name == .messageID }),
      let start = bytes.firstIndex(of: ASCII.less, from: field.range.lowerBound, to: field.range.upperBound),
      let end = bytes.firstIndex(of: ASCII.greater, from: start, to: field.range.upperBound), end - start < 900
    {
      let reference = bytes.string(start..<(end + 1))
      if reference.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) {
        output.append(text: "In-Reply-To: \(reference)\r\nReferences: \(reference)\r\n")
      }
    }
    output.append("Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n")
  }

  static func reportSubject(_ subject: String) -> String {
    subject.isEmpty ? "Undeliverable:" : "Undeliverable: " + subject.prefix(1000)
  }

  // MARK: For people

  private func appendText(_ report: DeliveryReport, about message: Message, to output: inout [UInt8]) {
    var text: [UInt8] = []
    text.append("Your message was not delivered to all of its recipients.\r\n\r\n")
    text.append(text: "  Subject: \(Self.line(message.subject))\r\n")
    if let date = message.date {
      text.append("  Sent:    ")
      DateField.append(date, to: &text)
      text.appendLineEnd()
    }
    text.append("\r\nThe cause of each failure is listed below.\r\n")
    for recipient in report.recipients {
      text.append(text: "\r\n  \(Self.line(recipient.name.isEmpty ? "(nobody is named)" : recipient.name))\r\n")
      let address = recipient.name.isEmpty ? "" : options.addresses.mailbox(recipient.name).address
      if !address.isEmpty { text.append(text: "  <\(Self.line(address))>\r\n") }
      text.append(
        text: recipient.reason.isEmpty ? "    No reason was given.\r\n" : "    \(Self.line(recipient.reason))\r\n")
    }
    text.append(text: "\r\nThis report was made by \(DeliveryStatus.host(report.reportingMTA)).\r\n")
    let isASCII = text.span.isASCII(0..<text.count)
    output.append(isASCII ? "Content-Type: text/plain; charset=us-ascii" : "Content-Type: text/plain; charset=utf-8")
    output.append("\r\nContent-Description: Notification\r\n")
    let encoding = BodyWriter.encoding(ofText: text.span)
    BodyWriter.append(encoding, to: &output)
    output.appendLineEnd()
    BodyWriter.append(text.span, as: encoding, to: &output)
  }

  /// Text of others within a line.
  static func line(_ text: some StringProtocol) -> String {
    String(decoding: text.utf8.map { ASCII.isControl($0) ? ASCII.space : $0 }, as: UTF8.self)
  }
}
