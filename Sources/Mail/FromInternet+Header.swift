import Formats

/// What the header says.
extension FromInternet {
  mutating func readHeader(_ bytes: Bytes, without envelope: Range<Int>?) {
    var received: Range<Int>?
    message.headers.reserveCapacity(structure.parts[0].fields.count)
    for (index, field) in structure.fields[structure.parts[0].fields].enumerated() {
      if envelope?.contains(index) == true || field.name.isTransportAlone { continue }
      message.headers.append(Message.Header(name: field.name, range: field.whole))
      switch field.name {
      case .from:
        take(senders: senders(bytes, field), at: field.value.lowerBound)
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
        date?.value.lowerBound ?? 0, date == nil ? .noDate : .impossibleDate,
        (date == nil ? "no Date" : "a Date that is none")
          + (message.date == nil ? "; written without a date" : "; the date of the last Received is taken"))
    }
  }

  /// The sender is the first of From's mailboxes that has an address; the first one, where none has.
  private mutating func take(senders: [Mailbox], at offset: Int) {
    if message.sender != nil || senders.count > 1 { message.unsaid.insert(.from) }
    let index = senders.firstIndex { $0.address.utf8.contains(ASCII.at) } ?? 0
    if index > 0 {
      note(offset, .senderWithoutAddress, "the first sender has no address; the first one that has is taken")
    }
    if message.sender?.address.utf8.contains(ASCII.at) != true, index < senders.count {
      message.sender = senders[index]
    }
  }

  /// Recipients that only the envelope names are blind ones: nothing else tells of them.
  mutating func take(_ envelope: TransportEnvelope) {
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

  mutating func note(_ offset: Int, _ rule: Rule, _ text: String) {
    message.findings.note(offset, rule, text)
  }

  mutating func text(_ bytes: Bytes, _ field: InternetMessage.Field) -> String {
    let word = EncodedWord.read(bytes, field.value, charset: message.headerCharset, converter: converter)
    take(word.defects, of: field)
    return word.text
  }

  /// Tells what was wrong with the text of a field. What could not be read whole is carried.
  private mutating func take(_ defects: EncodedWord.Defects, of field: InternetMessage.Field) {
    let offset = field.value.lowerBound
    if defects.contains(.unknownCharset) {
      note(offset, .unknownCharset, "an encoded word in an unknown character set is left as it stands")
    }
    if defects.contains(.damaged) {
      note(offset, .wrongCharset, "a field has bytes that are nothing in its character set; the original is carried")
    }
    if defects.contains(.mislabelled) {
      note(offset, .charsetLabel, "the text of a field is UTF-8, whatever its label says")
    }
    if !defects.isDisjoint(with: [.unknownCharset, .damaged]) { message.unsaid.insert(field.name) }
  }

  private mutating func addresses(_ bytes: Bytes, _ field: InternetMessage.Field) -> AddressList {
    let list = AddressList(bytes, field.value, charset: message.headerCharset, converter: converter)
    if !list.emptyGroups.isEmpty || list.isCut || list.hasComments && !list.isIrregular {
      message.unsaid.insert(field.name)
    }
    take(list.defects, of: field)
    for name in list.dividedNames.prefix(10) {
      note(
        field.value.lowerBound, .dividedName,
        "a name with a comma and without quotation marks; it is taken for one: \(name)")
    }
    if list.isCut {
      note(
        field.value.lowerBound, .tooManyRecipients,
        "more than \(AddressList.maximum) addresses in a field; the others are carried, and not sent to")
    }
    return list
  }

  private mutating func mailboxes(_ bytes: Bytes, _ field: InternetMessage.Field) -> [Mailbox] {
    addresses(bytes, field).mailboxes
  }

  /// The mailboxes of From; a group without members there, RFC 6854, is a sender without an address.
  private mutating func senders(_ bytes: Bytes, _ field: InternetMessage.Field) -> [Mailbox] {
    let list = addresses(bytes, field)
    return list.mailboxes + list.emptyGroups.map { Mailbox(name: $0, address: "") }
  }

  private mutating func addRecipients(_ bytes: Bytes, _ field: InternetMessage.Field, _ kind: Message.Recipient.Field) {
    for mailbox in mailboxes(bytes, field) {
      message.recipients.append(Message.Recipient(field: kind, mailbox: mailbox))
    }
  }

  /// Importance and Priority, RFC 2156, 5.3.4 and 5.3.6; X-Priority and X-MSMail-Priority by custom.
  private mutating func readPriority(_ bytes: Bytes, _ field: InternetMessage.Field) {
    let value = bytes.trimmed(field.value)
    let end = value.first { bytes[$0] == ASCII.space || bytes[$0] == ASCII.leftParenthesis } ?? value.upperBound
    func named(_ name: StaticString) -> Bool { bytes.equalsIgnoringCase(value.lowerBound..<end, name) }
    if named("high") || named("urgent") || named("1") || named("2") || named("highest") {
      message.priority = .urgent
    } else if named("low") || named("non-urgent") || named("4") || named("5") || named("lowest") {
      message.priority = .low
    }
  }

  /// Whether the message is a multipart/report, and of which type.
  mutating func readReportType(_ bytes: Bytes) {
    guard structure.parts[0].type.name == "multipart/report", structure.parts[0].isMultipart else { return }
    let type = structure.field(.contentType).flatMap { parameter("report-type", bytes, $0) } ?? ""
    message.reportType = Message.reportType(type)
  }
}
