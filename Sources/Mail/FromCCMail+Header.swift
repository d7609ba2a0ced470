import Formats

/// The header, and who its values name.
extension FromCCMail {
  func readHeader(_ source: CCMessage, _ bytes: Bytes, _ message: inout Message, _ header: inout CCHeader) {
    var seen = Set<CCKeyword>()
    for line in source.header {
      let whole = unfolded(bytes, line.value)
      let value = whole.span.array(whole.span.trimmed(0..<whole.count))
      let offset = line.value.lowerBound
      // Of a line that a message has once, the first one counts.
      if line.keyword.isSingle, !value.isEmpty, !seen.insert(line.keyword).inserted {
        message.remarks.append((name(of: line, bytes), mapping.text(whole)))
        continue
      }
      switch line.keyword {
      case .from:
        if header.from.isEmpty { header.from = whole }
        if message.sender == nil, !value.isEmpty {
          message.sender = mailbox(mapping.text(whole), offset, &message)
          noteForm(mapping.text(whole), &message)
        }
        if value.first == ASCII.tilde { message.isAutomatic = true }
      case .to: header.to += addRecipients(bytes, line.value, .to, &message)
      case .cc: header.cc += addRecipients(bytes, line.value, .cc, &message)
      case .bcc: header.bcc += addRecipients(bytes, line.value, .bcc, &message)
      case .date:
        guard !value.isEmpty || header.date.isEmpty else { continue }
        header.date = value
        readDate(value, offset, &message)
      case .subject:
        guard !value.isEmpty || header.subject.isEmpty else { continue }
        header.subject = bytes.array(line.value)
        message.subject = mapping.text(whole)
      case .priority:
        guard !value.isEmpty || header.priority.isEmpty else { continue }
        header.priority = value
        message.priority = priority(String(decoding: value, as: UTF8.self).lowercased())
      case .rrt:
        guard !value.isEmpty || header.receiptTo.isEmpty else { continue }
        header.receiptTo = whole
        if !value.isEmpty {
          message.receiptTo = mailbox(mapping.text(whole), offset, &message)
          noteForm(mapping.text(whole), &message)
        }
      case .other: message.remarks.append((name(of: line, bytes), mapping.text(whole)))
      }
    }
    if options.normalisesRe { message.subject = ReplyPrefix.single(message.subject) }
    if message.date == nil, header.date.isEmpty {
      note(source.whole.lowerBound, .noDate, "no date; written without one", &message)
    }
    if message.sender == nil {
      note(source.whole.lowerBound, .noSender, "no sender; \(options.defaultSender) takes its place", &message)
      message.sender = options.addresses.mailbox(options.defaultSender)
    }
  }

  private func name(of line: CCMessage.HeaderLine, _ bytes: Bytes) -> String {
    String(bytes.string(line.name).map { $0 == " " || $0 == "\t" ? "-" : $0 })
  }

  func note(_ offset: Int, _ rule: Rule, _ text: String, _ message: inout Message) {
    message.findings.note(offset, rule, text)
  }

  private func mailbox(_ text: String, _ offset: Int, _ message: inout Message) -> Mailbox {
    // EXPORT 8.3 drops the name of a recipient (Q249133).
    if text.utf8.prefix(3).elementsEqual("at ".utf8, by: { $0 | 0x20 == $1 })
      || AddressRule.postOffice(of: text) == text.startIndex
    {
      note(offset, .recipientWithoutName, "an address without a name: \(text)", &message)
    }
    return options.addresses.mailbox(text)
  }

  /// Keeps an address in its form where the rule would write the mailbox in another one.
  private func noteForm(_ text: String, _ message: inout Message) {
    guard options.addresses.hasOtherForm(text), message.ccMailForms.count < 1000,
      !message.ccMailForms.contains(text),
      // An address in its capsule is written so again.
      options.addresses.ccMail(mapping.sayable(options.addresses.mailbox(text))) != text
    else { return }
    message.ccMailForms.append(text)
  }

  private func addRecipients(
    _ bytes: Bytes, _ value: Range<Int>, _ field: Message.Recipient.Field, _ message: inout Message
  ) -> [[UInt8]] {
    let lines = RecipientLine.split(unfolded(bytes, value))
    for line in lines {
      let text = mapping.text(line)
      noteForm(text, &message)
      message.recipients.append(
        Message.Recipient(
          field: field, mailbox: mailbox(text, value.lowerBound, &message),
          isOutside: options.addresses.isOutside(text)))
    }
    return lines
  }

  /// The recipients in To, cc and bcc as the file names them, each once, in UTF-8.
  func recipientNames(_ source: CCMessage, _ bytes: Bytes) -> [String] {
    var seen = Set<String>()
    var names: [String] = []
    for line in source.header where line.keyword == .to || line.keyword == .cc || line.keyword == .bcc {
      for value in RecipientLine.split(unfolded(bytes, line.value)) {
        let name = mapping.text(value)
        if seen.insert(name.lowercased()).inserted { names.append(name) }
      }
    }
    return names
  }

  /// A value whose lines were continued, as one line.
  private func unfolded(_ bytes: Bytes, _ value: Range<Int>) -> [UInt8] {
    guard bytes.firstIndex(of: ASCII.lf, from: value.lowerBound, to: value.upperBound) != nil else {
      return bytes.array(value)
    }
    var text: [UInt8] = []
    var position = value.lowerBound
    while position < value.upperBound {
      let line = bytes.line(at: position, to: value.upperBound)
      if !text.isEmpty { text.append(ASCII.space) }
      text.append(bytes, bytes.trimmed(position..<line.end))
      position = line.next
    }
    return text
  }

  private func readDate(_ value: [UInt8], _ offset: Int, _ message: inout Message) {
    guard !value.isEmpty else { return }
    guard let date = CCDate(value.span, 0..<value.count, order: options.dateOrder) else {
      note(offset, .date, "a date that is none: \(String(decoding: value, as: UTF8.self))", &message)
      message.remarks.append(("Date", mapping.text(value)))
      return
    }
    message.date = PostOfficeClock.time(date)
    if date.isYearMended {
      message.remarks.append(("Date", mapping.text(value)))
      note(
        offset, .oddYear, "\(String(decoding: value, as: UTF8.self)): the year is taken for \(date.year)", &message)
    }
    if message.date == nil {
      // The last day of the month, or of the year, that it can be (Q233325).
      var nearest = date
      nearest.month = min(max(nearest.month, 1), 12)
      nearest.day = min(max(nearest.day, 1), 31)
      nearest.hour = min(nearest.hour, 23)
      nearest.minute = min(nearest.minute, 59)
      while nearest.day > 28, !nearest.exists { nearest.day -= 1 }
      message.date = PostOfficeClock.time(nearest)
      message.remarks.append(("Date", mapping.text(value)))
      note(
        offset, .impossibleDate,
        "a date that the calendar does not have: \(String(decoding: value, as: UTF8.self)); the nearest one is taken",
        &message)
    }
  }

  private func priority(_ value: String) -> Message.Priority {
    switch value {
    case "urgent", "high": .urgent
    case "low": .low
    default: .normal
    }
  }
}
