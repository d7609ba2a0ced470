import TestSupport
import Testing

@testable import Formats

@Suite struct MboxScannerTests {
  /// The messages that a scanner finds when the input comes in pieces of `size` bytes.
  private static func messages(_ mbox: [UInt8], _ format: MboxScanner.Format = .auto, pieces size: Int = .max)
    -> [String]
  {
    var scanner = MboxScanner(format: format)
    var messages: [String] = []
    var start = 0
    var end = min(size, mbox.count)
    while true {
      let window = mbox.span.extracting(start..<end)
      switch scanner.next(in: window, isFinal: end == mbox.count) {
      case .message(let range, let next):
        messages.append(text(write { scanner.append(window, range, to: &$0) }))
        start += next
      case .needsMore:
        if end == mbox.count { return messages + ["needs more of all"] }
        end = min(end + size, mbox.count)
      case .end: return messages
      }
    }
  }

  private static let line = "From jeff@example.com Thu Aug 19 13:02:00 1999\n"

  private static let sample =
    line + "Subject: one\n\nFirst.\n>From the top\n>>From twice\n\nFrom here on it is easy\nFrom: me\n\n" + line
    + "Subject: two\n\nSecond.\nFrom jeff@example.com Thu Aug 19 13:02:00 1999\nno empty line before\n\n" + line
    + "no header after it\n\n" + line + "Subject: three\n\n"

  @Test func mboxrd() {
    #expect(
      Self.messages(Self.sample.bytes, .mboxrd) == [
        "Subject: one\n\nFirst.\nFrom the top\n>From twice\n\nFrom here on it is easy\nFrom: me\n",
        "Subject: two\n\nSecond.\n\(Self.line)no empty line before\n\n\(Self.line)no header after it\n",
        "Subject: three\n",
      ])
  }

  @Test func mboxo() {
    #expect(Self.messages(Self.sample.bytes, .mboxo).first?.contains("\n>From the top\n>>From twice\n") == true)
    #expect(Self.messages(Self.sample.bytes, .mboxo).count == 3)
  }

  /// A length that is true is believed, whatever stands in the body; one that is not is none.
  @Test func mboxcl() {
    let body = "text\n\n\(Self.line)Subject: no message\n"
    let mbox =
      Self.line + "Subject: one\nContent-Length: \(body.utf8.count)\n\n\(body)\n" + Self.line + "Subject: two\n\n2\n"
    for format in [MboxScanner.Format.mboxcl, .auto] {
      #expect(
        Self.messages(mbox.bytes, format) == [
          "Subject: one\nContent-Length: \(body.utf8.count)\n\n\(body)", "Subject: two\n\n2\n",
        ])
    }
    #expect(Self.messages(mbox.bytes, .mboxrd).count == 3)
    for wrong in ["7", "999999", "-1", "x", "99999999999999999999"] {
      let mbox = Self.line + "Content-Length: \(wrong)\n\none\n\n" + Self.line + "Subject: two\n\n2\n"
      #expect(Self.messages(mbox.bytes, .mboxcl).count == 2)
    }
  }

  /// In pieces of any size the same messages come out.
  @Test(arguments: MboxScanner.Format.allCases)
  func inPieces(_ format: MboxScanner.Format) {
    for mbox in [Self.sample.bytes, crlf(Self.sample)] {
      let whole = Self.messages(mbox, format)
      for size in Array(1...70) + [100, 200, 400] { #expect(Self.messages(mbox, format, pieces: size) == whole) }
    }
  }

  @Test(arguments: [
    ("From jeff@example.com Thu Aug 19 13:02:00 1999", true), ("From jeff Thu Aug 19 13:02:00 EST 1999", true),
    ("From jeff@example.com  Thu Aug  9 13:02 1999", true),
    ("From jeff@example.com Thu, 19 Aug 1999 13:02:00 +0200", true),
    ("From Thu Aug 19 13:02:00 1999", true), ("From - Thu Aug 19 13:02:00 1999", true),
    ("From MAILER-DAEMON Thu Aug 19 13:02:00 1999", true), ("From 19 Aug 1999 13:02:00", true),
    ("From here on", false), ("From Thu to Fri at 13:02", false), ("From jeff Thu Feb 31 13:02:00 1999", false),
    ("From ", false),
    ("From: jeff Thu Aug 19 13:02:00 1999", false), ("From jeff@example.com", false),
  ])
  func fromLines(_ line: String, _ isOne: Bool) {
    let bytes = line.bytes
    #expect(MboxScanner.isFromLine(bytes.span, 0..<bytes.count) == isOne)
  }

  @Test(arguments: ["", "\n\n", "\r\n"])
  func empty(_ text: String) {
    #expect(Self.messages(text.bytes).isEmpty)
  }

  /// What is written in mboxrd is read again, however often.
  @Test func writing() {
    let messages = [
      "Subject: a\n\nFrom me\n>From you\nFrom\n", "Subject: b\n\n\n\n", "Subject: c\n", "Subject: d\n\nno line end",
    ]
    var mbox: [UInt8] = []
    for message in messages {
      let bytes = message.bytes
      MboxScanner.appendQuoted(
        bytes.span, sender: "jeff@example.com", date: Timestamp(seconds: 935_067_720, zone: 0), to: &mbox)
    }
    #expect(text(mbox).hasPrefix(Self.line))
    #expect(Self.messages(mbox, .mboxrd) == messages.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" })
    let strange = write {
      MboxScanner.appendQuoted(
        messages[2].bytes.span, sender: "two words", date: Timestamp(seconds: 0, zone: 0), to: &$0)
    }
    #expect(text(strange).hasPrefix("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"))
  }
}
