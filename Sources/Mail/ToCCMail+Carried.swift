import Formats

/// What a .ccm file cannot say, in the text item `RFC822 headers`.
extension ToCCMail {
  /// Writes the text item `RFC822 headers`, if there is anything to carry.
  func writeCarried(
    _ message: Message, _ header: CCHeader, division: (Int, Int)?, part: ItemPart? = nil, source: Bytes,
    to output: inout [UInt8]
  ) {
    body.removeAll(keepingCapacity: true)
    part?.append(to: &body)
    // The last of several parts tells all recipients: the fields of them all in each would grow with their square, and
    // a part that stays alone has its own portion only.
    let isLast = division.map { $0.0 == $0.1 } ?? true
    func isLeftOut(_ name: FieldName) -> Bool { !isLast && (name == .to || name == .cc || name == .bcc) }
    // The envelope's `<>` forbids reports, as the field does.
    // Reports are from nobody anyhow.
    let isFromNobody =
      message.envelope?.sender == "" && message.reportType == nil
      && !message.headers.contains { $0.name == .returnPath && isEmptyPath($0, source) }
    if options.keepsHeaders {
      body.append(CarriedItem.allName)
      body.append(": all\r\n")
      if isFromNobody { body.append("Return-Path: <>\r\n") }
      let fields = message.headers.filter {
        !$0.name.isMIME && ($0.name != .bcc || !message.hasHiddenRecipients) && !isLeftOut($0.name)
      }
      for field in TransportField.notLeading(fields, name: \.name) {
        appendField(field, of: message, source)
        appendDowngraded(field, of: message, source)
      }
      if message.hasHiddenRecipients, isLast {
        let blind = message.recipients.filter { $0.field == .bcc }.map(\.mailbox)
        HeaderWriter.append("Bcc", mailboxes: blind, to: &body)
      }
    } else {
      if isFromNobody { body.append("Return-Path: <>\r\n") }
      var present = FieldName.Set()
      for field in message.headers { present.insert(Self.kind(of: field.name)) }
      let wanted = Self.alwaysCarried.union(header.inexact).intersection(present)
      for name in Self.order where !isLeftOut(name) {
        if name == .downgraded {
          for field in message.headers where !isLeftOut(field.name) { appendDowngraded(field, of: message, source) }
        }
        guard wanted.contains(name) else { continue }
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
    writeBody(to: &output)
  }

  /// Writes the text item `RFC822 headers` of a part that has nothing of its own to carry.
  func writeCarried(_ part: ItemPart, to output: inout [UInt8]) {
    body.removeAll(keepingCapacity: true)
    part.append(to: &body)
    writeBody(to: &output)
  }

  private func writeBody(to output: inout [UInt8]) {
    guard !body.isEmpty else { return }
    let body = body
    writeTextItems(body.span, title: Array(CarriedItem.title.utf8), isCut: false, to: &output)
  }

  /// The order in which fields are carried: that of the header they belong to, so that a second conversion carries
  /// them alike.
  static let order: [FieldName] =
    [
      .returnPath, .from, .sender, .replyTo, .date, .to, .cc, .bcc, .subject, .messageID, .inReplyTo, .references,
      .autoSubmitted, .precedence, .dispositionNotificationTo, .downgraded, .brokenLine,
    ]

  /// What an answer goes by, what finds the message and its thread again, and what forbids an automatic answer,
  /// RFC 3834.
  static let alwaysCarried = FieldName.Set([
    .returnPath, .sender, .replyTo, .messageID, .inReplyTo, .references, .autoSubmitted, .precedence, .downgraded,
    .brokenLine,
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

  func value(of field: Message.Header, _ source: Bytes) -> Range<Int> {
    let range = field.range
    guard let colon = source.firstIndex(of: ASCII.colon, from: range.lowerBound, to: range.upperBound) else {
      return range.upperBound..<range.upperBound
    }
    return source.trimmed((colon + 1)..<range.upperBound)
  }

  /// Whether lines may be written as they are: ASCII without control characters.
  private func isClean(_ source: Bytes, _ range: Range<Int>) -> Bool {
    var position = range.lowerBound
    while position < range.upperBound {
      let line = source.line(at: position, to: range.upperBound)
      let text = source.trimmed(position..<line.end)
      guard
        source.isPrintable(text)
          || text.allSatisfy({ source[$0] < 127 && (!ASCII.isControl(source[$0]) || ASCII.isSpace(source[$0])) })
      else { return false }
      position = line.next
    }
    return true
  }

  static func kind(of name: FieldName) -> FieldName {
    name == .returnReceiptTo ? .dispositionNotificationTo : name
  }

  /// Appends a header field as it stands; 8-bit bytes in it become encoded words.
  func appendField(_ field: Message.Header, of message: Message, _ source: Bytes) {
    let range = field.range
    // An identifier that this product made is made again.
    if field.name == .messageID, MadeMessageID.isOne(source, range, domain: options.addresses.domain) {
      return
    }
    if source.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, "X-ccmc-") { return }
    if field.name == .brokenLine { return appendBrokenLine(field, of: message, source) }
    let isClean = isClean(source, range)
    var isLong = false
    let isList = Self.isAddressField(field.name) && !AddressList.isSimple(source, value(of: field, source))
    let list = isList ? addresses(field, of: message, source) : nil
    let defects = list?.defects ?? words(of: field, message, source)
    // Nor may others be made to read what only a liberal reader understands.
    let isReadable = list?.isIrregular != true && defects.isDisjoint(with: [.mislabelled, .unusualLabel])
    if isClean, isReadable || defects.contains(.unknownCharset) {
      let start = body.count
      var position = range.lowerBound
      while position < range.upperBound {
        let line = source.line(at: position, to: range.upperBound)
        // An empty line would end the header: the blanks of one go to the line before.
        if source.trimmed(position..<line.end).isEmpty { body.removeLineEnd() }
        body.append(source, position..<line.end)
        body.appendLineEnd()
        isLong = isLong || line.end - position > HeaderWriter.longestLine
        position = line.next
      }
      if !isLong { return }
      let written = Array(body[start...])
      body.removeSubrange(start...)
      if HeaderWriter.append(field: written.span, to: &body) { return }
    }
    guard let colon = source.firstIndex(of: ASCII.colon, from: range.lowerBound, to: range.upperBound) else { return }
    let value = (colon + 1)..<range.upperBound
    let name = source.string(source.trimmed(range.lowerBound..<colon))
    if Self.isAddressField(field.name) {
      let list = list ?? addresses(field, of: message, source)
      HeaderWriter.append(name, list: list, to: &body)
    } else {
      HeaderWriter.append(
        name, text: EncodedWord.decode(source, value, charset: message.headerCharset, converter: converter), to: &body)
    }
  }

  private static func isAddressField(_ name: FieldName) -> Bool {
    switch name {
    case .from, .to, .cc, .bcc, .sender, .replyTo, .dispositionNotificationTo, .returnReceiptTo: true
    default: false
    }
  }

  /// What is wrong with the encoded words of a field.
  private func words(of field: Message.Header, _ message: Message, _ source: Bytes) -> EncodedWord.Defects {
    guard EncodedWord.mayStand(in: source, field.range) else { return [] }
    return EncodedWord.read(source, value(of: field, source), charset: message.headerCharset, converter: converter)
      .defects
  }

  private func addresses(_ field: Message.Header, of message: Message, _ source: Bytes) -> AddressList {
    AddressList(source, value(of: field, source), charset: message.headerCharset, converter: converter)
  }

  /// Appends a line that is no field under a name for such lines; one that came back has it already.
  private func appendBrokenLine(_ field: Message.Header, of message: Message, _ source: Bytes) {
    var start = field.range.lowerBound
    let name = FieldName.brokenLineName
    let end = start + name.utf8CodeUnitCount
    if source.hasPrefixIgnoringCase(at: start, to: field.range.upperBound, name), end < field.range.upperBound,
      source[end] == ASCII.colon
    {
      start = end + 1
    }
    HeaderWriter.append(
      "\(name)",
      text: EncodedWord.decode(
        source, start..<field.range.upperBound, charset: message.headerCharset, converter: converter),
      to: &body)
  }

  /// Appends what a field with addresses beyond ASCII was, for whoever can send it as it was (RFC 6531): its own form in
  /// seven bits has their domains in A-labels, and those with such a local part as groups.
  private func appendDowngraded(_ field: Message.Header, of message: Message, _ source: Bytes) {
    guard Self.isAddressField(field.name), !source.isASCII(field.range),
      addresses(field, of: message, source).isInternational,
      let colon = source.firstIndex(of: ASCII.colon, from: field.range.lowerBound, to: field.range.upperBound)
    else { return }
    let name = source.string(source.trimmed(field.range.lowerBound..<colon))
    HeaderWriter.append(
      "\(FieldName.downgradedPrefix)\(name)",
      text: EncodedWord.decode(
        source, (colon + 1)..<field.range.upperBound, charset: message.headerCharset, converter: converter),
      to: &body)
  }
}
