import Formats
import TestSupport
import Testing

@testable import Mail

@Suite struct AddressTests {
  private static func rule(_ change: (inout AddressRule) -> Void = { _ in }) -> AddressRule {
    var rule = AddressRule()
    change(&rule)
    return rule
  }

  /// Towards cc:Mail and back.
  @Test(arguments: [
    (Mailbox(name: "", address: "jeff@example.com"), "jeff@example.com at INTERNET"),
    (Mailbox(name: "Jeff Grewal", address: "jeff@example.com"), "\"Jeff Grewal\" <jeff@example.com> at INTERNET"),
    (Mailbox(name: "Grewal, Jeff", address: "jeff@example.com"), ",\"Grewal, Jeff\" <jeff@example.com> at INTERNET"),
    (Mailbox(name: "Jörg at home", address: "joerg@example.org"), "\"Jörg at home\" <joerg@example.org> at INTERNET"),
    (Mailbox(name: "", address: "\"ruth adler\"@example.org"), "\"ruth adler\"@example.org at INTERNET"),
    (Mailbox(name: "A (b) [c]", address: "a@[192.0.2.1]"), "\"A (b) [c]\" <a@[192.0.2.1]> at INTERNET"),
  ])
  func internetAddresses(_ mailbox: Mailbox, _ ccMail: String) {
    #expect(Self.rule().ccMail(mailbox) == ccMail)
    #expect(Self.rule().mailbox(ccMail) == mailbox)
  }

