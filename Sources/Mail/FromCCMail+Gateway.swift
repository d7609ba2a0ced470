import Formats

/// The file item in which Lotus SMTPLINK kept the header of a message from the Internet.
extension FromCCMail {
  static let gatewayName = "RFC822.TXT"
  /// Bytes of a header; a longer file is none.
  private static let gatewayLimit = 1 << 18

  /// Takes fields from the file `RFC822.TXT`, which stays attached. It has to be a header from its first byte to its
  /// last, with a Received or a Message-ID; what the post office says itself is never taken from it.
  func takeGatewayHeader(_ source: CCMessage, _ bytes: Bytes, _ message: inout Message) {
    for item in source.items where item.kind == .file && item.data.count <= 2 * Self.gatewayLimit + 1024 {
      let title = CCFileTitle(bytes, item.title, order: options.dateOrder)
      guard bytes.equalsIgnoringCase(title.name, "RFC822.TXT") else { continue }
      var text: [UInt8] = []
      if item.isHex { CCText.appendHex(bytes, item.data, to: &text) } else { text = bytes.array(item.data) }
      guard text.count <= Self.gatewayLimit, let fields = gatewayFields(text.span) else { continue }
      for field in fields {
        if field.name == .autoSubmitted || field.name == .precedence || Self.kept.contains(field.name) {
          message.carried.append(Message.CarriedHeader(name: field.name, text: field.text))
        } else {
          message.further.append(field.text)
        }
      }
      return
    }
  }

  /// Fields with a place of their own in the header that is written.
  private static let kept = FieldName.Set([.returnPath, .sender, .replyTo, .messageID, .inReplyTo, .references])

  /// Fields that the post office says, or that describe what is no longer there.
  private static let own = FieldName.Set([
    .from, .to, .cc, .bcc, .date, .subject, .xSender, .xReceiver, .importance, .priority, .xPriority,
    .xMSMailPriority, .dispositionNotificationTo, .returnReceiptTo,
  ])

  /// The fields of a header that go into the message; nil where `text` is none.
  private func gatewayFields(_ text: Bytes) -> [(name: FieldName, text: [UInt8])]? {
    let structure = InternetMessageReader.readHeader(text)
    guard structure.findings.isEmpty, let last = structure.fields.last,
      text.trimmed(last.whole.upperBound..<text.count).isEmpty,
      structure.fields.contains(where: { $0.name == .received || $0.name == .messageID })
    else { return nil }
    var seen = FieldName.Set()
    var fields: [(name: FieldName, text: [UInt8])] = []
    for field in structure.fields {
      let start = field.whole.lowerBound
      if field.name.isMIME || field.name.isTransportAlone || Self.own.contains(field.name) { continue }
      if text.hasPrefixIgnoringCase(at: start, to: text.count, "Resent-")
        || text.hasPrefixIgnoringCase(at: start, to: text.count, "X-ccmc-")
      {
        continue
      }
      // What a message has once is taken once.
      if Self.kept.contains(field.name) {
        if seen.contains(field.name) { continue }
        seen.insert(field.name)
      }
      let whole = text.extracting(field.whole)
      let isSevenBit = whole.isASCII(0..<whole.count)
      guard isSevenBit, !whole.array(0..<whole.count).contains(where: { $0 < 32 && !ASCII.isSpace($0) }) else {
        continue
      }
      var lines: [UInt8] = []
      lines.append(linesOf: whole)
      if lines.last != ASCII.lf { lines.appendLineEnd() }
      fields.append((field.name, lines))
    }
    return fields
  }
}
