import Formats
import TestSupport
import Testing

@testable import Mail

/// What real post offices have in their messages: addresses of gateways, lists, years, the header that SMTPLINK kept.
@Suite struct PostOfficeFormsTests {
  private static func note(from: String = "Ann at HUB", to: String = "Bob at HUB2", date: String = "6/2/98 8:39")
    -> String
  {
    "Message:\nFrom: \(from)\nDate: \(date)\nTo: \(to)\nSubject: T\nContents:\nText item: \n\n\nHello\n\n\n\n"
  }

  private static func read(_ file: [UInt8], _ converter: Converter) throws -> (message: Message, eml: [UInt8]) {
    let eml = try #require(try converter.internet(file).first).bytes
    return (try FromInternet.read(eml.span, converter: CharsetConverter()), eml)
  }

  private static func archive() -> Converter {
    converter {
      $0.layout.isSized = false
      $0.addresses.furtherInternetPostOffices = ["*"]
    }
  }

  /// With `*`, a name that is an address is one; and its form comes back.
  @Test(arguments: [
    ("\"E. DOE\" <EDOE@example.edu> at Internet-USA", "E. DOE", "EDOE@example.edu"),
    ("jpb@example.org (Joe Doe) at Internet-USA", "Joe Doe", "jpb@example.org"),
    ("jpb@example.org (Joe Doe)", "Joe Doe", "jpb@example.org"),
    ("proff@example.org at mime", "", "proff@example.org"), ("tokfrom@example.com", "", "tokfrom@example.com"),
    ("\"Roe\" <roe@example.com>", "Roe", "roe@example.com"), ("x@example.com at Internet", "", "x@example.com"),
    (",\"Roe, M.A. (Oxon)\" <mark@example.com> at INTERNET", "Roe, M.A. (Oxon)", "mark@example.com"),
    ("owner-list at unix,sh/dd.RFC-822=owner-list\\@example\\.com", "", "owner-list@example.com"),
    ("User [SMTP:user@example.com] at Site", "User", "user@example.com"),
  ])
  func internetAddresses(_ form: String, _ name: String, _ address: String) throws {
    let file = crlf(Self.note(from: form, to: form))
    let converter = Self.archive()
    let (message, eml) = try Self.read(file, converter)
    #expect(message.sender == Mailbox(name: name, address: address))
    #expect(message.recipients.map(\.mailbox) == [Mailbox(name: name, address: address)])
    #expect(try converter.ccm(eml).bytes == file)
  }

  /// An `@` proves nothing at a post office that nobody has named.
  @Test func otherPostOffices() {
    var rule = AddressRule()
    #expect(rule.mailbox("x@example.com at mime").address.hasSuffix("@ccmail.invalid"))
    rule.furtherInternetPostOffices = ["mime"]
    #expect(rule.mailbox("x@example.com at MIME").address == "x@example.com")
    #expect(rule.mailbox("x@example.com at HUB").address.hasSuffix("@ccmail.invalid"))
    #expect(rule.mailbox("Nathan Roe at mime").address.hasSuffix("@ccmail.invalid"))
  }

  /// A form is believed only where the rule reads the same mailbox in it.
  @Test func foreignForms() throws {
    let eml = "X-ccmc-Address: x@example.com at mime\nFrom: x@example.com\nTo: b@example.org\n\nx\n"
    let ccm = text(try converter().ccm(Array(eml.utf8)).bytes)
    #expect(ccm.contains("From: x@example.com at INTERNET\r\n"))
    #expect(!ccm.contains("mime"))
  }

  @Test(arguments: [
    ("A at PO1; B at PO2", ["A at PO1", "B at PO2"]), ("A at PO1;B at PO2 ;", ["A at PO1", "B at PO2"]),
    ("a@example.com; B at PO2", ["a@example.com", "B at PO2"]), ("A; B at PO2", ["A; B at PO2"]),
    ("\"A; B\" <a@example.com> at INTERNET", ["\"A; B\" <a@example.com> at INTERNET"]),
    ("A at PO1; B at PO2, C at PO3", ["A at PO1", "B at PO2", "C at PO3"]), ("A at PO1; B", ["A at PO1; B"]),
  ])
  func semicolons(_ line: String, _ recipients: [String]) {
    #expect(RecipientLine.split(Array(line.utf8)).map { text($0) } == recipients)
  }

  @Test(arguments: [
    ("6/2/100 8:39", 2000), ("6/2/19100 8:39", 2000), ("6/2/0 8:39", 2000), ("6/2/101 8:39", 2001),
    ("6/2/19101 8:39", 2001), ("1/1/1900 8:39", 1900), ("2/29/100 1:00", 2000), ("6/2/70", 1970), ("6/2/69", 2069),
  ])
  func years(_ date: String, _ year: Int) {
    #expect(CCDate(Array(date.utf8).span, 0..<date.utf8.count, order: .monthDayYear)?.year == year)
  }

