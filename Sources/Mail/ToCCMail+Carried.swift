import Formats

/// What a .ccm file cannot say, in the text item `RFC822 headers`.
extension ToCCMail {
  /// Writes the text item `RFC822 headers`, if there is anything to carry.
  func writeCarried(
    _ message: Message, _ header: CCHeader, division: (Int, Int)?, source: Bytes, to output: inout [UInt8]
  ) {
    body.removeAll(keepingCapacity: true)
    // The last of several parts tells all recipients: the fields of them all in each would grow with their square, and
    // a part that stays alone has its own portion only.
    let isLast = division.map { $0.0 == $0.1 } ?? true
    func isLeftOut(_ name: FieldName) -> Bool { !isLast && (name == .to || name == .cc || name == .bcc) }
    // The envelope's `<>` forbids reports, as the field does.
    let isFromNobody =
      message.envelope?.sender == ""
      && !message.headers.contains { $0.name == .returnPath && isEmptyPath($0, source) }
    if options.keepsHeaders {
      body.append(CarriedItem.allName)
      body.append(": all\r\n")
      if isFromNobody { body.append("Return-Path: <>\r\n") }
      let fields = message.headers.filter {
        !$0.name.isMIME && ($0.name != .bcc || !message.hasHiddenRecipients) && !isLeftOut($0.name)
      }
      for field in TransportField.notLeading(fields, name: \.name) { appendField(field, of: message, source) }
      if message.hasHiddenRecipients, isLast {
        let blind = message.recipients.filter { $0.field == .bcc }.map(\.mailbox)
        HeaderWriter.append("Bcc", mailboxes: blind, to: &body)
      }
    } else {
      if isFromNobody { body.append("Return-Path: <>\r\n") }
      var present = FieldName.Set()
      for field in message.headers { present.insert(Self.kind(of: field.name)) }
      let wanted = Self.alwaysCarried.union(header.inexact).intersection(present)
      for name in Self.order where wanted.contains(name) && !isLeftOut(name) {
        for field in message.headers where Self.kind(of: field.name) == name {
          if isSaid(field, header, source) { continue }
          appendField(field, of: message, source)
        }
      }
    }
    if let type = message.reportType {
      body.append(CarriedItem.reportName)
      body.append(": ")
      body.append(text: type)
      body.appendLineEnd()
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
      .returnPath, .from, .sender, .replyTo, .date, .to, .cc, .bcc, .subject, .messageID, .inReplyTo, .references,
      .autoSubmitted, .precedence, .dispositionNotificationTo,
    ]

  /// What an answer goes by, what finds the message and its thread again, and what forbids an automatic answer,
  /// RFC 3834.
  static let alwaysCarried = FieldName.Set([
    .returnPath, .sender, .replyTo, .messageID, .inReplyTo, .references, .autoSubmitted, .precedence,
  ])

  /// Whether a field need not be carried: a Return-Path that leads somewhere, and the Auto-Submitted that a message of
  /// a post office always gets.
  private func isSaid(_ field: Message.Header, _ header: CCHeader, _ source: Bytes) -> Bool {
    if field.name == .returnPath { return !isEmptyPath(field, source) }
    return field.name == .autoSubmitted && header.from.first == ASCII.tilde
      && source.equalsIgnoringCase(value(of: field, source), "auto-generated")
  }

  private func isEmptyPath(_ field: Message.Header, _ source: Bytes) -> Bool {
    source.equalsIgnoringCase(value(of: field, source), "<>")
  }

  private func value(of field: Message.Header, _ source: Bytes) -> Range<Int> {
    let range = field.range
    guard let colon = source.firstIndex(of: ASCII.colon, from: range.lowerBound, to: range.upperBound) else {
      return range.upperBound..<range.upperBound
    }
    return source.trimmed((colon + 1)..<range.upperBound)
  }

  static func kind(of name: FieldName) -> FieldName {
    name == .returnReceiptTo ? .dispositionNotificationTo : name
  }

  /// Appends a header field as it stands; 8-bit bytes in it become encoded words.
  func appendField(_ field: Message.Header, of message: Message, _ source: Bytes) {
    let range = field.range
    // An identifier that this product made is made again.
    if field.name == .messageID, ToInternet.isOwnMessageID(source, range, domain: options.addresses.domain) {
      return
    }
    if source.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, "X-ccmc-") { return }
    var isClean = source.isASCII(range)
    for i in range where ASCII.isControl(source[i]) && !ASCII.isSpace(source[i]) { isClean = false }
    if isClean {
      var position = range.lowerBound
      while position < range.upperBound {
        let line = source.line(at: position, to: range.upperBound)
        // An empty line would end the header: the blanks of one go to the line before.
        if source.trimmed(position..<line.end).isEmpty { body.removeLineEnd() }
        body.append(source, position..<line.end)
        body.appendLineEnd()
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
