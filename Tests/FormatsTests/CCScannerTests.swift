import TestSupport
import Testing

@testable import Formats

/// What the scanner made of a message, its ranges copied.
struct ScannedMessage: Equatable {
  var header: [String] = []
  var items: [Item] = []
  var rules: [Rule] = []
  var isSized = false

  struct Item: Equatable {
    var kind: CCItemKind
    var title: String
    var data: [UInt8]
  }
}

/// The messages of a .ccm file that comes in pieces of `size` bytes, and what the scanner said at the end.
func scan(_ file: [UInt8], pieces size: Int = .max) -> (messages: [ScannedMessage], error: Unreadable?) {
  var scanner = CCScanner()
  var messages: [ScannedMessage] = []
  var start = 0
  var end = min(size, file.count)
  while true {
    let window = file.span.extracting(start..<end)
    switch scanner.next(in: window, isFinal: end == file.count) {
    case .message(let message, let next):
      guard next > 0 else {
        Issue.record("no progress")
        return (messages, nil)
      }
      messages.append(
        ScannedMessage(
          header: message.header.map { "\(window.string($0.name)): \(window.string($0.value))" },
          items: message.items.map {
            ScannedMessage.Item(kind: $0.kind, title: window.string($0.title), data: window.array($0.data))
          },
          rules: message.findings.map(\.rule), isSized: message.isSized))
      start += next
    case .needsMore:
      if end == file.count {
        Issue.record("needs more of a whole file")
        return (messages, nil)
      }
      end = min(end + size, file.count)
    case .end: return (messages, nil)
    case .unreadable(let error): return (messages, error)
    }
  }
}

@Suite struct CCScannerTests {
  private static let header =
    "From: Grewal, Jeff at Hub\nDate: 6/2/98 8:39\nTo: Admin at HUBPO2\nSubject: Another message\n"

  /// A message of a text, a file and a text. `size` gives the text of a size field.
  private static func message(
    data: [UInt8] = [0, 1, 2, 200, 201, 202], between: String = "", end: String = "\n\n",
    size: (Int) -> String = { "\($0)" }
  ) -> [UInt8] {
    let blocks: [(String, [UInt8])] = [
      ("Text item: One", crlf("\n\nFirst\n\n")), ("File item: A.DAT 5/6/97 3:10PM", data),
      ("Text item: ", crlf("\n\nLast\n\n")),
    ]
    let contents = blocks.reduce(into: [UInt8]()) {
      $0 += crlf("\($1.0)\n\(size($1.1.count))\n") + $1.1 + crlf(between)
    }
    let rest = crlf(header + "Contents:\n\(size(contents.count))\n") + contents + crlf(end)
    return crlf("Message:\n\(size(rest.count))\n") + rest
  }

  private static let good = scan(message()).messages[0]

  @Test func wellFormed() {
    #expect(Self.good.isSized)
    #expect(Self.good.rules.isEmpty)
    #expect(Self.good.header.map { text($0.utf8) }.joined(separator: "\n") + "\n" == Self.header)
    #expect(Self.good.items.map(\.kind) == [.text, .file, .text])
    #expect(Self.good.items.map(\.title) == ["One", "A.DAT 5/6/97 3:10PM", ""])
    #expect(Self.good.items.map { $0.data.count } == [13, 6, 12])
    let three = scan(Self.message() + Self.message() + Self.message())
    #expect(three.messages == [Self.good, Self.good, Self.good])
    #expect(three.error == nil)
  }

  /// What wrong sizes do: the texts and the file are there all the same, a next message is found, and it is said.
  private static func check(_ file: [UInt8], _ comment: Comment? = nil) {
    let (messages, error) = scan(file + message())
    #expect(error == nil, comment)
    #expect(messages.count == 2, comment)
    guard messages.count == 2 else { return }
    #expect(messages[1] == good, comment)
    #expect(messages[0].header == good.header, comment)
    #expect(messages[0].items.map(\.kind) == [.text, .file, .text], comment)
    #expect(messages[0].items.map(\.title) == good.items.map(\.title), comment)
    #expect(!messages[0].rules.isEmpty, comment)
    for (item, expected) in zip(messages[0].items, good.items) {
      // The line ends around a block may be with the one or with the other.
      #expect(withoutLineEnds(item.data) == withoutLineEnds(expected.data), comment)
    }
  }

