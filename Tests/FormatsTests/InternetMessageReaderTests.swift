import TestSupport
import Testing

@testable import Formats

@Suite struct InternetMessageReaderTests {
  private struct Part: Equatable {
    var type: String
    var body: String
    var parent: Int?
  }

  private static func read(_ text: String) throws -> (message: InternetMessage, parts: [Part]) {
    let bytes = text.bytes
    let message = try InternetMessageReader.read(bytes.span)
    return (
      message,
      message.parts.map {
        Part(type: $0.type.name, body: String(decoding: bytes[$0.body], as: UTF8.self), parent: $0.parent)
      }
    )
  }

  private static let sample = """
    From: jeff@example.com
    Subject: folded
     subject
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="outer"

    preamble
    --outer
    Content-Type: multipart/alternative; boundary=inner

    --inner

    plain
    --inner
    Content-Type: text/html
    Content-Transfer-Encoding: quoted-printable

    <p>html</p>

    --inner--
    epilogue
    --outer
    Content-Type: message/rfc822

    Subject: inside

    body
    --outer
    Content-Type: application/octet-stream; name=a.bin
    Content-Transfer-Encoding: base64

    AAEC
    --outer--
    after
    """

  @Test(arguments: ["\n", "\r\n"])
  func structure(_ lineEnd: String) throws {
    let (message, parts) = try Self.read(Self.sample.replacing("\n", with: lineEnd))
    #expect(message.findings.isEmpty)
    #expect(
      parts.map(\.type) == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "message/rfc822",
        "application/octet-stream",
      ])
    #expect(parts.map(\.parent) == [nil, 0, 1, 1, 0, 0])
    #expect(parts[2].body == "plain")
    #expect(parts[3].body == "<p>html</p>" + lineEnd)
    #expect(parts[4].body == "Subject: inside" + lineEnd + lineEnd + "body")
    #expect(parts[5].body == "AAEC")
    #expect(message.children(of: 0) == [1, 4, 5])
    #expect(message.lastPart(in: 1) == 3)
    #expect(message.parts.map(\.encoding) == [.identity, .identity, .identity, .quotedPrintable, .identity, .base64])
  }

  /// Cut off at any byte: read as far as it goes, all ranges within the input, nothing twice.
  @Test func truncatedAnywhere() throws {
    let whole = crlf(Self.sample)
    for count in 0...whole.count {
      let bytes = Array(whole[..<count])
      guard let message = try? InternetMessageReader.read(bytes.span) else {
        #expect(count < 8)
        continue
      }
      for part in message.parts {
        #expect(part.whole.upperBound <= count && part.body.upperBound <= count)
        #expect(part.whole.lowerBound <= part.body.lowerBound)
        if let parent = part.parent {
          #expect(message.parts[parent].whole.lowerBound <= part.whole.lowerBound)
          #expect(message.parts[parent].whole.upperBound >= part.whole.upperBound)
        }
      }
      let leaves = message.parts.filter { !$0.isMultipart }
      for (a, b) in zip(leaves, leaves.dropFirst()) { #expect(a.body.upperBound <= b.whole.lowerBound) }
      for field in message.fields {
        #expect(field.whole.upperBound <= count && field.value.upperBound <= field.whole.upperBound)
      }
    }
  }

  /// One byte another one, anywhere: no crash, and no range beyond the input.
  @Test func anyByteChanged() throws {
    let whole = crlf(Self.sample)
    for at in whole.indices {
      for byte: UInt8 in [0, 10, 13, 32, 45, 58, 255] {
        var bytes = whole
        bytes[at] = byte
        guard let message = try? InternetMessageReader.read(bytes.span) else { continue }
        #expect(message.parts.allSatisfy { $0.body.upperBound <= bytes.count })
      }
    }
  }

  @Test(arguments: ["", "\r\n", "no header at all", "\u{FEFF}", "From jeff\n", "é: x"])
  func noMessage(_ text: String) {
    let bytes = text.bytes
    #expect(throws: Unreadable.self) { try InternetMessageReader.read(bytes.span) }
  }

  @Test func headerOnly() throws {
    for text in [
      "Subject: x", "Subject: x\n", "Subject: x\n\n", "Subject:x\r\n\r\n", "\r\nSubject: x\r\n",
      ">From a\nSubject: x\n",
    ] {
      let (message, parts) = try Self.read(text)
      #expect(message.fields.map(\.name) == [.subject])
      #expect(parts == [Part(type: "text/plain", body: "", parent: nil)])
    }
  }

  @Test func mboxLineBeforeTheHeader() throws {
    let (message, parts) = try Self.read("From jeff@example.com Thu Aug 19 13:02:00 1999\nSubject: x\n\nbody\n")
    #expect(message.fields.count == 1)
    #expect(parts.map(\.body) == ["body\n"])
  }

  @Test func noBlankLine() throws {
    let (message, parts) = try Self.read("Subject: x\nTo: a@example.org\nThe text begins.\nMore\n")
    #expect(message.fields.count == 2)
    #expect(parts.map(\.body) == ["The text begins.\nMore\n"])
    #expect(message.findings.map(\.rule) == [.noBlankLine])
  }

  @Test(arguments: [
    ("Content-Type: multipart/mixed", Rule.multipartWithoutBoundary),
    ("Content-Type: multipart/mixed; boundary=b", .multipartWithoutParts),
    ("Content-Type: nonsense", .contentType), ("Content-Transfer-Encoding: rot13", .unknownTransferEncoding),
  ])
  func takenAsText(_ field: String, _ rule: Rule) throws {
    let (message, parts) = try Self.read("Subject: x\n\(field)\n\nThe text\n")
    #expect(parts.map(\.body) == ["The text\n"])
    #expect(message.findings.contains { $0.rule == rule })
  }

  @Test func closingBoundaryMissing() throws {
    let (message, parts) = try Self.read("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n")
    #expect(parts.dropFirst().map(\.body) == ["one", "two\n"])
    #expect(message.findings.map(\.rule) == [.boundaryNotClosed])
  }

  /// A boundary that begins like another one, blanks behind a boundary, and lines that look like one.
  @Test func similarBoundaries() throws {
    let (_, parts) = try Self.read(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb \t\n\ninner\n--bb--\n"
        + "--b \n\n--bx\n-- b\n--\nouter\n--b--\n")
    #expect(parts.filter { $0.type == "text/plain" }.map(\.body) == ["inner", "--bx\n-- b\n--\nouter"])
  }

  @Test func digest() throws {
    let (_, parts) = try Self.read("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\n1\n--b--\n")
    #expect(parts[1] == Part(type: "message/rfc822", body: "Subject: one\n\n1", parent: 0))
  }

  /// Depth and number of parts are bounded.
  @Test func bounded() throws {
    var deep = ""
    for level in 0..<400 { deep += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n" }
    #expect(try Self.read(deep + "\nend\n").message.parts.count <= InternetMessageReader.maximumDepth + 2)
    let many = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 21_000)
    let message = try Self.read(many).message
    #expect(message.parts.count == InternetMessageReader.maximumParts)
    #expect(message.findings.contains { $0.rule == .tooManyParts })
  }

  @Test func fieldNames() throws {
    let (message, _) = try Self.read("FROM: a\nTo : b\nCC:c\nX-Priority: 1\nReply-To: d\nmessage-id: <e>\nFoo: bar\n\n")
    #expect(message.fields.map(\.name) == [.from, .to, .cc, .xPriority, .replyTo, .messageID, .other])
  }
}
