import TestSupport
import Testing

@testable import Formats

@Suite struct AddressListTests {
  private static func read(_ text: String) -> AddressList {
    let bytes = crlf(text)
    return AddressList(bytes.span, 0..<bytes.count, converter: CharsetConverter())
  }

  private static func one(_ text: String) -> Mailbox? {
    let list = read(text).mailboxes
    #expect(list.count == 1)
    return list.first
  }

  @Test(arguments: [
    ("ruth@example.org", "", "ruth@example.org"), ("<ruth@example.org>", "", "ruth@example.org"),
    ("Ruth Adler <ruth@example.org>", "Ruth Adler", "ruth@example.org"),
    ("\"Adler, Ruth\" <ruth@example.org>", "Adler, Ruth", "ruth@example.org"),
    ("\"R. \\\"Ruthie\\\" A.\" <ruth@example.org>", "R. \"Ruthie\" A.", "ruth@example.org"),
    ("ruth@example.org (Ruth Adler)", "Ruth Adler", "ruth@example.org"),
    ("Ruth\n Adler\n <ruth@example.org>", "Ruth Adler", "ruth@example.org"),
    ("=?utf-8?Q?J=C3=B6rg?= <joerg@example.org>", "Jörg", "joerg@example.org"),
    ("ruth (at home (again)) @ example.org", "at home (again)", "ruth@example.org"),
    ("\"ruth adler\"@example.org", "", "\"ruth adler\"@example.org"),
    ("Ruth <@a.example,@b.example:ruth@example.org>", "Ruth", "ruth@example.org"),
    ("Ruth <<ruth@example.org>>", "Ruth", "ruth@example.org"), ("Ruth <ruth@example.org", "Ruth", "ruth@example.org"),
    ("Ruth Adler ruth@example.org", "Ruth Adler", "ruth@example.org"), ("ruth", "", "ruth"),
    ("R.A. <ruth@example.org>", "R.A.", "ruth@example.org"),
    ("Ruth <ruth @ example . org>", "Ruth", "ruth@example.org"),
    ("ruth@[192.0.2.1]", "", "ruth@[192.0.2.1]"), ("\"Ruth Adler\"", "Ruth Adler", ""),
  ])
  func one(_ text: String, _ name: String, _ address: String) {
    #expect(Self.one(text) == Mailbox(name: name, address: address))
  }

  @Test func several() {
    let list = Self.read("a@example.org, \"B, C\" <b@example.org>,\n c@example.org (see, there); d@example.org,,")
    #expect(list.mailboxes.map(\.address) == ["a@example.org", "b@example.org", "c@example.org", "d@example.org"])
  }

  @Test func groups() {
    let list = Self.read("A Group: Ed <ed@example.org>, joe@example.org;, undisclosed-recipients:;, last@example.org")
    #expect(list.mailboxes.map(\.address) == ["ed@example.org", "joe@example.org", "last@example.org"])
    #expect(list.mailboxes.map(\.group) == ["A Group", "A Group", nil])
    #expect(list.emptyGroups == ["undisclosed-recipients"])
  }

  @Test(arguments: [
    "", "  ", ",", ";", "<>", "(", ")", "\"", "<", ":", "\\", "a:b:c;", "((((", "\"\\", "<\"", "@", "@@,@",
  ])
  func nothingOrLittle(_ text: String) {
    #expect(Self.read(text).mailboxes.count <= 2)
  }

  @Test func long() {
    let text = (1...2000).map { "member\($0)@example.org" }.joined(separator: ", ")
    #expect(Self.read(text).mailboxes.count == 2000)
    #expect(Self.read(String(repeating: "(", count: 100_000)).mailboxes.count <= 1)
    #expect(Self.read(String(repeating: "a,", count: 100_000)).mailboxes.count == AddressList.maximum)
  }
}
