import Formats

/// Reads what an Internet message says.
struct FromInternet {
  let converter: CharsetConverter
  var message = Message()
  var structure = InternetMessage()

  init(converter: CharsetConverter) { self.converter = converter }

  /// Reads the message in `bytes`; contents stay ranges of them, but for those of a winmail.dat.
  ///
  /// Throws `Unreadable` when there is no header.
  static func read(
    _ bytes: Bytes, converter: CharsetConverter, options: ConversionOptions = ConversionOptions()
  ) throws(Unreadable) -> Message {
    let structure = try InternetMessageReader.read(bytes)
    var reader = FromInternet(converter: converter)
    reader.structure = structure
    reader.message.findings = structure.findings
    if let type = structure.field(.contentType), let charset = ContentType.parameter("charset", in: bytes, type.value) {
      reader.message.headerCharset = String(decoding: charset.bytes, as: UTF8.self)
    }
    let envelope = TransportEnvelope.read(bytes, structure)
    reader.readHeader(bytes, without: envelope?.fields)
    if let envelope { reader.take(envelope.envelope) }
    reader.readReportType(bytes)
    reader.readPart(bytes, 0, Context())
    TNEFMerge.merge(&reader.message, bytes, options: options, converter: converter)
    return reader.message
  }

  /// Reads a header without a body, as a `RFC822 headers` item carries it.
  static func readHeader(_ bytes: Bytes, converter: CharsetConverter) -> Message {
    var reader = FromInternet(converter: converter)
    reader.structure = InternetMessageReader.readHeader(bytes)
    reader.readHeader(bytes, without: nil)
    return reader.message
  }

  // MARK: Header

  private mutating func readHeader(_ bytes: Bytes, without envelope: Range<Int>?) {
    var received: Range<Int>?
    message.headers.reserveCapacity(structure.parts[0].fields.count)
    for (index, field) in structure.fields[structure.parts[0].fields].enumerated() {
      if envelope?.contains(index) == true || field.name.isTransportAlone { continue }
      message.headers.append(Message.Header(name: field.name, range: field.whole))
      switch field.name {
      case .from:
        let senders = mailboxes(bytes, field)
        if message.sender != nil || senders.count > 1 { message.unsaid.insert(.from) }
        if message.sender == nil { message.sender = senders.first }
      case .to: addRecipients(bytes, field, .to)
      case .cc: addRecipients(bytes, field, .cc)
      case .bcc: addRecipients(bytes, field, .bcc)
      case .subject:
        if !message.subject.isEmpty { message.unsaid.insert(.subject) }
        if message.subject.isEmpty { message.subject = text(bytes, field) }
      case .date: if message.date == nil { message.date = DateField.parse(bytes, field.value) }
      case .received: if received == nil { received = field.value }
      case .dispositionNotificationTo:
        message.receiptTo = mailboxes(bytes, field).first ?? message.receiptTo
      case .returnReceiptTo: if message.receiptTo == nil { message.receiptTo = mailboxes(bytes, field).first }
      case .importance, .priority, .xPriority, .xMSMailPriority: readPriority(bytes, field)
      default: continue
      }
    }
    if message.sender == nil, let sender = structure.field(.sender) {
      message.sender = mailboxes(bytes, sender).first
    }
    if message.date == nil {
      let date = structure.field(.date)
      // A Received field ends with its date, behind a semicolon, RFC 5321, 4.4.
      if let received, let semicolon = lastSemicolon(bytes, received) {
        message.date = DateField.parse(bytes, (semicolon + 1)..<received.upperBound)
      }
      note(
        date?.value.lowerBound ?? 0, date == nil ? "no-date" : "impossible-date",
        (date == nil ? "no Date" : "a Date that is none")
          + (message.date == nil ? "; written without a date" : "; the date of the last Received is taken"))
    }
  }

  /// Recipients that only the envelope names are blind ones: nothing else tells of them.
  private mutating func take(_ envelope: TransportEnvelope) {
    var named = Set(message.recipients.map { $0.mailbox.address.lowercased() })
    for receiver in envelope.receivers where named.insert(receiver.lowercased()).inserted {
      message.recipients.append(Message.Recipient(field: .bcc, mailbox: Mailbox(name: "", address: receiver)))
      message.hasHiddenRecipients = true
    }
    if message.sender == nil, let sender = envelope.sender, !sender.isEmpty {
      message.sender = Mailbox(name: "", address: sender)
    }
    message.envelope = envelope
  }

