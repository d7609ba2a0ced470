import Formats
import TestSupport
import Testing

@testable import Mail

/// Messages with nothing to read but a calendar, a card or S/MIME: a text tells what it says, the part goes beside it, and
/// comes back as it was.
@Suite struct DescribedTextTests {
  private static let start =
    "From: Ann <ann@example.com>\nTo: Bob <bob@example.org>\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nSubject: s\nMIME-Version: 1.0\n"

  /// The .ccm of a message whose only part is `content`, and what comes back of it.
  private static func trip(_ type: String, _ content: [UInt8]) throws -> (ccm: String, part: [UInt8], rules: [Rule]) {
    var body: [UInt8] = []
    Base64.encode(content.span, into: &body)
    let converter = converter { _ in }
    let there = try converter.ccm(
      crlf("\(start)Content-Type: \(type)\nContent-Transfer-Encoding: base64\n\n\(text(body))\n"))
    let back = try #require(try converter.internet(there.bytes).first).bytes
    #expect(try converter.ccm(back).bytes == there.bytes)
    let message = try FromInternet.read(back.span, converter: CharsetConverter())
    #expect(message.items.count == 1)
    var part: [UInt8] = []
    _ = message.items[0].content.append(from: back.span, to: &part)
    return (text(there.bytes), part, there.findings.map(\.rule))
  }

  // MARK: Calendars

  private static func calendar(_ lines: String, method: String = "REQUEST") -> [UInt8] {
    crlf("BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:\(method)\n\(lines)END:VCALENDAR\n")
  }

  @Test func invitation() throws {
    let calendar = Self.calendar(
      """
      BEGIN:VEVENT
      UID:1@example.com
      SUMMARY:Budget\\, first
       \u{20}draft
      LOCATION:Room 5
      DTSTART:20261130T140000Z
      DTEND:20261130T150000Z
      ORGANIZER;CN=Ann:mailto:ann@example.com
      ATTENDEE;PARTSTAT=ACCEPTED;CN="Bob, B.":mailto:bob@example.org
      ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:cy@example.org
      ATTENDEE;CUTYPE=ROOM:mailto:room@example.org
      DESCRIPTION:Bring\\nfigures
      BEGIN:VALARM
      DESCRIPTION:an alarm
      END:VALARM
      END:VEVENT

      """)
    let trip = try Self.trip("text/calendar; charset=utf-8; method=REQUEST", calendar)
    for line in [
      "Text item: Meeting", "Subject:       Budget, first draft", "Location:      Room 5",
      "Start:         Mon, 30 Nov 2026 14:00:00 +0000", "End:           Mon, 30 Nov 2026 15:00:00 +0000",
      "Organizer:     Ann <ann@example.com>", "Attendee:      Bob, B. <bob@example.org>, accepted",
      "Optional:      cy@example.org", "Resource:      room@example.org", "Bring", "figures",
    ] { #expect(trip.ccm.contains("\(line)\r\n"), "\(line)") }
    #expect(!trip.ccm.split(separator: "File item")[0].contains("an alarm"))
    #expect(trip.part == calendar)
  }

  /// Who invites whom is said by the message where the calendar does not.
  @Test func invitationOfTheMessage() throws {
    let trip = try Self.trip(
      "text/calendar", Self.calendar("BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261130T140000Z\nEND:VEVENT\n"))
    #expect(trip.ccm.contains("Organizer:     Ann <ann@example.com>\r\n"))
    #expect(trip.ccm.contains("Attendee:      Bob <bob@example.org>\r\n"))
  }

  @Test(arguments: [
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10", "every 2 weeks on Monday, Friday, 10 times"),
    ("FREQ=MONTHLY;BYDAY=-1TU", "every month on the last Tuesday"),
    ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=9", "every year on day 9 in March"),
    ("FREQ=DAILY;UNTIL=20261205T140000Z", "every day, until Sat, 5 Dec 2026 14:00:00 +0000"),
    ("FREQ=DAILY;COUNT=1", "every day, once"),
  ])
  func recurrence(_ rule: String, _ words: String) throws {
    let trip = try Self.trip(
      "text/calendar", Self.calendar("BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261130T140000Z\nRRULE:\(rule)\nEND:VEVENT\n"))
    #expect(trip.ccm.contains("Recurrence:    \(words)\r\n"))
  }

  /// The time of a zone that the calendar itself defines, and of one that nobody knows.
  @Test func zones() throws {
    let zone =
      "BEGIN:VTIMEZONE\nTZID:Here\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0500\nTZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE\n"
    let trip = try Self.trip(
      "text/calendar",
      Self.calendar(
        "\(zone)BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=Here:20261130T140000\nDTEND;TZID=There:20261130T150000\nEND:VEVENT\n"
      ))
    #expect(trip.ccm.contains("Start:         Mon, 30 Nov 2026 09:00:00 +0000\r\n"))
    #expect(trip.ccm.contains("End:           Mon, 30 Nov 2026 15:00:00 (There)\r\n"))
  }

  @Test func changedAndCancelled() throws {
    let trip = try Self.trip(
      "text/calendar",
      Self.calendar(
        "BEGIN:VEVENT\nUID:u\nSUMMARY:x\nDTSTART:20261130T140000Z\nRRULE:FREQ=DAILY\nEXDATE:20261202T140000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20261201T140000Z\nSUMMARY:x\nDTSTART:20261201T160000Z\nEND:VEVENT\n"
      ))
    #expect(trip.ccm.contains("Cancelled:     Wed, 2 Dec 2026 14:00:00 +0000\r\n"))
    #expect(
      trip.ccm.contains("Changed:       Tue, 1 Dec 2026 16:00:00 +0000 instead of Tue, 1 Dec 2026 14:00:00 +0000\r\n"))
  }

