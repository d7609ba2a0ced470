import CZlib
import Formats

/// Writes a message as cc:Mail holds it, within its limits (dossier 3.8). What does not fit is written so that a
/// cc:Mail user can read it, and the exact original goes beside it.
final class ToCCMail {
  let options: ConversionOptions
  private let mapping: CCHeaderMapping
  private let converter: CharsetConverter
  private var writer: CCWriter
  private var findings: [Finding] = []
  private var carried: [CarriedItem] = []
  private var names: FileNames
  /// Room for a decoded part, and for its text in the code page; kept from message to message.
  private var decoded: [UInt8] = []
  private var text: [UInt8] = []
  private var body: [UInt8] = []

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
    mapping = CCHeaderMapping(options: options, converter: converter)
    writer = CCWriter(layout: options.layout)
    names = FileNames(isLong: options.longNames)
  }

  /// Appends `message`, whose contents are ranges of `source`, to `output`: one message of a .ccm file, or several when
  /// its header is too long for one. Returns what there is to say about it.
  func write(_ message: Message, source: Bytes, to output: inout [UInt8]) -> [Finding] {
    findings = message.findings
    carried.removeAll(keepingCapacity: true)
    names = FileNames(isLong: options.longNames)
    let header = mapping.header(of: message, findings: &findings)
    let divisions = divide(header)
    if divisions.count == 1 {
      write(message, header, divisions[0], division: nil, source: source, to: &output)
    } else {
      findings.append(
        Finding(
          offset: 0, rule: "header-divided",
          text:
            "the header is longer than \(options.headerLimit) bytes; recipients divided over \(divisions.count) messages"
        ))
      let before = findings
      for (index, recipients) in divisions.enumerated() {
        findings = before
        carried.removeAll(keepingCapacity: true)
        names = FileNames(isLong: options.longNames)
        write(
          message, header, recipients, division: (index + 1, divisions.count), source: source, to: &output)
      }
    }
    return findings
  }

  // MARK: Header

  private struct Recipients {
    var to: ArraySlice<[UInt8]> = []
    var cc: ArraySlice<[UInt8]> = []
    var bcc: ArraySlice<[UInt8]> = []
  }

  /// The recipients in as many portions as the limit of the header makes necessary (Q166499).
  private func divide(_ header: CCHeader) -> [Recipients] {
    let fixed = [header.from, header.date, header.subject, header.priority, header.receiptTo].reduce(0) {
      $0 + ($1.isEmpty ? 0 : $1.count + 12)
    }
    let total = [header.to, header.cc, header.bcc].joined().reduce(fixed) { $0 + $1.count + 7 }
    guard total > options.headerLimit else {
      return [Recipients(to: header.to[...], cc: header.cc[...], bcc: header.bcc[...])]
    }
    var portions: [Recipients] = []
    var current = Recipients()
    var size = fixed
    var isEmpty = true
    for (list, path) in [(header.to, \Recipients.to), (header.cc, \.cc), (header.bcc, \.bcc)] {
      for value in list {
        if size + value.count + 7 > options.headerLimit, !isEmpty {
          portions.append(current)
          current = Recipients()
          size = fixed
        }
        current[keyPath: path].append(value)
        size += value.count + 7
        isEmpty = false
      }
    }
    portions.append(current)
    return portions
  }

  private func write(
    _ message: Message, _ header: CCHeader, _ recipients: Recipients, division: (Int, Int)?, source: Bytes,
    to output: inout [UInt8]
  ) {
    writer.beginMessage(&output)
    writer.appendHeader(.from, header.from.span, to: &output)
    if !header.date.isEmpty { writer.appendHeader(.date, header.date.span, to: &output) }
    for value in recipients.to { writer.appendHeader(.to, Array(value).span, to: &output) }
    for value in recipients.cc { writer.appendHeader(.cc, Array(value).span, to: &output) }
    for value in recipients.bcc { writer.appendHeader(.bcc, Array(value).span, to: &output) }
    if !header.subject.isEmpty { writer.appendHeader(.subject, header.subject.span, to: &output) }
    if !header.priority.isEmpty { writer.appendHeader(.priority, header.priority.span, to: &output) }
    if !header.receiptTo.isEmpty { writer.appendHeader(.rrt, header.receiptTo.span, to: &output) }
    writer.beginContents(&output)
    for item in message.items { write(item, source: source, to: &output) }
    writeCarried(message, header, division: division, source: source, to: &output)
    writer.endContents(&output)
    writer.endMessage(&output)
  }

  // MARK: Items

  private func write(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    switch (item.kind, item.role) {
    case (.text, _): writeText(item, source: source, to: &output)
    case (_, .body): writeHTML(item, source: source, to: &output)
    case (_, .message): writeMessage(item, source: source, to: &output)
    default: writeFile(item, text: nil, source: source, to: &output)
    }
  }

  private func decode(_ item: Item, source: Bytes) {
    decoded.removeAll(keepingCapacity: true)
    if let defect = item.content.append(from: source, to: &decoded) {
      findings.append(
        Finding(
          offset: defect, rule: "transfer-encoding",
          text: "the encoding of a part is damaged here; what could be read is kept"))
    }
  }

  private func writeText(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    // Nearly all text is ASCII in the message already: it goes from the input to the output as it stands.
    if case .source(let range, .identity) = item.content, !item.isFlowed, options.codePage.containsASCII,
      range.count <= options.textLimit - 64, source.isASCII(range), CharsetName.containsASCII(item.charset)
    {
      writeText(source.extracting(range), item, original: nil, to: &output)
      return
    }
    decode(item, source: source)
    if item.isFlowed {
      var lines: [UInt8] = []
      FormatFlowed.unflow(decoded.span, deletingSpace: item.deletesSpace, into: &lines)
      swap(&lines, &decoded)
    }
    var utf8: [UInt8] = []
    let outcome = converter.appendUTF8(decoded.span, charset: item.charset, to: &utf8)
    text.removeAll(keepingCapacity: true)
    let isExact = converter.append(utf8.span, codePage: options.codePage, to: &text)
    var original: Original?
    switch outcome {
    case .exact:
      if !isExact {
        original = Original(bytes: utf8, charset: "utf-8")
        findings.append(
          Finding(
            offset: offset(of: item), rule: "text-changed",
            text: "a text has characters that the post office lacks; the original goes beside it"))
      }
    case .replaced(let at):
      original = Original(bytes: decoded, charset: item.charset)
      findings.append(
        Finding(
          offset: offset(of: item), rule: "wrong-charset",
          text:
            "byte \(at) of a text is nothing in \(item.charset.isEmpty ? "its character set" : item.charset); the original goes beside it"
        ))
    case .unknownCharset:
      original = Original(bytes: decoded, charset: item.charset)
      findings.append(
        Finding(
          offset: offset(of: item), rule: "unknown-charset",
          text: "an unknown character set, \(item.charset); the original goes beside the text"))
    }
    if text.count > options.textLimit, options.attachesLongText, original == nil {
      original = Original(bytes: utf8, charset: "utf-8", name: "Unnamed.txt")
    }
    if let carried = original, CharsetName.containsASCII(carried.charset) {
      original?.bytes = LineEnds.canonical(carried.bytes)
      if carried.bytes.last.map({ $0 != ASCII.lf }) == true { original?.bytes.appendLineEnd() }
    }
    // The code page's text has to outlive the writing of other items.
    let written = text
    writeText(written.span, item, original: original, to: &output)
  }

  private func offset(of item: Item) -> Int {
    if case .source(let range, _) = item.content { return range.lowerBound }
    return 0
  }

  private struct Original {
    var bytes: [UInt8]
    var charset: String
    var name = "ORIGINAL.TXT"
  }

  /// Writes a text in the code page, continued in further items where it is too long, and its original.
  private func writeText(_ text: Bytes, _ item: Item, original: Original?, to output: inout [UInt8]) {
    let title = title(item.title)
    let needsOriginalTitle = !title.isExact
    writeTextItems(text, title: title.bytes, isCut: original?.name == "Unnamed.txt", to: &output)
    guard needsOriginalTitle || original != nil else { return }
    var shown = text.extracting(0..<text.count)
    if original?.name == "Unnamed.txt" { shown = text.extracting(firstPiece(text)) }
    let checksum = CarriedItem.checksum(shown, 0..<shown.count)
    if needsOriginalTitle {
      var carry = CarriedItem()
      carry.text = checksum
      carry.title = item.title
      carried.append(carry)
    }
    if let original {
      var file = Item(kind: .file, type: .plainText, content: .bytes(original.bytes))
      file.name = original.name
      file.role = .original
      file.charset = original.charset
      writeFile(file, text: checksum, source: text, to: &output)
    }
  }

  private func title(_ text: String) -> (bytes: [UInt8], isExact: Bool) {
    if text.isEmpty { return ([], true) }
    var title = mapping.line(text)
    if title.bytes.count > options.titleLimit {
      title.bytes = mapping.prefix(title.bytes, options.titleLimit)
      title.isExact = false
      findings.append(
        Finding(
          offset: 0, rule: "title-cut",
          text: "a title is cut at \(options.titleLimit) characters; the original is carried"))
    }
    // A title that means something to a reader of this format must not stand there by chance.
    if title.bytes == Self.continued || title.bytes == Self.continuedLine
      || title.bytes.elementsEqual(CarriedItem.title.utf8)
      || title.bytes.first == ASCII.space || title.bytes.last == ASCII.space
    {
      title.bytes.insert(UInt8(ascii: "-"), at: 0)
      title.isExact = false
    }
    return title
  }

  /// The titles of text items that go on with the text before them: at a new line, or in the same line.
  static let continued = Array("continued".utf8)
  static let continuedLine = Array("continued line".utf8)

  private var pieceLimit: Int {
    max(256, options.textLimit - 2 * (options.layout.textLead + options.layout.textTrail))
  }

  private func firstPiece(_ text: Bytes) -> Range<Int> { 0..<endOfPiece(text, from: 0).end }

  /// Where a piece of a text that begins at `start` ends: at the last line end within the limit, or within a line.
  private func endOfPiece(_ text: Bytes, from start: Int) -> (end: Int, isWithinLine: Bool) {
    var position = start
    // Line ends are written as two bytes whatever they are.
    var size = 0
    while position < text.count {
      let line = text.line(at: position, to: text.count)
      let length = line.end - position + 2
      if size + length > pieceLimit {
        if position > start { return (position, false) }
        return (options.codePage.end(of: text, from: start, limit: pieceLimit - 2), true)
      }
      size += length
      position = line.next
    }
    return (text.count, false)
  }

  private func writeTextItems(_ text: Bytes, title: [UInt8], isCut: Bool, to output: inout [UInt8]) {
    var start = 0
    var isWithinLine = false
    var pieces = 0
    repeat {
      let piece = endOfPiece(text, from: start)
      let title = pieces == 0 ? title : isWithinLine ? Self.continuedLine : Self.continued
      writer.beginItem(.text, title: title.span, to: &output)
      writer.appendText(text.extracting(start..<piece.end), to: &output)
      writer.endItem(&output)
      pieces += 1
      isWithinLine = piece.isWithinLine
      start = piece.end
    } while start < text.count && !isCut
    if pieces > 1 {
      findings.append(
        Finding(
          offset: 0, rule: "text-divided",
          text: "a text is longer than \(options.textLimit) bytes; continued in \(pieces) items"))
    }
  }

  // MARK: HTML

  private func writeHTML(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    decode(item, source: source)
    let html = decoded
    var utf8: [UInt8] = []
    converter.appendUTF8(html.span, charset: htmlCharset(item), to: &utf8)
    var rendered: [UInt8] = []
    if let filtered = options.htmlFilter?(utf8) {
      rendered = filtered
    } else {
      if options.htmlFilter != nil {
        findings.append(
          Finding(
            offset: offset(of: item), rule: "html-filter", text: "the filter for HTML failed; rendered without it"))
      }
      HTMLText.render(utf8.span, to: &rendered)
    }
    writeRendering(rendered, title: "", of: item, content: html, to: &output)
  }

  /// The character set of HTML: what its message says, or else its own meta element.
  private func htmlCharset(_ item: Item) -> String {
    guard item.charset.isEmpty else { return item.charset }
    let decoded = decoded
    return HTMLText.declaredCharset(decoded.span) ?? ""
  }

  /// Writes readable text made from an item, and the item itself as a file.
  private func writeRendering(
    _ rendered: [UInt8], title: String, of item: Item, content: [UInt8], to output: inout [UInt8]
  ) {
    var page: [UInt8] = []
    _ = converter.append(rendered.span, codePage: options.codePage, to: &page)
    let title = mapping.line(title)
    writeTextItems(page.span, title: mapping.prefix(title.bytes, options.titleLimit), isCut: false, to: &output)
    var file = item
    file.content = .bytes(content)
    writeFile(file, text: CarriedItem.checksum(page.span, 0..<page.count), source: [UInt8]().span, to: &output)
  }

  // MARK: Messages within the message

  private func writeMessage(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    decode(item, source: source)
    // The canonical form of a message has CR LF, whatever the file around it has.
    let content = LineEnds.canonical(decoded)
    guard let inner = try? FromInternet.read(content.span, converter: converter) else {
      writeFile(item, text: nil, source: source, to: &output)
      return
    }
    let rendered = MessageText.render(inner, source: content.span, converter: converter)
    var file = item
    if file.name.isEmpty { file.title = "" }
    writeRendering(rendered, title: inner.subject, of: file, content: content, to: &output)
  }

  // MARK: Files

  private func writeFile(_ item: Item, text: UInt32?, source: Bytes, to output: inout [UInt8]) {
    var item = item
    if item.type.name.hasPrefix("message/"), case .source(_, .identity) = item.content {
      // The canonical form of what message/* holds has CR LF, whatever the file around it has.
      decode(item, source: source)
      item.content = .bytes(LineEnds.canonical(decoded))
    }
    let wanted = item.name.isEmpty ? defaultName(item) : item.name
    let name = mapping.line(names.name(for: wanted, type: item.type))
    var carry = CarriedItem()
    let nameText = mapping.text(name.bytes)
    carry.item = nameText
    if nameText != item.name {
      carry.name = item.name
      if !item.name.isEmpty, nameText.lowercased() != item.name.lowercased() {
        findings.append(
          Finding(
            offset: offset(of: item), rule: "name-changed",
            text: "a file's name is shortened to \(nameText); the original is carried: \(item.name)"))
      }
    }
    if item.role != .plain { carry.role = item.role }
    carry.text = text
    if item.type != FileTypes.type(forName: nameText) { carry.type = item.type.name }
    if !item.charset.isEmpty { carry.charset = item.charset }
    if !item.contentID.isEmpty { carry.contentID = item.contentID }
    if !item.title.isEmpty, item.kind == .file { carry.title = item.title }
    carry.isInline = item.isInline
    carry.isRelated = item.isRelated
    var title = name.bytes
    if let date = item.date {
      let local = PostOfficeClock.local(date)
      if options.fileDates {
        title.append(ASCII.space)
        local.append(order: options.dateOrder, fourDigitYear: options.fourDigitYear, twelveHours: true, to: &title)
      } else {
        carry.date = date
      }
    }
    writer.beginItem(item.kind == .fax ? .fax : .file, title: title.span, to: &output)
    if let macintosh = item.macintosh {
      decode(item, source: source)
      var encoded: [UInt8] = []
      let data = decoded
      macBinaryName(item, name.bytes).withMacintosh(macintosh).append(
        data: data.span, resources: [UInt8]().span, to: &encoded)
      writer.appendData(encoded.span, to: &output)
    } else if options.layout.isSized {
      // Straight into the output: a large attachment is never anywhere else.
      if let defect = item.content.append(from: source, to: &output) {
        findings.append(
          Finding(
            offset: defect, rule: "transfer-encoding",
            text: "the encoding of a file is damaged here; what could be read is kept"))
      }
    } else {
      decode(item, source: source)
      let data = decoded
      writer.appendData(data.span, to: &output)
    }
    writer.endItem(&output)
    if carry.isNeeded { carried.append(carry) }
  }

  private func macBinaryName(_ item: Item, _ name: [UInt8]) -> MacBinary {
    let long = mapping.line(item.name).bytes
    return MacBinary(name: long.isEmpty ? name : Array(long.prefix(63)), type: [], creator: [])
  }

  private func defaultName(_ item: Item) -> String {
    switch item.role {
    case .body where item.type == .html, .alternative where item.type == .html: "MESSAGE.HTM"
    case .message: "MESSAGE.EML"
    default: ""
    }
  }

  // MARK: What is carried

  /// Writes the text item `RFC822 headers`, if there is anything to carry.
  private func writeCarried(
    _ message: Message, _ header: CCHeader, division: (Int, Int)?, source: Bytes, to output: inout [UInt8]
  ) {
    body.removeAll(keepingCapacity: true)
    if options.keepsHeaders {
      body.append(CarriedItem.allName)
      body.append(": all\r\n")
      for field in message.headers where !field.name.isMIME { appendField(field, of: message, source) }
    } else {
      for name in Self.order where Self.alwaysCarried.contains(name) || header.inexact.contains(name) {
        for field in message.headers where Self.kind(of: field.name) == name { appendField(field, of: message, source) }
      }
    }
    for item in carried { item.append(to: &body) }
    if let division {
      body.append(CarriedItem.divisionName)
      body.append(": ")
      body.append(decimal: division.0)
      body.append(ASCII.slash)
      body.append(decimal: division.1)
      body.appendLineEnd()
    }
    guard !body.isEmpty else { return }
    let body = body
    writeTextItems(body.span, title: Array(CarriedItem.title.utf8), isCut: false, to: &output)
  }

  /// The order in which fields are carried: that of the header they belong to, so that a second conversion carries
  /// them alike.
  private static let order: [FieldName] =
    [
      .from, .sender, .replyTo, .date, .to, .cc, .bcc, .subject, .messageID, .inReplyTo, .references,
      .dispositionNotificationTo,
    ]

  /// What an answer goes by, and what finds the message and its thread again.
  private static let alwaysCarried: [FieldName] = [.sender, .replyTo, .messageID, .inReplyTo, .references]

  private static func kind(of name: FieldName) -> FieldName {
    name == .returnReceiptTo ? .dispositionNotificationTo : name
  }

  /// Appends a header field as it stands; 8-bit bytes in it become encoded words.
  private func appendField(_ field: Message.Header, of message: Message, _ source: Bytes) {
    let range = field.range
    // An identifier that this product made is made again.
    if field.name == .messageID, ToInternet.isOwnMessageID(source.string(range), domain: options.addresses.domain) {
      return
    }
    if source.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, "X-ccmc-") { return }
    var isClean = source.isASCII(range)
    for i in range where ASCII.isControl(source[i]) && !ASCII.isSpace(source[i]) { isClean = false }
    if isClean {
      var position = range.lowerBound
      while position < range.upperBound {
        let line = source.line(at: position, to: range.upperBound)
        if !source.trimmed(position..<line.end).isEmpty {
          body.append(source, position..<line.end)
          body.appendLineEnd()
        }
        position = line.next
      }
      return
    }
    guard let colon = source.firstIndex(of: ASCII.colon, from: range.lowerBound, to: range.upperBound) else { return }
    let value = (colon + 1)..<range.upperBound
    switch field.name {
    case .from, .to, .cc, .bcc, .sender, .replyTo, .dispositionNotificationTo, .returnReceiptTo:
      let list = AddressList(source, value, charset: message.headerCharset, converter: converter)
      HeaderWriter.append(source.string(range.lowerBound..<colon), mailboxes: list.mailboxes, to: &body)
    default:
      HeaderWriter.append(
        source.string(range.lowerBound..<colon),
        text: EncodedWord.decode(source, value, charset: message.headerCharset, converter: converter), to: &body)
    }
  }
}

extension MacBinary {
  fileprivate func withMacintosh(_ macintosh: Item.Macintosh) -> MacBinary {
    MacBinary(name: name, type: macintosh.type, creator: macintosh.creator)
  }
}