  private func lastSemicolon(_ bytes: Bytes, _ range: Range<Int>) -> Int? {
    range.reversed().first { bytes[$0] == ASCII.semicolon }
  }

  mutating func note(_ offset: Int, _ rule: String, _ text: String) {
    if message.findings.count < 1000 { message.findings.append(Finding(offset: offset, rule: rule, text: text)) }
  }

  private func text(_ bytes: Bytes, _ field: InternetMessage.Field) -> String {
    EncodedWord.decode(bytes, field.value, charset: message.headerCharset, converter: converter)
  }

  private mutating func mailboxes(_ bytes: Bytes, _ field: InternetMessage.Field) -> [Mailbox] {
    let list = AddressList(bytes, field.value, charset: message.headerCharset, converter: converter)
    if !list.emptyGroups.isEmpty || list.isCut { message.unsaid.insert(field.name) }
    if list.isCut {
      note(
        field.value.lowerBound, "too-many-recipients",
        "more than \(AddressList.maximum) addresses in a field; the others are carried, and not sent to")
    }
    return list.mailboxes
  }

  private mutating func addRecipients(_ bytes: Bytes, _ field: InternetMessage.Field, _ kind: Message.Recipient.Field) {
    for mailbox in mailboxes(bytes, field) {
      message.recipients.append(Message.Recipient(field: kind, mailbox: mailbox))
    }
  }

  /// Importance and Priority, RFC 2156, 5.3.4 and 5.3.6; X-Priority and X-MSMail-Priority by custom.
  private mutating func readPriority(_ bytes: Bytes, _ field: InternetMessage.Field) {
    let value = bytes.string(bytes.trimmed(field.value)).lowercased()
    switch value.prefix(while: { $0 != " " && $0 != "(" }) {
    case "high", "urgent", "1", "2", "highest": message.priority = .urgent
    case "low", "non-urgent", "4", "5", "lowest": message.priority = .low
    default: return
    }
  }

  /// Whether the message is a multipart/report, and of which type.
  private mutating func readReportType(_ bytes: Bytes) {
    guard structure.parts[0].type.name == "multipart/report", structure.parts[0].isMultipart else { return }
    let type = structure.field(.contentType).flatMap { parameter("report-type", bytes, $0) } ?? ""
    message.reportType = Message.reportType(type)
  }

  // MARK: Parts

  /// What the multiparts around a part make of it.
  struct Context {
    /// Within a multipart/alternative that has a plain text.
    var isAlternative = false
    /// Within a multipart/related, behind its root.
    var isRelated = false
    var depth = 0
  }

  private mutating func readPart(_ bytes: Bytes, _ index: Int, _ context: Context) {
    let part = structure.parts[index]
    guard part.isMultipart else { return readLeaf(bytes, index, context) }
    // The reader bounds nesting; this is for the recursion alone.
    guard context.depth < InternetMessageReader.maximumDepth else { return }
    var inner = context
    inner.depth += 1
    let children = structure.children(of: index)
    switch part.type.name {
    case "multipart/alternative":
      let plain = children.first { isPlainText(bytes, $0) && !isBlank(bytes, $0) }
      if let plain { readPart(bytes, plain, inner) }
      inner.isAlternative = plain != nil || context.isAlternative
      for child in children where child != plain {
        // A blank text beside HTML says nothing.
        if plain == nil, children.count > 1, isPlainText(bytes, child) { continue }
        readPart(bytes, child, inner)
      }
    case "multipart/related":
      for (position, child) in children.enumerated() {
        inner.isRelated = position > 0 || context.isRelated
        inner.isAlternative = position == 0 && context.isAlternative
        readPart(bytes, child, inner)
      }
    case "multipart/appledouble":
      if !readAppleDouble(bytes, children, inner) { for child in children { readPart(bytes, child, inner) } }
    default:
      for child in children { readPart(bytes, child, inner) }
    }
  }