  private static func withoutLineEnds(_ bytes: [UInt8]) -> [UInt8] {
    Array(
      bytes.drop { $0 == ASCII.cr || $0 == ASCII.lf }.reversed().drop { $0 == ASCII.cr || $0 == ASCII.lf }.reversed())
  }

  @Test(arguments: ["", "           ", "0", "twelve", "-1", "99999999999999999999", "2147483647", "0x20"])
  func uselessSizes(_ size: String) {
    Self.check(Self.message(between: "\n") { _ in size })
  }

  @Test(arguments: [-20, -9, -3, -1, 1, 3, 9, 20, 1000, 5000])
  func wrongSizes(_ difference: Int) {
    Self.check(Self.message(between: "\n") { "\(max(0, $0 + difference))" })
  }

  /// One size of five is wrong.
  @Test(arguments: 0..<5)
  func oneWrongSize(_ which: Int) {
    for difference in [-5, -1, 1, 7, 300, 1_000_000] {
      var number = 0
      // Sizes are asked for from the inside out: three items, the contents, the message.
      let file = Self.message(between: "\n") { size in
        defer { number += 1 }
        return "\(number == which ? max(1, size + difference) : size)"
      }
      Self.check(file, "\(difference)")
    }
  }

  /// Sizes that count their own line, or the keyword's line too (1.4 of the format's description).
  @Test func sizesCountedDifferently() {
    Self.check(Self.message(between: "\n") { "\($0 + "\($0)".count + 2)" })
  }

  @Test(arguments: ["", "\n", "\n\n\n", "\n\n\n\n\n\n\n\n"])
  func lineEndsBetweenBlocks(_ lineEnds: String) {
    let (messages, error) = scan(Self.message(between: lineEnds, end: lineEnds) + Self.message())
    #expect(error == nil)
    #expect(messages.map(\.items) == [Self.good.items, Self.good.items])
  }

  /// A region whose size is right is never searched for keywords.
  @Test func fileFullOfKeywords() {
    let data =
      Self.message() + crlf("Message:\n\nMessage:\n12\nFrom: x\nContents:\n1\nFile item: x\n0\n") + Self.message()
    let (messages, _) = scan(Self.message(data: data) + Self.message())
    #expect(messages.count == 2)
    #expect(messages[0].items.map { $0.data.count } == [13, data.count, 12])
    #expect(messages[0].rules.isEmpty)
  }

  @Test(arguments: ["\u{1A}", "\r\n\u{1A}", "\u{1A}\u{1A}\r\n", "\0\0\0", " \t\r\n"])
  func fillerAtTheEnd(_ end: String) {
    let (messages, error) = scan(Self.message() + end.bytes)
    #expect(messages.map(\.items) == [Self.good.items])
    #expect(error == nil)
  }

  @Test func noContents() {
    let (messages, error) = scan(crlf("Message:\n" + Self.header) + Self.message())
    #expect(error == nil)
    #expect(messages.map(\.rules) == [[.noContents], []])
    #expect(messages[0].header == Self.good.header)
  }

  @Test func unknownKeywordsAndSections() {
    let file = crlf(
      "Message:\n" + Self.header + "Weather: fine\nContents:\nSmell item: rose\nabc\nText item: x\n\ntext\n")
    let (messages, _) = scan(file)
    #expect(messages.count == 1)
    #expect(messages[0].header.last == "Weather: fine")
    #expect(messages[0].items.map(\.kind) == [.other, .text])
    #expect(messages[0].rules == [.unknownKeyword, .unknownSection])
  }

