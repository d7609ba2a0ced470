import CZlib
import Formats

/// Writes a message as RFC 5322 and MIME want it.
final class ToInternet {
  let options: ConversionOptions
  let converter: CharsetConverter
  var content: [UInt8] = []
  var boundaries = 0
  private(set) var seed: UInt32 = 0
  private var length = 0
  private var isReport = false
  /// Whether a boundary is looked for in the source, for parts of it go into the message as they are.
  private var searchesSource = true

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
  }

  /// Appends `message`, whose contents are ranges of `source`, to `output`. `identity` is what the message was read
  /// from: of its bytes a Message-ID is made, always the same one for the same bytes. Returns what there is to say about
  /// the envelope, if one is wanted.
  @discardableResult
  func write(
    _ message: Message, source: Bytes, identity: Range<Int>, hasEnvelope: Bool = false, to output: inout [UInt8]
  ) -> [Finding] {
    let findings = hasEnvelope ? writeEnvelope(message, to: &output) : []
    begin(source, identity)
    searchesSource = true
    write(message, source: source, hasEnvelope: hasEnvelope, to: &output)
    return findings
  }

  /// Begins a message that holds others, all made of the same bytes: each of them is written by `writeWithin`.
  func begin(_ source: Bytes, _ identity: Range<Int>) {
    boundaries = 0
    length = identity.count
    seed = source.extracting(identity).withUnsafeBufferPointer {
      UInt32(truncatingIfNeeded: crc32(crc32(0, nil, 0), $0.baseAddress, uInt($0.count)))
    }
  }

  /// Appends a message, those within it before it itself. No two have the same boundary, and what goes into them as it
  /// is holds none.
  func writeWithin(_ message: Message, source: Bytes, to output: inout [UInt8]) {
    searchesSource = false
    write(message, source: source, hasEnvelope: false, to: &output)
  }

  private func write(_ message: Message, source: Bytes, hasEnvelope: Bool, to output: inout [UInt8]) {
    isReport = message.reportType != nil
    writeHeader(message, hasEnvelope: hasEnvelope, to: &output)
    output.append("MIME-Version: 1.0\r\n")
    if let entity = message.entity {
      _ = entity.append(from: source, to: &output)
      return
    }
    let nodes = structure(message.items)
    if let type = message.reportType, !nodes.isEmpty {
      write(Node("report; report-type=\(type)", nodes), source: source, to: &output)
    } else if nodes.count == 1 {
      write(nodes[0], source: source, to: &output)
    } else if nodes.isEmpty {
      output.append("Content-Type: text/plain; charset=us-ascii\r\n\r\n")
    } else {
      write(Node("mixed", nodes), source: source, to: &output)
    }
  }

  // MARK: Header

  private static let order: [FieldName] = [
    .returnPath, .from, .sender, .replyTo, .to, .cc, .bcc, .subject, .date, .messageID, .autoSubmitted, .inReplyTo,
    .references, .precedence, .importance, .dispositionNotificationTo,
  ]

  /// Whether a Message-ID field holds an identifier that `write` made.
  static func isOwnMessageID(_ field: String, domain: String) -> Bool {
    guard let start = field.firstIndex(of: "<"), field[start...].hasPrefix("<ccm.") else { return false }
    return field[start...].contains("@\(domain)>")
  }

  private func writeHeader(_ message: Message, hasEnvelope: Bool, to output: inout [UInt8]) {
    var done = FieldName.Set()
    // The envelope names the blind ones, and nobody is to see them (Q181125).
    if hasEnvelope { done.insert(.bcc) }
    if message.carriesAllHeaders {
      for field in TransportField.notLeading(message.carried, name: \.name) where !hasEnvelope || field.name != .bcc {
        output.append(contentsOf: field.text)
        done.insert(Self.kind(field.name))
      }
    }
    for remark in message.remarks { HeaderWriter.append("X-cc-Mail-\(remark.name)", text: remark.text, to: &output) }
    for name in Self.order where !done.contains(name) {
      let carried = message.carried.filter { Self.kind($0.name) == name }
      if carried.isEmpty {
        if message.settled.contains(name) { continue }
        write(name, message, to: &output)
      } else {
        for field in carried { output.append(contentsOf: field.text) }
      }
    }
    for field in message.further { output.append(contentsOf: field) }
  }

  /// The field that stands for others of its meaning.
  private static func kind(_ name: FieldName) -> FieldName {
    switch name {
    case .returnReceiptTo: .dispositionNotificationTo
    case .priority, .xPriority, .xMSMailPriority: .importance
    default: name
    }
  }

  private func write(_ name: FieldName, _ message: Message, to output: inout [UInt8]) {
    func mailboxes(_ field: Message.Recipient.Field) -> [Mailbox] {
      message.recipients.filter { $0.field == field }.map(\.mailbox)
    }
    switch name {
    case .from: if let sender = message.sender { HeaderWriter.append("From", mailboxes: [sender], to: &output) }
    case .to: HeaderWriter.append("To", mailboxes: mailboxes(.to), to: &output)
    case .cc: HeaderWriter.append("Cc", mailboxes: mailboxes(.cc), to: &output)
    case .bcc: HeaderWriter.append("Bcc", mailboxes: mailboxes(.bcc), to: &output)
    case .subject: if !message.subject.isEmpty { HeaderWriter.append("Subject", text: message.subject, to: &output) }
    case .date:
      guard let date = message.date else { return }
      output.append("Date: ")
      DateField.append(date, to: &output)
      output.appendLineEnd()
    case .messageID:
      output.append("Message-ID: <ccm.")
      for shift in stride(from: 24, through: 0, by: -8) {
        output.append(hexadecimal: UInt8(seed >> UInt32(shift) & 255))
      }
      output.append(ASCII.dot)
      output.append(decimal: length)
      output.append(text: "@\(options.addresses.domain)>\r\n")
    case .autoSubmitted: if message.isAutomatic { output.append("Auto-Submitted: auto-generated\r\n") }
    case .importance:
      switch message.priority {
      case .urgent: output.append("Importance: high\r\nX-Priority: 1\r\n")
      case .low: output.append("Importance: low\r\nX-Priority: 5\r\n")
      case .normal: return
      }
    case .dispositionNotificationTo:
      // RFC 8098, 2.1: a report asks for no receipt.
      if let receiptTo = message.receiptTo, !isReport {
        HeaderWriter.append("Disposition-Notification-To", mailboxes: [receiptTo], to: &output)
      }
    default: return
    }
  }

  // MARK: Structure

  /// An item, or a multipart of several.
  private final class Node {
    var item: Item?
    var subtype = ""
    var children: [Node] = []

    init(_ item: Item) { self.item = item }

    init(_ subtype: String, _ children: [Node]) {
      self.subtype = subtype
      self.children = children
    }

    /// Puts an item beside what this is: both become a multipart, or one more part of it.
    func add(_ node: Node, subtype: String) {
      if let own = item {
        children = [Node(own)]
        self.subtype = subtype
        item = nil
      }
      children.append(node)
    }
  }

  /// Puts texts and their alternatives, and HTML and what it shows, together.
  private func structure(_ items: [Item]) -> [Node] {
    var nodes: [Node] = []
    // The last HTML, alone or with what it shows beside it.
    var html: Node?
    for item in items {
      let node = Node(item)
      if item.role == .alternative, let last = nodes.last, last.item?.kind == .text || last.subtype == "alternative" {
        last.add(node, subtype: "alternative")
      } else if item.role != .alternative, item.isRelated, let html {
        html.add(node, subtype: "related")
        continue
      } else {
        nodes.append(node)
      }
      if item.type == .html { html = node }
    }
    return nodes
  }

  // MARK: Parts

  private func write(_ node: Node, source: Bytes, to output: inout [UInt8]) {
    if let item = node.item {
      write(item, source: source, to: &output)
      return
    }
    let boundary = BodyWriter.boundary(
      after: &boundaries, seed: seed, absentFrom: searchesSource ? source : source.extracting(0..<0))
    output.append("Content-Type: multipart/")
    output.append(text: node.subtype)
    output.append(";\r\n boundary=\"")
    output.append(contentsOf: boundary)
    output.append("\"\r\n\r\n")
    for child in node.children {
      output.append("--")
      output.append(contentsOf: boundary)
      output.appendLineEnd()
      write(child, source: source, to: &output)
      output.appendLineEnd()
    }
    output.append("--")
    output.append(contentsOf: boundary)
    output.append("--\r\n")
  }

  private func write(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    content.removeAll(keepingCapacity: true)
    _ = item.content.append(from: source, to: &content)
    if item.kind == .text {
      writeText(item, to: &output)
    } else if item.type.name.hasPrefix("message/") {
      writeMessage(item, to: &output)
    } else if let macintosh = item.macintosh, options.macintosh == .binHex {
      writeBinHex(item, macintosh, to: &output)
    } else if let macintosh = item.macintosh, !macintosh.resources.isEmpty || !macintosh.info.comment.isEmpty {
      writeAppleDouble(item, macintosh, source: source, to: &output)
    } else {
      writeFile(item, to: &output)
    }
  }

  private func writeText(_ item: Item, to output: inout [UInt8]) {
    let content = content
    var text = content
    var charset = item.charset
    if charset == options.codePage.iconvName || charset.isEmpty {
      text.removeAll(keepingCapacity: true)
      if converter.appendUTF8(content.span, charset: charset, to: &text) == .exact || !charset.isEmpty {
        charset = "utf-8"
      } else {
        // Text without a label that is not what such text is as a rule: its bytes, without a label.
        text = content
      }
    }
    if CharsetName.containsASCII(charset) {
      text = LineEnds.canonical(text)
      if charset.lowercased() == "utf-8", text.span.isASCII(0..<text.count) { charset = "us-ascii" }
    }
    output.append("Content-Type: text/plain")
    if !charset.isEmpty {
      output.append("; charset=")
      output.append(
        text: charset.contains { !Self.isToken($0) } ? "\"\(charset.filter { $0 != "\"" && $0 != "\\" })\"" : charset)
    }
    output.appendLineEnd()
    let encoding: TransferEncoding =
      CharsetName.containsASCII(charset) ? BodyWriter.encoding(ofText: text.span) : .base64
    BodyWriter.append(encoding, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    output.appendLineEnd()
    BodyWriter.append(text.span, as: encoding, to: &output)
  }

  private static func isToken(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.:+".contains(character))
  }

  /// What message/* holds goes as it is: RFC 2045, 6.4 allows it no encoding that would have to be undone.
  private func writeMessage(_ item: Item, to output: inout [UInt8]) {
    let content = content
    output.append("Content-Type: ")
    output.append(text: item.type.name)
    for parameter in item.parameters { HeaderWriter.append(parameter: parameter.name, parameter.value, to: &output) }
    if !item.charset.isEmpty { HeaderWriter.append(parameter: "charset", item.charset, to: &output) }
    if !item.name.isEmpty { HeaderWriter.append(parameter: "name", item.name, to: &output) }
    output.appendLineEnd()
    output.append("Content-Transfer-Encoding: ")
    output.append(content.span.isASCII(0..<content.count) ? "7bit\r\n" : "8bit\r\n")
    writeContentID(item, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    // The parts of a report are no attachments, RFC 6522, 3.
    if !isReport || !item.name.isEmpty || item.isInline || item.date != nil { writeDisposition(item, to: &output) }
    output.appendLineEnd()
    output.append(contentsOf: content)
  }

  func writeFile(_ item: Item, to output: inout [UInt8]) {
    let content = content
    output.append("Content-Type: ")
    output.append(text: item.type.name)
    for parameter in item.parameters { HeaderWriter.append(parameter: parameter.name, parameter.value, to: &output) }
    if !item.charset.isEmpty { HeaderWriter.append(parameter: "charset", item.charset, to: &output) }
    if let macintosh = item.macintosh { appendParameters(macintosh.info, to: &output) }
    if !item.name.isEmpty { HeaderWriter.append(parameter: "name", item.name, to: &output) }
    output.appendLineEnd()
    let isBody = item.role == .body || item.role == .alternative
    let encoding: TransferEncoding =
      isBody && item.type.isText && !hasBareLineEnds(content.span) && CharsetName.containsASCII(item.charset)
      ? (content.last == ASCII.lf ? BodyWriter.encoding(ofText: content.span) : .quotedPrintable) : .base64
    BodyWriter.append(encoding, to: &output)
    writeContentID(item, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    if !isBody || !item.name.isEmpty || item.isInline { writeDisposition(item, to: &output) }
    output.appendLineEnd()
    BodyWriter.append(content.span, as: encoding, to: &output)
  }

  func writeContentID(_ item: Item, to output: inout [UInt8]) {
    guard !item.contentID.isEmpty else { return }
    output.append(text: "Content-ID: <\(item.contentID.filter { !$0.isWhitespace && $0.isASCII })>\r\n")
  }

  private func hasBareLineEnds(_ text: Bytes) -> Bool {
    var position = 0
    while let feed = text.firstIndex(of: ASCII.lf, from: position, to: text.count) {
      if feed == 0 || text[feed - 1] != ASCII.cr { return true }
      position = feed + 1
    }
    return false
  }

  /// Content-Disposition with the file's name and date, RFC 2183.
  func writeDisposition(_ item: Item, to output: inout [UInt8]) {
    output.append(item.isInline ? "Content-Disposition: inline" : "Content-Disposition: attachment")
    if !item.name.isEmpty { HeaderWriter.append(parameter: "filename", item.name, to: &output) }
    if let date = item.date {
      var text: [UInt8] = []
      DateField.append(date, to: &text)
      HeaderWriter.append(parameter: "modification-date", String(decoding: text, as: UTF8.self), to: &output)
    }
    output.appendLineEnd()
  }
}
