import Formats
import TestSupport
import Testing

@testable import Mail

/// What went wrong with reports of non-delivery (Microsoft Knowledge Base), a test for each article.
// swift-format-ignore: AlwaysUseLowerCamelCase
@Suite struct ReportTests {
  /// The entries of an undeliverable file: who failed and why, and the report to the sender of each, read.
  private func reports(_ und: [UInt8]) throws -> [(failed: [FailedRecipient], mail: Letter?)] {
    let converter = converter()
    var reader = UndeliverableFile()
    var found: [(failed: [FailedRecipient], mail: Letter?)] = []
    while let entry = reader.next(in: und.span) {
      guard let message = entry.message else { continue }
      let failed = converter.failedRecipients(of: entry, in: und.span)
      var output: [UInt8] = []
      let outcome = converter.append(
        report(failed), about: message, und.span.extracting(entry.window), to: &output)
      if case .written = outcome { found.append((failed, try Letter(output))) } else { found.append((failed, nil)) }
    }
    return found
  }

  private func report(_ failed: [FailedRecipient]) -> DeliveryReport {
    DeliveryReport(
      reportingMTA: "hub.example.com", postmaster: Mailbox(name: "Postmaster", address: "postmaster@example.com"),
      time: Timestamp(seconds: 896_776_740, zone: 0), recipients: failed)
  }

