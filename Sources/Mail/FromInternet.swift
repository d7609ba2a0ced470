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
    // A report may have come out of a winmail.dat.
    for i in reader.message.items.indices
    where reader.message.items[i].role == .plain && MachineReport.isOne(reader.message.items[i].type) {
      reader.message.items[i].role = .report
    }
    DescribedText.mark(&reader.message, bytes)
    return reader.message
  }

  /// Reads a header without a body, as a `RFC822 headers` item carries it.
  static func readHeader(_ bytes: Bytes, converter: CharsetConverter) -> Message {
    var reader = FromInternet(converter: converter)
    reader.structure = InternetMessageReader.readHeader(bytes)
    reader.readHeader(bytes, without: nil)
    return reader.message
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
    appendOutsideText(bytes, of: index, isEpilogue: false)
    defer { appendOutsideText(bytes, of: index, isEpilogue: true) }
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

  func parameter(_ name: String, _ bytes: Bytes, _ field: InternetMessage.Field) -> String? {
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

  private func description(_ bytes: Bytes, _ field: InternetMessage.Field) -> String {
    EncodedWord.decode(bytes, field.value, charset: message.headerCharset, converter: converter)
  }

  func date(_ name: StaticString, _ bytes: Bytes, _ field: InternetMessage.Field) -> Timestamp? {
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
      let names = ContentType.names(in: bytes, field.value).filter { !Item.isPlaced(parameter: $0) }
      for name in names.prefix(Item.maximumParameters) {
        if let value = parameter(name, bytes, field) { item.parameters.append((name, value)) }
      }
    }
    if let field = structure.field(.contentID, of: index) {
      item.contentID = bytes.string(bytes.trimmed(field.value)).filter { $0 != "<" && $0 != ">" }
    }
    if let field = structure.field(.contentDescription, of: index) { item.title = description(bytes, field) }
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
}
