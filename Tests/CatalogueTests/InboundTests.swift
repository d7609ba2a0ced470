import Formats
import TestSupport
import Testing

@testable import Mail

/// What went wrong between EXPORT and the connector (Microsoft Knowledge Base), a test for each article.
// swift-format-ignore: AlwaysUseLowerCamelCase
@Suite struct InboundTests {
  /// Hang, crash or attachment lost: EXPORT 6.0 wrote malformed Macintosh items.
  @Test func Q166561_malformedMacintoshItem() throws {
    var good: [UInt8] = []
    MacBinary.append(
      FinderInfo(name: Array("A".utf8), type: Array("TEXT".utf8), creator: Array("ttxt".utf8)), data: [1, 2, 3].span,
      resources: [UInt8]().span, to: &good)
    var wrongSum = good
    wrongSum[125] ^= 1
    var tooLong = good
    tooLong[83] = 0x7F
    for data in [wrongSum, tooLong, Array(good[..<100]), Array(good[..<130])] {
      let file = ccm([.text("See below"), Block("File item: A", data)]) + ccm([.text("Next")])
      let mail = try converter().mail(file)
      #expect(mail.count == 2)
      #expect(mail.first?.files.first?.data == data)
      #expect(mail.last?.texts == ["Next\n"])
    }
  }

  /// Access violation at every start: a file in Export that cannot be parsed.
  @Test func Q168556_unparseableFile() throws {
    for file in ["This is no export file.\r\n", "\u{1}\u{2}\u{3}", "Massage:\r\n12\r\n"] {
      #expect(throws: Unreadable.self) { try scan(Array(file.utf8)) }
    }
    #expect(try scan([]).isEmpty)
    #expect(try scan(Array("\r\n\r\n\u{1A}".utf8)).isEmpty)
  }

  /// Thread restarted 25 times, then stopped: an illegal section name in an EXPORT file.
  @Test func Q176375_illegalSectionName() throws {
    let file =
      ccm([.text("Before"), Block("Hologram: desk", [9, 0, 9]), .text("After")]) + ccm([.text("Next")])
    let messages = try scan(file)
    #expect(messages.count == 2)
    #expect(messages[0].items.map(\.kind) == [.text, .other, .text])
    #expect(messages[0].items[1].data == [9, 0, 9])
    #expect(messages[0].rules == [.unknownSection])
    #expect(try converter().mail(file)[0].texts.last == "After\n")
  }

  /// The processor at 90 %, inbound mail stops: a message without `Contents:`.
  @Test func Q234745_missingContents() throws {
    let file = crlf("Message:\n\(plainHeader)Text item: \n\n\nLost\n\n") + ccm([.text("Next")])
    let messages = try scan(file)
    #expect(messages.count == 2)
    #expect(messages[0].rules == [.noContents])
    #expect(messages[0].header.count == 4)
    #expect(try converter().mail(file).map(\.texts) == [["Lost\n"], ["Next\n"]])
  }

  /// A header, and nothing after it.
  @Test func Q234745_missingContentsAtTheEnd() throws {
    let messages = try scan(crlf("Message:\n179\nFrom: Admin at Hub\n"))
    #expect(messages.count == 1)
    #expect(messages[0].rules.contains(.noContents))
  }

  /// `Invalid Token '6'`: not every block ends with a line end, as the wizard had assumed.
  @Test(arguments: ["", "\n", "\n\n\n\n\n"])
  func Q184391_lineEndsBetweenBlocks(_ between: String) throws {
    let one = ccm([.text("One"), Block("File item: A.DAT", [1, 2, 3]), .text("Two")], end: between)
    let messages = try scan(one + one)
    #expect(messages.count == 2)
    for message in messages {
      #expect(message.items.map(\.kind) == [.text, .file, .text])
      #expect(message.items.map(\.data.count) == [11, 3, 11])
    }
  }

  /// Line ends between items that no size counts.
  @Test func Q184391_lineEndsBetweenItems() throws {
    let items = [Block("File item: A.DAT", [1, 2]), Block("File item: B.DAT", [3]), .text("Text")]
    let contents = items.flatMap { $0.bytes + crlf("\n\n") }
    let file = crlf("Message:\n\(contents.count + 125)\n\(plainHeader)Contents:\n\(contents.count)\n") + contents
    let messages = try scan(file)
    #expect(messages.count == 1)
    #expect(messages[0].items.map(\.data.count) == [2, 1, 12])
  }

