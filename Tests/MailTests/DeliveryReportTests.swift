import Formats
import TestSupport
import Testing

@testable import Mail

private let postmaster = Mailbox(name: "", address: "postmaster@example.com")

private func report(_ recipients: [FailedRecipient]) -> DeliveryReport {
  DeliveryReport(
    reportingMTA: "hub.example.com", postmaster: postmaster, time: Timestamp(seconds: 896_776_740, zone: 120),
    recipients: recipients)
}

/// Calls `body` with the first message of a .ccm file.
private func first(_ file: [UInt8], _ body: (CCMessage, Bytes) throws -> Void) throws {
  var scanner = CCScanner()
  guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else {
    Issue.record("no message")
    return
  }
  try body(message, file.span)
}

private func plain(
  from: String = "\"Jeff Grewal\" <jeff@example.com> at INTERNET", subject: String = "Lunch", header: String = "",
  carried: String = "", _ body: String = "At one?\n"
) -> [UInt8] {
  var file = "Message:\nFrom: \(from)\nDate: 6/2/98 8:39\nTo: Okafor, Ben at PLANT3\n\(header)Subject: \(subject)\n"
  file += "Contents:\nText item: \n\n\n\(body)\n"
  if !carried.isEmpty { file += "Text item: RFC822 headers\n\n\n\(carried)\n" }
  return crlf(file)
}

private func noReport(_ file: [UInt8], _ converter: Converter = converter()) throws -> NoReport? {
  var why: NoReport?
  try first(file) { why = converter.noReport(about: $0, $1) }
  return why
}

