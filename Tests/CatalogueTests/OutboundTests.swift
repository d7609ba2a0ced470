import Formats
import TestSupport
import Testing

@testable import Mail

/// What went wrong between the connector and IMPORT (Microsoft Knowledge Base), a test for each article.
// swift-format-ignore: AlwaysUseLowerCamelCase
@Suite struct OutboundTests {
  private static let manyRecipients = (1...150).map { "\"Member number \($0)\" <member\($0)@example.org>" }

  /// `Header Buffer Full`: a header of more than 4096 bytes.
  @Test func Q166499_headerBufferFull() throws {
    let converter = converter()
    let result = try converter.ccm(
      message(to: Self.manyRecipients.joined(separator: ",\n "), further: "Cc: chef@example.org\n"))
    let messages = try scan(result.bytes)
    #expect(messages.count > 1)
    for message in messages {
      #expect(message.items.first.map { text($0.data).contains("At one?") } == true)
    }
    let recipients = messages.flatMap { $0.header.filter { $0.keyword == .to }.map(\.value) }
    #expect(recipients.count == 150)
    #expect(Set(recipients).count == 150)
    #expect(messages.flatMap { $0.header.filter { $0.keyword == .cc } }.count == 1)
    #expect(result.rules.contains(.headerDivided))
    // And they are one message again on the way back.
    let mail = try converter.oneMail(result.bytes)
    #expect(mail.to.count == 150)
    #expect(mail.cc.map(\.address) == ["chef@example.org"])
    #expect(mail.texts == ["At one?\n"])
  }

  /// The header itself, as bytes from after its size line to `Contents:`.
  @Test func Q166499_limitInBytes() throws {
    let bytes = try converter().ccm(message(to: Self.manyRecipients.joined(separator: ",\n "))).bytes
    var size: Int?
    for line in text(bytes).split(separator: "\r\n", omittingEmptySubsequences: false) {
      if line == "Contents:" {
        #expect((size ?? 0) <= 4096)
        size = nil
      } else if line == "Message:" {
        size = -13
      } else if let sum = size {
        size = sum + line.utf8.count + 2
      }
    }
  }

  /// Headers of more than 4 KB were rejected though IMPORT 8.2 takes 160 KB.
  @Test func Q266711_limitIsAnOption() throws {
    let to = Self.manyRecipients.joined(separator: ",\n ")
    #expect(try scan(converter { $0.setRelease(8) }.ccm(message(to: to)).bytes).count == 1)
    #expect(try scan(converter { $0.headerLimit = 163_840 }.ccm(message(to: to)).bytes).count == 1)
    #expect(try scan(converter { $0.headerLimit = 1024 }.ccm(message(to: to)).bytes).count > 6)
  }

  /// `Unknown Date Format`: the locale's order was another one than IMPORT's.
  @Test(arguments: [
    (CCDateOrder.monthDayYear, "6/2/98 8:39"), (.dayMonthYear, "2/6/98 8:39"), (.yearMonthDay, "98/6/2 8:39"),
  ])
  func Q180641_dateOrder(_ order: CCDateOrder, _ date: String) throws {
    let converter = converter { $0.dateOrder = order }
    let bytes = try converter.ccm(message()).bytes
    #expect(try scan(bytes)[0].header.first { $0.keyword == .date }?.value == date)
    #expect(try converter.oneMail(bytes).date == "Tue, 2 Jun 1998 08:39:00 +0000")
  }

  /// 1 January 2000 was shown as 1/1/1900.
  @Test func Q192595_yearTwoThousand() throws {
    let eml = message().replacing("Tue, 2 Jun 1998", with: "Sat, 1 Jan 2000")
    for (fourDigits, date) in [(false, "1/1/00 8:39"), (true, "1/1/2000 8:39")] {
      let converter = converter { $0.fourDigitYear = fourDigits }
      let bytes = try converter.ccm(eml).bytes
      #expect(try scan(bytes)[0].header.first { $0.keyword == .date }?.value == date)
      #expect(try converter.oneMail(bytes).date == "Sat, 1 Jan 2000 08:39:00 +0000")
    }
  }

  /// `Invalid time zone, cannot send.`
  @Test(arguments: ["+0530", "-0330", "+1400", "GMT+9:30", "MEZ", "\"Mitteleuropa\"", "(nowhere)", ""])
  func Q165482_timeZone(_ zone: String) throws {
    let result = try converter().ccm(message().replacing("+0000", with: zone))
    let date = try #require(try scan(result.bytes)[0].header.first { $0.keyword == .date }).value
    #expect(date.hasPrefix("6/2/98 ") || date.hasPrefix("6/1/98 "))
  }