  /// The plain dialect: no sizes, keywords in any case and any order.
  @Test func plainDialect() {
    let file = crlf(
      "MESSAGE:\nsubject: x\nTO: Admin at Hub\nfrom: Jeff at Hub\ncontents:\ntext Item:\n\n\nOne\n\nfile item: A\n0001ff\nmessage:\nFrom: y\nContents:\n"
    )
    let (messages, _) = scan(file)
    #expect(messages.map(\.items.count) == [2, 0])
    #expect(messages.map(\.isSized) == [false, false])
    #expect(messages[0].items.map(\.kind) == [.text, .file])
  }

  @Test func continuedHeaderLines() {
    let (messages, _) = scan(crlf("Message:\nTo: Admin at Hub,\n  Ruth at Hub\nSubject: x\nContents:\n"))
    #expect(messages[0].header == ["To: Admin at Hub,\r\n  Ruth at Hub", "Subject: x"])
  }

  @Test(arguments: ["no .ccm file\r\n", "Message: with text\r\n", "\u{1}\u{2}", "Messages:\r\n"])
  func unreadable(_ file: String) {
    let (messages, error) = scan(file.bytes)
    #expect(messages.isEmpty)
    #expect(error?.offset == 0)
  }

  @Test(arguments: ["", "\r\n", "\u{1A}"])
  func nothing(_ file: String) {
    let (messages, error) = scan(file.bytes)
    #expect(messages.isEmpty)
    #expect(error == nil)
  }

  /// In pieces of every size the same comes out as whole, whether the sizes are right or not.
  @Test(arguments: 0..<12)
  func inPieces(_ kind: Int) {
    var files = [
      Self.message() + Self.message(), Self.message(between: "\n", end: "") + Self.message(between: "\n"),
      crlf("Message:\n" + Self.header) + Self.message(), crlf("console output\n\n") + Self.message() + "\u{1A}".bytes,
    ]
    for size in ["", "0", "twelve", "99999"] {
      files.append(Self.message(between: "\n") { _ in size } + Self.message())
    }
    for difference in [-9, -1, 1, 9] {
      files.append(Self.message(between: "\n") { "\($0 + difference)" } + Self.message())
    }
    let file = files[kind]
    let whole = scan(file)
    for size in Array(1...40) + [64, 100, 150, 200] {
      let pieces = scan(file, pieces: size)
      #expect(pieces.messages == whole.messages, "pieces of \(size)")
      #expect(pieces.error == whole.error)
    }
  }

  /// Cut off at any byte, or one byte another one: it ends, and says what it has.
  @Test func damagedAnywhere() {
    let file = Self.message() + Self.message(between: "\n")
    for count in file.indices {
      let (messages, _) = scan(Array(file[..<count]))
      #expect(messages.count <= 2)
      for byte: UInt8 in [0, 10, 26, 48, 58, 255] {
        var damaged = file
        damaged[count] = byte
        #expect(scan(damaged).messages.count <= 3)
      }
    }
  }

  /// Sizes that lead nowhere, item after item, do not make the reader search all that follows for each of them.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("888888888", "Text item: x\r\n77777777\r\n"), ("900000", "Text item: x\r\n77777777\r\n"),
      ("19000000", "Text item: x\r\nFile item: y\r\n"), ("19000000", "File item: y\r\n40\r\nabc\r\n"),
      ("19000000", "Text item:"), ("8", "File item: x\r\n7\r\n"),
    ])
  func liesInEachItem(_ size: String, _ item: String) {
    let items = String(repeating: item, count: 30_000)
    let file = Array("Message:\r\n999999999\r\nFrom: A at B\r\nTo: C at D\r\nContents:\r\n\(size)\r\n\(items)".utf8)
    var scanner = CCScanner()
    guard case .message(let message, let next) = scanner.next(in: file.span, isFinal: true) else {
      Issue.record("no message")
      return
    }
    #expect(next == file.count)
    #expect(!message.items.isEmpty)
  }
}
