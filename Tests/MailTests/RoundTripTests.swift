import Formats
import TestSupport
import Testing

@testable import Mail

/// A set of options under which every promise of the mapping has to hold.
struct Settings: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let change: @Sendable (inout ConversionOptions) -> Void

  init(_ description: String, _ change: @escaping @Sendable (inout ConversionOptions) -> Void) {
    testDescription = description
    self.change = change
  }

  static let all = [
    Settings("default") { _ in },
    Settings("plain dialect") { $0.layout.isSized = false },
    Settings("all headers kept") { $0.keepsHeaders = true },
    Settings("release 8") { $0.setRelease(8) },
    Settings("long names") { $0.longNames = true },
    Settings("code page 437") { $0.codePage = CodePage("437") },
    Settings("code page 852") { $0.codePage = CodePage("852") },
    Settings("code page 866") { $0.codePage = CodePage("866") },
    Settings("code page 932") { $0.codePage = CodePage("932") },
    Settings("code page 950") { $0.codePage = CodePage("950") },
    Settings("UTF-8") { $0.codePage = CodePage("utf-8") },
    Settings("long texts attached") { $0.attachesLongText = true },
    Settings("day first, year of four digits") {
      $0.dateOrder = .dayMonthYear
      $0.fourDigitYear = true
    },
    Settings("bare layout") {
      $0.layout.textLead = 0
      $0.layout.textTrail = 1
      $0.layout.messageEnd = 0
      $0.layout.sizeWidth = 1
    },
    Settings("small limits") {
      $0.headerLimit = 512
      $0.textLimit = 300
      $0.subjectLimit = 20
      $0.titleLimit = 10
    },
    Settings("plain dialect, small limits, all headers") {
      $0.layout.isSized = false
      $0.keepsHeaders = true
      $0.textLimit = 300
    },
  ]
}

@Suite struct RoundTripTests {
  static let internet = Sample.all("internet")
  static let ccMail = Sample.all("ccmail")

  /// What our writer wrote comes back byte for byte.
  @Test(arguments: internet, Settings.all)
  func ccmToInternetAndBack(_ sample: Sample, _ settings: Settings) throws {
    let converter = converter(settings.change)
    guard let first = try? converter.ccm(sample.bytes).bytes else { return }
    let internet = try converter.internet(first)
    #expect(internet.count == 1)
    let second = try internet.reduce(into: []) { $0 += try converter.ccm($1.bytes).bytes }
    #expect(Self.difference(first, second) == nil)
  }

  /// What one conversion keeps, two conversions keep: sender, recipients by field, subject, date, priority, receipt,
  /// texts, files byte for byte with their names.
  @Test(arguments: internet.filter(\.isSound), Settings.all)
  func internetToCCMailAndBack(_ sample: Sample, _ settings: Settings) throws {
    let converter = converter(settings.change)
    let back = try converter.internet(try converter.ccm(sample.bytes).bytes)
    try #require(back.count == 1)
    let (before, after) = try (Digest(sample.bytes), Digest(back[0].bytes))
    #expect(before.header == after.header)
    #expect(before.texts == after.texts)
    #expect(before.files == after.files)
  }

  /// Whatever a .ccm file holds, what it becomes is stable: a second way there and back changes nothing.
  @Test(arguments: ccMail, Settings.all)
  func stableAfterOneConversion(_ sample: Sample, _ settings: Settings) throws {
    let converter = converter(settings.change)
    guard let internet = try? converter.internet(sample.bytes) else { return }
    for message in internet {
      let first = try converter.ccm(message.bytes).bytes
      let second = try converter.internet(first).reduce(into: []) { $0 += try converter.ccm($1.bytes).bytes }
      #expect(Self.difference(first, second) == nil)
    }
  }

  /// Sender, recipients and texts of a .ccm file are there after both ways.
  @Test(arguments: ccMail.filter(\.isSound))
  func ccMailKeepsItsContents(_ sample: Sample) throws {
    let converter = converter()
    for message in try converter.internet(sample.bytes) {
      let again = try converter.internet(try converter.ccm(message.bytes).bytes)
      try #require(again.count == 1)
      let (before, after) = try (Digest(message.bytes), Digest(again[0].bytes))
      #expect(before.header == after.header)
      #expect(before.texts == after.texts)
      #expect(before.files == after.files)
    }
  }