  /// Towards the Internet and back: every name of cc:Mail has an address that finds its way back, whoever writes it.
  @Test(arguments: [
    ("Grewal, Jeff at Hub", "Grewal, Jeff"), ("Admin at HUBPO2", "Admin"), ("Admin", "Admin"),
    ("#Social at PO5", "#Social"),
    ("~BEL01 at CCMAIL", "~BEL01"), (",Smith, Grover at Ferguson", "Smith, Grover"), ("a/b_c+d at Hub", "a/b_c+d"),
    ("Étienne Marchand at LYON", "Étienne Marchand"), ("佐藤 at TOKYO", "佐藤"), ("x@y at SMTPGATE", "x@y"),
    ("at PLANT3", "at PLANT3"), ("Ben at A at B", "Ben at A"), ("100% = \"all\" at Hub", "100% = \"all\""),
  ])
  func ccMailAddresses(_ ccMail: String, _ name: String) throws {
    let mailbox = Self.rule().mailbox(ccMail)
    #expect(mailbox.name == name)
    #expect(mailbox.address.hasSuffix("@ccmail.invalid"))
    #expect(mailbox.address.utf8.allSatisfy { $0 > 32 && $0 < 127 })
    #expect(Self.rule().ccMail(mailbox) == ccMail)
    #expect(
      Self.rule().ccMail(Mailbox(name: "Somebody else", address: mailbox.address.lowercased())).lowercased()
        == ccMail.lowercased())
    // And it goes through a header of a message.
    var field: [UInt8] = []
    HeaderWriter.append("To", mailboxes: [mailbox], to: &field)
    let list = AddressList(field.span, 4..<field.count, converter: CharsetConverter())
    #expect(list.mailboxes == [mailbox])
  }

  @Test func encapsulation() {
    let mailbox = Self.rule { $0.domain = "example.net" }.mailbox("Grewal, Jeff at Hub")
    #expect(mailbox == Mailbox(name: "Grewal, Jeff", address: "IMCEACCMAIL-Grewal+2C+20Jeff+20at+20Hub@example.net"))
    // Another domain's are not ours.
    #expect(Self.rule().ccMail(mailbox) == ",\"Grewal, Jeff\" <\(mailbox.address)> at INTERNET")
    #expect(Self.rule().decapsulated("IMCEACCMAIL-@ccmail.invalid") == nil)
    #expect(Self.rule().decapsulated("IMCEACCMAIL-a+2@ccmail.invalid") == "a+2")
    #expect(Self.rule().decapsulated("imceaccmail-a+2C_b@CCMAIL.INVALID") == "a,/b")
  }

  @Test func otherForms() {
    let rule = Self.rule()
    let ruth = Mailbox(name: "Ruth Adler", address: "ruth@example.org")
    #expect(rule.mailbox("Ruth Adler <ruth@example.org> at INTERNET") == ruth)
    #expect(rule.mailbox("\"Ruth Adler\" <ruth@example.org> at internet") == ruth)
    #expect(rule.mailbox(",Ruth Adler [SMTP:ruth@example.org] at Site") == ruth)
    #expect(rule.mailbox("Ruth Adler [smtp:ruth@example.org] at Site") == ruth)
  }

  @Test func postOffices() {
    let rule = Self.rule { $0.internetPostOffice = "SMTPLINK" }
    #expect(rule.ccMail(Mailbox(name: "", address: "a@example.org")) == "a@example.org at SMTPLINK")
    #expect(rule.mailbox("a@example.org at smtplink") == Mailbox(name: "", address: "a@example.org"))
    #expect(rule.mailbox("a@example.org at INTERNET").address != "a@example.org")
    let short = Self.rule { $0.omitsPostOffice = true }
    #expect(short.ccMail(short.mailbox("Admin at HUBPO2")) == "Admin")
    #expect(short.ccMail(Mailbox(name: "", address: "a@example.org")) == "a@example.org at INTERNET")
  }

  /// Plain addresses take a short way, which a map closes: both ways lead to the same.
  @Test(arguments: [
    "ann@example.org at INTERNET", "\"Ann\" <ann@example.org> at INTERNET",
    ",\"Roe, Ann\" <ann@example.org> at INTERNET",
    "\"Roe, Ann\" <ann@example.org> at INTERNET", ",\"Ann\" <ann@example.org> at INTERNET",
    "Ann <ann@example.org> at INTERNET", "\"\" <ann@example.org> at INTERNET", "\"Ann\"<ann@example.org> at INTERNET",
    "\"Ann\" <> at INTERNET", "<ann@example.org> at INTERNET", "x\"Ann\" <ann@example.org> at INTERNET", "at INTERNET",
    " at INTERNET", "ann at INTERNET", "@ at INTERNET", "a@b@c at INTERNET", "ann@example.org at internet",
    "\"Ann at Work\" <ann@example.org> at INTERNET", "ann@example.org (Ann) at INTERNET",
    "\" <ann@example.org> at INTERNET",
    "IMCEASMTP-a+C3+A9+40example+2Eorg@ccmail.invalid at INTERNET", "ann@[192.0.2.1] at INTERNET",
    "ann@müller.example at INTERNET", "\"Ann\" <ann@example.org> at INTERNET at HUB", "ann@example.org at INTERNET ",
  ])
  func shortWay(_ text: String) throws {
    let short = AddressRule()
    var long = AddressRule()
    long.map = try Self.map("Somebody at ELSEWHERE = <somebody@elsewhere.example>")
    #expect(short.mailbox(text) == long.mailbox(text))
    #expect(short.isOutside(text) == long.isOutside(text))
    #expect(short.hasOtherForm(text) == long.hasOtherForm(text))
  }

  private static func map(_ text: String) throws -> AddressMap {
    let bytes = Array(text.utf8)
    return try AddressMap(bytes.span)
  }

  @Test func addressMap() throws {
    let map = try Self.map(
      """
      # people
      Grewal, Jeff at Hub = Jeff Grewal <jeff@example.com>

        Admin at HUBPO2=<postmaster@example.com>
      Étienne at LYON = "Marchand, Étienne" <etienne@example.org>  \r
      """)
    let rule = Self.rule { $0.map = map }
    #expect(rule.mailbox("Grewal, Jeff at Hub") == Mailbox(name: "Jeff Grewal", address: "jeff@example.com"))
    #expect(rule.mailbox("GREWAL, JEFF AT HUB").address == "jeff@example.com")
    #expect(rule.ccMail(Mailbox(name: "Any name", address: "JEFF@example.com")) == "Grewal, Jeff at Hub")
    #expect(rule.mailbox("Admin at HUBPO2").address == "postmaster@example.com")
    #expect(rule.mailbox("Étienne at LYON").name == "Marchand, Étienne")
    #expect(rule.mailbox("Other at Hub").address == "IMCEACCMAIL-Other+20at+20Hub@ccmail.invalid")
  }

  @Test(arguments: [
    "no equals sign", "a at Hub = no address", "a at Hub = a@example.org, b@example.org", "x", "a at Hub =",
  ])
  func badAddressMap(_ line: String) {
    #expect(throws: Unreadable.self) { try Self.map("# comment\nok at Hub = ok@example.org\n\(line)\n") }
    do { _ = try Self.map("# one\n\(line)") } catch let error as Unreadable { #expect(error.offset == 6) } catch {}
  }

  @Test(arguments: [
    ("Admin at Hub", ["Admin at Hub"]), ("A at Hub, B at Hub", ["A at Hub", "B at Hub"]),
    ("Grewal, Jeff at Hub", ["Grewal, Jeff at Hub"]),
    ("Grewal, Jeff at Hub, Adler, Ruth at Hub", ["Grewal, Jeff at Hub", "Adler, Ruth at Hub"]),
    ("Admin, Other", ["Admin, Other"]),
    ("#Social at Hub, #Other", ["#Social at Hub", "#Other"]), ("", []), ("  ", []),
    (",\"B, C\" <b@example.org> at INTERNET, D at Hub", [",\"B, C\" <b@example.org> at INTERNET", "D at Hub"]),
  ])
  func recipientsOnOneLine(_ line: String, _ recipients: [String]) {
    #expect(RecipientLine.split(Array(line.utf8)).map { text($0) } == recipients)
  }

  /// Each comma is looked at once, not with all that is behind it.
  @Test func manyRecipientsOnOneLine() {
    let line = (0..<100_000).map { "User\($0) at HUB" }.joined(separator: ", ")
    let recipients = RecipientLine.split(Array(line.utf8))
    #expect(recipients.count == 100_000)
    #expect(recipients.last.map { text($0) } == "User99999 at HUB")
  }
}
