import Formats

/// The part of a report of non-delivery that programs read, message/delivery-status, RFC 3464, 2.1: fields about the
/// message, and a group of fields about each recipient.
struct DeliveryStatus {
  var recipients: [FailedRecipient]
  /// The host that says so.
  var reportingMTA: String
  var time: Timestamp?

  init(_ recipients: [FailedRecipient], reportingMTA: String, time: Timestamp?) {
    self.recipients = recipients.isEmpty ? [FailedRecipient(name: "", reason: "")] : recipients
    self.reportingMTA = reportingMTA
    self.time = time
  }

  func append(addresses: AddressRule, to output: inout [UInt8]) {
    output.append(text: "Reporting-MTA: dns; \(Self.host(reportingMTA))\r\n")
    for recipient in recipients {
      output.append("\r\nFinal-Recipient: ")
      let address = recipient.name.isEmpty ? "" : addresses.mailbox(recipient.name).address
      if HeaderWriter.isAddress(address), address.utf8.count < 900, !address.utf8.contains(where: { $0 > 126 }) {
        output.append(text: "rfc822; \(address)\r\n")
      } else {
        // What is no address of a known type is still told, RFC 3464, 2.3.
        output.append("unknown; ")
        output.append(contentsOf: address.utf8.prefix(900).map { $0 > 32 && $0 < 127 ? $0 : ASCII.question })
        output.append(address.isEmpty ? "unknown\r\n" : "\r\n")
      }
      output.append(text: "Action: failed\r\nStatus: \(Self.status(recipient.status))\r\n")
      if !recipient.reason.isEmpty {
        HeaderWriter.append(
          "Diagnostic-Code", literal: "x-ccmail;", text: Converter.line(recipient.reason), to: &output)
      }
      if let time {
        output.append("Last-Attempt-Date: ")
        DateField.append(time, to: &output)
        output.appendLineEnd()
      }
    }
  }

  /// The name of a host: letters, digits, dots and hyphens; `localhost` when nothing is left.
  static func host(_ text: String) -> String {
    let name = text.utf8.filter { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.dot || $0 == ASCII.hyphen }
    return name.isEmpty ? "localhost" : String(decoding: name.prefix(255), as: UTF8.self)
  }

  /// A status code of RFC 3463, 2: three numbers; `5.0.0` for anything else.
  private static func status(_ text: String) -> String {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
    let isCode =
      numbers.count == 3 && (numbers[0] == "4" || numbers[0] == "5")
      && numbers.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(ASCII.isDigit) }
    return isCode ? text : "5.0.0"
  }
}
