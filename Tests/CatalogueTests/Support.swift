import Formats
import Glibc
import TestSupport
import Testing

@testable import Mail

/// `text` in a code page.
func encoded(_ text: String, _ codePage: String) -> [UInt8] {
  var output: [UInt8] = []
  #expect(CharsetConverter().append(Array(text.utf8).span, codePage: CodePage(codePage), to: &output))
  return output
}

// MARK: .ccm files made here

/// An item of a .ccm message: its keyword line, and its data.
struct Block {
  var line: [UInt8]
  var data: [UInt8]
  /// What the size line says when it is not the truth.
  var size: String?

  init(_ line: String, _ data: [UInt8], size: String? = nil) {
    self.init(Array(line.utf8), data, size: size)
  }

  init(_ line: [UInt8], _ data: [UInt8], size: String? = nil) {
    (self.line, self.data, self.size) = (line, data, size)
  }

  static func text(_ text: String, size: String? = nil) -> Block {
    Block("Text item: ", crlf("\n\n" + text + "\n\n"), size: size)
  }

  var bytes: [UInt8] { line + crlf("\n\(size ?? sizeField(data.count))\n") + data }
}

private func sizeField(_ size: Int) -> String { "\(size)".padded }

extension String {
  fileprivate var padded: String { self + String(repeating: " ", count: max(0, 11 - count)) }
}

let plainHeader = """
  From: Grewal, Jeff at Hub
  Date: 6/2/98 8:39
  To: Admin at HUBPO2
  Subject: Another message

  """

/// A message of a .ccm file, its sizes right unless they are given.
func ccm(
  header: String = plainHeader, _ items: [Block], size: String? = nil, contentsSize: String? = nil, end: String = "\n\n"
) -> [UInt8] {
  ccm(header: crlf(header), items, size: size, contentsSize: contentsSize, end: end)
}

func ccm(
  header: [UInt8], _ items: [Block], size: String? = nil, contentsSize: String? = nil, end: String = "\n\n"
) -> [UInt8] {
  let contents = items.flatMap(\.bytes)
  let rest =
    header + crlf("Contents:\n\(contentsSize ?? sizeField(contents.count))\n") + contents + crlf(end)
  return crlf("Message:\n\(size ?? sizeField(rest.count))\n") + rest
}

// MARK: What comes out

/// All messages of a .ccm file as the scanner finds them, their texts and data copied.
struct Scanned {
  var header: [(keyword: CCKeyword, value: String)] = []
  var items: [(kind: CCItemKind, title: String, data: [UInt8])] = []
  var rules: [Rule] = []
}

func scan(_ file: [UInt8]) throws -> [Scanned] {
  var messages: [Scanned] = []
  var scanner = CCScanner()
  var start = 0
  while true {
    let rest = file.span.extracting(start..<file.count)
    switch scanner.next(in: rest, isFinal: true) {
    case .message(let message, let next):
      try #require(next > 0)
      messages.append(
        Scanned(
          header: message.header.map { ($0.keyword, rest.string($0.value)) },
          items: message.items.map { ($0.kind, rest.string($0.title), rest.array($0.data)) },
          rules: message.findings.map(\.rule)))
      start += next
    case .end: return messages
    case .needsMore:
      Issue.record("needs more of a file that is whole")
      return messages
    case .unreadable(let error): throw error
    }
  }
}

/// An Internet message, read.
struct Letter {
  var source: String
  var sender: Mailbox?
  var to: [Mailbox] = []
  var cc: [Mailbox] = []
  var bcc: [Mailbox] = []
  var subject = ""
  var date = ""
  var priority = Message.Priority.normal
  var receiptTo: Mailbox?
  /// Texts in UTF-8 with LF.
  var texts: [String] = []
  var files: [File] = []
  var rules: [Rule] = []

  struct File {
    var name: String
    var type: String
    var kind: Item.Kind
    var date: String
    var data: [UInt8]
    var macintosh: Item.Macintosh?
  }

  var recipients: [String] { (to + cc + bcc).map(\.address) }