  @Test func oddYearIsSaid() throws {
    let mail = try converter().internet(crlf(Self.note(date: "6/2/19100 8:39")))[0]
    #expect(mail.findings.map(\.rule).contains(.oddYear))
    #expect(text(mail.bytes).contains("X-cc-Mail-Date: 6/2/19100 8:39\r\n"))
  }

  @Test func secondFields() throws {
    let file = Self.note().replacing(
      "Subject: T\n", with: "Subject: T\nSubject: U\nFrom: Eve at HUB\nDate: 7/2/98 8:39\n")
    let (message, eml) = try Self.read(crlf(file), converter())
    #expect(message.subject == "T")
    #expect(message.sender?.name == "Ann")
    for field in ["X-cc-Mail-Subject: U", "X-cc-Mail-From: Eve at HUB", "X-cc-Mail-Date: 7/2/98 8:39"] {
      #expect(text(eml).contains(field + "\r\n"))
    }
  }

  // MARK: RFC822.TXT

  private static let gateway =
    "Received: from a.example.com by b.example.com (SMTPLINK V2.11)\r\n    ; Wed, 13 Dec 95 17:33:47 CST\r\n"
    + "Message-Id: <orig-1@example.com>\r\nIn-Reply-To: <orig-0@example.com>\r\nFrom: Eve <eve@example.com>\r\n"
    + "To: x@example.com\r\nSubject: another\r\nResent-From: y@example.com\r\nContent-Type: text/html\r\n"
    + "Reply-To: list@example.com\r\nX-Sender: z@example.com\r\n"

  private static func withFile(_ data: String) -> [UInt8] {
    let hex = data.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return crlf(note() + "File item: RFC822.TXT 12/13/95 5:33PM\n\(hex)\n")
  }

