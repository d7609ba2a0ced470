import Formats
import TestSupport
import Testing

@testable import Mail

/// The recipients that reasons fail, and the reasons they fail for.
private func failed(_ recipients: String, _ reasons: String...) throws -> [String] {
  let file = crlf("Message:\nFrom: Jeff at Hub\n\(recipients)\nContents:\nText item: \nText\n")
  var scanner = CCScanner()
  guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true) else { return [] }
  return converter().failedRecipients(of: message, file.span, reasons: reasons).map {
    "\($0.name) (\($0.reason)) \($0.status)"
  }
}

@Suite struct FailedRecipientTests {
  private static let three =
    "To: Okafor, Ben at PLANT3\ncc: Adler, Ruth at HUB\nbcc: \"Grewal\" <jg@example.com> at INTERNET"

  @Test(arguments: [
    "Unknown recipient: Okafor, Ben at PLANT3", "Unknown recipient: OKAFOR, BEN AT PLANT3",
    "unknown recipient: ,\"Okafor, Ben\" at PLANT3.", "Unknown recipient:  Okafor,  Ben  at  PLANT3",
    "Unknown recipient: Okafor, Ben", "Unknown recipient Okafor, Ben at PLANT3",
    "Okafor, Ben at PLANT3: unknown recipient", "Okafor, Ben at PLANT3 is an unknown recipient",
  ])
  func reasonThatNamesOne(_ reason: String) throws {
    #expect(try failed(Self.three, reason) == ["Okafor, Ben at PLANT3 (\(reason)) 5.1.1"])
  }

  @Test func internetRecipient() throws {
    let name = "\"Grewal\" <jg@example.com> at INTERNET"
    for named in [name, "jg@example.com", "\"Grewal\" <jg@example.com>", "JG@example.com at INTERNET"].prefix(3) {
      let reason = "Unknown recipient: \(named)"
      #expect(try failed(Self.three, reason) == ["\(name) (\(reason)) 5.1.1"])
    }
  }

  @Test func reasonThatNamesNobody() throws {
    #expect(
      try failed(Self.three, "Unknown recipient: Adler, Ruth at HUB", "Disk error in creating message item") == [
        "Okafor, Ben at PLANT3 (Disk error in creating message item) 5.3.0",
        "Adler, Ruth at HUB (Unknown recipient: Adler, Ruth at HUB) 5.1.1",
        "\"Grewal\" <jg@example.com> at INTERNET (Disk error in creating message item) 5.3.0",
      ])
  }

  @Test func noReason() throws {
    #expect(try failed("To: A at B\ncc: C at D") == ["A at B () 5.0.0", "C at D () 5.0.0"])
    #expect(try failed("Subject: none") == [" () 5.0.0"])
  }

  @Test func namesWithinWordsAreNone() throws {
    // A recipient of one word is named behind a colon only.
    #expect(try failed("To: item at HUB\ncc: Ann at HUB", "Disk error in creating message item").count == 2)
    #expect(try failed("To: item at HUB\ncc: Ann at HUB", "Unknown recipient: item").count == 1)
  }

  @Test func longAndOddNames() throws {
    let long = String(repeating: "Long name ", count: 300) + "at PLANT3"
    #expect(try failed("To: \(long)\ncc: Ann at HUB", "Unknown recipient: \(long)").count == 1)
    for odd in ["cc:Mail at HUB", "*Star* at HUB", "Unknown recipient at HUB", "a: b: at HUB"] {
      #expect(try failed("To: \(odd)\ncc: Ann at HUB", "Unknown recipient: \(odd)").map { $0.hasPrefix(odd) } == [true])
    }
  }

  @Test func namesThatWereDropped() throws {
    #expect(try failed("To: at PLANT3\ncc: Ann at HUB", "Unknown recipient: at PLANT3").count == 1)
    #expect(
      try failed("Subject: none", "Unknown recipient: Ann at HUB") == [
        "Ann at HUB (Unknown recipient: Ann at HUB) 5.1.1"
      ])
  }

  @Test func recipientsOnOneLineAndTwice() throws {
    let to = "To: Ccuser at DB8, Ccuser2 at DB8\ncc: ccuser at db8"
    #expect(try failed(to, "Unknown recipient: Ccuser at DB8").count == 1)
    #expect(try failed(to, "Unknown Date Format").count == 2)
  }

  @Test(arguments: [
    ("Unknown Date Format", "5.6.0"), ("Header Buffer Full", "5.5.3"), ("Unknown post office: PLANT9", "5.1.2"),
    ("Mailing list without members: #Staff", "5.2.4"), ("Ambiguous name", "5.1.4"), ("Mailbox full", "5.2.2"),
    ("Disk full", "5.3.1"), ("Who knows?", "5.0.0"), ("", "5.0.0"),
  ])
  func status(_ reason: String, _ status: String) {
    #expect(FailedRecipient(name: "A at B", reason: reason).status == status)
    #expect(FailedRecipient(name: "A at B", reason: reason, status: "5.7.1").status == "5.7.1")
  }
}