  /// Extraction ends early: binary data that looks like keywords.
  @Test func Q233054_binaryLikeKeywords() throws {
    let data = ccm([.text("An inner message"), Block("File item: X.DAT", [1])]) + crlf("\nMessage:\n12\nContents:\n")
    let file = ccm([.text("See the file"), Block("File item: EXPORT.CCM", data), .text("End")]) + ccm([.text("Next")])
    let messages = try scan(file)
    #expect(messages.count == 2)
    #expect(messages[0].items.map(\.data.count) == [20, data.count, 11])
    #expect(messages[0].items[1].data == data)
    #expect(messages[0].rules.isEmpty)
    #expect(try converter().mail(file)[0].files.map(\.data) == [data])
  }

  /// Event 1032: an attachment of the exported messages could not be read, and with it all that came after.
  @Test(arguments: ["9999999", "0", "", "           ", "twelve", "-1", "99999999999999999999999"])
  func Q238784_unreadableAttachment(_ size: String) throws {
    let data: [UInt8] = Array(0...255)
    let file = ccm([.text("One"), Block("File item: A.DAT", data, size: size), .text("Two")]) + ccm([.text("Next")])
    let mail = try converter().mail(file)
    #expect(mail.count == 2)
    #expect(mail.first?.texts == ["One\n", "Two\n"])
    #expect(mail.first?.files.count == 1)
    #expect(mail.first?.files.first?.data.elementsEqual(data) == true)
    #expect(mail.first?.rules.contains { Rule.sizes.contains($0) } == true)
    #expect(mail.last?.texts == ["Next\n"])
  }

  /// `Message size of '0'`: blanks where the size should be written.
  @Test(arguments: ["           ", "0", "0          ", " "])
  func Q287056_blankSizes(_ size: String) throws {
    let one = ccm(
      [.text("One", size: size), .text("Two", size: size)], size: size, contentsSize: size)
    let mail = try converter().mail(one + one)
    #expect(mail.count == 2)
    // How many line ends belong to the last text, nobody can tell without a size.
    for mail in mail { #expect(mail.texts.map { $0.filter { $0 != "\n" } } == ["One", "Two"]) }
  }

  /// `Invalid Token 'RRT: %1'`: the keyword of a return receipt was unknown.
  @Test func Q262989_returnReceipt() throws {
    let file = ccm(header: plainHeader + "RRT: Grewal, Jeff at Hub\n", [.text("Sign here")])
    #expect(try scan(file)[0].rules.isEmpty)
    let converter = converter()
    let mail = try converter.oneMail(file)
    #expect(mail.receiptTo?.name == "Grewal, Jeff")
    #expect(mail.receiptTo == mail.sender)
    #expect(
      try scan(converter.ccm(mail.source.replacing("\r\n", with: "\n")).bytes)[0].header.last?.value
        == "Grewal, Jeff at Hub")
  }

  /// Any other keyword that nobody knows is passed over, and said.
  @Test func Q262989_unknownKeyword() throws {
    let messages = try scan(ccm(header: plainHeader + "ZZTop: 1\n", [.text("Text")]))
    #expect(messages[0].rules == [.unknownKeyword])
    #expect(messages[0].items.count == 1)
  }

  /// Extraction stops with event 1011: the date 2/31/99.
  @Test func Q233325_impossibleDate() throws {
    let file =
      ccm(header: plainHeader.replacing("6/2/98", with: "2/31/99"), [.text("One")])
      + ccm(header: plainHeader.replacing("6/2/98 8:39", with: "the day before"), [.text("Two")])
    let mail = try converter().mail(file)
    #expect(mail.map(\.texts) == [["One\n"], ["Two\n"]])
    #expect(mail[0].date == "Sun, 28 Feb 1999 08:39:00 +0000")
    #expect(mail[0].rules == [.impossibleDate])
    #expect(mail[1].rules == [.date])
  }

  /// Attachments named NONAME<X>.TXT: the name was not read from the item.
  @Test func Q237886_nameFromTheItem() throws {
    let mail = try converter().oneMail(
      ccm([Block("File item: BUDGET.WK1 5/6/97 3:10PM", [1]), Block("File item: NOTES", [2])]))
    #expect(mail.files.map(\.name) == ["BUDGET.WK1", "NOTES"])
  }

