import Formats

/// Header fields: those that the message came with, and else those that its properties have a name for, [MS-OXCMAIL].
extension FromOutlook {
  /// Takes the header that the message had when it came from the Internet. MIME fields are not taken: the structure is a
  /// new one.
  mutating func readTransportHeaders(_ bytes: Bytes) {
    guard let property = properties.first(PropertyID.transportMessageHeaders) else { return }
    var text = strings.text(property, bytes)
    // A line of Exchange's own in front.
    let mark = "Microsoft Mail Internet Headers Version"
    if text.starts(with: mark.utf8) {
      text.removeSubrange(..<text.span.line(at: 0, to: text.count).next)
    }
    let header = InternetMessageReader.readHeader(text.span)
    var carried: [Message.CarriedHeader] = []
    for field in header.fields where !field.name.isMIME {
      carried.append(Message.CarriedHeader(name: field.name, text: written(field, text.span)))
    }
    guard carried.contains(where: { $0.name == .from || $0.name == .received || $0.name == .date }) else { return }
    // What a message on its way had may lack what was added where it arrived, never the other way round.
    message.carried = carried
    message.carriesAllHeaders = true
  }

  /// A field as it stood, or written anew where it has bytes above 127, or lines that are too long.
  private func written(_ field: InternetMessage.Field, _ text: Bytes) -> [UInt8] {
    var isPlain = text.isASCII(field.whole)
    var position = field.whole.lowerBound
    while position < field.whole.upperBound {
      let line = text.line(at: position, to: field.whole.upperBound)
      if line.end - position > 998 { isPlain = false }
      for i in position..<line.end where text[i] < 32 && text[i] != ASCII.tab { isPlain = false }
      position = line.next
    }
    if isPlain {
      var output = LineEnds.canonical(text.array(field.whole))
      if output.last != ASCII.lf { output.appendLineEnd() }
      return output
    }
    var output: [UInt8] = []
    let name = text.string(field.nameRange)
    switch field.name {
    case .from, .sender, .replyTo, .to, .cc, .bcc, .dispositionNotificationTo, .returnReceiptTo:
      let list = AddressList(text, field.value, charset: "utf-8", converter: converter)
      HeaderWriter.append(name, mailboxes: list.mailboxes, to: &output)
    default:
      let value = EncodedWord.decode(text, field.value, charset: "utf-8", converter: converter)
      HeaderWriter.append(name, text: String(value.map { $0.isNewline ? " " : $0 }), to: &output)
    }
    return output
  }

  /// Fields of a message that has no header of its own.
  mutating func readFurtherFields(_ bytes: Bytes) {
    // MSGFLAG_UNSENT: Outlook opens such a message for writing.
    if let flags = properties.integer(PropertyID.messageFlags), flags & 8 != 0, messageClass.kind == .message {
      append("X-Unsent", "1")
    }
    guard !message.carriesAllHeaders else { return }
    carry(.messageID, "Message-ID", identifier: PropertyID.internetMessageID, bytes)
    carry(.inReplyTo, "In-Reply-To", identifier: PropertyID.inReplyToID, bytes)
    carry(.references, "References", identifier: PropertyID.internetReferences, bytes)
    readReplyTo(bytes)
    switch properties.integer(PropertyID.sensitivity) {
    case 1: append("Sensitivity", "Personal")
    case 2: append("Sensitivity", "Private")
    case 3: append("Sensitivity", "Company-Confidential")
    default: break
    }
    append(
      "Keywords", strings.lines(PropertyName(.publicStrings, "Keywords"), of: properties, bytes).joined(separator: ", ")
    )
    readThread(bytes)
    append("X-Message-Flag", line(.flagRequest, bytes))
    append("List-Help", line(PropertyID.listHelp, bytes))
    append("List-Subscribe", line(PropertyID.listSubscribe, bytes))
    append("List-Unsubscribe", line(PropertyID.listUnsubscribe, bytes))
    if properties.flag(PropertyID.deliveryReportRequested), let sender = message.sender {
      var field: [UInt8] = []
      HeaderWriter.append("Return-Receipt-To", mailboxes: [sender], to: &field)
      message.further.append(field)
    }
    readInternetHeaders(bytes)
  }

