import Formats
import TestSupport
import Testing

@testable import Mail

/// The samples of Outlook's files as Internet messages.
@Suite struct OutlookTests {
  private func eml(_ name: String, _ change: (inout ConversionOptions) -> Void = { _ in }) throws -> (
    text: String, message: Message, findings: [Finding]
  ) {
    let sample = try #require(Sample.all("outlook").first { $0.name == name })
    var output: [UInt8] = []
    let converter = converter(change)
    let envelope =
      name.hasSuffix(".msg")
      ? try converter.convertMSG(sample.bytes.span, to: &output)
      : try converter.convertTNEF(sample.bytes.span, to: &output)
    let message = try FromInternet.read(output.span, converter: converter.charsets)
    return (text(output), message, envelope.findings)
  }

  private func content(_ item: Item, _ eml: String) -> [UInt8] {
    var content: [UInt8] = []
    let source = Array(eml.utf8)
    _ = item.content.append(from: source.span, to: &content)
    return content
  }

  @Test(arguments: ["html-and-files.msg", "version-4.msg", "winmail.dat"]) func htmlAndFiles(_ name: String) throws {
    let (eml, message, findings) = try eml(name)
    #expect(findings.isEmpty)
    #expect(message.sender == Mailbox(name: "Ruth Adler", address: "ruth.adler@example.com"))
    // The address of the first one is in a property of its own: the usual one holds that of Exchange's directory.
    #expect(
      message.recipients.map { "\($0.field) \($0.mailbox.name) \($0.mailbox.address)" } == [
        "to Ben Okafor ben.okafor@example.org", "cc Jürg Müßig juerg.muessig@example.org",
        "bcc Käthe Vogel kaethe.vogel@example.com",
      ])
    #expect(message.subject == "The plan for the yard")
    #expect(message.priority == .urgent)
    #expect(message.receiptTo?.address == "ruth.adler@example.com")
    #expect(eml.contains("\r\nKeywords: Yard, Plans\r\n"))
    #expect(eml.contains("\r\nMessage-ID: <19990311152000.1@example.com>\r\n"))
    #expect(message.items.map(\.type.name) == ["text/plain", "text/html", "image/png", "text/plain"])
    #expect(message.items[2].contentID == "plan@example.com")
    #expect(message.items[2].isRelated)
    #expect(text(content(message.items[3], eml)) == "12 by 40 metres\r\n")
  }

  @Test func htmlInRTF() throws {
    let (eml, message, _) = try eml("html-in-rtf.msg")
    #expect(text(content(message.items[0], eml)) == "<html><body><p>Grüße aus <b>Köln</b></p>привет€</body></html>")
    #expect(message.subject == "Grüße")
  }

  @Test func japanese() throws {
    let (eml, message, _) = try eml("japanese-932.msg")
    #expect(message.subject == "資料")
    #expect(message.sender?.name == "田中")
    #expect(text(content(message.items[0], eml)) == "資料を送ります\r\n")
    #expect(message.items[1].name == "表.txt")
  }

  @Test func itsHeaderIsKept() throws {
    let (eml, message, _) = try eml("received-header.msg")
    #expect(eml.hasPrefix("Received: from mail.example.com"))
    #expect(eml.contains("\r\nX-Mailer: Example Mail 1.0\r\n"))
    #expect(eml.contains("\r\nDate: Thu, 11 Mar 1999 16:19:58 +0100\r\n"))
    #expect(message.headers.filter { $0.name == .contentType }.count == 1)
    #expect(message.headers.filter { $0.name == .from }.count == 1)
  }

  @Test(arguments: ["nested.msg", "winmail-nested.dat"]) func messagesInMessages(_ name: String) throws {
    var (eml, message, _) = try eml(name)
    for subject in ["Second", "Third"] {
      let inner = try #require(message.items.last)
      #expect(inner.type == .message)
      eml = text(content(inner, eml))
      message = try FromInternet.read(Array(eml.utf8).span, converter: CharsetConverter())
      #expect(message.subject == subject)
    }
    #expect(content(message.items[1], eml) == (0...255).map { UInt8($0) })
  }

  @Test func objectIsAFile() throws {
    let (eml, message, _) = try eml("ole-object.msg")
    let object = content(message.items[1], eml)
    let file = try CompoundFile(object.span)
    #expect(file.findings.isEmpty)
    let sheet = try #require(file.child("Workbook", of: 0))
    #expect(file.read(sheet, from: object.span).count == 5120)
    let pages = try #require(file.child("Pages", of: 0))
    #expect(file.child("One", of: pages) != nil)
  }

  @Test func meeting() throws {
    let (eml, message, _) = try eml("meeting-recurring.msg")
    #expect(text(content(message.items[0], eml)).contains("Location:      Room 4, first floor\r\n"))
    let calendar = try #require(message.items.last)
    #expect(eml.contains("text/calendar;\r\n method=\"REQUEST\""))
    let lines = text(content(calendar, eml))
    for line in [
      "METHOD:REQUEST", "DTSTART;TZID=Local:19990316T090000", "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;COUNT=10",
      "EXDATE;TZID=Local:19990323T090000", "TZOFFSETTO:+0100", "LOCATION:Room 4\\, first floor",
      "ORGANIZER;CN=\"Ruth Adler\":mailto:ruth.adler@example.com",
    ] {
      #expect(lines.contains("\r\n\(line)\r\n"), "\(line)")
    }
  }

  @Test func contactAndTask() throws {
    let contact = try eml("contact.msg")
    let card = text(content(try #require(contact.message.items.last), contact.text))
    for line in [
      "N:Okafor;Ben;;;", "ORG:Example\\; Yards", "EMAIL;TYPE=INTERNET:ben.okafor@example.org",
      "TEL;TYPE=WORK,VOICE:+44 20 7946 0000",
    ] {
      #expect(card.contains("\r\n\(line)\r\n"), "\(line)")
    }
    let task = try eml("task.msg")
    let todo = text(content(try #require(task.message.items.last), task.text))
    for line in ["SUMMARY:Measure the yard", "DUE;VALUE=DATE:19990401", "PERCENT-COMPLETE:50"] {
      #expect(todo.contains("\r\n\(line)\r\n"), "\(line)")
    }
  }

  @Test func reports() throws {
    let failed = try eml("not-delivered.msg")
    #expect(failed.message.reportType == "delivery-status")
    #expect(failed.text.contains("Final-Recipient: rfc822; nobody@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
    #expect(failed.message.items.map(\.type.name) == ["text/plain", "message/delivery-status", "message/rfc822"])
    let read = try eml("was-read.msg")
    #expect(read.message.reportType == "disposition-notification")
    #expect(read.text.contains("Original-Message-ID: <19990311152000.1@example.com>\r\n"))
  }

  @Test func signedStaysAsItWas() throws {
    let signed = try eml("signed.msg").text
    let sample = try #require(Sample.all("outlook").first { $0.name == "signed.msg" })
    #expect(signed.contains("\r\nContent-Type: multipart/signed; protocol="))
    let entity = try #require(signed.range(of: "--s\r\n"))
    #expect(text(sample.bytes).contains(signed[entity.lowerBound...]))
  }

  @Test func draftIsMarked() throws { #expect(try eml("draft.msg").text.contains("\r\nX-Unsent: 1\r\n")) }

  @Test func legacyTNEF() throws {
    let (eml, message, _) = try eml("winmail-legacy.dat")
    #expect(message.subject == "Über alles Mögliche")
    #expect(message.sender == Mailbox(name: "Ann Example", address: "ann@example.com"))
    #expect(message.items[1].name == "LETTER.TXT")
    #expect(text(content(message.items[1], eml)) == "Dear Sirs,\r\n")
  }

  /// A message with a winmail.dat is one with HTML and files; nobody is named twice.
  @Test func winmailIsOpened() throws {
    let sample = try #require(Sample.all("outlook").first { $0.name == "winmail-in-mail.eml" })
    let message = try FromInternet.read(sample.bytes.span, converter: CharsetConverter())
    #expect(message.items.map(\.name) == ["", "", "plan.png", "Measures of the yard.txt"])
    #expect(message.items[1].role == .alternative)
    #expect(message.recipients.count == 3)
    let ccm = try converter().ccm(sample.bytes).bytes
    #expect(!text(ccm).uppercased().contains("WINMAIL"))
    #expect(text(ccm).contains("12 by 40 metres"))
  }

  /// A report around a winmail.dat that is the same report: said once.
  @Test func reportIsSaidOnce() throws {
    let sample = try #require(Sample.all("outlook").first { $0.name == "winmail-report.dat" })
    var packed: [UInt8] = []
    Base64.encode(sample.bytes.span, into: &packed)
    func part(_ type: String, _ body: String) -> String { "--b\nContent-Type: \(type)\n\n\(body)\n" }
    let eml =
      "From: a@example.com\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
      + part("text/plain", "Not delivered.") + part("message/delivery-status", "Reporting-MTA: dns; example.com\n")
      + part("application/ms-tnef\nContent-Transfer-Encoding: base64", text(packed)) + "--b--\n"
    let message = try FromInternet.read(Array(eml.utf8).span, converter: CharsetConverter())
    #expect(message.items.map(\.type.name) == ["text/plain", "message/delivery-status", "message/rfc822"])
    #expect(message.subject == "Undeliverable: The plan")
  }

  /// Anything cut off or with a bit turned is read or refused, and never more than what its bytes can say.
  @Test(arguments: Sample.all("outlook").filter { !$0.name.hasSuffix(".py") }) func damaged(_ sample: Sample) {
    let converter = converter()
    for step in 0..<200 {
      var bytes = sample.bytes
      if step % 2 == 0 {
        bytes.removeLast(bytes.count * step / 200)
      } else {
        for i in stride(from: step, to: bytes.count, by: 211) { bytes[i] = bytes[i] &* 31 &+ UInt8(step) }
      }
      var output: [UInt8] = []
      _ = try? converter.convertMSG(bytes.span, to: &output)
      _ = try? converter.convertTNEF(bytes.span, to: &output)
      #expect(output.count < 64 * sample.bytes.count + 65_536)
    }
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<String.Index>? {
    let wanted = Array(text.utf8)
    var start = utf8.startIndex
    while start < utf8.endIndex {
      if utf8[start...].starts(with: wanted) { return start..<utf8.index(start, offsetBy: wanted.count) }
      start = utf8.index(after: start)
    }
    return nil
  }
}
