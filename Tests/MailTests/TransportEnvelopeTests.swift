import Formats
import TestSupport
import Testing

@testable import Mail

/// Drop, Pickup and Replay: the directories by which Exchange hands mail over.
@Suite struct TransportEnvelopeTests {
  /// An address map in which Ann and Ben are users of cc:Mail.
  private static let map: AddressMap = {
    let text = Array(
      "Ann Example at HUB = Ann Example <ann@example.com>\nBen Example at HUB = Ben Example <ben@example.com>\n".utf8)
    return (try? AddressMap(text.span)) ?? AddressMap()
  }()

  private func bridge(_ change: (inout ConversionOptions) -> Void = { _ in }) -> Converter {
    converter {
      $0.addresses.map = Self.map
      $0.addresses.domain = "ccmail.example.com"
      change(&$0)
    }
  }

  private func lines(_ bytes: [UInt8]) -> [String] {
    text(bytes).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
  }

  private func recipients(_ bytes: [UInt8]) -> [String] {
    lines(bytes).prefix { $0 != "Contents:" }.filter { line in
      ["To: ", "cc: ", "bcc: "].contains { line.hasPrefix($0) }
    }
  }

  private static let header = """
    From: Jeff <jeff@example.org>
    To: Ann Example <ann@example.com>, Ruth <ruth@example.org>
    Cc: Ben Example <ben@example.com>
    Subject: Lunch
    Date: Tue, 2 Jun 1998 08:39:00 +0000

    At one?

    """

  private static let envelope = """
    x-sender: <jeff@example.org> BODY=7bit RET=HDRS
    X-Receiver: <ANN@example.com> NOTIFY=NEVER ORCPT=rfc822;ann@example.com; X-ExtendedProps=BQBjAAoA
    \tUlv/8n5Q3AgFADcAAgAADwA8
    X-Receiver: hidden@example.net
    X-CreatedBy: MSExchange15
    X-HeloDomain: mail.example.org
    X-ExtendedProps: BQBjAAoA
    X-ExtendedMessageProps: BQBjAAoA
    X-MessageSource: SMTP
    X-LegacyExch50: AAAA
    X-Source: SMTP:Default
    X-SourceIPAddress: 192.0.2.7
    X-EndOfInjectedXHeaders: 611
    X-Mailer: Desk 2

    """

  // MARK: Reading

