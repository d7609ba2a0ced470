import TestSupport
import Testing

@testable import Formats

/// Damaged .ccm files: whatever is wrong with one size, one line end or one byte between blocks, each text and each file
/// that is not damaged itself is there, and it is said.
@Suite struct CCDamageTests {
  /// How a file is written.
  struct Form: Sendable {
    var isSized = true
    var lineEnd = "\r\n"
    /// What is added to the size with this number: the items', the contents', the message's.
    var wrong = -1
    var difference = 0
    var isBlank = false
  }

  private static let texts = ["TOKTEXT first line\nsecond TOKLAST\n", "TOKSECOND\n"]
  private static let header = "From: Ann at HUB\nDate: 6/2/98 8:39\nTo: Bob at HUB2\nSubject: TOKSUBJ\n"

  private static func bytes(_ text: String, _ form: Form) -> [UInt8] {
    Array(text.replacing("\n", with: form.lineEnd).utf8)
  }

  private static func message(_ form: Form = Form(), data: [UInt8]) -> [UInt8] {
    var number = 0
    func size(_ count: Int) -> [UInt8] {
      defer { number += 1 }
      guard form.isSized else { return [] }
      if form.isBlank { return bytes("           \n", form) }
      let text = "\(count + (number == form.wrong ? form.difference : 0))"
      return bytes(text + String(repeating: " ", count: 11 - text.count) + "\n", form)
    }
    let hex = data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let file = form.isSized ? data : bytes(hex + "\n", form)
    var contents: [UInt8] = []
    for (title, block) in [
      ("Text item: \n", bytes("\n\n\(texts[0])\n", form)), ("File item: A.BIN\n", file),
      ("Text item: \n", bytes("\n\n\(texts[1])\n", form)),
    ] {
      contents += bytes(title, form) + size(block.count) + block
    }
    let rest = bytes(header + "Contents:\n", form) + size(contents.count) + contents + bytes("\n\n", form)
    return bytes("Message:\n", form) + size(rest.count) + rest
  }

  private static func decoded(_ item: ScannedMessage.Item, _ form: Form) -> [UInt8] {
    if form.isSized { return item.data }
    var data: [UInt8] = []
    CCText.appendHex(item.data.span, 0..<item.data.count, to: &data)
    return data
  }