  @Test func gatewayHeader() throws {
    let (message, eml) = try Self.read(Self.withFile(Self.gateway), converter())
    let header = text(eml).prefix { $0 != "\0" }.components(before: "\r\n\r\n")
    for field in [
      "Message-Id: <orig-1@example.com>", "In-Reply-To: <orig-0@example.com>", "Reply-To: list@example.com",
      "Received: from a.example.com by b.example.com (SMTPLINK V2.11)",
    ] {
      #expect(header.contains(field))
    }
    for word in ["eve@", "another", "Resent", "text/html", "X-Sender", "<ccm."] { #expect(!header.contains(word)) }
    #expect(message.subject == "T")
    #expect(message.items.contains { $0.name == "RFC822.TXT" })
  }

  /// No header, or none with what shows that it is one of a message.
  @Test(arguments: [
    "Subject: x\r\nMessage-ID: <a@example.com>\r\n\r\nbody\r\n", "A: b\r\n", "Message-ID: <a@b>\r\nno field\r\n",
  ])
  func noGatewayHeader(_ data: String) throws {
    let (_, eml) = try Self.read(Self.withFile(data), converter())
    #expect(text(eml).components(before: "\r\n\r\n").contains("Message-ID: <ccm."))
  }

  /// An Internet mail that attaches such a file keeps its own header.
  @Test func attachedByAMail() throws {
    let eml =
      "From: a@example.com\nTo: b@example.org\nMessage-ID: <own@example.com>\nContent-Type: multipart/mixed; boundary=b\n\n"
      + "--b\n\nx\n--b\nContent-Type: text/plain; name=RFC822.TXT\nContent-Disposition: attachment; filename=RFC822.TXT\n\n"
      + Self.gateway.replacing("\r\n", with: "\n") + "--b--\n"
    let there = try converter().ccm(Array(eml.utf8)).bytes
    let (_, back) = try Self.read(there, converter())
    let header = text(back).components(before: "\r\n\r\n")
    #expect(header.contains("<own@example.com>"))
    #expect(!header.contains("orig-1"))
    #expect(!header.contains("Received:"))
  }

  // MARK: Line ends and characters

  @Test func linesThatEndInCR() throws {
    let file = Self.note(from: "Jörg at HUB").replacing("\n", with: "\r")
    let (message, eml) = try Self.read(Array("\u{FEFF}\(file)".utf8), converter())
    #expect(message.sender?.name == "Jörg")
    #expect(message.subject == "T")
    #expect(text(eml).hasSuffix("\r\n\r\nHello\r\n"))
  }

  /// A text of more than five items is a file; all of it comes back.
  @Test(arguments: [false, true])
  func longText(_ allowsManyItems: Bool) throws {
    let converter = converter {
      $0.textLimit = 300
      $0.allowsManyItems = allowsManyItems
    }
    let line = String(repeating: "TOK", count: 20)
    let body = (1...60).map { "\(line) \($0)\n" }.joined()
    let there = try converter.ccm(Array("From: a@example.com\nTo: b@example.org\n\n\(body)".utf8))
    let rules = there.findings.map(\.rule)
    #expect(rules.contains(.textAttached) != allowsManyItems)
    #expect(text(there.bytes).contains("Unnamed.txt") != allowsManyItems)
    let back = try converter.internet(there.bytes)[0].bytes
    let message = try FromInternet.read(back.span, converter: CharsetConverter())
    #expect(message.items.count == 1)
    #expect(text(back).replacing("=\r\n", with: "").contains("\(line) 60\r\n"))
    #expect(try converter.ccm(back).bytes == there.bytes)
  }

  /// A message with `count` files, and `to`.
  private func manyFiles(_ count: Int, to: String = "b@example.org", subject: String = "Files") -> [UInt8] {
    let parts = (1...count).map {
      "--b\nContent-Type: application/x-\($0)\nContent-Disposition: attachment; filename=f\($0).bin\n\nx\($0)\n"
    }.joined()
    return Array(
      "From: a@example.com\nTo: \(to)\nSubject: \(subject)\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nt\n\(parts)--b--\n"
        .utf8)
  }

  /// More items than cc:Mail takes are several messages, and one again.
  @Test func manyItems() throws {
    #expect(try converter().ccm(manyFiles(18)).findings.allSatisfy { $0.rule != .itemsDivided })
    for count in [20, 37, 38, 57, 90] {
      let there = try converter().ccm(manyFiles(count))
      #expect(there.findings.map(\.rule).contains(.itemsDivided))
      let parts = text(there.bytes).components(separatedByMessage: ())
      #expect(parts.count == (count + 1 + 18) / 19)
      for (index, part) in parts.enumerated() {
        let lines = part.split(separator: "\r\n")
        #expect(lines.filter { $0.hasPrefix("Text item: ") || $0.hasPrefix("File item: ") }.count <= 20)
        #expect(lines.contains(index == 0 ? "Subject: Files" : "Subject: Files (\(index + 1) of \(parts.count))"))
      }
      let back = try converter().internet(there.bytes)
      #expect(back.count == 1)
      #expect(!back[0].findings.map(\.rule).contains(.divided))
      #expect(try converter().ccm(back[0].bytes).bytes == there.bytes)
      let bytes = back[0].bytes
      let message = try FromInternet.read(bytes.span, converter: CharsetConverter())
      #expect(message.items.count == count + 1 && message.subject == "Files")
      #expect(message.items.last?.name == "f\(count).bin" && message.items.last?.type.name == "application/x-\(count)")
    }
    let many = try converter { $0.allowsManyItems = true }.ccm(manyFiles(90))
    #expect(!many.findings.map(\.rule).contains(.itemsDivided))
    #expect(text(many.bytes).components(separatedByMessage: ()).count == 1)
  }

  /// With a header that is divided as well, and after one another, and in the plain dialect.
  @Test func manyItemsForMany() throws {
    let to = (1...400).map { "a\($0)@example.com" }.joined(separator: ",\n ")
    for isSized in [true, false] {
      let converter = converter { $0.layout.isSized = isSized }
      let one = try converter.ccm(manyFiles(45, to: to)).bytes
      let two = try converter.ccm(manyFiles(25, subject: String(repeating: "S", count: 200))).bytes
      let back = try converter.internet(one + two + one)
      #expect(back.count == 3)
      #expect(try back.map { try converter.ccm($0.bytes).bytes } == [one, two, one])
    }
  }

  /// Parts without the others stay messages.
  @Test func manyItemsInPieces() throws {
    let parts = try text(converter().ccm(manyFiles(50)).bytes).components(separatedByMessage: ())
      .map { Array("Message:\r\n\($0)".utf8) }
    let other = try converter().ccm(Array("From: a@example.com\nTo: b@example.org\nSubject: Other\n\nx\n".utf8)).bytes
    #expect(parts.count == 3)
    for order in [[0, 1], [1, 2], [2], [0, 2], [0, 0, 1, 2], [1, 0, 2]] {
      let back = try converter().internet(order.flatMap { parts[$0] } + other)
      let isWhole = order == [0, 0, 1, 2]
      #expect(back.count == (isWhole ? 3 : order.count + 1))
      #expect(back.filter { $0.findings.map(\.rule).contains(.divided) }.count == (isWhole ? 1 : order.count))
      #expect(text(back[back.count - 1].bytes).contains("Subject: Other\r\n"))
      #expect(!text(back.flatMap(\.bytes)).contains("X-ccmc-"))
    }
  }

  @Test func headerEntries() throws {
    let to = (1...450).map { "To: a\($0)@example.com\n" }.joined()
    let converter = converter { $0.headerLimit = 1 << 20 }
    let there = try converter.ccm(Array("From: a@example.com\n\(to)\nx\n".utf8))
    #expect(there.findings.map(\.rule).contains(.headerDivided))
    let parts = text(there.bytes).components(separatedByMessage: ())
    #expect(parts.count == 3)
    for part in parts { #expect(part.split(separator: "\r\n").filter { $0.hasPrefix("To: ") }.count <= 195) }
    let back = try converter.internet(there.bytes)
    #expect(back.count == 1)
    #expect(try converter.ccm(back[0].bytes).bytes == there.bytes)
  }
}

extension StringProtocol {
  fileprivate func components(before end: String) -> String {
    firstRange(of: end).map { String(self[..<$0.lowerBound]) } ?? String(self)
  }

  fileprivate func components(separatedByMessage: Void) -> [String] {
    String(self).split(separator: "Message:\r\n").map(String.init)
  }
}