  /// A message is garbage: release 8 clients make RTF, which DB6 tools pass on as text.
  @Test func Q216473_textIsRTF() throws {
    let rtf = "{\\rtf1\\ansi Hello}"
    let mail = try converter().oneMail(ccm([.text(rtf)]))
    #expect(mail.texts.isEmpty)
    #expect(mail.files.map(\.type) == ["application/rtf"])
    #expect(mail.files.first.map { text($0.data).hasPrefix(rtf) } == true)
    #expect(mail.rules == [.rtfText])
  }

  /// Access violation in Lsccmmex.exe: a text item of length zero.
  @Test func Q178122_emptyTextItem() throws {
    let converter = converter()
    let file = ccm([Block("Text item: ", []), Block("File item: A.DAT", []), .text("After")])
    let messages = try scan(file)
    #expect(messages[0].items.map(\.data.count) == [0, 0, 13])
    #expect(messages[0].rules.isEmpty)
    let mail = try converter.oneMail(file)
    #expect(mail.texts == ["", "After\n"])
    #expect(mail.files.map(\.data) == [[]])
  }

  /// A recipient becomes `at PO`: EXPORT 8.3 drops the name. Reported, and not answered with a non-delivery report.
  @Test func Q249133_recipientWithoutName() throws {
    let file = ccm(
      header: plainHeader.replacing("To: Admin at HUBPO2", with: "To: at PLANT3\nTo: Admin at HUBPO2"), [.text("One")])
    let mail = try converter().oneMail(file)
    #expect(mail.rules == [.recipientWithoutName])
    #expect(mail.to.count == 2)
    #expect(mail.to.last?.name == "Admin")
  }

  /// The name came through as `Abc.wk4 5/6/97 3:10PM`: the parser failed at a digit in the extension.
  @Test func Q166610_digitInExtension() throws {
    let mail = try converter().oneMail(ccm([Block("File item: Abc.wk4 5/6/97 3:10PM", [1])]))
    #expect(mail.files.map(\.name) == ["Abc.wk4"])
    #expect(mail.files.map(\.date) == ["Tue, 6 May 1997 15:10:00 +0000"])
  }

  /// The date stayed in the name: one digit for month and day was not expected.
  @Test(arguments: [
    ("A.DOC 5/6/97 3:10PM", "Tue, 6 May 1997 15:10:00 +0000"),
    ("A.DOC 05/06/97 03:10PM", "Tue, 6 May 1997 15:10:00 +0000"),
    ("A.DOC 5/16/97 15:10", "Fri, 16 May 1997 15:10:00 +0000"),
    ("A.DOC 12/6/97 12:10AM", "Sat, 6 Dec 1997 00:10:00 +0000"),
    ("A.DOC 12/6/97 12:10 PM", "Sat, 6 Dec 1997 12:10:00 +0000"), ("A.DOC 12/6/97", "Sat, 6 Dec 1997 00:00:00 +0000"),
  ])
  func Q186216_oneDigitDates(_ title: String, _ date: String) throws {
    let mail = try converter().oneMail(ccm([Block("File item: " + title, [1])]))
    #expect(mail.files.map(\.name) == ["A.DOC"])
    #expect(mail.files.map(\.date) == [date])
  }

  /// The date `9-11-1998` stayed in the name: dashes and a year of four digits, as a client's settings have them.
  @Test(arguments: ["9-11-1998", "9/11/1998", "9.11.1998", "9-11-98", "09-11-1998"])
  func Q192700_dateSeparators(_ date: String) throws {
    let mail = try converter().oneMail(ccm([Block("File item: PLAN.DOC \(date) 8:05", [1])]))
    #expect(mail.files.map(\.name) == ["PLAN.DOC"])
    #expect(mail.files.map(\.date) == ["Fri, 11 Sep 1998 08:05:00 +0000"])
  }