  init(_ bytes: [UInt8], rules: [Rule] = []) throws {
    let converter = CharsetConverter()
    let message = try FromInternet.read(bytes.span, converter: converter)
    source = text(bytes)
    self.rules = rules
    sender = message.sender
    for recipient in message.recipients {
      switch recipient.field {
      case .to: to.append(recipient.mailbox)
      case .cc: cc.append(recipient.mailbox)
      case .bcc: bcc.append(recipient.mailbox)
      }
    }
    subject = message.subject
    date = Self.written(message.date)
    priority = message.priority
    receiptTo = message.receiptTo
    for item in message.items {
      var content: [UInt8] = []
      _ = item.content.append(from: bytes.span, to: &content)
      if item.kind == .text {
        var utf8: [UInt8] = []
        converter.appendUTF8(content.span, charset: item.charset, to: &utf8)
        texts.append(text(utf8.filter { $0 != ASCII.cr }))
      } else {
        files.append(
          File(
            name: item.name, type: item.type.name, kind: item.kind, date: Self.written(item.date), data: content,
            macintosh: item.macintosh))
      }
    }
  }

  private static func written(_ date: Timestamp?) -> String {
    guard let date else { return "" }
    var output: [UInt8] = []
    DateField.append(date, to: &output)
    return String(decoding: output, as: UTF8.self)
  }
}

extension Converter {
  /// The messages of a .ccm file as mail.
  func mail(_ file: [UInt8]) throws -> [Letter] {
    var results: [Letter] = []
    var scanner = CCScanner()
    var division = Division()
    var start = 0
    while true {
      let rest = file.span.extracting(start..<file.count)
      switch scanner.next(in: rest, isFinal: true) {
      case .message(let message, let next):
        var output: [UInt8] = []
        if let envelope = convertToInternet(message, rest, division: &division, to: &output) {
          results.append(try Letter(output, rules: envelope.findings.map(\.rule)))
        }
        start += next
      case .end, .needsMore: return results
      case .unreadable(let error): throw error
      }
    }
  }

  /// The one message of a .ccm file.
  func oneMail(_ file: [UInt8]) throws -> Letter {
    let mail = try mail(file)
    try #require(mail.count == 1)
    return mail[0]
  }

  /// An Internet message as .ccm.
  func ccm(_ message: String) throws -> (bytes: [UInt8], rules: [Rule]) {
    var output: [UInt8] = []
    let findings = try convertToCCMail(crlf(message).span, to: &output)
    return (output, findings.map(\.rule))
  }

  /// An Internet message as .ccm, in the code page's text.
  func ccmText(_ message: String) throws -> String {
    var utf8: [UInt8] = []
    let file = try ccm(message).bytes
    CharsetConverter().appendUTF8(file.span, charset: options.codePage.iconvName, to: &utf8)
    return String(decoding: utf8.filter { $0 != ASCII.cr }, as: UTF8.self)
  }

  /// An Internet message after the way to .ccm and back.
  func thereAndBack(_ message: String) throws -> Letter { try oneMail(try ccm(message).bytes) }
}

/// A message of plain text.
func message(
  from: String = "jeff@example.com", to: String = "ruth@example.org", subject: String = "Lunch",
  further: String = "", _ text: String = "At one?\n"
) -> String {
  """
  From: \(from)
  To: \(to)
  Subject: \(subject)
  Date: Tue, 2 Jun 1998 08:39:00 +0000
  \(further)MIME-Version: 1.0
  Content-Type: text/plain; charset=utf-8
  Content-Transfer-Encoding: 8bit

  \(text)
  """
}

/// A message of a text and one attached file.
func message(attaching name: String, type: String = "application/octet-stream", _ data: [UInt8], further: String = "")
  -> String
{
  var base64: [UInt8] = []
  Base64.encode(data.span, into: &base64)
  return """
    From: jeff@example.com
    To: ruth@example.org
    Subject: A file
    Date: Tue, 2 Jun 1998 08:39:00 +0000
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary=b

    --b
    Content-Type: text/plain

    Here it is.
    --b
    Content-Type: \(type); \(name)
    Content-Transfer-Encoding: base64
    Content-Disposition: attachment\(further)

    \(text(base64.filter { $0 != ASCII.cr }))
    --b--

    """
}
