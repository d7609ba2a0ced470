import Formats
import TestSupport
import Testing

@testable import Mail

/// What real mail does to headers and boundaries, and what it becomes on its way to cc:Mail and back.
@Suite struct RealMailTests {
  private static func trip(
    _ message: String, _ change: (inout ConversionOptions) -> Void = { _ in }
  ) throws -> (ccm: String, eml: String, findings: [Rule]) {
    let converter = converter(change)
    let first = try converter.ccm(crlf(message))
    let back = try #require(try converter.internet(first.bytes).first).bytes
    // A second trip changes nothing.
    let second = try converter.ccm(back)
    #expect(second.bytes == first.bytes)
    return (text(first.bytes), text(back), first.findings.map(\.rule))
  }

  private static let end = "Subject: x\nDate: Fri, 27 Nov 2026 10:00:00 +0000\n\nhello\n"

  @Test(
    arguments: [
      (
        "From: Doe, John <john@example.com>\nTo: Roe, Jane <jane@example.com>, Smith, Bob <bob@example.com>\n",
        ["\"Doe, John\" <john@example.com>", "\"Roe, Jane\" <jane@example.com>, \"Smith, Bob\" <bob@example.com>"]
      ),
      (
        "From: Doe; John <john@example.com>\nTo: root, bob@example.com\n",
        ["\"Doe; John\" <john@example.com>", "To: root, bob@example.com"]
      ),
      (
        "From: \"\"Doe, John\"\" <john@example.com>\nTo: \"Doe, John\", Jane <j@example.com>\n",
        ["From: \"Doe, John\" <john@example.com>", "Jane <j@example.com>"]
      ),
      (
        "From: John (Sales <john@example.com>\nTo: [List] Ann <ann@example.com>\n",
        ["\"John (Sales\" <john@example.com>", "\"[List] Ann\" <ann@example.com>"]
      ),
      (
        "From: Re: Ann <ann@example.com>\nTo: undisclosed recipients\n",
        ["\"Re: Ann\" <ann@example.com>", "To: undisclosed recipients:;"]
      ),
      ("From: \"ann@example.com\"\nTo: mailto:ben@example.com\n", ["From: ann@example.com", "To: ben@example.com"]),
    ])
  func names(_ header: String, _ fields: [String]) throws {
    let result = try Self.trip(header + Self.end)
    for field in fields { #expect(result.eml.contains(field)) }
    #expect(!result.eml.contains("IMCEA"))
  }

  @Test func firstSenderWithAddress() throws {
    let result = try Self.trip("From: Support, john@example.com\nTo: ann@example.com\n" + Self.end)
    #expect(result.ccm.contains("From: john@example.com at INTERNET"))
    #expect(result.findings.contains(.senderWithoutAddress))
  }

  /// An address never becomes another one that can be delivered to.
  @Test(
    arguments: [
      ("Pawe\u{142} <pawe\u{142}@example.com>", "pawe\u{142}@example.com"),
      ("info@\u{420}aypal.example", "info@xn--aypal-uye.example"),
      ("J\u{F6}rg <joerg@M\u{DC}LLER.example>", "joerg@xn--mller-kva.example"),
      ("<a@stra\u{DF}e.example>", "a@xn--strae-oqa.example"),
      ("\u{2705} <dept-\u{2705}@example.com>", "dept-\u{2705}@example.com"),
    ])
  func addressesBeyondASCII(_ sender: String, _ address: String) throws {
    let message = "From: \(sender)\nTo: ann@example.com\n" + Self.end
    let result = try Self.trip(message)
    #expect(!result.ccm.contains("From: \"Pawel\" <pawel@example.com>"))
    let header = FromInternet.readHeader(Array(result.eml.utf8).span, converter: CharsetConverter())
    #expect(header.sender?.address == address)
    // Those who can send it get it as it was.
    let utf8 = converter { $0.writesUTF8Addresses = true }
    let original = try #require(try utf8.internet(try utf8.ccm(crlf(message)).bytes).first).bytes
    #expect(text(original).hasPrefix("From: \(sender)\r\n"))
  }

  @Test func strangersDowngradedField() throws {
    let message = "From: ann@example.com\nDowngraded-From: =?utf-8?Q?b=C3=B6b=40example=2Ecom?=\nTo: c@example.com\n"
    let utf8 = converter { $0.writesUTF8Addresses = true }
    let original = try #require(try utf8.internet(try utf8.ccm(crlf(message + Self.end)).bytes).first).bytes
    #expect(text(original).hasPrefix("From: ann@example.com\r\n"))
  }

  @Test func brokenHeaderLines() throws {
    let result = try Self.trip(
      "Received: from a.example\nby b.example with LMTP\nid 4711\n folded\nFrom: ann@example.com\nTo: ben@example.com\n"
        + Self.end)
    #expect(result.eml.contains("From: ann@example.com\r\n"))
    #expect(result.eml.contains("X-Broken-Header-Line: by b.example with LMTP\r\n"))
    #expect(result.eml.contains("X-Broken-Header-Line: id 4711 folded\r\n"))
    #expect(result.eml.hasSuffix("\r\n\r\nhello\r\n"))
  }

  @Test func headerWithoutEnd() throws {
    let result = try Self.trip(
      "From: ann@example.com\nTo: ben@example.com\nSubject: s\nThis is body.\nAnd: so on\nTo: nobody\nmore\n\nsecond\n")
    #expect(result.eml.hasSuffix("\r\n\r\nThis is body.\r\nAnd: so on\r\nTo: nobody\r\nmore\r\n\r\nsecond\r\n"))
    #expect(result.findings.contains(.noBlankLine))
  }

  @Test func textOutsideBoundaries() throws {
    let result = try Self.trip(
      """
      From: ann@example.com
      To: ben@example.com
      Content-Type: multipart/mixed; boundary=B

      The report of a gateway.
      --B

      hello
      --B--

      -- the list's footer
      """ + "\n")
    #expect(result.findings == [.noDate, .preamble, .epilogue])
    #expect(result.eml.contains("\r\n\r\nThe report of a gateway.\r\n--=_ccmc-"))
    #expect(result.eml.hasSuffix("--\r\n\r\n-- the list's footer\r\n"))
    let usual = try Self.trip(
      "From: ann@example.com\nTo: ben@example.com\nContent-Type: multipart/mixed; boundary=B\n\n"
        + "This is a multi-part message in MIME format.\n--B\n\nhello\n--B--\n")
    #expect(usual.findings == [.noDate])
  }

  /// Words in a character set that nobody knows stay what they are.
  @Test func unknownCharset() throws {
    let result = try Self.trip("From: a@example.com\nTo: b@example.com\nSubject: =?x-klingon?B?w6k=?=\n\nx\n")
    #expect(result.findings.contains(.unknownCharset))
    #expect(result.eml.contains("Subject: =?x-klingon?B?w6k=?=\r\n"))
    let known = try Self.trip("From: a@example.com\nTo: b@example.com\nSubject: =?koi8_r?B?8NLJ18XU?=\n\nx\n")
    #expect(known.eml.contains("Subject: =?utf-8?B?0J/RgNC40LLQtdGC?=\r\n"))
  }

  /// A text of the same words as the rendering of HTML is a text of its own.
  @Test func equalTexts() throws {
    let result = try Self.trip(
      "From: a@example.com\nTo: b@example.com\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nHello\n--B\n"
        + "Content-Type: text/html\n\n<p>Hello</p>\n--B--\n")
    #expect(result.eml.contains("\r\n\r\nHello\r\n"))
    #expect(result.eml.contains("text/html"))
  }

  @Test func messageIDs() throws {
    let one = "Message:\r\nFrom: A at PO\r\nTo: B at PO\r\nContents:\r\nText item: \r\nhi\r\n"
    let other = "Message:\r\nFrom: A at PO\r\nTo: B at PO\r\nContents:\r\nText item: \r\nho\r\n"
    let converter = converter()
    func ids(_ file: String) throws -> [Substring] {
      try converter.internet(Array(file.utf8)).map { message in
        try #require(text(message.bytes).split(separator: "\r\n").first { $0.hasPrefix("Message-ID: ") })
      }
    }
    let found = try ids(one + other + one)
    #expect(Set(found).count == 3)
    #expect(try ids(one + other + one) == found)
    #expect(found[2].contains(".2@"))
  }
}