  @Test(arguments: [("CANCEL", "Status:        cancelled"), ("REPLY", "Answer:        declined")])
  func methods(_ method: String, _ line: String) throws {
    let trip = try Self.trip(
      "text/calendar",
      Self.calendar(
        "BEGIN:VEVENT\nSUMMARY:x\nDTSTART;VALUE=DATE:20261130\nATTENDEE;PARTSTAT=DECLINED:mailto:c@example.com\nEND:VEVENT\n",
        method: method))
    #expect(trip.ccm.contains("\(line)\r\n"))
    #expect(trip.ccm.contains("Start:         Mon, 30 Nov 2026\r\n"))
  }

  /// What is no calendar, is empty, or holds nothing to be told, stays a file alone.
  @Test(arguments: ["", "x", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "\u{0}\u{1}\u{2}"])
  func noCalendar(_ content: String) throws {
    let trip = try Self.trip("text/calendar; name=a.ics", Array(content.utf8))
    #expect(trip.ccm.contains("File item: A.ICS"))
    #expect(!trip.ccm.contains("Subject:   "))
    #expect(trip.part == Array(content.utf8))
  }

  // MARK: Cards

  @Test func card() throws {
    let card = crlf(
      "BEGIN:VCARD\nVERSION:3.0\nN:Example;Wim;van;Dr.;\nORG:Grade;Sales\nTITLE:Buyer\nEMAIL;TYPE=work:wim@example.com\nTEL;TYPE=cell:+1 2\nTEL;TYPE=home,fax:+1 3\nADR;TYPE=home:;;Street 1;City;;123;Land\nBDAY:1970-05-02\nNOTE:one\\ntwo\nEND:VCARD\n"
    )
    let trip = try Self.trip("text/vcard; charset=utf-8", card)
    for line in [
      "Text item: Contact", "Name:          Dr. Wim van Example", "Company:       Grade", "Department:    Sales",
      "Title:         Buyer", "Mail:          wim@example.com", "Mobile:        +1 2", "Home fax:      +1 3",
      "Home address:  Street 1, City, 123, Land", "Birthday:      Sat, 2 May 1970", "one", "two",
    ] { #expect(trip.ccm.contains("\(line)\r\n"), "\(line)") }
    #expect(trip.part == card)
  }

  /// A message with a text of its own says what it is itself.
  @Test func besideText() throws {
    let eml = crlf(
      "\(Self.start)Content-Type: multipart/mixed; boundary=b\n\n--b\n\nPlease come.\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
    )
    let there = text(try converter { _ in }.ccm(eml).bytes)
    #expect(there.contains("Please come.") && !there.contains("Text item: Meeting") && !there.contains("Subject:   "))
  }

  // MARK: S/MIME

  /// An element of X.690 in its distinguished encoding.
  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length = [UInt8(truncatingIfNeeded: content.count)]
    if content.count > 127 {
      length = [0x82, UInt8(content.count >> 8), UInt8(truncatingIfNeeded: content.count)]
    }
    return [tag] + length + content
  }