@Suite struct DeliveryReportTests {
  @Test func structure() throws {
    let file = plain(carried: "Message-ID: <n1@example.com>\n")
    try first(file) { message, bytes in
      let failed = converter().failedRecipients(
        of: message, bytes, reasons: ["Unknown recipient: Okafor, Ben at PLANT3"])
      var eml: [UInt8] = []
      let outcome = converter().append(report(failed), about: message, bytes, to: &eml)
      let read = try InternetMessageReader.read(eml.span)
      #expect(
        read.parts.map(\.type.name) == [
          "multipart/report", "text/plain", "message/delivery-status", "message/rfc822",
        ])
      #expect(read.findings.isEmpty)
      var original: [UInt8] = []
      var division = Converter.Division()
      _ = converter().convertToInternet(message, bytes, division: &division, to: &original)
      let attached = text(eml.span.array(read.parts[3].body))
      #expect(attached == text(original))
      let header = try FromInternet.read(eml.span, converter: CharsetConverter())
      #expect(header.subject == "Undeliverable: Lunch")
      #expect(header.sender == postmaster)
      #expect(header.recipients.map(\.mailbox) == [Mailbox(name: "Jeff Grewal", address: "jeff@example.com")])
      #expect(header.reportType == "delivery-status")
      #expect(header.date?.seconds == 896_776_740)
      let source = text(eml)
      #expect(source.hasPrefix("Return-Path: <>\r\n"))
      #expect(source.contains("\r\nIn-Reply-To: <n1@example.com>\r\nReferences: <n1@example.com>\r\n"))
      #expect(source.contains("\r\nAuto-Submitted: auto-replied\r\n"))
      #expect(
        source.contains(
          "\r\nFinal-Recipient: rfc822; IMCEACCMAIL-Okafor+2C+20Ben+20at+20PLANT3@ccmail.invalid\r\nAction: failed\r\n"
            + "Status: 5.1.1\r\nDiagnostic-Code: x-ccmail; Unknown recipient: Okafor, Ben at PLANT3\r\n"))
      guard case .written(let id) = outcome else { return #expect(Bool(false)) }
      #expect(source.contains("\r\nMessage-ID: \(id)\r\n"))
    }
  }

  /// The same message and the same recipients give the same Message-ID, at any time; others give another.
  @Test func identity() throws {
    func id(_ file: [UInt8], _ names: String..., at time: Int = 0) throws -> String? {
      var found: String?
      try first(file) { message, bytes in
        var report = report(names.map { FailedRecipient(name: $0, reason: "At \(time)") })
        report.time.seconds = time
        var eml: [UInt8] = []
        if case .written(let id) = converter().append(report, about: message, bytes, to: &eml) { found = id }
      }
      return found
    }
    let one = try id(plain(), "A at B", "C at D")
    #expect(one != nil)
    #expect(try id(plain(), "c at d", "A at B", at: 100) == one)
    #expect(try id(plain() + crlf("\n\n"), "A at B", "C at D") == one)
    #expect(try id(plain(), "A at B") != one)
    #expect(try id(plain(subject: "Dinner"), "A at B", "C at D") != one)
  }

  /// Seven bits, no line longer than 78 characters but the address of a recipient.
  @Test func linesAreStrict() throws {
    let reason = String(repeating: "Größe ", count: 30) + String(repeating: "x", count: 300)
    try first(plain(subject: "Übermorgen", "Grüße\n")) { message, bytes in
      var eml: [UInt8] = []
      let failed = [
        FailedRecipient(name: "Müller, Käthe at BONN", reason: reason),
        FailedRecipient(name: "A at B", reason: "a\r\nB: c"),
        FailedRecipient(name: "", reason: String(repeating: "word ", count: 40), status: "nonsense\r\n"),
        FailedRecipient(name: String(repeating: "long", count: 500), reason: ""),
      ]
      _ = converter().append(report(failed), about: message, bytes, to: &eml)
      #expect(eml.allSatisfy { $0 < 128 })
      for line in text(eml).split(separator: "\r\n", omittingEmptySubsequences: false) {
        #expect(line.utf8.count <= (line.hasPrefix("Final-Recipient:") ? 998 : 78), "\(line)")
        #expect(!line.utf8.contains { $0 < 32 && $0 != ASCII.tab })
      }
      let read = try InternetMessageReader.read(eml.span)
      let status = text(eml.span.array(read.parts[2].body))
      #expect(status.contains("Diagnostic-Code: x-ccmail; a  B: c\r\n"))
      #expect(status.contains("Status: 5.0.0\r\n"))
      #expect(!status.contains("nonsense"))
      #expect(status.components("\r\n\r\n").count == 5)
      // The whole reason stands there, for people and for programs.
      let fields = InternetMessageReader.readHeader(Array(status.components("\r\n\r\n")[1].utf8).span)
      let whole = Array(status.components("\r\n\r\n")[1].utf8)
      let diagnostic = fields.fields.first { whole.span.equalsIgnoringCase($0.nameRange, "Diagnostic-Code") }
      let said = diagnostic.map { EncodedWord.decode(whole.span, $0.value, converter: CharsetConverter()) }
      #expect(said == "x-ccmail; " + reason)
    }
  }

  @Test func eightBitsAreLabelled() throws {
    let eml =
      "From: a@example.com\nTo: b@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
      + "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nFrom: c@example.com\n\nGrüße\n--b--\n"
    let ccm = try converter().ccm(crlf(eml)).bytes
    try first(ccm) { message, bytes in
      var output: [UInt8] = []
      _ = converter().append(report([FailedRecipient(name: "A at B", reason: "")]), about: message, bytes, to: &output)
      #expect(text(output).contains("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"))
      #expect(text(output).components("\r\n\r\n")[0].contains("\r\nContent-Transfer-Encoding: 8bit\r\n"))
    }
  }

  // MARK: No report about a report

  @Test(arguments: [
    ("", NoReport.noSender), ("at HUB", .noSender), ("Unknown sender at INTERNET", .noSender),
    ("~BEL01 at CCMAIL", .postOffice), ("Postmaster at HUB", .postOffice),
    ("postmaster@example.com at INTERNET", .postOffice),
    ("\"Mail Delivery System\" <MAILER-DAEMON@example.com> at INTERNET", .postOffice),
    ("\"Anybody\" <mailer-daemon@example.com> at INTERNET", .postOffice),
    ("cc:Mail Connector Interchange at HUB", .postOffice), (",\"Postmaster\" at HUB", .postOffice),
  ])
  func senders(_ sender: String, _ why: NoReport) throws {
    #expect(try noReport(plain(from: sender)) == why)
    try first(plain(from: sender)) { message, bytes in
      var output: [UInt8] = [1]
      let outcomes = [
        converter().append(report([]), about: message, bytes, to: &output),
        converter().appendCCMail(report([]), about: message, bytes, to: &output),
      ]
      #expect(outcomes == [.none(why), .none(why)])
      #expect(output == [1])
    }
  }

  @Test(arguments: [
    ("Auto-Submitted: auto-replied", NoReport.automatic), ("auto-submitted:\n\tAuto-Generated; x=y", .automatic),
    ("Auto-Submitted: auto-notified", .automatic), ("Precedence: bulk", .bulk), ("Precedence: JUNK", .bulk),
    ("Precedence: list", .bulk), ("Return-Path: <>", .emptyReturnPath), ("X-ccmc-Report: delivery-status", .report),
    ("X-ccmc-Report: disposition-notification", .report),
  ])
  func carriedFields(_ field: String, _ why: NoReport) throws {
    #expect(try noReport(plain(carried: field + "\n")) == why)
  }

  @Test func messagesOfPersons() throws {
    for from in ["Grewal, Jeff at Hub", "\"Jeff\" <jeff@example.com> at INTERNET", "postmaster's friend at HUB"] {
      #expect(try noReport(plain(from: from)) == nil)
    }
    for carried in ["Auto-Submitted: no\n", "Precedence: first-class\n", "Return-Path: <jeff@example.com>\n"] {
      #expect(try noReport(plain(carried: carried)) == nil)
    }
    // A person may send a report on.
    #expect(try noReport(plain(subject: "Undeliverable: Lunch")) == nil)
    #expect(try noReport(plain(from: "Administrator at cclinkp82", subject: "Lunch")) == nil)
  }

  @Test func subjectsOfReports() throws {
    #expect(try noReport(plain(subject: "Message not deliverable")) == .report)
    #expect(try noReport(plain(from: "Administrator at cclinkp82", subject: "Undeliverable: Lunch")) == .report)
    #expect(
      try noReport(
        plain(from: "\"System Administrator\" <sa@example.com> at INTERNET", subject: "Undeliverable: Lunch"))
        == .report)
  }

  /// What forbids a report is still there after the way through a .ccm file, and comes back from it.
  @Test(arguments: [false, true])
  func fieldsSurvive(_ keepsHeaders: Bool) throws {
    for (field, why) in [
      ("Auto-Submitted: auto-replied (vacation)", NoReport.automatic), ("Precedence: bulk", .bulk),
      ("Return-Path: <>", .emptyReturnPath), ("Return-Path: < >", nil), ("Return-Path: <jeff@example.com>", nil),
    ] as [(String, NoReport?)] {
      let converter = converter { $0.keepsHeaders = keepsHeaders }
      let eml = crlf("\(field)\nFrom: jeff@example.com\nTo: b@example.org\nSubject: x\n\nText\n")
      let ccm = try converter.ccm(eml).bytes
      let found = try noReport(ccm, converter)
      #expect(found == why)
      let back = text(try converter.internet(ccm)[0].bytes)
      if why != nil { #expect(back.contains("\(field)\r\n")) }
    }
  }

  /// A report comes back from a .ccm file as the report that it was.
  @Test(arguments: [false, true])
  func reportsSurvive(_ keepsHeaders: Bool) throws {
    let converter = converter { $0.keepsHeaders = keepsHeaders }
    var eml: [UInt8] = []
    try first(plain()) { message, bytes in
      _ = converter.append(report([FailedRecipient(name: "A at B", reason: "No")]), about: message, bytes, to: &eml)
    }
    let ccm = try converter.ccm(eml).bytes
    #expect(try noReport(ccm, converter) != nil)
    let back = try converter.internet(ccm)[0].bytes
    let read = try InternetMessageReader.read(back.span)
    #expect(
      read.parts.map(\.type.name) == ["multipart/report", "text/plain", "message/delivery-status", "message/rfc822"])
    #expect(text(back).contains("report-type=delivery-status"))
    #expect(try converter.ccm(back).bytes == ccm)
    let before = try InternetMessageReader.read(eml.span)
    for i in 2...3 {
      let (was, now) = (eml.span.array(before.parts[i].body), back.span.array(read.parts[i].body))
      #expect(text(now) == text(was))
    }
  }

  /// A post office's own mark is made again, and not carried.
  @Test func automaticMessagesAreStable() throws {
    let eml = try converter().internet(plain(from: "~BEL01 at CCMAIL"))[0].bytes
    let ccm = try converter().ccm(eml).bytes
    #expect(!text(ccm).contains("Auto-Submitted"))
    let again = try converter().internet(ccm)[0].bytes
    #expect(text(again).contains("\r\nAuto-Submitted: auto-generated\r\n"))
    #expect(try converter().ccm(again).bytes == ccm)
  }

  // MARK: Towards cc:Mail

  @Test func textForCCMail() throws {
    let file = plain(from: "Grewal, Jeff at Hub", subject: String(repeating: "long ", count: 20))
    try first(file) { message, bytes in
      var ccm: [UInt8] = []
      let failed = [
        FailedRecipient(name: "ben@example.com at INTERNET", reason: "550 5.1.1 User unknown", status: "5.1.1"),
        FailedRecipient(name: "eva@example.com at INTERNET", reason: "Disk full"),
      ]
      _ = converter().appendCCMail(report(failed), about: message, bytes, to: &ccm)
      let source = text(ccm)
      #expect(source.contains("\r\nFrom: postmaster at INTERNET\r\nDate: 6/2/98 8:39\r\nTo: Grewal, Jeff at Hub\r\n"))
      #expect(source.contains("\r\nSubject: Undeliverable: long long"))
      #expect(source.contains("Your message was not delivered to all recipients.\r\n\r\nSubject: long long"))
      #expect(source.contains("\r\nSent:    6/2/98 8:39\r\n"))
      #expect(
        source.contains("The following email address(es) were unknown:\r\n\r\n    ben@example.com at INTERNET\r\n"))
      #expect(source.contains("    eva@example.com at INTERNET\r\n        Disk full\r\n"))
      #expect(source.contains("\r\nTo:      Okafor, Ben at PLANT3\r\n"))
      #expect(source.contains("\r\nAt one?\r\n"))
      for line in source.split(separator: "\r\n") where line.hasPrefix("Subject: Und") {
        #expect(line.utf8.count <= 69)
      }
      try first(ccm) { again, _ in #expect(again.findings.isEmpty) }
      #expect(try noReport(ccm) != nil)
    }
  }

  @Test func textInTheCodePage() throws {
    var file = crlf("Message:\nFrom: ")
    _ = CharsetConverter().append(
      Array("Müller, Käthe at BONN\r\nTo: a@example.com at INTERNET\r\nSubject: Grüße\r\n".utf8).span,
      codePage: CodePage.standard, to: &file)
    file += crlf("Contents:\nText item: \nText\n")
    try first(file) { message, bytes in
      var ccm: [UInt8] = []
      let failed = converter().failedRecipients(of: message, bytes, reasons: ["Größe"])
      _ = converter().appendCCMail(report(failed), about: message, bytes, to: &ccm)
      #expect(text(ccm).contains("File item") == false)
      let mail = try converter().internet(ccm)[0].bytes
      let read = try FromInternet.read(mail.span, converter: CharsetConverter())
      #expect(read.subject == "Undeliverable: Grüße")
      #expect(read.recipients.first?.mailbox.name == "Müller, Käthe")
    }
  }

  @Test func originalThatCannotBeRead() throws {
    let file = crlf("Message:\nFrom: Grewal, Jeff at Hub\nTo: a@example.com at INTERNET\n")
    try first(file) { message, bytes in
      var ccm: [UInt8] = []
      _ = converter().appendCCMail(report([FailedRecipient(name: "", reason: "No")]), about: message, bytes, to: &ccm)
      try first(ccm) { report, bytes in
        #expect(report.items.map(\.kind) == [.text, .file, .text])
        let (title, data) = (bytes.string(report.items[1].title), bytes.array(report.items[1].data))
        #expect(title == "ORIGINAL.CCM")
        #expect(data == file)
      }
    }
  }

  /// A sender whose name is no text in the code page cannot be written to.
  @Test func senderThatCannotBeRead() throws {
    let file =
      crlf("Message:\nFrom: ") + [0x81, 0xFF, 0xFE] + crlf(" at HUB\nTo: a@example.com at INTERNET\nContents:\n")
    try first(file) { message, bytes in
      var ccm: [UInt8] = []
      let converter = converter { $0.codePage = CodePage("932") }
      let outcome = converter.appendCCMail(report([]), about: message, bytes, to: &ccm)
      #expect(outcome == .none(.noSender))
      #expect(ccm.isEmpty)
    }
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