  /// Reply addresses went wrong between hubs that exchange directories: "Use ANR" writes names without post office.
  @Test func Q184052_useANR() throws {
    let converter = converter { $0.addresses.omitsPostOffice = true }
    let bytes = try converter.ccm(message(to: "IMCEACCMAIL-Admin+20at+20HUBPO2@ccmail.invalid, ruth@example.org")).bytes
    #expect(
      try scan(bytes)[0].header.filter { $0.keyword == .to }.map(\.value) == ["Admin", "ruth@example.org at INTERNET"])
  }

  /// The article's sample, exactly as printed there: its sizes fit no rule.
  @Test func Q184052_sample() throws {
    let sample = crlf(
      """
      Message:
      179
      From: Grewal, Jeff at Hub
      Date: 6/2/98 8:39
      To: Admin at HUBPO2
      Subject: Another message
      Contents:
      58
      Text item:
      32
      This is the message body

      """)
    let mail = try converter().oneMail(sample)
    #expect(mail.sender?.name == "Grewal, Jeff")
    #expect(mail.to.map(\.name) == ["Admin"])
    #expect(mail.subject == "Another message")
    #expect(mail.date == "Tue, 2 Jun 1998 08:39:00 +0000")
    #expect(mail.texts == ["This is the message body\n"])
    let anr = try converter().oneMail(Array(text(sample).replacing("Admin at HUBPO2", with: "Admin").utf8))
    #expect(anr.to.map(\.name) == ["Admin"])
    #expect(anr.texts == mail.texts)
  }

  /// The queue was blocked after mail from the Internet: square brackets in addresses.
  @Test func Q232687_bracketsInAddresses() throws {
    let converter = converter { $0.setRelease(8) }
    let eml = message(from: "\"Jeff [home]\" <jeff@example.com>", to: "ruth@[192.0.2.1]")
    let bytes = try converter.ccm(eml).bytes
    let header = try scan(bytes)[0].header
    #expect(header.allSatisfy { !$0.value.contains("[") && !$0.value.contains("]") })
    let mail = try converter.oneMail(bytes)
    #expect(mail.sender == Mailbox(name: "Jeff [home]", address: "jeff@example.com"))
    #expect(mail.to.map(\.address) == ["ruth@[192.0.2.1]"])
  }

  /// The queue was blocked: a subject with both `[` and `]`.
  @Test func Q234350_bracketsInSubject() throws {
    let eml = message(subject: "[cyclists] Meeting")
    let eight = converter { $0.setRelease(8) }
    let bytes = try eight.ccm(eml).bytes
    #expect(try scan(bytes)[0].header.first { $0.keyword == .subject }?.value == "(cyclists) Meeting")
    #expect(try eight.oneMail(bytes).subject == "[cyclists] Meeting")
    let six = try converter().ccm(eml).bytes
    #expect(try scan(six)[0].header.first { $0.keyword == .subject }?.value == "[cyclists] Meeting")
  }

  /// Messages with an empty From: stayed in the queue.
  @Test(arguments: ["From: \n", "From: <>\n", ""])
  func Q192594_emptySender(_ field: String) throws {
    let eml = message().replacing("From: jeff@example.com\n", with: field)
    let result = try converter().ccm(eml)
    #expect(try scan(result.bytes)[0].header.first?.keyword == .from)
    #expect(try scan(result.bytes)[0].header.first?.value == "Unknown sender at INTERNET")
    #expect(result.rules.contains(.noSender))
    let mail = try converter().oneMail(ccm(header: "From: \nTo: Admin at HUBPO2\n", [.text("Text")]))
    #expect(mail.sender != nil)
    #expect(mail.rules.contains(.noSender))
  }

  /// Names with a comma: a comma in front, and quotes, as cc:Mail itself wrote them.
  @Test func Q179677_nameWithComma() throws {
    let header = try scan(
      converter().ccm(message(from: "\"Adler, Ruth\" <ruth@example.org>", to: "Test User <test@example.org>")).bytes)[0]
      .header
    #expect(header[0].value == ",\"Adler, Ruth\" <ruth@example.org> at INTERNET")
    #expect(header.first { $0.keyword == .to }?.value == "\"Test User\" <test@example.org> at INTERNET")
    // The form of Exchange 5.5.
    let mail = try converter().oneMail(
      ccm(header: "From: ,Test User [SMTP:Test@example.org] at Site\nTo: Admin at HUBPO2\n", [.text("Text")]))
    #expect(mail.sender == Mailbox(name: "Test User", address: "Test@example.org"))
  }

  /// The comma in front came back with the reply.
  @Test func Q183588_leadingComma() throws {
    let mail = try converter().oneMail(
      ccm(
        header:
          "From: Admin at Hub\nTo: ,\"Adler, Ruth\" <ruth@example.org> at INTERNET\nTo: ,Smith, Grover at Ferguson\n",
        [.text("Text")]))
    #expect(mail.to[0] == Mailbox(name: "Adler, Ruth", address: "ruth@example.org"))
    #expect(mail.to[1].name == "Smith, Grover")
  }

  /// Reports of an X.400 administration were not delivered: they have no content.
  @Test(arguments: ["", "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b--\n", "\n"])
  func Q193761_reportWithoutContent(_ rest: String) throws {
    let result = try converter().ccm("From: <>\nTo: ruth@example.org\nSubject: Undeliverable\n" + rest)
    let messages = try scan(result.bytes)
    #expect(messages.count == 1)
    #expect(messages[0].rules.isEmpty)
    #expect(messages[0].header.last?.value == "Undeliverable")
  }

  /// Backlog, and a crash: every .PCX file was sent as a fax item.
  @Test func Q197363_picturesAreNoFax() throws {
    let converter = converter()
    let data: [UInt8] = [10, 5, 1, 8]
    let bytes = try converter.ccm(message(attaching: "name=LOGO.PCX", type: "image/x-pcx", data)).bytes
    #expect(try scan(bytes)[0].items.map(\.kind) == [.text, .file])
    // A fax item is one again.
    let fax = try converter.oneMail(ccm([Block("Fax item: PAGE.PCX", data)]))
    let back = try converter.ccm(fax.source.replacing("\r\n", with: "\n")).bytes
    #expect(try scan(back)[0].items.map(\.kind) == [.fax])
  }

  private static let dated = "; filename=REPORT.DOC;\n modification-date=\"Tue, 6 May 1997 15:10:00 +0000\""

  /// cc:Mail 8.01 showed the date where the name should be.
  @Test func Q195203_noDateAfterTheName() throws {
    let eml = message(attaching: "name=REPORT.DOC", [1], further: Self.dated)
    let six = converter()
    let eight = converter { $0.fileDates = false }
    #expect(try scan(six.ccm(eml).bytes)[0].items[1].title == "REPORT.DOC 5/6/97 3:10PM")
    #expect(try scan(eight.ccm(eml).bytes)[0].items[1].title == "REPORT.DOC")
    for converter in [six, eight] {
      let file = try #require(try converter.thereAndBack(eml).files.first)
      #expect(file.name == "REPORT.DOC")
      #expect(file.date == "Tue, 6 May 1997 15:10:00 +0000")
    }
  }

  /// Long file names are allowed ("Use long filename").
  @Test func Q192593_longNames() throws {
    let eml = message(attaching: "name=\"Minutes of the meeting.document\"", [1])
    let bytes = try converter { $0.longNames = true }.ccm(eml).bytes
    #expect(try scan(bytes)[0].items[1].title == "Minutes of the meeting.document")
  }

  /// Names of eight and three characters for old clients; the real one is there again on the way back.
  @Test func Q190297_shortNames() throws {
    let converter = converter()
    let eml = message(attaching: "name=\"Minutes of the meeting.document\"", [1])
    let result = try converter.ccm(eml)
    #expect(try scan(result.bytes)[0].items[1].title == "MINUTESO.DOC")
    #expect(result.rules.contains(.nameChanged))
    #expect(try converter.oneMail(result.bytes).files.map(\.name) == ["Minutes of the meeting.document"])
  }

  /// Names of double-byte characters were lost.
  @Test func Q228534_doubleByteNames() throws {
    let eml = message(attaching: "name*=utf-8''%E8%B3%87%E6%96%99%E3%82%BD.doc", [1])
    for long in [false, true] {
      let converter = converter {
        $0.codePage = CodePage("932")
        $0.longNames = long
      }
      let bytes = try converter.ccm(eml).bytes
      #expect(try scan(bytes)[0].items.count >= 2)
      #expect(try converter.oneMail(bytes).files.map(\.name) == ["資料ソ.doc"])
    }
    let long = converter {
      $0.codePage = CodePage("932")
      $0.longNames = true
    }
    #expect(try long.ccmText(eml).contains("File item: 資料ソ.doc\n"))
  }

  private static let longText = (1...1500).map { "Line \($0) of a text that is long.\n" }.joined()

  /// A text of more than 20 KB is no text item: continued in further ones, or attached as Unnamed.txt.
  @Test func Q190555_longText() throws {
    for attaches in [false, true] {
      let converter = converter { $0.attachesLongText = attaches }
      let result = try converter.ccm(message(Self.longText))
      let items = try scan(result.bytes)[0].items
      #expect(items.filter { $0.kind == .text }.allSatisfy { $0.data.count <= 20_480 })
      if attaches {
        #expect(items.contains { $0.kind == .file && $0.title.lowercased() == "unnamed.txt" })
      } else {
        #expect(items.map(\.title) == ["", "continued", "continued"])
      }
      #expect(try converter.oneMail(result.bytes).texts == [Self.longText])
    }
  }

  /// One line that is longer than an item may be.
  @Test func Q190555_longLine() throws {
    let line = String(repeating: "word after word, ", count: 3000) + "\n"
    let converter = converter()
    let bytes = try converter.ccm(message(line)).bytes
    #expect(try scan(bytes)[0].items.allSatisfy { $0.data.count <= 20_480 })
    #expect(try converter.oneMail(bytes).texts == [line])
  }

  /// Titles are cut at 30 characters, subjects at 60; the text keeps the whole subject.
  @Test func Q184991_titleAndSubject() throws {
    let subject = "A subject that is a good deal longer than the sixty characters which cc:Mail has for it"
    let eml = """
      From: jeff@example.com
      To: ruth@example.org
      Subject: \(subject)
      Date: Tue, 2 Jun 1998 08:39:00 +0000
      MIME-Version: 1.0
      Content-Type: message/rfc822

      From: ruth@example.org
      To: ben@example.org
      Subject: \(subject)
      Date: Mon, 1 Jun 1998 08:39:00 +0000

      The inner text

      """
    let converter = converter()
    let bytes = try converter.ccm(eml).bytes
    let message = try scan(bytes)[0]
    #expect(message.header.last?.value == String(subject.prefix(60)))
    #expect(message.items[0].title == String(subject.prefix(30)))
    #expect(text(message.items[0].data).contains(subject))
    #expect(try converter.oneMail(bytes).subject == subject)
  }

  /// The post office was damaged: what the program said on its console stood in the message file.
  @Test func Q179072_consoleOutputInTheFile() throws {
    let file =
      crlf("Lotus cc:Mail Export Version 5.14\n12 messages to export\n\n") + ccm([.text("One")]) + ccm([.text("Two")])
    let messages = try scan(file)
    #expect(messages.map(\.rules) == [[.textBeforeMessage], []])
    #expect(messages.map(\.items.count) == [1, 1])
  }

  /// Double-byte text was garbled: the language of the post office was not the connector's.
  @Test(arguments: [("932", "会議"), ("936", "会议"), ("949", "회의"), ("950", "會議"), ("866", "Встреча"), ("852", "schůzka")])
  func Q247018_languageOfThePostOffice(_ codePage: String, _ word: String) throws {
    let converter = converter { $0.codePage = CodePage(codePage) }
    #expect(converter.knowsCodePage)
    let result = try converter.ccm(message(subject: word, word + "\n"))
    #expect(result.bytes.split(separator: ASCII.lf).contains { $0.elementsEqual(encoded(word, codePage) + [ASCII.cr]) })
    #expect(result.rules.isEmpty)
    #expect(try converter.thereAndBack(message(subject: word, word + "\n")).subject == word)
  }

  /// A wrong code page garbles text for good: one that nobody knows is refused, and text that it lacks is carried.
  @Test func Q255882_wrongCodePage() throws {
    #expect(!converter { $0.codePage = CodePage("12345") }.knowsCodePage)
    let converter = converter { $0.codePage = CodePage("437") }
    let result = try converter.ccm(message(subject: "会議", "会議\n"))
    #expect(result.rules.contains(.subjectChanged))
    #expect(result.rules.contains(.textChanged))
    let mail = try converter.oneMail(result.bytes)
    #expect(mail.subject == "会議")
    #expect(mail.texts == ["会議\n"])
  }

  /// The last cc recipient was lost when there was a bcc recipient.
  @Test func Q231803_lastCopyWithBlindCopy() throws {
    let converter = converter()
    let mail = try converter.thereAndBack(
      message(further: "Cc: a@example.org, b@example.org\nBcc: c@example.org, d@example.org\n"))
    #expect(mail.to.map(\.address) == ["ruth@example.org"])
    #expect(mail.cc.map(\.address) == ["a@example.org", "b@example.org"])
    #expect(mail.bcc.map(\.address) == ["c@example.org", "d@example.org"])
  }

  /// Members of a list are in bcc, the list in To: as designed. Several recipients stand on one line there.
  @Test func Q243184_membersInBlindCopy() throws {
    let converter = converter()
    let mail = try converter.oneMail(
      ccm(header: "From: Admin at Hub\nTo: #Social at DB8\nBcc: Ccuser at DB8, Ccuser2 at DB8\n", [.text("Text")]))
    #expect(mail.to.map(\.name) == ["#Social"])
    #expect(mail.bcc.map(\.name) == ["Ccuser", "Ccuser2"])
    // One name with a comma in it is one recipient.
    let one = try converter.oneMail(
      ccm(header: "From: Admin at Hub\nTo: Grewal, Jeff at Hub, Adler, Ruth at Hub\n", [.text("Text")]))
    #expect(one.to.map(\.name) == ["Grewal, Jeff", "Adler, Ruth"])
  }

  /// IMPORT's reasons stand before the messages of an undeliverable file.
  @Test func Q193864_reasonBeforeTheMessage() throws {
    let file =
      crlf("***  Disk error in creating message item  ***\n") + ccm([.text("One")])
      + crlf("***  Unknown Date Format  ***\n") + ccm([.text("Two")])
    #expect(try converter().mail(file).map(\.texts.first) == ["One\n", "Two\n"])
  }

  /// `Re:` was changed on the way: kept as it is, or counted as cc:Mail counts.
  @Test func Q237189_replyPrefix() throws {
    for subject in ["Re: Lunch", "RE: Lunch", "Re[3]: Lunch", "Re: Re: Re: Lunch", "AW: Lunch"] {
      let bytes = try converter().ccm(message(subject: subject)).bytes
      #expect(try scan(bytes)[0].header.last?.value == subject)
    }
    let normal = converter { $0.normalisesRe = true }
    let bytes = try normal.ccm(message(subject: "Re: Re: Re: Lunch")).bytes
    #expect(try scan(bytes)[0].header.last?.value == "Re[3]: Lunch")
    let mail = try normal.oneMail(ccm(header: "From: Admin at Hub\nSubject: Re[3]: Lunch\n", [.text("Text")]))
    #expect(mail.subject == "Re: Lunch")
  }

  /// A French read receipt is called `Lu: <subject>`, with its accents.
  @Test func Q200032_frenchReceipt() throws {
    let subject = "Lu: Compte rendu de la réunion"
    let header = encoded("From: Étienne Marchand at LYON\r\nTo: Admin at HUBPO2\r\nSubject: \(subject)\r\n", "850")
    let mail = try converter().oneMail(ccm(header: header, [.text("was read on 12/21/1999 5:19 PM")]))
    #expect(mail.subject == subject)
    #expect(mail.sender?.name == "Étienne Marchand")
    // The receipt that it is: RFC 8098.
    #expect(mail.source.contains("report-type=disposition-notification"))
    #expect(mail.files.map(\.type) == ["message/disposition-notification"])
  }

  /// The blind ones among the recipients must not be seen: with an envelope they stand in it alone.
  @Test func Q181125_blindCopiesStayHidden() throws {
    let file = ccm(
      header: "From: Admin at Hub\nTo: ruth@example.org at INTERNET\nbcc: hidden@example.net at INTERNET\n",
      [.text("Text")])
    let source = try converter { $0.writesEnvelope = true }.oneMail(file).source
    #expect(source.contains("X-Receiver: <hidden@example.net>\r\n"))
    #expect(source.split(separator: "hidden@example.net", omittingEmptySubsequences: false).count == 2)
    let back = try converter().ccm(source.replacing("\r\n", with: "\n")).bytes
    #expect(try scan(back)[0].header.filter { $0.keyword == .bcc }.map(\.value) == ["hidden@example.net at INTERNET"])
  }
}
