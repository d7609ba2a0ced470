import Formats
import TestSupport
import Testing

@testable import Mail

/// Reports and receipts of both sides, RFC 3464 and RFC 8098.
@Suite struct MachineReportTests {
  private func texts(_ file: [UInt8]) -> [String] {
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return [] }
    return message.items.filter { $0.kind == .text }.map { item in
      String(decoding: file[item.data].filter { $0 != ASCII.cr }, as: UTF8.self).trimmed
    }
  }

  private static func report(_ type: String, _ text: String, _ part: String, subject: String = "Report") -> [UInt8] {
    crlf(
      """
      From: postmaster@example.org
      To: Ann <IMCEACCMAIL-Ann+20at+20HUB@ccmail.invalid>
      Subject: \(subject)
      Date: Tue, 21 Dec 1999 17:19:00 +0000
      MIME-Version: 1.0
      Content-Type: multipart/report; report-type=\(type); boundary=b

      --b

      \(text)
      --b
      Content-Type: message/\(type)

      \(part)
      --b--

      """)
  }

  private static let status = """
    Reporting-MTA: dns; mail.example.org

    Original-Recipient: rfc822;IMCEACCMAIL-Ben+20at+20HUB2@ccmail.invalid
    Final-Recipient: rfc822; ben@mail.example.org
    Action: failed
    Status: 5.2.2
    Diagnostic-Code: smtp; 552 5.2.2
     Mailbox full

    Final-Recipient: rfc822; <ruth@example.org>
    Action: delayed
    Status: 4.4.1
    Last-Attempt-Date: Tue, 21 Dec 1999 17:00:00 +0000
    Will-Retry-Until: Fri, 24 Dec 1999 17:00:00 +0000

    Action: failed
    """

  @Test func deliveryStatusInWords() throws {
    let eml = Self.report("delivery-status", "It failed.", Self.status)
    let file = try converter().ccm(eml).bytes
    #expect(
      texts(file)[1] == """
        Not delivered to: Ben at HUB2
            552 5.2.2 Mailbox full
            Status: 5.2.2
        Not yet delivered to: ruth@example.org
            Status: 4.4.1
            Last tried: Tue, 21 Dec 1999 17:00:00 +0000
            Will be tried until: Fri, 24 Dec 1999 17:00:00 +0000
        """)
    // The part for programs comes back, and the words do not.
    let back = try #require(try converter().internet(file).first).bytes
    let read = try InternetMessageReader.read(back.span)
    #expect(read.parts.map(\.type.name) == ["multipart/report", "text/plain", "message/delivery-status"])
    #expect(text(back).contains("\r\n" + text(crlf(Self.status)) + "\r\n"))
    #expect(try converter().ccm(back).bytes == file)
  }

  @Test(arguments: [
    ("displayed", "was read on 12/21/1999 5:19 PM"), ("Displayed/error", "was read on 12/21/1999 5:19 PM"),
    ("deleted", "was deleted on 12/21/1999 5:19 PM; it may not have been read"),
    ("dispatched", "was forwarded on 12/21/1999 5:19 PM"), ("processed", "was processed on 12/21/1999 5:19 PM"),
    ("eaten", "has met this: eaten"),
  ])
  func dispositionInWords(_ disposition: String, _ words: String) throws {
    let part = """
      Reporting-UA: desk.example.org; Desk
      Final-Recipient: rfc822; ben@example.org
      Disposition: manual-action/MDN-sent-manually; \(disposition)
      """
    for (subject, about) in [("Read: Lunch", " \"Lunch\""), ("LU: Lunch", " \"Lunch\""), ("Lunch", "")] {
      let eml = Self.report("disposition-notification", "I have.", part, subject: subject)
      let file = try converter().ccm(eml).bytes
      let own = texts(file)[1].split(separator: "\n")
      #expect(own.first == "Your message\(about)")
      #expect(own.last == "by ben@example.org")
      #expect(own[1] == words)
      let back = try #require(try converter().internet(file).first).bytes
      #expect(text(back).contains("\r\n" + text(crlf(part)) + "\r\n"))
      #expect(try converter().ccm(back).bytes == file)
    }
  }

  /// Nothing can be said of it: the file is all there is.
  @Test(arguments: ["", "nonsense", "\n\n\n", "Reporting-MTA: dns; x", "Final-Recipient: rfc822;"])
  func nothingInIt(_ part: String) throws {
    for type in ["delivery-status", "disposition-notification"] {
      let file = try converter().ccm(Self.report(type, "Text.", part)).bytes
      #expect(texts(file).filter { !$0.contains("X-ccmc") } == ["Text."])
    }
  }

  /// No receipt is asked for a report, whichever way.
  @Test func noReceiptForAReport() throws {
    let eml = text(Self.report("delivery-status", "It failed.", Self.status))
      .replacing("Subject:", with: "Disposition-Notification-To: postmaster@example.org\r\nSubject:")
    for keepsHeaders in [false, true] {
      let converter = converter { $0.keepsHeaders = keepsHeaders }
      let file = try converter.ccm(Array(eml.utf8)).bytes
      #expect(!text(file).contains("\r\nRRT:"))
      let back = try #require(try converter.internet(file).first).bytes
      #expect(text(back).contains("Disposition-Notification-To") == keepsHeaders)
      #expect(try converter.ccm(back).bytes == file)
    }
    let receipt =
      "Message:\nFrom: Ben at HUB\nTo: Ann at HUB\nRRT: Ben at HUB\nContents:\nText item: \nwas read on 12/21/1999 5:19 PM\n"
    let mail = try #require(try converter().internet(crlf(receipt)).first).bytes
    #expect(text(mail).contains("report-type=disposition-notification"))
    #expect(!text(mail).contains("Disposition-Notification-To"))
  }

  // MARK: Receipts of cc:Mail

  private static func letter(_ from: String, _ to: String, _ text: String) -> [UInt8] {
    crlf("Message:\nFrom: \(from)\nDate: 12/22/99 8:00\n\(to)\nSubject: Lu: Lunch\nContents:\nText item: \n\(text)\n")
  }

  @Test(arguments: [
    "was read on 12/21/1999 5:19 PM", "Your message\nwas read on 21-12-99 17:19.", "WAS READ ON 12/21/99 5:19PM\n\n\n",
    "  was read on 12/21/1999 17:19",
  ])
  func receipt(_ words: String) throws {
    let mail = try #require(try converter().internet(Self.letter(words)).first).bytes
    let read = try InternetMessageReader.read(mail.span)
    #expect(read.parts.map(\.type.name) == ["multipart/report", "text/plain", "message/disposition-notification"])
    #expect(
      text(mail).contains(
        text(
          crlf(
            """
            Final-Recipient: rfc822; IMCEACCMAIL-Ben+20at+20HUB@ccmail.invalid
            Disposition: manual-action/MDN-sent-automatically; displayed
            X-cc-Mail-Read: Tue, 21 Dec 1999 17:19:00 +0000

            """))))
    #expect(text(mail).contains("\r\nAuto-Submitted: auto-generated\r\n"))
    // No report is made about it.
    let file = Self.letter(words)
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return }
    let why = converter().noReport(about: message, file.span)
    #expect(why == .report)
    // As mail it goes into a .ccm file and comes back as it was.
    let ccm = try converter().ccm(mail).bytes
    #expect(try converter().internet(ccm).map(\.bytes).first.map { try converter().ccm($0).bytes } == ccm)
  }

  @Test(arguments: [
    letter("He was read on 12/21/1999 5:19 PM"), letter("was read on Tuesday"),
    letter("was read on 12/21/1999\nRuth"),
    letter("was read on "), letter("ben@example.org at INTERNET", "was read on 12/21/1999 5:19 PM"),
    letter("Ben at HUB", "To: Ann at HUB\nTo: Ruth at HUB", "was read on 12/21/1999 5:19 PM"),
    letter("Ben at HUB", "Priority: Low", "was read on 12/21/1999 5:19 PM"),
    letter(String(repeating: "A long letter\n", count: 400) + "was read on 12/21/1999 5:19 PM"),
    letter("was read on 12/21/1999 5:19 PM\nFile item: A.TXT\n4142"),
    letter("was read on 12/21/1999 5:19 PM\nText item: RFC822 headers\nMessage-ID: <1@example.org>"),
  ])
  func noReceipt(_ file: [UInt8]) throws {
    let mail = try #require(try converter().internet(file).first).bytes
    #expect(!text(mail).contains("multipart/report"))
  }

  private static func letter(_ text: String) -> [UInt8] { letter("Ben at HUB", "To: Ann at HUB", text) }

  private static func letter(_ from: String, _ text: String) -> [UInt8] { letter(from, "To: Ann at HUB", text) }

  // MARK: Returned messages

  @Test func returnedMessage() throws {
    let file = crlf(
      """
      Message:
      From: ~BEL01 at CCMAIL
      Date: 6/5/98 0:12
      To: "Jeff" <jeff@example.org> at INTERNET
      Subject: Message not deliverable
      Contents:
      Text item: 
      Not deliverable to: Okafor, Ben at PLANT3
      There is no mailbox with this name.
      Original subject: Paint for the gate

      Text item: 
      Green or grey?
      File item: A.TXT
      4142

      """)
    let mail = try #require(try converter().internet(file).first).bytes
    let read = try InternetMessageReader.read(mail.span)
    #expect(
      read.parts.map(\.type.name) == ["multipart/report", "text/plain", "message/delivery-status", "message/rfc822"])
    let inner = Array(mail[read.parts[3].body])
    let original = try FromInternet.read(inner.span, converter: CharsetConverter())
    #expect(original.sender == Mailbox(name: "Jeff", address: "jeff@example.org"))
    #expect(original.recipients.map(\.mailbox.name) == ["Okafor, Ben"])
    #expect(original.subject == "Paint for the gate")
    #expect(original.items.map(\.kind) == [.text, .file])
    #expect(!text(inner).contains("Message-ID"))
    let ccm = try converter().ccm(mail).bytes
    #expect(try converter().internet(ccm).map(\.bytes).first.map { try converter().ccm($0).bytes } == ccm)
    #expect(texts(ccm).contains { $0.hasPrefix("Not delivered to: Okafor, Ben at PLANT3") })
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first == "\n" { text.removeFirst() }
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