  /// Both messages are there with all their texts; `data` is what the file is, where it can be told.
  private static func check(_ file: [UInt8], _ form: Form, data: [UInt8]?, isSilent: Bool = false, _ why: Comment) {
    let (messages, error) = scan(file)
    #expect(error == nil, why)
    #expect(messages.count == 2, why)
    for message in messages {
      #expect(message.items.map(\.kind) == [.text, .file, .text], why)
      guard message.items.count == 3 else { continue }
      for (index, words) in [(0, ["TOKTEXT first line", "second TOKLAST"]), (2, ["TOKSECOND"])] {
        let lines = text(message.items[index].data).split { $0.isNewline }.map(String.init)
        #expect(lines == words, why)
      }
      if let data { #expect(decoded(message.items[1], form) == data, why) }
      #expect(message.header.count == 4, why)
    }
    if !isSilent { #expect(messages.contains { !$0.rules.isEmpty }, why) }
    // In pieces it is the same.
    let pieces = scan(file, pieces: 61)
    #expect(pieces.messages == messages, why)
  }

  private static let files: [[UInt8]] = [
    Array("TOKFILE1\0\u{7}abc".utf8), [0, 1, 2, 200, 201, 202], Array("ends in a line\r\n".utf8), [0x1A, 0, 0],
    Array("a:".utf8), Array("digits 12".utf8), Array("x: y\r\nb".utf8),
  ]

  /// Each size wrong by a few bytes.
  @Test(arguments: files.indices, 0..<5)
  func wrongSizes(_ file: Int, _ wrong: Int) {
    for difference in [-3, -2, -1, 1, 2, 3] {
      let form = Form(wrong: wrong, difference: difference)
      let data = Self.files[file]
      let damaged = Self.message(form, data: data) + Self.message(data: data)
      // A file that ends in what may stand between blocks can lose it, and that is said.
      let isOpen = wrong == 1 && difference < 0 && (file == 2 || file == 3)
      Self.check(damaged, form, data: isOpen ? nil : data, "size \(wrong), \(difference), file \(file)")
    }
  }

  @Test func blankSizes() {
    for data in Self.files {
      let form = Form(isBlank: true)
      Self.check(Self.message(form, data: data) + Self.message(form, data: data), form, data: data, "\(data)")
    }
  }

  /// Ctrl-Z, NUL bytes and byte order marks between two messages, in both dialects.
  @Test(arguments: [
    "\u{1A}", "\0", "\u{1A}\u{1A}\u{1A}", "\0\0\0\0", "\u{1A}\n", "\n\u{1A}\n", "\u{FEFF}", "\n\0", "\u{1A}\0\u{FEFF}",
  ])
  func marksBetweenMessages(_ marks: String) {
    for isSized in [true, false] {
      for lineEnd in ["\r\n", "\n"] {
        let form = Form(isSized: isSized, lineEnd: lineEnd)
        let one = Self.message(form, data: [1, 2, 255])
        Self.check(one + Self.bytes(marks, form) + one, form, data: [1, 2, 255], "\(marks.debugDescription) \(form)")
        Self.check(Self.bytes(marks, form) + one + one, form, data: [1, 2, 255], "first \(marks.debugDescription)")
      }
    }
  }

  /// Right behind the last line of a plain text, which has no line end.
  @Test func ctrlZBehindAText() {
    let (messages, _) = scan(
      crlf(
        "Message:\nFrom: A at B\nTo: C\nContents:\nText item:\nTOKLAST\u{1A}Message:\nFrom: D at E\nTo: C\nContents:\n")
    )
    #expect(messages.map { $0.items.map { text($0.data) } } == [["TOKLAST"], []])
    #expect(messages[0].rules == [.filler])
  }

  @Test(arguments: [true, false], ["\r", "\n"])
  func lineEnds(_ isSized: Bool, _ lineEnd: String) {
    let form = Form(isSized: isSized, lineEnd: lineEnd)
    let data: [UInt8] = [1, 2, 13, 10, 3]
    let one = Self.message(form, data: data)
    Self.check(one + one, form, data: data, isSilent: lineEnd == "\n", "\(isSized) \(lineEnd.debugDescription)")
  }

  @Test func byteOrderMark() {
    let (messages, error) = scan(Array("\u{FEFF}".utf8) + Self.message(data: [7]) + Self.message(data: [7]))
    #expect(error == nil)
    #expect(messages.map(\.rules) == [[.byteOrderMark], []])
  }

  @Test(arguments: [" :", "\t:", "   :"])
  func blanksBeforeColons(_ colon: String) {
    for isSized in [true, false] {
      let form = Form(isSized: isSized)
      let one = text(Self.message(form, data: [65])).replacing(":\r\n", with: colon + "\r\n")
        .replacing("From:", with: "From" + colon).replacing("To:", with: "To" + colon)
        .replacing(" item:", with: " item" + colon)
      Self.check(Array((one + one).utf8), form, data: [65], "\(colon.debugDescription)")
    }
  }

  /// A file without its size line keeps its first line; hexadecimal is decoded where all of it is that.
  @Test(arguments: [
    ("hello\r\nworld\r\n", "hello\r\nworld\r\n"),
    ("TOKLINE1 of file\r\nTOKLINE2\r\n", "TOKLINE1 of file\r\nTOKLINE2\r\n"),
    ("544F4B484558\r\n", "TOKHEX"), ("544048\r\n31\r\n", "T@H1"), ("313233343536373839\r\n", "123456789"),
    ("544\r\n", "544\r\n"),
  ])
  func fileWithoutSizeLine(_ lines: String, _ data: String) {
    let start = "Message:\r\n300        \r\nFrom: A at B\r\nTo: C\r\nContents:\r\n100        \r\n"
    let (messages, _) = scan(
      Array((start + "File item: A.BIN\r\n" + lines + "Text item: \r\n7          \r\nTOKLAST").utf8))
    #expect(messages.count == 1)
    guard let item = messages.first?.items.first else { return }
    if data == "544\r\n" {
      // A number with nothing behind it is a size that is wrong.
      #expect(messages[0].rules.contains(.sizeTooLong))
    } else {
      let isHex = data != lines
      #expect(Self.decoded(item, Form(isSized: !isHex)) == Array(data.utf8))
      #expect(messages[0].rules.contains(.sizeMissing))
    }
    #expect(messages[0].items.count == 2)
  }

  @Test func secondFields() {
    let (messages, _) = scan(
      crlf(
        "Message:\nFrom: A at B\nFrom: X at Y\nSubject: \nSubject: S\nDate: 1/1/98\nDate: 2/1/98\nTo: C\nTo: D\nContents:\n"
      ))
    #expect(messages[0].rules == [.secondField, .secondField])
    #expect(messages[0].header.count == 8)
  }
}