  @Test func blindRecipientsOfTheEnvelope() throws {
    let (file, findings) = try bridge().ccm(crlf(Self.envelope + Self.header))
    #expect(
      recipients(file) == [
        "To: Ann Example at HUB", "To: \"Ruth\" <ruth@example.org> at INTERNET",
        // Ben gets a copy of his own.
        "cc: \"Ben Example\" <ben@example.com> at INTERNET", "bcc: hidden@example.net at INTERNET",
      ])
    #expect(findings.map(\.rule) == [.displayOnly])
    #expect(findings.first?.text.contains("ben@example.com") == true)
  }

  @Test(arguments: [false, true]) func nothingOfItIsCarried(_ keepsHeaders: Bool) throws {
    let converter = bridge { $0.keepsHeaders = keepsHeaders }
    let file = try converter.ccm(crlf(Self.envelope + Self.header)).bytes
    let back = try #require(try converter.internet(file).first).bytes
    for one in [file, back] {
      for word in ["X-Receiver", "x-sender", "MSExchange", "X-HeloDomain", "X-E", "X-M", "X-L", "X-S"]
      where word != "X-M" || !keepsHeaders {
        #expect(!text(one).contains(word))
      }
    }
    #expect(text(back).contains("X-Mailer: Desk 2\r\n") == keepsHeaders)
    #expect(text(back).contains("Bcc: hidden@example.net\r\n"))
    #expect(text(back).contains("Cc: Ben Example <ben@example.com>\r\n"))
  }

  /// Anybody can write such fields further down, or in a message that has no envelope.
  @Test func onlyAtTheBeginning() throws {
    let forged =
      "Received: by mail.example.org; Tue, 2 Jun 1998 08:39:00 +0000\nX-Sender: x\nX-Receiver: <ben@example.com>\n"
    let (file, findings) = try bridge { $0.keepsHeaders = true }.ccm(crlf(forged + Self.header))
    #expect(recipients(file).filter { $0.contains("HUB") } == ["To: Ann Example at HUB", "cc: Ben Example at HUB"])
    #expect(findings.isEmpty)
    #expect(!text(file).contains("X-Receiver"))
    // What X-Sender means there, its writer knows.
    #expect(text(file).contains("X-Sender: x\r\n"))
  }

  @Test func onlyUntilItsEnd() throws {
    let (file, _) = try bridge { $0.keepsHeaders = true }.ccm(
      crlf(
        "X-Receiver: <ann@example.com>\nX-EndOfInjectedXHeaders: 32\nX-Receiver: <ben@example.com>\nX-Source: cron\n"
          + Self.header))
    #expect(recipients(file).filter { $0.contains("HUB") } == ["To: Ann Example at HUB"])
    #expect(text(file).contains("X-Source: cron\r\n"))
    #expect(!text(file).contains("X-Receiver"))
  }

  /// X-Sender alone is what some mail program has written, and comes back with all other fields.
  @Test func senderWithoutReceiver() throws {
    let converter = bridge { $0.keepsHeaders = true }
    let first = try converter.ccm(crlf("X-Sender: jeff@pop.example.org (Unverified)\n" + Self.header))
    #expect(recipients(first.bytes).filter { $0.contains("HUB") }.count == 2)
    let back = try #require(try converter.internet(first.bytes).first).bytes
    #expect(lines(back).prefix(2) == ["From: Jeff <jeff@example.org>", "X-Sender: jeff@pop.example.org (Unverified)"])
    #expect(try converter.ccm(back).bytes == first.bytes)
  }

  @Test(arguments: [
    ("<ann@example.com>", "ann@example.com"), ("ann@example.com", "ann@example.com"),
    ("  <ann@example.com> NOTIFY=NEVER", "ann@example.com"), ("ann@example.com;x", "ann@example.com"),
    ("<\"a > b\"@example.com>", "\"a > b\"@example.com"), ("<ann@example.com", "ann@example.com"), ("<>", ""), ("", ""),
    ("\t\n ", ""),
  ])
  func addresses(_ value: String, _ address: String) throws {
    let bytes = crlf("X-Sender: <>\nX-Receiver: <z@example.com>\nX-Receiver: \(value)\n" + Self.header)
    let message = try FromInternet.read(bytes.span, converter: CharsetConverter())
    #expect(message.envelope?.receivers == ["z@example.com"] + (address.isEmpty ? [] : [address]))
    #expect(message.envelope?.sender == "")
  }

  /// The envelope's address is the encapsulated one, the header's that of the map.
  @Test func otherFormOfAnAddress() throws {
    let (file, findings) = try bridge().ccm(
      crlf("X-Receiver: <IMCEACCMAIL-Ann+20Example+20at+20HUB@ccmail.example.com>\n" + Self.header))
    #expect(
      recipients(file) == [
        "To: Ann Example at HUB", "To: \"Ruth\" <ruth@example.org> at INTERNET",
        "cc: \"Ben Example\" <ben@example.com> at INTERNET",
      ])
    #expect(findings.map(\.rule) == [.displayOnly])
  }

  /// A report has nobody as its sender: nobody is told when it cannot be delivered.
  @Test(arguments: [false, true]) func senderIsNobody(_ keepsHeaders: Bool) throws {
    let converter = bridge { $0.keepsHeaders = keepsHeaders }
    let file = try converter.ccm(crlf("X-Sender: <>\nX-Receiver: <ann@example.com>\n" + Self.header)).bytes
    #expect(text(file).contains("Return-Path: <>\r\n"))
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return }
    let why = converter.noReport(about: message, file.span)
    #expect(why == .emptyReturnPath)
    let back = try #require(try converter.internet(file).first).bytes
    #expect(lines(back).filter { $0 == "Return-Path: <>" }.count == 1)
  }

  @Test func senderOfTheEnvelopeWhereNoneElseIs() throws {
    let message = "X-Sender: <jeff@example.org>\nX-Receiver: <ann@example.com>\nSubject: Lunch\n\nAt one?\n"
    let (file, _) = try bridge().ccm(crlf(message))
    #expect(lines(file)[2] == "From: jeff@example.org at INTERNET")
    #expect(recipients(file) == ["bcc: Ann Example at HUB"])
  }

  /// An answer to all goes to the colleague that was only shown, too: by the Internet side.
  @Test func answerToAll() throws {
    let file = try bridge().ccm(crlf(Self.envelope + Self.header)).bytes
    let shown = recipients(file).filter { $0.contains("ben@") }.map { $0.dropFirst(4) }
    let answer = crlf(
      "Message:\nFrom: Ann Example at HUB\nTo: \(shown[0])\nSubject: Re: Lunch\nContents:\nText item: \nOne.\n")
    let mail = try bridge { $0.writesEnvelope = true }.internet(answer)
    #expect(lines(mail[0].bytes)[1] == "X-Receiver: <ben@example.com>")
  }

  // MARK: Writing

  private static let file = """
    Message:
    From: Ann Example at HUB
    Date: 6/2/98 8:39
    To: Ben Example at HUB
    To: "Ruth" <ruth@example.org> at INTERNET
    To: ,User [SMTP:user@example.net] at Site
    cc: RUTH@example.org at INTERNET
    cc: Grewal, Jeff at EXCHANGE
    bcc: hidden@example.net at internet
    Subject: Lunch
    Contents:
    Text item: 
    At one?

    """

  @Test func envelopeForReplay() throws {
    let converter = bridge {
      $0.writesEnvelope = true
      $0.addresses.outsidePostOffices = ["exchange"]
    }
    let mail = try #require(try converter.internet(crlf(Self.file)).first)
    #expect(
      lines(mail.bytes).prefix(7) == [
        "X-Sender: <ann@example.com>", "X-Receiver: <ruth@example.org>", "X-Receiver: <user@example.net>",
        "X-Receiver: <IMCEACCMAIL-Grewal+2C+20Jeff+20at+20EXCHANGE@ccmail.example.com>",
        "X-Receiver: <hidden@example.net>", "From: Ann Example <ann@example.com>",
        "To: Ben Example <ben@example.com>, Ruth <ruth@example.org>,",
      ])
    // The blind ones stand in the envelope alone.
    #expect(!text(mail.bytes).contains("Bcc:"))
    #expect(mail.findings.isEmpty)
    // Read again, the colleague is not one who gets it.
    let again = try bridge().ccm(mail.bytes)
    #expect(recipients(again.bytes).contains("To: \"Ben Example\" <ben@example.com> at INTERNET"))
    #expect(recipients(again.bytes).contains("bcc: hidden@example.net at INTERNET"))
  }

  @Test func nobodyOnTheInternetSide() throws {
    let file = "Message:\nFrom: Ann Example at HUB\nTo: Ben Example at HUB\nContents:\nText item: \nAt one?\n"
    let mail = try #require(try bridge { $0.writesEnvelope = true }.internet(crlf(file)).first)
    #expect(lines(mail.bytes).prefix(2) == ["X-Sender: <ann@example.com>", "X-Receiver: <ben@example.com>"])
    #expect(mail.findings.map(\.rule).contains(.envelope))
    let none = try #require(
      try bridge { $0.writesEnvelope = true }.internet(
        crlf("Message:\nFrom: Ann Example at HUB\nContents:\nText item: \nAt one?\n")
      ).first)
    #expect(lines(none.bytes).prefix(2) == ["X-Sender: <ann@example.com>", "From: Ann Example <ann@example.com>"])
    #expect(none.findings.map(\.rule).contains(.envelope))
  }

  /// What no report may be made about has nobody as its sender.
  @Test(arguments: [
    ("~BEL01 at CCMAIL", "Return-Receipt: none"), ("Ann Example at HUB", "Return-Path: <>"),
    ("Ann Example at HUB", "X-ccmc-Report: disposition-notification"),
  ])
  func fromNobody(_ sender: String, _ field: String) throws {
    let file =
      "Message:\nFrom: \(sender)\nTo: ruth@example.org at INTERNET\nContents:\nText item: \nAt one?\nText item: RFC822 headers\n\(field)\n"
    let mail = try #require(try bridge { $0.writesEnvelope = true }.internet(crlf(file)).first)
    #expect(lines(mail.bytes).prefix(2) == ["X-Sender: <>", "X-Receiver: <ruth@example.org>"])
  }

  /// A user of cc:Mail can write the item by hand: no envelope comes of it.
  @Test(arguments: [false, true]) func noEnvelopeByHand(_ writesEnvelope: Bool) throws {
    let file =
      "Message:\nFrom: Ann Example at HUB\nTo: ruth@example.org at INTERNET\nContents:\nText item: \nAt one?\n"
      + "Text item: RFC822 headers\nX-ccmc-Headers: all\nX-Sender: <boss@example.com>\nX-Receiver: <all@example.com>\n"
      + "X-Source: StoreDriver\nX-EndOfInjectedXHeaders: 5\nX-Mailer: Desk\n"
    let converter = bridge { $0.writesEnvelope = writesEnvelope }
    let mail = try #require(try converter.internet(crlf(file)).first).bytes
    #expect(!text(mail).contains("all@example.com"))
    #expect(!text(mail).contains("Injected"))
    let header = writesEnvelope ? ["X-Sender: <ann@example.com>", "X-Receiver: <ruth@example.org>"] : []
    #expect(
      lines(mail).prefix(header.count + 3)
        == (header + ["X-Mailer: Desk", "X-Sender: <boss@example.com>", "X-Source: StoreDriver"])[...])
  }

  @Test func reportHasAnEnvelope() throws {
    let file = crlf(
      "Message:\nFrom: ruth@example.org at INTERNET\nTo: Ann Example at HUB\nContents:\nText item: \nAt one?\n")
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return }
    let report = DeliveryReport(
      reportingMTA: "hub.example.com", postmaster: Mailbox(name: "", address: "postmaster@example.com"),
      time: Timestamp(seconds: 0, zone: 0), recipients: [FailedRecipient(name: "Ann Example at HUB", reason: "gone")])
    var output: [UInt8] = []
    _ = bridge { $0.writesEnvelope = true }.append(report, about: message, file.span, to: &output)
    #expect(lines(output).prefix(3) == ["X-Sender: <>", "X-Receiver: <ruth@example.org>", "Return-Path: <>"])
    // The message in it has none.
    #expect(text(output).components("X-Sender").count == 2)
  }

  // MARK: Pickup

  /// What Exchange asks of a file in its Pickup directory, of each sample that has a recipient.
  @Test(arguments: RoundTripTests.ccMail) func pickup(_ sample: Sample) throws {
    guard let messages = try? converter().internet(sample.bytes) else { return }
    for message in messages {
      let header = lines(message.bytes).prefix { !$0.isEmpty }
      #expect(header.count < lines(message.bytes).count, "no blank line")
      let names = header.filter { $0.first != " " && $0.first != "\t" }.map { $0.prefix { $0 != ":" }.lowercased() }
      for name in ["from", "to", "cc", "bcc", "subject", "date", "message-id", "sender"] {
        #expect(names.filter { $0 == name }.count <= 1)
      }
      #expect(names.contains("from") || names.contains("sender"))
      #expect(!names.contains { ["x-sender", "x-receiver", "x-endofinjectedxheaders"].contains($0) })
      let hasRecipient = !(try Digest(message.bytes).header.filter { ["to ", "cc ", "bc"].contains($0.prefix(3)) })
        .isEmpty
      #expect(!hasRecipient || names.contains("to") || names.contains("cc") || names.contains("bcc"))
      #expect(header.allSatisfy { $0.utf8.count <= 998 && $0.utf8.allSatisfy { $0 < 128 && $0 != 0 } })
      #expect(header.reduce(0) { $0 + $1.utf8.count + 2 } < 64 << 10)
    }
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