  /// Pages of the Lotus Fax Server arrive without an extension, unreadable.
  @Test func Q184053_faxWithoutExtension() throws {
    var page = [UInt8](repeating: 0, count: 200)
    page.replaceSubrange(0..<4, with: [10, 5, 1, 1])
    let converter = converter()
    let mail = try converter.oneMail(ccm([.text("Fax"), Block("Fax item: PAGE1", page)]))
    #expect(mail.files.map(\.name) == ["PAGE1.PCX"])
    #expect(mail.files.map(\.type) == ["image/x-pcx"])
    #expect(mail.files.map(\.data) == [page])
    // It is the same fax again, with the name that can be opened.
    let back = try scan(converter.ccm(mail.source.replacing("\r\n", with: "\n")).bytes)
    #expect(back[0].items.filter { $0.kind == .fax }.map(\.title) == ["PAGE1.PCX"])
    #expect(back[0].items.filter { $0.kind == .fax }.map(\.data) == [page])
  }

  /// The content tells, whatever the extension says: several pages in one file, a page in digits.
  @Test(arguments: [
    ("PAGE1.FAX", [0x4D, 0x4D, 0, 0x2A], "PAGE1.FAX.TIF", "image/tiff"),
    ("PAGE1", [0xB1, 0x68, 0xDE, 0x3A], "PAGE1.DCX", "image/x-dcx"),
    ("PAGE1.PCX", [10, 3, 1, 1], "PAGE1.PCX", "image/x-pcx"),
    ("PAGE1.TIF", [1, 2, 3], "PAGE1.TIF", "image/tiff"), ("PAGE1.TXT", [1, 2, 3], "PAGE1.TXT", "image/x-pcx"),
  ])
  func Q184053_faxByContent(_ item: String, _ start: [UInt8], _ name: String, _ type: String) throws {
    let page = start + [UInt8](repeating: 0, count: 200)
    let digits = page.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let plain = crlf("Message:\n\(plainHeader)Contents:\nFax item: \(item)\n\(digits)\n")
    for file in [ccm([Block("Fax item: \(item)", page)]), plain] {
      let mail = try converter().oneMail(file)
      #expect(mail.files.map(\.name) == [name])
      #expect(mail.files.map(\.type) == [type])
      #expect(mail.files.map(\.data) == [page])
      #expect(mail.files.map(\.kind) == [.fax])
      // Twice there and back, and nothing more is put to its name.
      let once = try converter().thereAndBack(mail.source.replacing("\r\n", with: "\n"))
      let twice = try converter().thereAndBack(once.source.replacing("\r\n", with: "\n"))
      #expect(twice.files.map(\.name) == [name])
      #expect(twice.files.map(\.kind) == [.fax])
    }
  }

  /// Fax pages migrated from DB6 have no extension and are no valid PCX.
  @Test func Q166614_faxThatIsNoPCX() throws {
    let tiff = Array("II*\0".utf8) + [UInt8](repeating: 7, count: 60)
    let mail = try converter().oneMail(ccm([Block("Fax item: ", tiff), Block("Fax item: PAGE2", [1, 2, 3])]))
    #expect(mail.files.map(\.type) == ["image/tiff", "image/x-pcx"])
    #expect(mail.files.map(\.data) == [tiff, [1, 2, 3]])
    #expect(mail.files[0].name.hasSuffix(".TIF"))
  }