  /// The report to a sender in cc:Mail about the first message of a file, as the file it is and as text.
  private func ccReport(_ file: [UInt8], _ failed: [FailedRecipient]) -> [UInt8] {
    var output: [UInt8] = []
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return [] }
    _ = converter().appendCCMail(report(failed), about: message, file.span, to: &output)
    return output
  }

  private static let internetSender = plainHeader.replacing(
    "From: Grewal, Jeff at Hub", with: "From: \"Jeff\" <jeff@example.com> at INTERNET")

  /// `***  Unknown Date Format  ***`, result code 5: the sender is told the reason as it stands.
  @Test func Q180641_unknownDateFormat() throws {
    let reports = try reports(
      crlf("***  Unknown Date Format  ***\n") + ccm(header: Self.internetSender, [.text("One")]))
    try #require(reports.count == 1)
    #expect(reports[0].failed == [FailedRecipient(name: "Admin at HUBPO2", reason: "Unknown Date Format")])
    let mail = try #require(reports[0].mail)
    #expect(mail.to.map(\.address) == ["jeff@example.com"])
    #expect(mail.subject == "Undeliverable: Another message")
    #expect(mail.texts.first?.contains("    Unknown Date Format\n") == true)
    #expect(mail.source.contains("\r\nDiagnostic-Code: x-ccmail; Unknown Date Format\r\n"))
    let status = text(mail.files.first { $0.type == "message/delivery-status" }?.data ?? [])
    #expect(status.contains("Status: 5.6.0\r\n"))
  }

  /// `Disk error in creating message item`: the words reach the sender.
  @Test func Q193864_reasonWordForWord() throws {
    let reports = try reports(
      crlf("***  Disk error in creating message item  ***\n") + ccm(header: Self.internetSender, [.text("One")]))
    #expect(reports.first?.failed.map(\.reason) == ["Disk error in creating message item"])
    #expect(
      reports.first?.mail?.source.contains("Diagnostic-Code: x-ccmail; Disk error in creating message item\r\n") == true
    )
  }

  /// `Header Buffer Full`, once for each recipient too many: each recipient is told of once.
  @Test func Q166499_headerBufferFullRepeated() throws {
    let header = Self.internetSender + (1...40).map { "To: Member \($0) at HUBPO2\n" }.joined()
    let reports = try reports(
      crlf(String(repeating: "***  Header Buffer Full  ***\n", count: 12)) + ccm(header: header, [.text("One")]))
    #expect(reports.count == 1)
    #expect(reports.first?.failed.count == 41)
    #expect(reports.first?.failed.allSatisfy { $0.reason == "Header Buffer Full" && $0.status == "5.5.3" } == true)
  }

  /// Failed attempts append one entry after the other: the reports of the repetitions have one Message-ID.
  @Test func Q223772_growingFile() throws {
    let entry = crlf("***  Unknown Date Format  ***\n\n") + ccm(header: Self.internetSender, [.text("One")])
    let reports = try reports(entry + entry + entry)
    #expect(reports.count == 3)
    let identifiers = reports.compactMap(\.mail).map { mail in
      mail.source.split(separator: "\r\n").first { $0.hasPrefix("Message-ID: ") }
    }
    #expect(identifiers.count == 3)
    #expect(Set(identifiers).count == 1)
  }

  /// An NDR without contents was never delivered: a report about a message without any item has all its parts.
  @Test func Q193761_reportWithoutContents() throws {
    let reports = try reports(crlf("***  Unknown Date Format  ***\nMessage:\n" + Self.internetSender))
    let mail = try #require(reports.first?.mail)
    #expect(mail.texts.count == 1)
    #expect(mail.files.map(\.type) == ["message/delivery-status", "message/rfc822"])
    #expect(text(mail.files[1].data).contains("Subject: Another message\r\n"))
  }

  /// A report of the router without a recipient: the line `Not deliverable to` was not read.
  @Test(arguments: ["Not deliverable to: ", "Not deliverable to ", "  NOT DELIVERABLE TO:\r\n  "])
  func Q228743_recipientInTheHistory(_ line: String) throws {
    let history = "\(line)Okafor, Ben at PLANT3\nThere is no mailbox\nwith this name.\n\nSubject: Lunch"
    let file = ccm(
      header: plainHeader.replacing("Another message", with: "Message not deliverable"),
      [.text(history), .text("Not deliverable to: nobody at ALL")])
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return }
    let found = converter().routerReturn(of: message, file.span)
    #expect(found?.recipients.map(\.name) == ["Okafor, Ben at PLANT3"])
    #expect(found?.recipients.map(\.reason) == ["There is no mailbox with this name."])
    #expect(found?.subject == "Lunch")
    // It is told on the Internet side, and nobody reports about it.
    let mail = try converter().oneMail(file)
    #expect(mail.source.contains("X-cc-Mail-Not-Deliverable-To: Okafor, Ben at PLANT3\r\n"))
    let why = converter().noReport(about: message, file.span)
    #expect(why == .report)
  }

  /// The router returns a message in the name of its sender, with its text unchanged: all of it stays.
  @Test func Q184624_returnedMessage() throws {
    let file = ccm(
      header: plainHeader.replacing("Another message", with: "Message not deliverable"),
      [
        .text("Not deliverable to: Okafor, Ben at PLANT3"), .text("The original text"),
        Block("File item: A.TXT", [65, 66]),
      ])
    let mail = try converter().oneMail(file)
    #expect(mail.texts == ["Not deliverable to: Okafor, Ben at PLANT3\n"])
    #expect(mail.files.map(\.type) == ["message/delivery-status", "message/rfc822"])
    #expect(mail.source.contains("report-type=delivery-status"))
    let original = try Letter(try #require(mail.files.last).data)
    #expect(original.sender?.name == "Admin")
    #expect(original.to.map(\.name) == ["Okafor, Ben"])
    #expect(original.texts == ["The original text\n"])
    #expect(original.files.map(\.data) == [[65, 66]])
    // With several recipients nobody can tell whose it was: all of it stays as it is.
    let several = try converter().oneMail(
      ccm(
        header: plainHeader.replacing("Another message", with: "Message not deliverable") + "To: Ruth at Hub\n",
        [.text("Not deliverable to: Okafor, Ben at PLANT3"), .text("The original text")]))
    #expect(several.texts == ["Not deliverable to: Okafor, Ben at PLANT3\n", "The original text\n"])
    // An ordinary message with such a line is none.
    let other = try converter().oneMail(ccm([.text("Not deliverable to: Okafor, Ben at PLANT3")]))
    #expect(!other.source.contains("X-cc-Mail-Not-Deliverable-To"))
  }

  /// A report to cc:Mail names the recipients; EXPORT 8.3 had dropped the name of one, which is `at PO` then.
  @Test func Q249133_unknownRecipients() throws {
    let file = ccm(
      header: "From: Grewal, Jeff at Hub\nDate: 6/2/98 8:39\nTo: at INTERNET\nSubject: Lunch\n", [.text("One")])
    let failed = [FailedRecipient(name: "at INTERNET", reason: "", status: "5.1.1")]
    let report = try scan(ccReport(file, failed))
    try #require(report.count == 1)
    #expect(report[0].rules.isEmpty)
    #expect(report[0].header.map(\.value).prefix(1) == ["postmaster at INTERNET"])
    #expect(report[0].header.first { $0.keyword == .to }?.value == "Grewal, Jeff at Hub")
    #expect(report[0].header.first { $0.keyword == .subject }?.value == "Undeliverable: Lunch")
    #expect(
      text(report[0].items[0].data.filter { $0 != ASCII.cr }) == """


        Your message was not delivered to all recipients.

        Subject: Lunch
        Sent:    6/2/98 8:39

        The following email address(es) were unknown:

            at INTERNET


        """)
    #expect(text(report[0].items[1].data).contains("\r\nOne\r\n"))
    // A post office is never told.
    let router = ccm(header: "From: ~BEL01 at CCMAIL\nTo: at INTERNET\nSubject: Lunch\n", [.text("One")])
    #expect(ccReport(router, failed).isEmpty)
  }
}
