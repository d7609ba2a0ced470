import TestSupport
import Testing

@testable import Formats

@Suite struct HeaderWriterTests {
  private static func check(_ field: [UInt8]) {
    #expect(field.allSatisfy { $0 < 128 })
    #expect(field.suffix(2) == [ASCII.cr, ASCII.lf])
    for line in text(field).split(separator: "\r\n") { #expect(line.utf8.count <= 78, "\(line)") }
  }

  @Test(arguments: [
    "Lunch", "Grüße aus Köln", "=?utf-8?Q?not a word?=", " blank in front and behind ", "two  blanks",
    String(repeating: "many words ", count: 40) + "end", String(repeating: "x", count: 300),
    String(repeating: "会議の資料", count: 30), "tab\tinside", "mixed 会議 and words", "🙂🙂🙂", "",
  ])
  func subject(_ subject: String) {
    let field = write { HeaderWriter.append("Subject", text: subject, to: &$0) }
    Self.check(field)
    let message = InternetMessageReader.readHeader(field.span)
    #expect(message.fields.count == 1)
    let decoded = EncodedWord.decode(field.span, message.fields[0].value, converter: CharsetConverter())
    #expect(decoded == subject)
  }

  @Test(arguments: [
    [Mailbox(name: "", address: "a@example.org")], [Mailbox(name: "Ruth Adler", address: "ruth@example.org")],
    [Mailbox(name: "Adler, Ruth", address: "ruth@example.org")],
    [Mailbox(name: "Jörg \"Jo\" Müßig", address: "joerg@example.org")],
    [Mailbox(name: "back\\slash and \"quotes\"", address: "a@example.org")],
    [Mailbox(name: "R. A. (home) <x>", address: "ruth@example.org")],
    [Mailbox(name: "=?x?=", address: "a@example.org")],
    [Mailbox(name: "資料ソ 会議", address: "a@example.org"), Mailbox(name: "", address: "b@example.org")],
    [Mailbox(name: "Quoted local part", address: "\"ruth adler\"@example.org")],
    (1...60).map { Mailbox(name: "Member number \($0)", address: "member\($0)@lists.example.org") },
    (1...60).map { Mailbox(name: "", address: "member\($0)@lists.example.org") },
  ])
  func mailboxes(_ mailboxes: [Mailbox]) {
    let field = write { HeaderWriter.append("To", mailboxes: mailboxes, to: &$0) }
    Self.check(field)
    let message = InternetMessageReader.readHeader(field.span)
    #expect(message.fields.count == 1)
    let read = AddressList(field.span, message.fields[0].value, converter: CharsetConverter())
    #expect(read.mailboxes == mailboxes)
  }

  /// No address brings a line of its own into a header.
  @Test func noLineEndsThroughNames() {
    for evil in ["a\r\nBcc: all@example.org", "a\nX: y", "a\u{0}b"] {
      let field = write {
        HeaderWriter.append("To", mailboxes: [Mailbox(name: evil, address: evil + "@example.org")], to: &$0)
        HeaderWriter.append("Subject", text: evil, to: &$0)
      }
      #expect(InternetMessageReader.readHeader(field.span).fields.count == 2)
    }
  }

  @Test func bodyEncoding() {
    func encoding(_ text: String) -> TransferEncoding {
      let bytes = crlf(text)
      return BodyWriter.encoding(ofText: bytes.span)
    }
    #expect(encoding("plain\n") == .identity)
    #expect(encoding("trailing \n") == .quotedPrintable)
    #expect(encoding("From me\n") == .quotedPrintable)
    #expect(encoding(String(repeating: "x", count: 79)) == .quotedPrintable)
    #expect(encoding("ä little\n") == .quotedPrintable)
    #expect(encoding("Встреча в пять\n") == .base64)
  }

  @Test(arguments: ["MAILER-DAEMON", "Adler, Ruth", "Jörg Müßig", "ruth@example.org", "Ruth: at home; or not"])
  func nameWithoutAddress(_ name: String) {
    let mailboxes = [Mailbox(name: name, address: ""), Mailbox(name: "Ben", address: "ben@example.org")]
    let field = write { HeaderWriter.append("To", mailboxes: mailboxes, to: &$0) }
    Self.check(field)
    #expect(text(field).contains(":;, Ben <ben@example.org>"))
    #expect(!text(field).contains("<>"))
    let list = AddressList(field.span, 3..<field.count, converter: CharsetConverter())
    #expect(list.emptyGroups == [name])
    #expect(list.mailboxes == [mailboxes[1]])
  }

  /// An address that seven bits cannot hold is shown, and never becomes another one (RFC 6857, 3.1.8).
  @Test func addressBeyondASCII() {
    let mailboxes = [
      Mailbox(name: "Jörg", address: "jörg@exämple.com"), Mailbox(name: "", address: "ä@example.org"),
      Mailbox(name: "Ben", address: "ben@example.org"),
    ]
    let field = write { HeaderWriter.append("To", mailboxes: mailboxes, to: &$0) }
    Self.check(field)
    let list = AddressList(field.span, 3..<field.count, converter: CharsetConverter())
    // It is read back as what it is, its domain in A-labels.
    #expect(
      list.mailboxes == [Mailbox(name: "Jörg", address: "jörg@xn--exmple-cua.com"), mailboxes[1], mailboxes[2]])
    #expect(list.emptyGroups.isEmpty)
  }
}