  /// A non-delivery report without a recipient: the line `Not deliverable to` of the router's history was not read.
  @Test func Q228743_routersFailureHistory() throws {
    let history = "Not deliverable to: Okafor, Ben at PLANT3\nThere is no mailbox with this name."
    let file = ccm(
      header: plainHeader.replacing("From: Grewal, Jeff at Hub", with: "From: ~BEL01 at CCMAIL")
        .replacing("Another message", with: "Message not deliverable"), [.text(history), .text("The original text")])
    let mail = try converter().oneMail(file)
    #expect(mail.sender?.name == "~BEL01")
    // Sent by a post office: nobody may answer it automatically.
    #expect(mail.source.contains("\r\nAuto-Submitted: auto-generated\r\n"))
    #expect(mail.texts == [history + "\n"])
    let status = text(mail.files.first { $0.type == "message/delivery-status" }?.data ?? [])
    #expect(
      status.contains("Final-Recipient: rfc822; IMCEACCMAIL-Okafor+2C+20Ben+20at+20PLANT3@ccmail.invalid\r\n"))
    #expect(status.contains("Diagnostic-Code: x-ccmail; There is no mailbox with this name.\r\n"))
  }

  /// A blank read receipt: its last line, which says when, was lost.
  @Test func Q252819_lastLineOfReceipt() throws {
    for end in ["", "\n", "\n\n"] {
      let receipt = crlf("Your message \"Lunch\"\nwas read on 12/21/1999 5:19 PM" + end)
      let mail = try converter().oneMail(ccm([Block("Text item: ", receipt)]))
      #expect(mail.texts.first?.contains("was read on 12/21/1999 5:19 PM\n") == true)
      #expect(mail.files.map(\.type) == ["message/disposition-notification"])
    }
  }

  /// It had no time either: that of the reading takes its place.
  @Test func Q252819_timeOfReceipt() throws {
    let file = ccm(
      header: plainHeader.replacing("Date: 6/2/98 8:39\n", with: ""), [.text("was read on 12/21/1999 5:19 PM")])
    let mail = try converter().oneMail(file)
    #expect(mail.date == "Tue, 21 Dec 1999 17:19:00 +0000")
    let notification = try text(#require(mail.files.first).data)
    #expect(notification.contains("X-cc-Mail-Read: Tue, 21 Dec 1999 17:19:00 +0000\r\n"))
  }

  /// Type, creator and resource fork are lost, and an Exchange client complains of them: all of it comes back.
  @Test func Q168300_typeAndCreator() throws {
    var file: [UInt8] = []
    let info = FinderInfo(
      name: Array("PLAN".utf8), type: Array("WDBN".utf8), creator: Array("MSWD".utf8), flags: 0x0100,
      created: 2_900_000_000, modified: 2_900_000_001)
    MacBinary.append(info, data: [1, 2, 3].span, resources: [4, 5].span, to: &file)
    let converter = converter()
    let mail = try converter.oneMail(ccm([Block("File item: PLAN", file)]))
    #expect(mail.files.map(\.data) == [[1, 2, 3]])
    #expect(mail.files.first?.macintosh?.info.type == Array("WDBN".utf8))
    #expect(mail.files.first?.macintosh?.info.creator == Array("MSWD".utf8))
    #expect(mail.files.first?.macintosh?.resources == [4, 5])
    let back = try scan(converter.ccm(mail.source.replacing("\r\n", with: "\n")).bytes)
    #expect(back.first?.items.first { $0.kind == .file }?.data == file)
  }

  /// What came damaged from the Internet stays a file, too.
  @Test func Q166561_malformedBinHex() throws {
    let text = "(This file must be converted with BinHex 4.0)\n\n:$8aPG(4PFL:\n"
    let eml = message(text).replacing("text/plain; charset=utf-8", with: "application/mac-binhex40; name=A.hqx")
    let result = try converter().ccm(eml)
    #expect(result.rules == [.macintosh])
    let mail = try converter().oneMail(result.bytes)
    #expect(mail.files.map(\.name) == ["A.hqx"])
    #expect(mail.files.map(\.type) == ["application/mac-binhex40"])
    #expect(mail.files.map(\.data) == [crlf(text)])
  }

  /// Japanese became `???`: the sender's code page was lost on the way.
  @Test func Q237838_japaneseText() throws {
    try Self.isKept("会議の資料を添付します。", "資料.DOC", "932")
  }

  /// The same with half-width kana and the signs that NEC and IBM added.
  @Test func Q279175_japaneseExtensions() throws {
    try Self.isKept("ｱｲｳ①Ⅱ㈱髙﨑", "㈱①.DOC", "932")
  }

  /// Korean was garbled: a language that the connector did not have.
  @Test func Q249111_koreanText() throws {
    try Self.isKept("회의 자료입니다.", "자료.DOC", "949")
  }

  static func isKept(_ sentence: String, _ name: String, _ codePage: String) throws {
    let converter = converter { $0.codePage = CodePage(codePage) }
    let header = encoded(
      plainHeader.replacing("Another message", with: sentence).replacing("\n", with: "\r\n"), codePage)
    let file = ccm(
      header: header,
      [
        Block("Text item: ", crlf("\n\n") + encoded(sentence, codePage) + crlf("\n\n")),
        Block(encoded("File item: \(name) 5/6/97 3:10PM", codePage), [1]),
      ])
    let mail = try converter.oneMail(file)
    #expect(mail.subject == sentence)
    #expect(mail.texts == [sentence + "\n"])
    #expect(mail.files.map(\.name) == [name])
    // All of it is seven-bit mail with a registered character set.
    #expect(mail.source.utf8.allSatisfy { $0 < 128 })
    #expect(mail.source.contains("charset=utf-8"))
  }

  /// EXPORT crashed at Japanese names whose second bytes are 5B, 5C or BE: `[`, `\` and a half-width kana.
  @Test func Q198861_secondBytesLikeBrackets() throws {
    let names = ["表計算", "ソ連", "能力", "ゼーラ"]
    #expect(encoded("ソ", "932") == [0x83, 0x5C])
    #expect(encoded("ゼ", "932") == [0x83, 0x5B])
    let converter = converter { $0.codePage = CodePage("932") }
    for name in names {
      let mail = try converter.oneMail(
        ccm(header: crlf("From: ") + encoded(name, "932") + crlf(" at TOKYO\nTo: Admin at HUBPO2\n"), [.text("Text")]))
      #expect(mail.sender?.name == name)
      let back = try converter.ccm(mail.source.replacing("\r\n", with: "\n")).bytes
      #expect(try scan(back).count == 1)
      #expect(
        back.split(separator: ASCII.lf)[2].elementsEqual(crlf("From: ") + encoded(name, "932") + crlf(" at TOKYO\r")))
    }
  }

  /// A reply to a reply bounced: the address of a post office behind a router was lost.
  @Test func Q171214_indirectPostOffice() throws {
    try Self.findsItsWayBack("Okafor, Ben at PLANT3 at HUBPO2")
    try Self.findsItsWayBack("Ruth Adler at Hub/ROUTER2")
  }

  /// An address of cc:Mail has the same form again when the answer to it comes back.
  private static func findsItsWayBack(_ address: String) throws {
    let converter = converter()
    let mail = try converter.oneMail(ccm(header: "From: \(address)\nTo: Admin at HUBPO2\n", [.text("Text")]))
    let sender = try #require(mail.sender)
    let answer = message(to: "\"\(sender.name)\" <\(sender.address)>")
    #expect(try scan(converter.ccm(answer).bytes)[0].header.first { $0.keyword == .to }?.value == address)
    // Not even its name is needed.
    let bare = message(to: sender.address)
    #expect(try scan(converter.ccm(bare).bytes)[0].header.first { $0.keyword == .to }?.value == address)
  }

  /// Not delivered: addresses with a friendly name.
  @Test(arguments: [
    ("\"Ruth Adler\" <ruth@mail.example.org> at INTERNET", "Ruth Adler"),
    ("Ruth Adler <ruth@mail.example.org> at INTERNET", "Ruth Adler"),
    ("<ruth@mail.example.org> at INTERNET", ""), ("ruth@mail.example.org at INTERNET", ""),
    (",\"Adler, Ruth\" <ruth@mail.example.org> at INTERNET", "Adler, Ruth"),
    ("\"Ruth Adler\"<ruth@mail.example.org> at internet", "Ruth Adler"),
  ])
  func Q184054_friendlyNames(_ address: String, _ name: String) throws {
    let mail = try converter().oneMail(ccm(header: "From: Admin at Hub\nTo: \(address)\n", [.text("Text")]))
    #expect(mail.to == [Mailbox(name: name, address: "ruth@mail.example.org")])
  }

  /// Replies bounced: every `x@y at PO` was taken for an Internet address, though a gateway of cc:Mail owned it.
  @Test func Q168356_gatewayAddress() throws {
    let converter = converter()
    let mail = try converter.oneMail(
      ccm(header: "From: ruth@example.org at SMTPGATE\nTo: Admin at HUBPO2\n", [.text("Text")]))
    #expect(mail.sender?.address != "ruth@example.org")
    try Self.findsItsWayBack("ruth@example.org at SMTPGATE")
    try Self.findsItsWayBack("ruth@example.org at INTERNET")
  }

  /// Garbled for POP clients: TNEF came out instead of MIME.
  @Test func Q174890_plainMIME() throws {
    let mail = try converter().oneMail(ccm([.text("Text"), Block("File item: A.DOC", [1])]))
    #expect(mail.source.contains("\r\nMIME-Version: 1.0\r\n"))
    #expect(!mail.source.lowercased().contains("ms-tnef"))
    #expect(!mail.source.lowercased().contains("winmail.dat"))
  }
}
