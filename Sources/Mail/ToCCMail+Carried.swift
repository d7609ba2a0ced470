import Formats

/// What a .ccm file cannot say, in the text item `RFC822 headers`.
extension ToCCMail {
  /// Writes the text item `RFC822 headers`, if there is anything to carry.
  func writeCarried(
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
  static let order: [FieldName] =
    [
      .from, .sender, .replyTo, .date, .to, .cc, .bcc, .subject, .messageID, .inReplyTo, .references,
      .dispositionNotificationTo,
    ]

  /// What an answer goes by, and what finds the message and its thread again.
  static let alwaysCarried: [FieldName] = [.sender, .replyTo, .messageID, .inReplyTo, .references]

  static func kind(of name: FieldName) -> FieldName {
    name == .returnReceiptTo ? .dispositionNotificationTo : name
  }

  /// Appends a header field as it stands; 8-bit bytes in it become encoded words.
  func appendField(_ field: Message.Header, of message: Message, _ source: Bytes) {
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
