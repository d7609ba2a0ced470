import TestSupport
import Testing

@testable import Formats

@Suite struct CCWriterTests {
  private static func file(_ layout: CCLayout, _ texts: [String], _ data: [UInt8]? = nil, title: String = "") -> [UInt8]
  {
    var writer = CCWriter(layout: layout)
    return write { output in
      writer.beginMessage(&output)
      writer.appendHeader(.from, "Grewal, Jeff at Hub".bytes.span, to: &output)
      writer.appendHeader(.date, "6/2/98 8:39".bytes.span, to: &output)
      writer.appendHeader(.to, "Admin at HUBPO2".bytes.span, to: &output)
      writer.appendHeader(.subject, "Another message".bytes.span, to: &output)
      writer.beginContents(&output)
      for text in texts {
        writer.beginItem(.text, title: title.bytes.span, to: &output)
        writer.appendText(text.bytes.span, to: &output)
        writer.endItem(&output)
      }
      if let data {
        writer.beginItem(.file, title: "A.DAT".bytes.span, to: &output)
        writer.appendData(data.span, to: &output)
        writer.endItem(&output)
      }
      writer.endContents(&output)
      writer.endMessage(&output)
    }
  }

  /// Knowledge Base article Q184052: the sizes 179, 58 and 32.
  @Test func sizesOfTheSample() {
    #expect(
      text(Self.file(CCLayout(), ["This is the message body"]))
        == text(
          crlf(
            """
            Message:
            179\("        ")
            From: Grewal, Jeff at Hub
            Date: 6/2/98 8:39
            To: Admin at HUBPO2
            Subject: Another message
            Contents:
            58\("         ")
            Text item:\(" ")
            32\("         ")


            This is the message body



            \("")
            """)))
  }

  private static let layouts: [CCLayout] = {
    var layouts: [CCLayout] = []
    for isSized in [true, false] {
      for (lead, trail, end) in [(2, 2, 2), (0, 1, 0), (1, 3, 1), (0, 0, 0), (4, 4, 4)] {
        for width in [1, 11] {
          var layout = CCLayout()
          (layout.isSized, layout.textLead, layout.textTrail, layout.messageEnd) = (isSized, lead, trail, end)
          layout.sizeWidth = width
          layouts.append(layout)
        }
      }
    }
    return layouts
  }()

  /// What is written is read again, in every layout, whatever the text is.
  @Test(
    arguments: layouts,
    [
      "text", "text\r\n", "text\n", "\r\n", "\r\n\r\n\r\n", "", "\r\ntext\r\n\r\n", "Message:\r\n",
      "one\r\nMessage:\r\n12\r\n",
      " Message:\r\n  File item: x\r\n", "Text item: \r\n3\r\nabc\r\n", "Contents:\r\nFax item: a\r\n",
      "text item:\r\n",
    ])
  func roundTrip(_ layout: CCLayout, _ plain: String) {
    let data = noise(100)
    let file = Self.file(layout, [plain, "behind"], data)
    let two = scan(file + file)
    #expect(two.error == nil)
    #expect(two.messages.count == 2)
    for message in two.messages {
      #expect(message.rules.isEmpty)
      #expect(message.items.map(\.kind) == [.text, .text, .file])
      #expect(message.isSized == layout.isSized)
    }
    guard let first = two.messages.first, first.items.count == 3 else { return }
    var read: [UInt8] = []
    let item = first.items[0].data
    let range = CCText.range(item.span, 0..<item.count, lead: layout.textLead, trail: layout.textTrail)
    CCText.append(item.span, range, isProtected: !layout.isSized, to: &read)
    // A text without a line end has one when it comes back; without trailing line ends it has none.
    var expected = plain.replacing("\r\n", with: "\n")
    if layout.textTrail == 0, layout.isSized {
      if expected.hasSuffix("\n") { expected.removeLast() }
    } else if !expected.isEmpty, !expected.hasSuffix("\n") {
      expected += "\n"
    }
    #expect(text(read).replacing("\r\n", with: "\n") == expected)
    if layout.isSized {
      #expect(first.items[2].data == data)
    } else {
      var decoded: [UInt8] = []
      let hex = first.items[2].data
      CCText.appendHex(hex.span, 0..<hex.count, to: &decoded)
      #expect(decoded == data)
    }
  }

  /// Lines of hexadecimal digits, 32 bytes each.
  @Test func hexadecimal() {
    var layout = CCLayout()
    layout.isSized = false
    let lines = text(Self.file(layout, [], noise(70))).split(separator: "\r\n")
    #expect(lines.suffix(3).map(\.utf8.count) == [64, 64, 12])
    #expect(lines.suffix(3).joined().utf8.allSatisfy { ASCII.hexadecimalValue($0) != nil })
  }

  /// A field too narrow for its number gets the room it needs, and the sizes around it are right.
  @Test func narrowFields() {
    var layout = CCLayout()
    layout.sizeWidth = 1
    let file = Self.file(layout, ["text"], noise(12_345))
    let (messages, _) = scan(file + file)
    #expect(messages.map(\.rules) == [[], []])
    #expect(messages.first?.items.last?.data == noise(12_345))
  }

  /// Many small pieces take no more time each than the first ones.
  @Test func manyReservations() {
    var output: [UInt8] = []
    var moves = 0
    var capacity = 0
    for _ in 0..<10_000 {
      output.reserve(100)
      if output.capacity != capacity { moves += 1 }
      capacity = output.capacity
      output.append(contentsOf: repeatElement(0, count: 100))
    }
    #expect(moves < 50)
  }
}
