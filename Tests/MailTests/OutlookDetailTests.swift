import Formats
import Testing

@testable import Mail

/// What Outlook's files say beside their text: links, reports, signatures, character sets, flags, votes, contacts.
@Suite struct OutlookDetailTests {
  // MARK: Attachments

  @Test(arguments: [nil, []] as [[UInt8]?]) func webReferenceIsALink(_ data: [UInt8]?) {
    var outlook = OutlookBuilder()
    outlook.attach("Plan.docx", data, path: "https://example.com/Plan.docx", method: 7)
    #expect(outlook.read().texts["Plan.docx.url"] == "[InternetShortcut]\r\nURL=https://example.com/Plan.docx\r\n")
  }

  @Test func emptyFileStaysAFile() {
    var outlook = OutlookBuilder()
    outlook.attach("empty.txt", [])
    #expect(outlook.read().texts["empty.txt"] == "")
  }

  @Test func streamOfAnObjectIsAnObject() {
    var outlook = OutlookBuilder()
    let file: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0]
    outlook.attach("", file, method: 6)
    outlook.attach("", file)
    let items = outlook.read().message.items
    #expect(items.map(\.type.name) == ["application/x-ole-storage", "application/octet-stream"])
  }

  // MARK: Reports

  private func stored(_ contentType: String?) -> OutlookBuilder {
    var outlook = OutlookBuilder()
    outlook.text(PropertyID.body, "Failed.\r\n")
    if let contentType {
      outlook.text(
        PropertyID.transportMessageHeaders, "From: a@example.com\r\nContent-Type: \(contentType)\r\n\r\n")
    }
    outlook.attach("notes.txt", Array("x".utf8), type: "text/plain")
    outlook.attach(
      "details.txt", Array("Reporting-MTA: dns;x\n\nAction: failed\n".utf8), type: "message/delivery-status")
    return outlook
  }

  @Test(arguments: [nil, "multipart/report; report-type=delivery-status; boundary=x", "multipart/report; boundary=x"])
  func reportStaysAReport(_ contentType: String?) {
    let (eml, message, _, _) = stored(contentType).read()
    #expect(message.reportType == "delivery-status")
    #expect(message.items.map(\.type.name) == ["text/plain", "message/delivery-status", "text/plain"])
    #expect(eml.contains("Content-Type: multipart/report; report-type=delivery-status;"))
  }

  @Test(arguments: ["multipart/mixed; boundary=x", "multipart/report; report-type=disposition-notification"])
  func noReport(_ contentType: String) { #expect(stored(contentType).read().message.reportType == nil) }

  // MARK: Signed messages

  @Test func signedHasOneVersion() throws {
    var outlook = OutlookBuilder("IPM.Note.SMIME.MultipartSigned")
    outlook.attach(
      "smime.p7m",
      Array(
        "Mime-version: 1.0\r\nX-Other: y\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nA\r\n--s--\r\n"
          .utf8))
    let eml = outlook.read().eml.lowercased()
    #expect(eml.split(separator: "\r\n").filter { $0.hasPrefix("mime-version:") }.count == 1)
    #expect(eml.hasSuffix("x-other: y\r\ncontent-type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\na\r\n--s--\r\n"))
  }

  @Test(
    arguments: [
      (7, 3, "enveloped-data"), (7, 2, "signed-data"), (16, 9, "compressed-data"), (16, 23, "authEnveloped-data"),
    ] as [(UInt8, UInt8, String)]) func typeOfContent(_ arc: UInt8, _ number: UInt8, _ type: String)
  {
    let start: [UInt8] = [0x30, 0x80]
    let prefix: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01]
    let identifier: [UInt8] = arc == 7 ? [6, 9] + prefix + [7, number] : [6, 11] + prefix + [9, 16, 1, number]
    var outlook = OutlookBuilder("IPM.Note.SMIME")
    outlook.attach("smime.p7m", start + identifier, type: "application/pkcs7-mime")
    #expect(outlook.read().eml.contains("smime-type=\"\(type)\""))
  }

  @Test func typeOfTheHeaderCounts() {
    var outlook = OutlookBuilder("IPM.Note.SMIME")
    outlook.attach("smime.p7m", [1, 2], type: "application/pkcs7-mime")
    outlook.text(
      PropertyID.transportMessageHeaders,
      "From: a@example.com\r\nContent-Type: application/pkcs7-mime; smime-type=certs-only\r\n\r\n")
    #expect(outlook.read().eml.contains("smime-type=\"certs-only\""))
  }

  @Test func draftIsMarkedOnce() {
    var outlook = OutlookBuilder()
    outlook.integer(PropertyID.messageFlags, 8)
    outlook.text(PropertyID.transportMessageHeaders, "From: a@example.com\r\nx-unsent: 1\r\n\r\n")
    let lines = outlook.read().eml.lowercased().split(separator: "\r\n")
    #expect(lines.filter { $0.hasPrefix("x-unsent:") }.count == 1)
  }

  // MARK: Character sets

  @Test(
    arguments: [
      (936, [0xD6, 0xEC, 0xE9, 0x46, 0x86, 0xB4], "gbk"), (936, [0x80, 0x41], "utf-8"),
      (949, [0xB0, 0xA1], "euc-kr"), (949, [0x8C, 0x63], "utf-8"), (932, [0x93, 0xFA], "shift_jis"),
      (932, [0x87, 0x40], "utf-8"), (950, [0xA4, 0x40], "big5"), (950, [0xF9, 0xD6], "utf-8"),
      (20127, [0x93, 0x80, 0xFC], "windows-1252"), (28591, [0xFC], "iso-8859-1"),
      (28591, [0x93, 0xFC], "windows-1252"),
      (1252, [0xFC, 0x81], "utf-8"), (1251, [0xEF], "windows-1251"), (65001, [0xFC], "windows-1252"),
      (20127, [0xC3, 0xBC], "utf-8"),
    ] as [(Int, [UInt8], String)]) func label(_ page: Int, _ text: [UInt8], _ label: String)
  {
    var outlook = OutlookBuilder()
    outlook.integer(PropertyID.internetCodePage, page)
    outlook.data(PropertyID.html, Array("<p>".utf8) + text + Array("</p>".utf8))
    #expect(outlook.read().message.items.first?.charset == label)
  }

  // MARK: Flags and votes

  @Test func flagAndVote() {
    var outlook = OutlookBuilder()
    outlook.text(PropertyID.body, "Lunch?\r\n")
    outlook.integer(PropertyID.flagStatus, 2)
    outlook.text(.flagRequest, "Call")
    outlook.time(.taskDueDate, 2019, 3, 20)
    outlook.text(.verbResponse, "Yes")
    let reading = outlook.read()
    #expect(reading.texts["Flag"] == "Flag:          Call\r\nDue:           Wed, 20 Mar 2019\r\nVote:          Yes\r\n")
    #expect(reading.message.items.map(\.title) == ["", "Flag"])
  }

  @Test func buttonsToVoteBy() {
    func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    func wide(_ text: String) -> [UInt8] {
      [UInt8(text.utf16.count)] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    }
    func option(_ type: UInt8, _ text: String) -> [UInt8] {
      [type, 0, 0, 0] + name(text) + name("IPM.Note") + [0] + name(text) + [UInt8](repeating: 0, count: 29)
    }
    var stream: [UInt8] = [2, 1, 3, 0, 0, 0] + option(0, "Reply") + option(4, "J?") + option(4, "No") + [4, 1]
    for text in ["Reply", "Jä", "No"] { stream += wide(text) + wide(text) }
    var outlook = OutlookBuilder()
    outlook.data(.verbStream, stream)
    #expect(outlook.read().texts["Flag"] == "To vote on:    Jä; No\r\n")
    for cut in 0..<stream.count {
      var short = OutlookBuilder()
      short.data(.verbStream, Array(stream[..<cut]))
      #expect((short.read().texts["Flag"] ?? "").utf8.count < 60)
    }
  }

  // MARK: Contacts, notes

  @Test func contactIsWhole() {
    var outlook = OutlookBuilder("IPM.Contact")
    outlook.text(PropertyID.displayName, "Wim Example")
    let told: [(UInt16, String, String)] = [
      (PropertyID.pagerTelephone, "Pager", "TEL;TYPE=PAGER"),
      (PropertyID.callbackTelephone, "Callback", "TEL;TYPE=VOICE,X-CALLBACK"),
      (PropertyID.home2Telephone, "Home 2", "TEL;TYPE=HOME,VOICE"), (PropertyID.profession, "Profession", "ROLE"),
      (PropertyID.spouse, "Spouse", "X-SPOUSE"), (PropertyID.hobbies, "Hobbies", ""),
      (PropertyID.account, "Account", ""),
    ]
    for (id, label, _) in told { outlook.text(id, "of \(label)") }
    outlook.texts(PropertyID.childrensNames, ["Ida", "Otto"])
    outlook.text(PropertyID.otherStreet, "Street 1")
    outlook.text(.contactUserField2, "Second")
    outlook.integer(PropertyID.sensitivity, 2)
    // Midnight of 2 May in Berlin.
    outlook.time(PropertyID.birthday, 1970, 5, 1, 23)
    let texts = outlook.read().texts
    let text = texts["Contact"] ?? ""
    let card = texts["Wim Example.vcf"] ?? ""
    for (_, label, field) in told {
      #expect(text.contains("\(label):") && text.contains("of \(label)\r\n"), "\(label)")
      if !field.isEmpty { #expect(card.contains("\r\n\(field):of \(label)\r\n"), "\(label)") }
    }
    for line in [
      "Children:      Ida, Otto", "Other address: Street 1", "User field 2:  Second", "Birthday:      Sat, 2 May 1970",
    ] {
      #expect(text.contains("\(line)\r\n"), "\(line)")
    }
    for line in [
      "N:Wim Example;;;;", "FN:Wim Example", "BDAY:19700502", "ADR;TYPE=POSTAL:;;Street 1;;;;", "CLASS:PRIVATE",
    ] {
      #expect(card.contains("\r\n\(line)\r\n"), "\(line)")
    }
  }

  @Test func noteHasItsColour() {
    var outlook = OutlookBuilder("IPM.StickyNote")
    outlook.integer(.noteColor, 3)
    #expect(outlook.read().texts["Note"] == "Colour:        yellow\r\n")
  }
}