  /// What stands around the first byte in which two texts differ; nil when they are the same.
  private static func difference(_ a: [UInt8], _ b: [UInt8]) -> String? {
    if a == b { return nil }
    let at = zip(a, b).enumerated().first { $1.0 != $1.1 }?.offset ?? min(a.count, b.count)
    func around(_ bytes: [UInt8]) -> String {
      text(bytes[max(0, min(at, bytes.count) - 80)..<min(bytes.count, at + 80)])
    }
    return "\(at) of \(a.count) and \(b.count): \(around(a).debugDescription) \(around(b).debugDescription)"
  }

  /// One line of any length takes time in proportion to it, both ways.
  @Test(.timeLimit(.minutes(1))) func longLine() throws {
    let line = String(repeating: "0123456789abcdef", count: 200_000)
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(Array("From: a@example.com\nTo: b@example.org\n\n\(line)\n".utf8))
    let back = try converter.internet(there.bytes)
    #expect(try converter.ccm(back[0].bytes).bytes == there.bytes)
    #expect(String(decoding: back[0].bytes, as: UTF8.self).replacing("=\r\n", with: "").contains(line))
  }

  /// What only the parameters of Content-Type say.
  @Test(arguments: [
    "text/calendar; charset=utf-8; method=REQUEST", "message/partial; id=\"1@example.com\"; number=2; total=3",
    "message/external-body; access-type=URL; url=\"http://example.com/a b\"",
    "application/pkcs7-mime; smime-type=enveloped-data",
  ])
  func parameters(_ type: String) throws {
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(Array("From: a@example.com\nContent-Type: \(type)\n\nx: y\n\n".utf8))
    let back = try converter.internet(there.bytes)
    let text = String(decoding: back[0].bytes, as: UTF8.self)
    for parameter in type.split(separator: "; ").dropFirst() {
      #expect(text.contains(parameter.replacing("\"", with: "").replacing("=", with: "=\"") + "\""))
    }
    #expect(try converter.ccm(back[0].bytes).bytes == there.bytes)
  }

  /// Text without a label that is neither UTF-8 nor windows-1252 comes back as it was.
  @Test func unlabelledBytes() throws {
    let bytes: [UInt8] = [0x82, 0xE0, 0x83, 0x81, 0x5B, 0x83, 0x8F]
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(Array("From: a@example.com\nTo: b@example.org\n\n".utf8) + bytes + [10])
    let back = try converter.internet(there.bytes)
    let eml = back[0].bytes
    let message = try FromInternet.read(eml.span, converter: CharsetConverter())
    var body: [UInt8] = []
    _ = message.items[0].content.append(from: eml.span, to: &body)
    #expect(body == bytes + [13, 10])
    #expect(message.items[0].charset.isEmpty)
    #expect(try converter.ccm(eml).bytes == there.bytes)
  }

  /// Fields in an obsolete form, RFC 5322, 4.5: a blank before the colon, a line of blanks within.
  @Test(arguments: ["Subject :[a\n \n and] \u{263A}", "Subject: a\n   \n b \u{263A}", "Subject:a\n   \n"])
  func obsoleteField(_ field: String) throws {
    let long = field + String(repeating: " and more", count: 10)
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(Array("From: a@example.com\n\(long)\nTo: b@example.org\n\nx\n".utf8))
    let back = try converter.internet(there.bytes)
    let eml = back[0].bytes
    let message = try FromInternet.read(eml.span, converter: CharsetConverter())
    #expect(message.subject.hasSuffix("and more and more and more"))
    #expect(try converter.ccm(eml).bytes == there.bytes)
  }

  /// HTML that is shown inline, as the whole of a message or beside others.
  @Test func inlineHTML() throws {
    let converter = Converter(options: ConversionOptions())
    let html = "Content-Type: text/html\nContent-Disposition: inline\n\n<p>x</p>\n"
    let there = try converter.ccm(Array("From: a@example.com\nTo: b@example.org\n\(html)".utf8))
    #expect(try converter.ccm(converter.internet(there.bytes)[0].bytes).bytes == there.bytes)
  }

  /// Uuencoded files in a text are bounded as parts are.
  @Test func uuencodedFilesWithoutEnd() throws {
    let file = "begin 644 a\n#0V%T\n`\nend\n"
    let text = String(repeating: file, count: InternetMessageReader.maximumParts + 1)
    let there = try Converter(options: ConversionOptions()).ccm(Array("From: a@example.com\n\n\(text)".utf8))
    #expect(there.findings.map(\.rule).contains(.tooManyParts))
  }

