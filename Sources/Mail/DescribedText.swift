import Formats

/// What stands in a message that has nothing to read: a calendar, a contact card, S/MIME. A text tells it, and the part
/// itself is a file beside it.
struct DescribedText {
  /// Messages that are opened within each other.
  static let maximumDepth = 5

  var title = ""
  var text: [UInt8]
  /// Files that are within the part, their contents decoded.
  var files: [Item] = []
  var finding: Finding?

  private enum Kind { case calendar, card, smime, pgp }

  private static func kind(_ item: Item) -> Kind? {
    switch item.type.name {
    case "text/calendar", "text/x-vcalendar", "application/ics", "text/ics": return .calendar
    case "text/vcard", "text/x-vcard", "text/directory": return .card
    case "application/pkcs7-mime", "application/x-pkcs7-mime": return .smime
    case "application/pgp-encrypted": return .pgp
    case "application/octet-stream":
      let name = item.name.lowercased()
      if name.hasSuffix(".ics") || name.hasSuffix(".vcs") { return .calendar }
      if name.hasSuffix(".vcf") { return .card }
      return name.hasSuffix(".p7m") ? .smime : nil
    default: return nil
    }
  }

  /// Marks what is to be told in words, where a message, whose contents are ranges of `bytes`, has nothing that can be
  /// read as it is.
  static func mark(_ message: inout Message, _ bytes: Bytes) {
    func isOne(_ item: Item) -> Bool { item.kind == .file && item.role == .plain && kind(item) != nil }
    guard message.items.contains(where: isOne), !message.items.contains(where: { isRead($0, bytes) }) else { return }
    var count = 0
    for i in message.items.indices where isOne(message.items[i]) {
      count += 1
      if count <= 20 { message.items[i].role = .described }
    }
  }

  private static func isRead(_ item: Item, _ bytes: Bytes) -> Bool {
    switch (item.kind, item.role) {
    case (_, .body), (_, .message), (_, .report): return true
    case (.text, _):
      // Anything longer than a few line ends and blanks is text, whatever its encoding.
      if case .source(let range, _) = item.content, range.count >= 4096 { return true }
      var text: [UInt8] = []
      _ = item.content.append(from: bytes, to: &text)
      return !text.allSatisfy { ASCII.isSpace($0) || $0 == 0xA0 || $0 == 0xC2 }
    default: return false
    }
  }

  /// The text that tells what an item says, whose content is `content`; nil where it is not what its type says. `message`
  /// is the one that it is in, and `depth` how many messages it has been opened out of.
  static func of(
    _ item: Item, content: [UInt8], in message: Message?, depth: Int, options: ConversionOptions,
    converter: CharsetConverter
  ) -> DescribedText? {
    switch kind(item) {
    case .calendar, .card:
      var utf8: [UInt8] = []
      converter.appendUTF8(content.span, charset: item.charset.isEmpty ? "utf-8" : item.charset, to: &utf8)
      if kind(item) == .calendar {
        return CalendarText.render(utf8.span, in: message, converter: converter).map {
          DescribedText(title: $0.title, text: Array($0.text.utf8))
        }
      }
      return CardText.render(utf8.span, converter: converter).map {
        DescribedText(title: "Contact", text: Array($0.utf8))
      }
    case .smime: return open(item, content, depth, options, converter)
    case .pgp:
      return DescribedText(
        title: "Encrypted message",
        "This message is encrypted with OpenPGP. The files beside this text are to",
        "be opened with a program that has the key of the recipient.")
    case nil: return nil
    }
  }

  private init(title: String, text: [UInt8]) { (self.title, self.text) = (title, text) }

  private init(title: String, _ lines: String...) {
    self.title = title
    text = Array(lines.map { $0 + "\r\n" }.joined().utf8)
  }

  // MARK: S/MIME

  private static func open(
    _ item: Item, _ content: [UInt8], _ depth: Int, _ options: ConversionOptions, _ converter: CharsetConverter
  ) -> DescribedText? {
    switch CMSContent(content.span) {
    case .encrypted:
      return DescribedText(
        title: "Encrypted message",
        "This message is encrypted with S/MIME. The file beside this text is to be",
        "opened with a program that has the key of the recipient.")
    case .certificates:
      return DescribedText(
        title: "Certificates", "This message has certificates of S/MIME and no text. They are in the file beside it.")
    case .compressed(let packed):
      guard let plain = Inflation.inflate(packed.span, limit: 64 << 20) else { return nil }
      return opened(plain, notice: nil, depth, options, converter)
    case .signed(let inner):
      let notice = "[Signed with S/MIME. The signature has not been checked.]\r\n"
      var text = opened(inner, notice: notice, depth, options, converter)
      text.finding = Finding(
        offset: 0, rule: .signatureUnchecked,
        text: "signed S/MIME is opened; its signature is not checked, and the signed original goes beside the text")
      return text
    case .other: return nil
    case nil:
      // What its Content-Type says of it, RFC 8551, 3.2.2.
      let type = item.parameters.first { $0.name == "smime-type" }?.value.lowercased() ?? ""
      guard type.hasSuffix("enveloped-data") else { return nil }
      return DescribedText(title: "Encrypted message", "This message is encrypted with S/MIME, and damaged.")
    }
  }

  /// What a signed or compressed entity says, RFC 8551, 3.1: a header of MIME fields and a body.
  private static func opened(
    _ content: [UInt8], notice: String?, _ depth: Int, _ options: ConversionOptions, _ converter: CharsetConverter
  ) -> DescribedText {
    var described = DescribedText(title: "")
    let entity = LineEnds.canonical(content)
    if depth < maximumDepth, let inner = try? FromInternet.read(entity.span, converter: converter, options: options) {
      for item in inner.items where item.role != .alternative {
        var content: [UInt8] = []
        _ = item.content.append(from: entity.span, to: &content)
        if item.role == .described,
          let opened = of(
            item, content: content, in: inner, depth: depth + 1, options: options, converter: converter)
        {
          described.text += opened.text
          described.files += opened.files
        } else if item.kind == .text || item.role == .body {
          MessageText.append(
            item, source: entity.span, in: inner, depth: depth + 1, options: options, converter: converter,
            to: &described.text)
        } else {
          var file = item
          file.content = .bytes(content)
          file.macintosh = nil
          described.files.append(file)
        }
      }
    } else {
      described.text = entity
    }
    if let notice {
      if !described.text.isEmpty { described.text.appendLineEnd() }
      described.text.append(contentsOf: notice.utf8)
    }
    return described
  }
}
