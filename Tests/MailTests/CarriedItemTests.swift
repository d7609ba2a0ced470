import Formats
import TestSupport
import Testing

@testable import Mail

@Suite struct CarriedItemTests {
  @Test func roundTrip() throws {
    var carried = CarriedItem()
    carried.item = "MESSAGE.HTM"
    carried.name = "Ünlü \"name\"; with, everything.html"
    carried.title = String(repeating: "long title ", count: 20)
    carried.type = "text/html"
    carried.charset = "iso-8859-9"
    carried.contentID = "part1.06090408@example.com"
    carried.role = .body
    carried.text = 0x0123_ABCD
    carried.parameters = [("method", "REQUEST"), ("access-type", "URL"), ("url", String(repeating: "x", count: 100))]
    carried.isInline = true
    carried.isRelated = true
    carried.date = Timestamp(seconds: 862_931_400, zone: 120)
    var field: [UInt8] = []
    carried.append(to: &field)
    #expect(field.allSatisfy { $0 < 128 })
    let structure = InternetMessageReader.readHeader(field.span)
    try #require(structure.fields.count == 1)
    let back = CarriedItem(field.span, structure.fields[0].value, converter: CharsetConverter())
    var again: [UInt8] = []
    back.append(to: &again)
    #expect(text(again) == text(field))
    #expect(back.name == carried.name)
    #expect(back.date == carried.date)
    #expect(back.text == carried.text)
  }

  @Test(arguments: [
    "", "file", "file; item", "file; role=nonsense; text=xyz; date=never", ";;;;", "text; text=123456789ABC",
  ])
  func damaged(_ value: String) {
    let bytes = Array(value.utf8)
    let carried = CarriedItem(bytes.span, 0..<bytes.count, converter: CharsetConverter())
    #expect(carried.role == nil)
    #expect(carried.date == nil)
  }

  /// A text is known again by its lines, whatever ends them.
  @Test func checksum() {
    func sum(_ text: String) -> UInt32 {
      let bytes = Array(text.utf8)
      return CarriedItem.checksum(bytes.span, 0..<bytes.count)
    }
    #expect(sum("one\ntwo\n") == sum("one\r\ntwo\r\n"))
    #expect(sum("one\ntwo") == sum("one\ntwo\n"))
    #expect(sum("one\ntwo") != sum("one\n\ntwo"))
    #expect(sum("") == 0)
  }

  /// A sender who has a name and no address has it on the way back too.
  @Test(arguments: ["MAILER-DAEMON <>", "Käthe <>", "MAILER-DAEMON:;"])
  func nameWithoutAddress(_ sender: String) throws {
    let ccm = try converter().ccm(crlf("From: \(sender)\nTo: ruth@example.org\nSubject: x\n\nBody\n")).bytes
    #expect(text(ccm).contains("\" <> at INTERNET"))
    let back = try converter().internet(ccm)
    #expect(back.count == 1)
    #expect(!text(back[0].bytes).contains("IMCEACCMAIL"))
  }

  /// RFC 2045, 6.4: what is around a part of 8-bit bytes is labelled as it is.
  @Test(arguments: [("Grüße", true), ("Hello", false)])
  func labelOfMultiparts(_ inner: String, _ isEightBit: Bool) throws {
    let eml =
      "From: a@example.com\nTo: b@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
      + "--b\nContent-Type: text/plain\n\nSee below\n"
      + "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nFrom: c@example.com\n\n\(inner)\n--b--\n"
    let back = try converter().internet(try converter().ccm(crlf(eml)).bytes)
    #expect(back.count == 1)
    let bytes = back[0].bytes
    let message = try InternetMessageReader.read(bytes.span)
    #expect(message.parts[0].type.isMultipart)
    let label = message.field(.contentTransferEncoding).map { text(bytes[$0.value]) }
    #expect(label == (isEightBit ? " 8bit" : nil))
  }

  private static let html = """
    From: jeff@example.com
    To: ruth@example.org
    Subject: Page
    Date: Tue, 2 Jun 1998 08:39:00 +0000
    MIME-Version: 1.0
    Content-Type: text/html

    <p>One</p><p>Two</p>

    """

  /// The rendering is not said again, unless somebody has changed it on the way.
  @Test func changedRendering() throws {
    let converter = converter()
    let ccm = try converter.ccm(crlf(Self.html)).bytes
    #expect(text(ccm).contains("\r\nOne\r\n\r\nTwo\r\n"))
    let same = try converter.internet(ccm)[0].bytes
    #expect(text(same).contains("Content-Type: text/html"))
    #expect(!text(same).contains("Content-Type: text/plain"))
    // The same length, so that the sizes stay right.
    let changed = try converter.internet(Array(text(ccm).replacing("\r\nOne\r\n", with: "\r\nNew\r\n").utf8))[0].bytes
    #expect(text(changed).contains("\r\nNew\r\n"))
    #expect(text(changed).contains("Content-Type: text/html"))
    #expect(text(changed).contains("Content-Disposition: attachment"))
  }

  /// A header field that is carried is written only while it says what the header says.
  @Test func changedSubject() throws {
    let converter = converter()
    let subject = "a subject of words " + String(repeating: "longer", count: 12) + " end"
    let ccm = try converter.ccm(crlf(Self.html.replacing("Page", with: subject))).bytes
    #expect(text(try converter.internet(ccm)[0].bytes).contains("end\r\n"))
    let short = String(subject.prefix(60))
    let changed = text(ccm).replacing("Subject: \(short)\r\n", with: "Subject: \(short.uppercased())\r\n")
    let back = text(try converter.internet(Array(changed.utf8))[0].bytes)
    #expect(back.contains("Subject: A SUBJECT OF WORDS "))
    #expect(!back.contains("end\r\n"))
  }

  /// A text that the post office lacks characters for keeps its title beside the original.
  @Test func titledOriginal() throws {
    let converter = converter()
    let eml = """
      From: jeff@example.com
      To: ruth@example.org
      Subject: Two texts
      Date: Tue, 2 Jun 1998 08:39:00 +0000
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary=b

      --b
      Content-Type: text/plain; charset=utf-8
      Content-Description: The agenda

      会議
      --b--

      """
    let ccm = try converter.ccm(crlf(eml)).bytes
    #expect(text(ccm).contains("\r\nText item: The agenda\r\n"))
    let back = text(try converter.internet(ccm)[0].bytes)
    #expect(back.contains("Content-Description: The agenda\r\n"))
    #expect(!back.contains("??"))
  }

  /// What describes an attached message stays with it.
  @Test func descriptionOfAMessage() throws {
    let eml = crlf(
      """
      From: jeff@example.com
      To: ben@example.org
      Subject: x
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary=b

      --b
      Content-Type: message/delivery-status; charset=us-ascii
      Content-Description: How it went
      Content-ID: <1@example.com>

      Reporting-MTA: dns; hub.example.com
      --b--

      """)
    let ccm = try converter().ccm(eml).bytes
    let back = text(try converter().internet(ccm)[0].bytes)
    #expect(back.contains("\r\nContent-Type: message/delivery-status;\r\n charset=\"us-ascii\"\r\n"))
    #expect(back.contains("\r\nContent-Description: How it went\r\n"))
    #expect(back.contains("\r\nContent-ID: <1@example.com>\r\n"))
  }
}