  private func isPlainText(_ bytes: Bytes, _ index: Int) -> Bool {
    let part = structure.parts[index]
    return part.type == .plainText && !part.isMultipart && disposition(bytes, index) != "attachment"
      && fileName(bytes, index).isEmpty
  }

  private func isBlank(_ bytes: Bytes, _ index: Int) -> Bool {
    let part = structure.parts[index]
    // Anything longer than a few line ends and blanks is text, whatever its encoding.
    guard part.body.count < 4096 else { return false }
    var text: [UInt8] = []
    _ = part.encoding.decode(bytes, part.body, into: &text)
    return text.allSatisfy { ASCII.isSpace($0) || $0 == 0xA0 || $0 == 0xC2 }
  }

  private func disposition(_ bytes: Bytes, _ index: Int) -> String {
    structure.field(.contentDisposition, of: index).map { ContentType.disposition(bytes, $0.value) } ?? ""
  }

  /// The file name of a part: `filename` of its Content-Disposition, or else `name` of its Content-Type.
  private func fileName(_ bytes: Bytes, _ index: Int) -> String {
    if let field = structure.field(.contentDisposition, of: index), let name = parameter("filename", bytes, field),
      !name.isEmpty
    {
      return name
    }
    return structure.field(.contentType, of: index).flatMap { parameter("name", bytes, $0) } ?? ""
  }

  private func parameter(_ name: String, _ bytes: Bytes, _ field: InternetMessage.Field) -> String? {
    guard let value = ContentType.parameter(name, in: bytes, field.value) else { return nil }
    if let charset = value.charset {
      var utf8: [UInt8] = []
      converter.appendUTF8(value.bytes.span, charset: charset, to: &utf8)
      return String(decoding: utf8, as: UTF8.self)
    }
    // RFC 2047 words have no place in a parameter, and stand there all the same.
    return EncodedWord.decode(
      value.bytes.span, 0..<value.bytes.count, charset: message.headerCharset, converter: converter)
  }

  private func date(_ name: StaticString, _ bytes: Bytes, _ field: InternetMessage.Field) -> Timestamp? {
    guard let value = ContentType.parameter(name, in: bytes, field.value) else { return nil }
    return DateField.parse(value.bytes.span, 0..<value.bytes.count)
  }

  /// A part that is no multipart, as a file.
  func file(_ bytes: Bytes, _ index: Int, _ context: Context) -> Item {
    let part = structure.parts[index]
    // A multipart that could not be read as one is a text.
    let type = part.type.isMultipart ? .plainText : part.type
    let disposition = disposition(bytes, index)
    let name = fileName(bytes, index)
    let isAttached = disposition == "attachment" || !name.isEmpty
    var item = Item(kind: .file, type: type, content: .source(part.body, part.encoding))
    item.name = name
    item.isInline = disposition == "inline"
    item.isRelated = context.isRelated
    if let field = structure.field(.contentType, of: index) {
      item.charset = parameter("charset", bytes, field) ?? ""
      if type.isText, !isAttached {
        item.isFlowed = parameter("format", bytes, field)?.lowercased() == "flowed"
        item.deletesSpace = parameter("delsp", bytes, field)?.lowercased() == "yes"
      }
      item.macintosh = macintosh(bytes, field)
      let names = ContentType.names(in: bytes, field.value).filter { !Item.placedParameters.contains($0) }
      for name in names.prefix(Item.maximumParameters) {
        if let value = parameter(name, bytes, field) { item.parameters.append((name, value)) }
      }
    }
    if let field = structure.field(.contentID, of: index) {
      item.contentID = bytes.string(bytes.trimmed(field.value)).filter { $0 != "<" && $0 != ">" }
    }
    if let field = structure.field(.contentDescription, of: index) { item.title = text(bytes, field) }
    if let field = structure.field(.contentDisposition, of: index) {
      item.date = date("modification-date", bytes, field) ?? date("creation-date", bytes, field)
    }
    return item
  }