  private static let pkcs7: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]

  /// SignedData, RFC 5652, 5.1, with `content` in one piece or in two of no known length.
  private static func signed(_ content: [UInt8]?, inPieces: Bool = false) -> [UInt8] {
    var holder: [UInt8] = []
    if let content {
      holder =
        inPieces
        ? [0xA0, 0x80, 0x24, 0x80] + element(0x04, Array(content.prefix(7)))
          + element(0x04, Array(content.dropFirst(7)))
          + [0, 0, 0, 0]
        : element(0xA0, element(0x04, content))
    }
    let data = element(0x30, element(0x06, pkcs7 + [1]) + holder)
    let body = element(0x30, element(0x02, [1]) + element(0x31, []) + data + element(0x31, []))
    return element(0x30, element(0x06, pkcs7 + [2]) + element(0xA0, body))
  }

  private static let entity = crlf(
    "Content-Type: multipart/mixed; boundary=i\n\n--i\n\nSigned words.\n--i\nContent-Type: application/x-a; name=a.bin\nContent-Disposition: attachment\n\nbytes\n--i--\n"
  )

  @Test(arguments: [false, true])
  func signedText(_ inPieces: Bool) throws {
    let content = Self.signed(Self.entity, inPieces: inPieces)
    let trip = try Self.trip("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", content)
    #expect(trip.ccm.contains("Signed words.\r\n"))
    #expect(trip.ccm.contains("[Signed with S/MIME. The signature has not been checked.]\r\n"))
    #expect(trip.ccm.contains("File item: SMIME.P7M") && trip.ccm.contains("File item: A.BIN"))
    #expect(trip.rules.contains(.signatureUnchecked))
    #expect(trip.part == content)
  }

  @Test func certificates() throws {
    let trip = try Self.trip("application/pkcs7-mime; name=smime.p7c", Self.signed(nil))
    #expect(trip.ccm.contains("certificates of S/MIME"))
  }

  @Test func encrypted() throws {
    let content = Self.element(0x30, Self.element(0x06, Self.pkcs7 + [3]) + Self.element(0xA0, Self.element(0x30, [])))
    let trip = try Self.trip("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", content)
    #expect(trip.ccm.contains("Text item: Encrypted message\r\n"))
    #expect(trip.ccm.contains("This message is encrypted with S/MIME."))
    #expect(trip.part == content)
  }

  /// Cut off anywhere, or with any byte changed: it never fails, and the part is kept as it is.
  @Test func damaged() throws {
    let content = Self.signed(Self.entity, inPieces: true)
    for count in 0..<content.count { _ = CMSContent(content.span.extracting(0..<count)) }
    for i in content.indices {
      for value: UInt8 in [0, 0x7F, 0x80, 0x84, 0x88, 0xFF] {
        var changed = content
        changed[i] = value
        _ = CMSContent(changed.span)
      }
    }
    for count in [0, 1, 5, 40, content.count - 3] {
      let trip = try Self.trip("application/pkcs7-mime; name=smime.p7m", Array(content.prefix(count)))
      #expect(trip.part == Array(content.prefix(count)))
    }
  }

  /// Signed within signed within signed: opened so far, and no further.
  @Test func nested() throws {
    var content = Self.entity
    for _ in 0..<12 {
      var body: [UInt8] = []
      Base64.encode(Self.signed(content).span, into: &body)
      content =
        crlf("Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n") + body
    }
    let there = try converter { _ in }.ccm(crlf(Self.start) + content)
    #expect(there.bytes.count < content.count * 8)
  }
}
