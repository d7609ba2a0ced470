import Formats
import TestSupport
import Testing

@testable import PostOffice

@Suite struct AddressTests {
  /// A new one each time: it is no value to be shared.
  private static var book: AddressBook {
    let text = """
      Name: Okafor, Ben\nLocn: L\nAddr: HUB\nCmts:\nName: Ann\nLocn: l\nAddr:\nCmts:
      Name: Müller\nLocn: L\nAddr: HUB\nName: INTERNET\nLocn: P\nName: FAR\nLocn: p\nAddr: INTERNET\nName: LOOP\nLocn: p
      Addr: POOL\nName: POOL\nLocn: p\nAddr: LOOP\nName: Boss\nLocn: A\nAddr: Ben Okafor\nName: Me\nLocn: A\nAddr: Me
      Name: All\nLocn: M\nAddr: Ann; Boss;All; "J" <j@example.com> at INTERNET;\nName: Half\nLocn: M\nAddr: Ann;Gone
      Name: None\nLocn: M\nAddr: ;\nName: Doe, John\nLocn: L\nAddr: Internet "John" <jd@example.com>\nName: #Social\nLocn: B
      Name: Odd\nLocn: ?\nAddr: x
      """
    return AddressBook(
      read(Array(text.utf8)), postOffice: Array("HUB".utf8), codePage: CodePage("utf-8"))
  }

  private static func resolve(_ address: String) -> String {
    let bytes = Array(address.utf8)
    let book = book
    let resolution = Resolver(book: book).resolve(bytes.span, book.codePage)
    let names = resolution.mailboxes.keys.sorted().joined(separator: " ")
    return resolution.failure.map { "\(names)!\($0)" } ?? names
  }

  @Test(arguments: [
    ("Ann", "ann"), ("ANN at hub", "ann"), ("  Ann  at HUB ", "ann"), ("Okafor, Ben at HUB", "okafor=2C_ben"),
    ("Ben Okafor", "okafor=2C_ben"), (",\"Okafor, Ben\" at HUB", "okafor=2C_ben"),
    ("\"Okafor; Ben\" at HUB", "okafor=2C_ben"), ("Okafor,  Ben", "okafor=2C_ben"), ("MÜLLER", "m=C3=BCller"),
    ("x at INTERNET", "internet"), ("\"Ann at HUB\" <a@example.com> at INTERNET", "internet"),
    ("\"Ann at INTERNET", "internet"), ("x at FAR", "internet"), ("x at LOOP", "!Unknown post office"),
    ("~INTERNET", "internet"), ("~Ann", "!Unknown recipient"), ("Boss", "okafor=2C_ben"), ("Me", "!Unknown recipient"),
    ("All", "ann internet okafor=2C_ben"), ("Half", "ann!Mailing list with unknown members"),
    ("None", "!Mailing list without members"), ("John Doe", "internet"), ("#social at HUB", "=23social"),
    ("#Social", "=23social"), ("#Other", "!Unknown recipient"), ("Odd", "!Unknown recipient"),
    ("Ann at NOWHERE", "!Unknown post office"), (" at HUB", "!Unknown recipient"),
    (" at INTERNET", "!Unknown recipient"),
    ("", "!Unknown recipient"), (",", "!Unknown recipient"), ("\"", "!Unknown recipient"), ("~", "!Unknown recipient"),
    ("INTERNET", "internet"),
  ])
  func resolves(_ address: String, _ wanted: String) { #expect(Self.resolve(address) == wanted) }

  @Test func namesOfMailboxesAreNoPaths() {
    for name in ["../../etc", "..", ".", "a/b", "\u{0}", "-", String(repeating: "é", count: 300), "a b", "#x"] {
      let folder = MailboxFolder.name(Self.book.key(Array(name.utf8)))
      #expect(!folder.contains("/") && !folder.hasPrefix(".") && folder.utf8.count <= 200, "\(folder)")
    }
    let long = [255, 256, 257].map { MailboxFolder.name(String(repeating: "x", count: $0)) }
    #expect(Set(long).count == 3)
  }

  @Test func membersElsewhereAreNamed() {
    let (book, name) = (Self.book, Array("All".utf8))
    let resolution = Resolver(book: book).resolve(name.span, book.codePage)
    #expect(resolution.mailboxes["internet"] == [Array("\"J\" <j@example.com> at INTERNET".utf8)])
    #expect(resolution.mailboxes["ann"] == [])
  }

  private static func read(_ bytes: [UInt8]) -> [DirectoryRecord] { DirectoryRecord.read(bytes.span) }

  @Test func recordsComeBack() {
    let records = Self.book.records
    var bytes: [UInt8] = []
    for record in records { record.append(to: &bytes) }
    #expect(Self.read(bytes) == records)
    #expect(Self.read([]).isEmpty)
    #expect(Self.read(Array("Locn: P\nAddr: x\nName:\nCmts: y".utf8)).isEmpty)
  }
}