  /// Thousands of pictures beside HTML, of forms of a text, and of titles, take time in proportion to them.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      (
        "related", "Content-Type: text/html\n\n<p></p>\n", "Content-Type: image/gif\nContent-ID: <1@example.com>\n\nx\n"
      ),
      ("alternative", "\ntext\n", "Content-Type: text/html\n\n<p>x</p>\n"),
      ("mixed", "\nfirst\n", "Content-Description: \(String(repeating: "title ", count: 20))\n\ntext\n"),
    ])
  func manyParts(_ subtype: String, _ first: String, _ part: String) throws {
    let parts = "--b\n\(first)" + String(repeating: "--b\n\(part)", count: 5000) + "--b--\n"
    let type = "Content-Type: multipart/\(subtype); boundary=b"
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(Array("From: a@example.com\nTo: b@example.org\n\(type)\n\n\(parts)".utf8))
    #expect(try converter.ccm(converter.internet(there.bytes)[0].bytes).bytes == there.bytes)
  }

  /// A name that no line of cc:Mail holds comes back, and is told of.
  @Test func longName() throws {
    let name = String(repeating: "name ", count: 60) + "end"
    let converter = Converter(options: ConversionOptions())
    let there = try converter.ccm(Array("From: a@example.com\nTo: \(name) <b@example.org>\n\nx\n".utf8))
    #expect(there.findings.map(\.rule).contains(.addressChanged))
    let back = try converter.internet(there.bytes)
    let bytes = back[0].bytes
    let message = try FromInternet.read(bytes.span, converter: CharsetConverter())
    #expect(message.recipients[0].mailbox.name == name)
  }
}

/// What a message says, in a form that can be compared.
struct Digest {
  struct File: Equatable, Comparable {
    var name: String
    var bytes: [UInt8]

    static func < (a: File, b: File) -> Bool {
      a.name != b.name ? a.name < b.name : a.bytes.lexicographicallyPrecedes(b.bytes)
    }
  }

  var header: [String]
  /// The texts and HTML bodies, in UTF-8, their line ends and blanks at line ends aside.
  var texts: [String] = []
  var files: [File] = []

  init(_ bytes: [UInt8]) throws {
    let converter = CharsetConverter()
    let source = LineEnds.withoutLoneReturns(bytes.span) ?? bytes
    let message = try FromInternet.read(source.span, converter: converter)
    let sender = message.sender
    header = ["from \(sender?.name ?? "") <\(sender?.address ?? "")>", "subject \(message.subject)"]
    header += message.recipients.map { "\($0.field) \($0.mailbox.name) <\($0.mailbox.address)>" }.sorted()
    header.append("date \((message.date?.seconds ?? 0) / 60)")
    header.append("priority \(message.priority)")
    if let receiptTo = message.receiptTo { header.append("receipt \(receiptTo.address)") }
    for item in message.items {
      var content: [UInt8] = []
      _ = item.content.append(from: source.span, to: &content)
      if item.isFlowed {
        var lines: [UInt8] = []
        FormatFlowed.unflow(content.span, deletingSpace: item.deletesSpace, into: &lines)
        content = lines
      }
      if item.kind == .text {
        var utf8: [UInt8] = []
        converter.appendUTF8(content.span, charset: item.charset, to: &utf8)
        let lines = text(utf8).split(omittingEmptySubsequences: true) { $0 == "\n" || $0 == "\r\n" }
        texts.append(lines.joined(separator: "\n"))
      } else if item.type.name.hasPrefix("message/") {
        files.append(File(name: item.name, bytes: Self.withoutLastLineEnds(LineEnds.canonical(content))))
      } else if item.role == .body || item.role == .alternative {
        files.append(File(name: item.name, bytes: Self.withoutLastLineEnds(content)))
      } else {
        files.append(File(name: item.name, bytes: content))
      }
    }
    files.sort()
  }

  /// The last line end of a text is its encoding's business.
  private static func withoutLastLineEnds(_ bytes: [UInt8]) -> [UInt8] {
    Array(bytes[..<(bytes.lastIndex { !ASCII.isSpace($0) }.map { $0 + 1 } ?? 0)])
  }
}
