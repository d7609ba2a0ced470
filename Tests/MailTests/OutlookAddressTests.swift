import Formats
import Testing

@testable import Mail

/// Addresses wherever a file of Outlook has them.
@Suite struct OutlookAddressTests {
  static let x500 = "/o=Example/ou=Hub/cn=Recipients/cn=ann"

  @Test(arguments: [
    ("mailto:bob@example.com", "", "bob@example.com"), ("MAILTO:bob@example.com?subject=Hi", "", "bob@example.com"),
    ("SMTP:bob@example.com", "", "bob@example.com"), ("<bob@example.com>", "", "bob@example.com"),
    ("'bob@example.com'", "", "bob@example.com"), ("\"bob@example.com\"", "", "bob@example.com"),
    ("bob@example.com;", "", "bob@example.com"), (" bob@example.com\u{A0}", "", "bob@example.com"),
    ("Bob <bob@example.com>", "Bob", "bob@example.com"), ("Bob <mailto:bob@example.com>", "Bob", "bob@example.com"),
    ("Bob [SMTP:bob@example.com]", "Bob", "bob@example.com"), ("Bob (bob@example.com)", "Bob", "bob@example.com"),
    ("bob@example.com <bob@example.com>", "", "bob@example.com"), ("Bob bob@example.com", "Bob", "bob@example.com"),
    ("'<SMTP:bob@example.com>';", "", "bob@example.com"), ("häns@exämple.com", "", "häns@exämple.com"),
  ]) func isRead(_ text: String, _ name: String, _ address: String) {
    #expect(OutlookAddress.mailbox(in: text) == Mailbox(name: name, address: address))
  }

  @Test(arguments: ["", "Bob", "@", "bob@", "Meet @ noon", "Ann (ann@hub) of X", "/o=Example/cn=ann"])
  func isNone(_ text: String) { #expect(OutlookAddress.mailbox(in: text) == nil) }

  @Test func oneRecipientMayBeSeveral() {
    var outlook = OutlookBuilder()
    outlook.recipient("Both", "a@example.com; b@example.com")
    #expect(outlook.read().eml.contains("To: a@example.com, b@example.com\r\n"))
  }

  @Test func faxIsNoAddress() {
    var outlook = OutlookBuilder()
    outlook.sender("Ann", "FAX", "Ann@+15550100")
    #expect(outlook.read().message.sender?.address.hasPrefix("IMCEAFAX-") == true)
  }

  /// An X.500 sender, and each place that may tell the address of the same X.500 name.
  @Test(arguments: 0..<6) func senderFoundElsewhere(_ place: Int) {
    var outlook = OutlookBuilder()
    outlook.sender("Ann Example", "EX", Self.x500)
    switch place {
    case 0: outlook.recipient("Somebody", Self.x500.uppercased(), smtp: "ann@example.com")
    case 1:
      outlook.text(PropertyID.receivedByEmailAddress, Self.x500)
      outlook.text(PropertyID.receivedBySMTPAddress, "ann@example.com")
    case 2: outlook.recipient("Somebody", Self.x500, proxies: ["smtp:a@example.com", "SMTP:ann@example.com"])
    case 3: outlook.embed { $0.recipient("Somebody", Self.x500, smtp: "ann@example.com") }
    case 4:
      outlook.embed {
        $0.text(PropertyID.sentRepresentingEmailAddress, Self.x500)
        $0.text(PropertyID.sentRepresentingSMTPAddress, "ann@example.com")
      }
    default:
      outlook.text(PropertyID.transportMessageHeaders, "Subject: x\r\nTo: Ann Example <ann@example.com>\r\n\r\n")
    }
    #expect(outlook.read().message.sender == Mailbox(name: "Ann Example", address: "ann@example.com"))
  }

  @Test func innerMessageKnowsWhatTheOuterOneTells() {
    var outlook = OutlookBuilder()
    outlook.recipient("Ann Example", Self.x500, smtp: "ann@example.com")
    outlook.embed { $0.sender("Ann Example", "EX", Self.x500) }
    #expect(outlook.read().eml.contains("\r\nFrom: Ann Example <ann@example.com>\r\n"))
  }

  @Test func headerWithoutAddressIsFilled() {
    var outlook = OutlookBuilder()
    outlook.sender("Ann Example", "EX", Self.x500)
    outlook.recipient("Sven Example", "/o=Example/cn=sven", smtp: "sven@example.org")
    outlook.recipient("Ann Example", Self.x500, kind: 2, smtp: "ann@example.com")
    outlook.text(
      PropertyID.transportMessageHeaders,
      "From: Ann Example\r\n <IMCEAEX-_o=Example_ou=Hub_cn=Recipients_cn=ann@example.net>\r\nTo: \"Sven Example\"\r\n"
        + "Cc: Nick  <nick@example.com>\r\nBcc: undisclosed-recipients:;\r\nDate: Tue, 7 Jan 2020 15:43:59 +0100\r\n\r\n"
    )
    let eml = outlook.read().eml
    #expect(eml.hasPrefix("From: Ann Example <ann@example.com>\r\nTo: Sven Example <sven@example.org>\r\n"))
    // What lacks nothing stays to the byte.
    #expect(eml.contains("\r\nCc: Nick  <nick@example.com>\r\nBcc: undisclosed-recipients:;\r\n"))
  }

  /// Two people of one name: nobody's address becomes another's.
  @Test func namesakesStayApart() {
    var outlook = OutlookBuilder()
    outlook.recipient("Sven", "sven@example.org")
    outlook.recipient("Sven", "sven@example.net")
    outlook.text(
      PropertyID.transportMessageHeaders, "From: a@example.com\r\nTo: \"Sven\", Bob <bob@example.com>\r\n\r\n")
    #expect(outlook.read().eml.contains("\r\nTo: \"Sven\", Bob <bob@example.com>\r\n"))
  }

  @Test func replyToByName() {
    var outlook = OutlookBuilder()
    outlook.text(PropertyID.replyRecipientNames, "Ann <ann@example.com>;Bob")
    #expect(outlook.read().eml.contains("Reply-To: Ann <ann@example.com>\r\n"))
  }

  @Test func membersOfLists() {
    func oneOff(_ name: String, _ address: String) -> [UInt8] {
      let provider: [UInt8] = [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0, 0xDD, 1, 0x0F, 0x54, 2]
      var entry: [UInt8] = [0, 0, 0, 0] + provider + [0, 0, 1, 0x90]
      for text in [name, "SMTP", address] {
        for unit in text.utf16 { entry += [UInt8(unit & 255), UInt8(unit >> 8)] }
        entry += [0, 0]
      }
      return entry
    }
    var outlook = OutlookBuilder("IPM.DistList")
    outlook.text(.distributionListName, "Yard")
    // The identifier of a contact elsewhere, which says nothing here.
    outlook.list(.distributionListMembers, [[UInt8](repeating: 7, count: 60), oneOff("Ben", "ben@example.org")])
    outlook.list(
      .distributionListOneOffMembers, [oneOff("Ann", "ann@example.com"), oneOff("Ben", "ben@example.org")])
    #expect(
      outlook.read().texts["Distribution list"]
        == "List:          Yard\r\nMember:        Ann <ann@example.com>\r\nMember:        Ben <ben@example.org>\r\n")
  }
}