  /// What Outlook knows a thread by, [MS-OXCMAIL] 2.1.3.2.
  private mutating func readThread(_ bytes: Bytes) {
    guard let index = properties.data(PropertyID.conversationIndex) else { return }
    append("Thread-Topic", line(PropertyID.conversationTopic, bytes))
    let raw = index.bytes(of: bytes, limit: 4096)
    var text: [UInt8] = []
    Base64.encode(raw.span, into: &text)
    // In pieces that fit into a line.
    append("Thread-Index", String(decoding: text.map { ASCII.isSpace($0) ? ASCII.space : $0 }, as: UTF8.self).words)
  }

  private mutating func append(_ name: String, _ text: String) {
    guard !text.isEmpty, !hasField(name) else { return }
    var field: [UInt8] = []
    HeaderWriter.append(name, text: text, to: &field)
    message.further.append(field)
  }

  /// Whether the message has a field of that name already, with those that it came with.
  private func hasField(_ name: String) -> Bool {
    let start = Array((name.lowercased() + ":").utf8)
    func isOne(_ field: [UInt8]) -> Bool {
      field.count > start.count && zip(field, start).allSatisfy { ASCII.lowercased($0) == $1 }
    }
    return message.further.contains(where: isOne) || message.carried.contains { isOne($0.text) }
  }

  /// Identifiers go as they are, with angles around them: in encoded words they would be none.
  private mutating func carry(_ name: FieldName, _ label: String, identifier id: UInt16, _ bytes: Bytes) {
    var words = line(id, bytes).split(separator: " ").map(String.init)
    words = words.filter { $0.utf8.count < 900 && $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } }
    if words.count == 1, !words[0].hasPrefix("<") { words[0] = "<\(words[0])>" }
    guard !words.isEmpty else { return }
    let text = "\(label): " + words.prefix(1000).joined(separator: "\r\n ") + "\r\n"
    message.carried.append(Message.CarriedHeader(name: name, text: Array(text.utf8)))
  }

  private mutating func readReplyTo(_ bytes: Bytes) {
    let raw = properties.data(PropertyID.replyRecipientEntries)?.bytes(of: bytes, limit: 1 << 20) ?? []
    var mailboxes: [Mailbox] = []
    for range in EntryID.list(raw.span).prefix(1000) {
      guard let entry = EntryID.address(raw.span.extracting(range), string8: strings.string8) else { continue }
      mailboxes.append(complete(name: Self.unquoted(entry.name), type: entry.type, address: entry.address, bytes))
    }
    // Names alone help nobody, unless they are addresses.
    if mailboxes.isEmpty {
      for name in line(PropertyID.replyRecipientNames, bytes).split(separator: ";").prefix(1000) {
        if let mailbox = OutlookAddress.mailbox(in: String(name)) { mailboxes.append(mailbox) }
      }
    }
    guard !mailboxes.isEmpty else { return }
    var field: [UInt8] = []
    HeaderWriter.append("Reply-To", mailboxes: mailboxes, to: &field)
    message.carried.append(Message.CarriedHeader(name: .replyTo, text: field))
  }

  /// Fields that the message was given by name, [MS-OXCMAIL] 2.5.3.
  private mutating func readInternetHeaders(_ bytes: Bytes) {
    for property in properties.all {
      guard message.further.count < 200, let name = properties.name(of: property), name.set == .internetHeaders,
        (1...76).contains(name.text.utf8.count),
        name.text.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.hyphen })
      else { continue }
      let label = Array(name.text.utf8)
      let isKnown =
        InternetMessageReader.readHeader((label + [ASCII.colon, ASCII.lf]).span).fields.first?.name != .other
      if isKnown { continue }
      append(name.text, strings.line(property, bytes))
    }
  }
}

extension String {
  /// The words of the text with one blank between each two.
  fileprivate var words: String { split(separator: " ").joined(separator: " ") }
}
