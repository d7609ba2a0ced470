import Formats
import Testing

@testable import Mail

/// The examples of RFC 5322, appendix A, each as the message that it is.
@Suite struct RFC5322ExamplesTests {
  struct Example: CustomTestStringConvertible {
    var section: String
    var header: String
    var sender: String
    var to: [String] = []
    var cc: [String] = []
    var subject = ""
    /// Seconds since 1970.
    var date: Int
    var messageID: String

    var testDescription: String { section }
  }

  static let examples = [
    Example(
      section: "A.1.1",
      header: """
        From: John Doe <jdoe@machine.example>
        To: Mary Smith <mary@example.net>
        Subject: Saying Hello
        Date: Fri, 21 Nov 1997 09:55:06 -0600
        Message-ID: <1234@local.machine.example>
        """,
      sender: "John Doe <jdoe@machine.example>", to: ["Mary Smith <mary@example.net>"], subject: "Saying Hello",
      date: 880_127_706, messageID: "<1234@local.machine.example>"),
    Example(
      section: "A.1.1, sent by another",
      header: """
        From: John Doe <jdoe@machine.example>
        Sender: Michael Jones <mjones@machine.example>
        To: Mary Smith <mary@example.net>
        Subject: Saying Hello
        Date: Fri, 21 Nov 1997 09:55:06 -0600
        Message-ID: <1234@local.machine.example>
        """,
      sender: "John Doe <jdoe@machine.example>", to: ["Mary Smith <mary@example.net>"], subject: "Saying Hello",
      date: 880_127_706, messageID: "<1234@local.machine.example>"),
    Example(
      section: "A.1.2",
      header: #"""
        From: "Joe Q. Public" <john.q.public@example.com>
        To: Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>
        Cc: <boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>
        Date: Tue, 1 Jul 2003 10:52:37 +0200
        Message-ID: <5678.21-Nov-1997@example.com>
        """#,
      sender: "Joe Q. Public <john.q.public@example.com>",
      to: ["Mary Smith <mary@x.test>", " <jdoe@example.org>", "Who? <one@y.test>"],
      cc: [" <boss@nil.test>", #"Giant; "Big" Box <sysservices@example.net>"#], date: 1_057_049_557,
      messageID: "<5678.21-Nov-1997@example.com>"),
    Example(
      section: "A.1.3",
      header: """
        From: Pete <pete@silly.example>
        To: A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;
        Cc: Undisclosed recipients:;
        Date: Thu, 13 Feb 1969 23:32:54 -0330
        Message-ID: <testabcd.1234@silly.example>
        """,
      sender: "Pete <pete@silly.example>",
      to: ["Ed Jones <c@a.test>", " <joe@where.test>", "John <jdoe@one.test>"], date: -27_723_426,
      messageID: "<testabcd.1234@silly.example>"),
    Example(
      section: "A.2",
      header: """
        From: Mary Smith <mary@example.net>
        To: John Doe <jdoe@machine.example>
        Reply-To: "Mary Smith: Personal Account" <smith@home.example>
        Subject: Re: Saying Hello
        Date: Fri, 21 Nov 1997 10:01:10 -0600
        Message-ID: <3456@example.net>
        In-Reply-To: <1234@local.machine.example>
        References: <1234@local.machine.example>
        """,
      sender: "Mary Smith <mary@example.net>", to: ["John Doe <jdoe@machine.example>"], subject: "Re: Saying Hello",
      date: 880_128_070, messageID: "<3456@example.net>"),
    Example(
      section: "A.3",
      header: """
        Resent-From: Mary Smith <mary@example.net>
        Resent-To: Jane Brown <j-brown@other.example>
        Resent-Date: Mon, 24 Nov 1997 14:22:01 -0800
        Resent-Message-ID: <78910@example.net>
        From: John Doe <jdoe@machine.example>
        To: Mary Smith <mary@example.net>
        Subject: Saying Hello
        Date: Fri, 21 Nov 1997 09:55:06 -0600
        Message-ID: <1234@local.machine.example>
        """,
      sender: "John Doe <jdoe@machine.example>", to: ["Mary Smith <mary@example.net>"], subject: "Saying Hello",
      date: 880_127_706, messageID: "<1234@local.machine.example>"),
    Example(
      section: "A.4",
      header: """
        Received: from x.y.test
          by example.net
          via TCP
          with ESMTP
          id ABC12345
          for <mary@example.net>;  21 Nov 1997 10:05:43 -0600
        Received: from node.example by x.y.test; 21 Nov 1997 10:01:22 -0600
        From: John Doe <jdoe@node.example>
        To: Mary Smith <mary@example.net>
        Subject: Saying Hello
        Date: Fri, 21 Nov 1997 09:55:06 -0600
        Message-ID: <1234@local.node.example>
        """,
      sender: "John Doe <jdoe@node.example>", to: ["Mary Smith <mary@example.net>"], subject: "Saying Hello",
      date: 880_127_706, messageID: "<1234@local.node.example>"),
    Example(
      section: "A.5",
      header: #"""
        From: Pete(A nice \) chap) <pete(his account)@silly.test(his host)>
        To:A Group(Some people)
             :Chris Jones <c@(Chris's host.)public.example>,
                 joe@example.org,
          John <jdoe@one.test> (my dear friend); (the end of the group)
        Cc:(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;
        Date: Thu,
              13
                Feb
                  1969
              23:32
                       -0330 (Newfoundland Time)
        Message-ID:              <testabcd.1234@silly.test>
        """#,
      sender: "Pete <pete@silly.test>",
      to: ["Chris Jones <c@public.example>", " <joe@example.org>", "John <jdoe@one.test>"], date: -27_723_480,
      messageID: "<testabcd.1234@silly.test>"),
    Example(
      section: "A.6.1",
      header: """
        From: Joe Q. Public <john.q.public@example.com>
        To: Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example
        Date: Tue, 1 Jul 2003 10:52:37 +0200
        Message-ID: <5678.21-Nov-1997@example.com>
        """,
      sender: "Joe Q. Public <john.q.public@example.com>",
      to: ["Mary Smith <mary@example.net>", " <jdoe@test.example>"], date: 1_057_049_557,
      messageID: "<5678.21-Nov-1997@example.com>"),
    Example(
      section: "A.6.2",
      header: """
        From: John Doe <jdoe@machine.example>
        To: Mary Smith <mary@example.net>
        Subject: Saying Hello
        Date: 21 Nov 97 09:55:06 GMT
        Message-ID: <1234@local.machine.example>
        """,
      sender: "John Doe <jdoe@machine.example>", to: ["Mary Smith <mary@example.net>"], subject: "Saying Hello",
      date: 880_106_106, messageID: "<1234@local.machine.example>"),
    Example(
      section: "A.6.3",
      header: """
        From  : John Doe <jdoe@machine(comment).  example>
        To    : Mary Smith
        \u{20}\u{20}
                  <mary@example.net>
        Subject     : Saying Hello
        Date  : Fri, 21 Nov 1997 09(comment):   55  :  06 -0600
        Message-ID  : <1234   @   local(blah)  .machine .example>
        """,
      sender: "John Doe <jdoe@machine.example>", to: ["Mary Smith <mary@example.net>"], subject: "Saying Hello",
      date: 880_127_706, messageID: "<1234   @   local(blah)  .machine .example>"),
  ]

  private static func text(_ mailboxes: [Mailbox]) -> [String] { mailboxes.map { "\($0.name) <\($0.address)>" } }

  private static func read(_ eml: [UInt8]) throws -> Message {
    try FromInternet.read(eml.span, converter: CharsetConverter())
  }

  /// What is read is what the example says, and the same after a trip through cc:Mail; a second trip changes nothing.
  @Test(arguments: examples)
  func example(_ example: Example) throws {
    let eml = Array("\(example.header.replacing("\n", with: "\r\n"))\r\n\r\nText.\r\n".utf8)
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(eml)
    let back = try converter.internet(there.bytes)
    #expect(back.count == 1)
    let returned = back[0].bytes
    for bytes in [eml, returned] {
      let message = try Self.read(bytes)
      #expect(message.sender.map { Self.text([$0]) } == [example.sender])
      for (field, wanted) in [(Message.Recipient.Field.to, example.to), (.cc, example.cc), (.bcc, [])] {
        #expect(Self.text(message.recipients.filter { $0.field == field }.map(\.mailbox)) == wanted)
      }
      #expect(message.subject == example.subject)
      // Of what comes back from cc:Mail, the seconds are lost.
      let date = bytes == eml ? example.date : Int((Double(example.date) / 60).rounded(.down)) * 60
      #expect(message.date?.seconds == date)
      let identifiers = message.headers.filter { $0.name == .messageID }.map {
        bytes.span.string(bytes.span.trimmed($0.range)).drop { $0 != "<" }
      }
      #expect(identifiers == [example.messageID[...]])
    }
    #expect(try converter.ccm(returned).bytes == there.bytes)
  }
}