  private mutating func readLeaf(_ bytes: Bytes, _ index: Int, _ context: Context) {
    let part = structure.parts[index]
    var item = file(bytes, index, context)
    let isAttached = disposition(bytes, index) == "attachment" || !item.name.isEmpty
    switch item.type.name {
    case "text/plain" where !isAttached && !context.isRelated:
      item.kind = .text
      item.title = index == 0 ? "" : item.title
      if context.isAlternative {
        item.kind = .file
        item.role = .alternative
        message.items.append(item)
      } else {
        appendText(bytes, item, part)
      }
    case "text/html" where !isAttached && !(context.isRelated && !item.contentID.isEmpty),
      "text/enriched" where !isAttached, "text/richtext" where !isAttached:
      item.role = context.isAlternative ? .alternative : .body
      message.items.append(item)
    case "message/rfc822", "message/news", "message/global":
      item.role = .message
      message.items.append(item)
    default:
      if context.isAlternative, !isAttached { item.role = .alternative }
      if MachineReport.isOne(item.type) { item.role = .report }
      if item.title == Self.faxTitle, item.type.name.hasPrefix("image/") { item.kind = .fax }
      readMacintosh(bytes, part, &item)
      message.items.append(item)
    }
  }

  /// The Content-Description of a fax item on the Internet side, by which it becomes one again.
  static let faxTitle = "Fax item"

  /// Appends a text; files that uuencode or BinHex put into it become items of their own.
  private mutating func appendText(_ bytes: Bytes, _ item: Item, _ part: InternetMessage.Part) {
    if part.encoding == .identity {
      appendText(bytes, item, in: bytes, part.body) { .source($0, .identity) }
      return
    }
    // Encoded text that could hold such a file has to be decoded first.
    var decoded: [UInt8] = []
    if let defect = part.encoding.decode(bytes, part.body, into: &decoded) {
      note(defect, "transfer-encoding", "the encoding of a text is damaged here; what could be read is kept")
    }
    var item = item
    let hasFile =
      !UUEncoding.files(in: decoded.span, 0..<decoded.count).isEmpty
      || !BinHex.files(in: decoded.span, 0..<decoded.count).isEmpty
    if !hasFile {
      item.content = .bytes(decoded)
      message.items.append(item)
    } else {
      let copy = decoded
      appendText(bytes, item, in: copy.span, 0..<copy.count) { .bytes(Array(copy[$0])) }
    }
  }

  private mutating func appendText(
    _ bytes: Bytes, _ item: Item, in text: Bytes, _ range: Range<Int>, content: (Range<Int>) -> Item.Content
  ) {
    let attached = uuencodedFiles(item, in: text, range) + binHexFiles(in: text, range)
    var start = range.lowerBound
    for file in attached.sorted(by: { $0.whole.lowerBound < $1.whole.lowerBound }) {
      // One within the other is nothing that was ever written so.
      guard file.whole.lowerBound >= start else { continue }
      if start == range.lowerBound || !text.trimmed(start..<file.whole.lowerBound).isEmpty {
        var piece = item
        piece.content = content(start..<file.whole.lowerBound)
        message.items.append(piece)
      }
      message.items.append(file.item)
      start = file.whole.upperBound
    }
    if start == range.lowerBound || !text.trimmed(start..<range.upperBound).isEmpty {
      var piece = item
      piece.content = content(start..<range.upperBound)
      message.items.append(piece)
    }
  }

  /// A file within a text, and where it stands there.
  struct Embedded {
    var whole: Range<Int>
    var item: Item
  }

  private mutating func uuencodedFiles(_ around: Item, in text: Bytes, _ range: Range<Int>) -> [Embedded] {
    var files: [Embedded] = []
    let found = UUEncoding.files(in: text, range)
    if found.count > InternetMessageReader.maximumParts {
      note(
        range.lowerBound, "too-many-parts",
        "more than \(InternetMessageReader.maximumParts) uuencoded files in a text; the others are left in it")
    }
    for file in found.prefix(InternetMessageReader.maximumParts) {
      var data: [UInt8] = []
      if UUEncoding.decode(text, file.data, into: &data) != nil {
        note(range.lowerBound, "uuencoding", "a uuencoded file is damaged; what could be read is kept")
      }
      let name = EncodedWord.decode(text, file.name, charset: around.charset, converter: converter)
      var item = Item(kind: .file, type: FileTypes.type(forName: name), content: .bytes(data))
      item.name = name
      files.append(Embedded(whole: file.whole, item: item))
    }
    return files
  }
}
