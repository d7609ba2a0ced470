import Formats

/// The header of a .ccm message, its values in the post office's code page.
struct CCHeader {
  var from: [UInt8] = []
  var date: [UInt8] = []
  var to: [[UInt8]] = []
  var cc: [[UInt8]] = []
  var bcc: [[UInt8]] = []
  var subject: [UInt8] = []
  var priority: [UInt8] = []
  var receiptTo: [UInt8] = []
  /// The fields that this header does not say exactly, so that their originals have to be carried.
  var inexact = FieldName.Set()
  /// Mailboxes that have a form of their own.
  var forms: [String: [UInt8]] = [:]

  /// What this header has for an Internet field, to be compared with what another one has.
  func values(_ name: FieldName) -> [[UInt8]] {
    switch name {
    case .from: [from]
    case .date: [date]
    case .to: to
    case .cc: cc
    case .bcc: bcc
    case .subject: [subject]
    case .importance, .priority, .xPriority, .xMSMailPriority: [priority]
    case .dispositionNotificationTo, .returnReceiptTo: [receiptTo]
    default: []
    }
  }
}

/// Makes the header of a .ccm message from what a message says, within the limits of cc:Mail, and knows what of it
/// could not be said exactly: every value is turned back and compared.
struct CCHeaderMapping {
  let options: ConversionOptions
  let converter: CharsetConverter

  /// Bytes of one address; names are shortened to fit (the post office's name alone may have 256).
  private static let addressLimit = 256

  /// - Parameter forms: How mailboxes are written that the rule would write in another way.
  func header(
    of message: Message, forms: [String: [UInt8]] = [:], findings: inout [Finding]
  ) -> CCHeader {
    var header = CCHeader()
    header.forms = forms
    header.inexact = message.unsaid
    if let sender = message.sender {
      header.from = address(sender, .from, &header, &findings)
    } else {
      note(.noSender, "no sender; written as \(options.defaultSender)", &findings)
      _ = converter.append(Array(options.defaultSender.utf8).span, codePage: options.codePage, to: &header.from)
    }
    if message.recipients.isEmpty { note(.noRecipient, "no recipient; nobody can be sent this message", &findings) }
    for (recipient, isShown) in recipients(of: message, &findings) {
      switch recipient.field {
      case .to: header.to.append(address(recipient.mailbox, .to, isShown: isShown, &header, &findings))
      case .cc: header.cc.append(address(recipient.mailbox, .cc, isShown: isShown, &header, &findings))
      case .bcc: header.bcc.append(address(recipient.mailbox, .bcc, isShown: isShown, &header, &findings))
      }
    }
    // Nobody is to be sent a receipt for a report, RFC 8098, 2.1.
    if let receiptTo = message.receiptTo, message.reportType == nil {
      header.receiptTo = address(receiptTo, .dispositionNotificationTo, &header, &findings)
    }
    if let date = message.date { setDate(date, &header, &findings) }
    setSubject(message.subject, &header, &findings)
    switch message.priority {
    case .urgent: header.priority = Array("Urgent".utf8)
    case .low: header.priority = Array("Low".utf8)
    case .normal: break
    }
    return header
  }

  private func note(_ rule: Rule, _ text: String, _ findings: inout [Finding]) {
    findings.note(0, rule, text)
  }

  // MARK: Addresses

  /// The recipients, and whether one is only shown: a cc:Mail user whom the envelope does not name gets a copy of his
  /// own, and would get two if this one had the address that IMPORT delivers to.
  private func recipients(
    of message: Message, _ findings: inout [Finding]
  ) -> [(recipient: Message.Recipient, isShown: Bool)] {
    guard let envelope = message.envelope else { return message.recipients.map { ($0, false) } }
    // The envelope may name the address in its other form: `IMCEACCMAIL-...` for one that the map knows.
    func key(_ address: String) -> String {
      options.addresses.ccMail(Mailbox(name: "", address: address)).lowercased()
    }
    let wanted = Set(envelope.receivers.map(key))
    var named = Set<String>()
    var recipients: [(recipient: Message.Recipient, isShown: Bool)] = []
    for var recipient in message.recipients {
      // An envelope tells no names; cc:Mail's own is in the address.
      if recipient.field == .bcc, recipient.mailbox.name.isEmpty, message.hasHiddenRecipients,
        let own = options.addresses.ownName(of: recipient.mailbox)
      {
        recipient.mailbox = options.addresses.mailbox(own)
      }
      let key = key(recipient.mailbox.address)
      let isNew = named.insert(key).inserted
      if recipient.field == .bcc, !isNew, wanted.contains(key) { continue }
      let isShown = !wanted.contains(key) && options.addresses.ownName(of: recipient.mailbox) != nil
      if isShown {
        note(
          .displayOnly, "not in the envelope; shown, but not delivered to: \(recipient.mailbox.address)", &findings)
      }
      recipients.append((recipient, isShown))
    }
    return recipients
  }

  /// The mailbox with an address that the code page has all of.
  func sayable(_ mailbox: Mailbox) -> Mailbox {
    options.addresses.sayable(mailbox) { text in
      let value = line(text)
      return value.isExact && self.text(value.bytes) == text
    }
  }

  /// - Parameter isShown: As a user of the Internet, whoever this is.
  private func address(
    _ mailbox: Mailbox, _ field: FieldName, isShown: Bool = false, _ header: inout CCHeader, _ findings: inout [Finding]
  ) -> [UInt8] {
    if !isShown, !header.forms.isEmpty, mailbox.group == nil, let form = header.forms[mailbox.key] {
      return form
    }
    let isPlain = mailbox.group == nil && options.addresses.isPlain(mailbox)
    let said = isPlain ? mailbox : sayable(mailbox)
    func written(_ mailbox: Mailbox) -> String {
      isShown ? options.addresses.internetUser(mailbox) : options.addresses.ccMail(mailbox)
    }
    var value = line(written(said))
    if value.bytes.count > Self.addressLimit, !mailbox.name.isEmpty {
      value = line(written(Mailbox(name: "", address: said.address)))
      value.isExact = false
    }
    if value.bytes.count > Self.addressLimit * 4 { value.bytes = prefix(value.bytes, Self.addressLimit * 4) }
    // Plain mailboxes come back by the rule's own form.
    if value.isExact, isPlain, value.bytes.count <= Self.addressLimit {
      return value.bytes
    }
    let back = value.isExact ? options.addresses.mailbox(text(value.bytes)) : Mailbox(name: "", address: "")
    var isSame = back.name == mailbox.name && back.address == mailbox.address
    // A name that would be read as several recipients.
    if isSame, field == .to || field == .cc || field == .bcc, RecipientLine.split(value.bytes) != [value.bytes] {
      isSame = false
    }
    if !isSame || mailbox.group != nil || !HeaderWriter.isAddress(mailbox.address) {
      header.inexact.insert(field)
      if !isSame {
        note(
          .addressChanged, "an address cannot be said exactly; carried: \(mailbox.name) <\(mailbox.address)>",
          &findings)
      }
    }
    return value.bytes
  }

  // MARK: Subject

  private func setSubject(_ subject: String, _ header: inout CCHeader, _ findings: inout [Finding]) {
    var subject = subject
    if options.normalisesRe {
      let normal = ReplyPrefix.counted(subject)
      if normal != subject {
        subject = normal
        header.inexact.insert(.subject)
      }
    }
    var value = line(subject)
    if !value.isExact {
      note(
        .subjectChanged, "the subject has characters that the post office lacks; the original is carried", &findings)
    }
    if value.bytes.count > options.subjectLimit {
      value.bytes = prefix(value.bytes, options.subjectLimit)
      value.isExact = false
      note(
        .subjectCut, "the subject is cut at \(options.subjectLimit) characters; the original is carried", &findings)
    }
    if !value.isExact || value.bytes.first == ASCII.space || value.bytes.last == ASCII.space {
      header.inexact.insert(.subject)
    }
    header.subject = value.bytes
  }

  // MARK: Date

  private func setDate(_ date: Timestamp, _ header: inout CCHeader, _ findings: inout [Finding]) {
    let local = PostOfficeClock.local(date)
    local.append(order: options.dateOrder, fourDigitYear: options.fourDigitYear, to: &header.date)
    // The hour that a clock shows twice in autumn is taken for one of the two.
    let minute = { (seconds: Int) in (seconds >= 0 ? seconds : seconds - 59) / 60 }
    if PostOfficeClock.time(local).map({ minute($0.seconds) }) != minute(date.seconds) {
      header.inexact.insert(.date)
    }
  }

  // MARK: Values

  /// Text in the code page, fit for one line, and whether nothing had to be changed for that.
  func line(_ text: String) -> (bytes: [UInt8], isExact: Bool) {
    var clean = Array(text.utf8)
    if options.codePage.containsASCII, isPlain(clean.span) { return (clean, true) }
    var isExact = true
    for i in clean.indices {
      if ASCII.isControl(clean[i]) {
        clean[i] = ASCII.space
        isExact = false
      } else if options.replacesBrackets, clean[i] == ASCII.leftBracket || clean[i] == ASCII.rightBracket {
        clean[i] = clean[i] == ASCII.leftBracket ? ASCII.leftParenthesis : ASCII.rightParenthesis
        isExact = false
      }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(clean.count)
    if !converter.append(clean.span, codePage: options.codePage, to: &bytes) { isExact = false }
    // A second byte may be a control character nowhere, but a transliteration or a code page may bring one.
    for i in bytes.indices where bytes[i] == ASCII.cr || bytes[i] == ASCII.lf {
      bytes[i] = ASCII.space
      isExact = false
    }
    return (bytes, isExact)
  }

  /// Whether all bytes are printable ASCII that any post office takes as it stands.
  private func isPlain(_ text: Bytes) -> Bool {
    for i in 0..<text.count {
      let byte = text[i]
      if byte < 32 || byte > 126 { return false }
      if options.replacesBrackets, byte == ASCII.leftBracket || byte == ASCII.rightBracket { return false }
    }
    return true
  }

  /// The text of a value in the code page.
  func text(_ value: [UInt8]) -> String {
    if options.codePage.containsASCII, value.span.isASCII(0..<value.count) {
      return String(decoding: value, as: UTF8.self)
    }
    var utf8: [UInt8] = []
    converter.appendUTF8(value.span, charset: options.codePage.iconvName, to: &utf8)
    return String(decoding: utf8, as: UTF8.self)
  }

  /// The first `count` bytes, no character cut in two.
  func prefix(_ value: [UInt8], _ count: Int) -> [UInt8] {
    Array(value[..<options.codePage.end(of: value.span, from: 0, limit: count)])
  }
}

extension CodePage {
  /// The last end of a character at or before `limit` bytes from `start`.
  func end(of text: Bytes, from start: Int, limit: Int) -> Int {
    let target = min(text.count, start + limit)
    guard target < text.count else { return target }
    guard iconvName != "UTF-8" else {
      var end = target
      while end > start, text[end] & 0xC0 == 0x80 { end -= 1 }
      return end
    }
    guard isLeadByte(0x81) || isLeadByte(0xE0) else { return target }
    var position = start
    while position < target {
      let next = position + (isLeadByte(text[position]) ? 2 : 1)
      if next > target { return position }
      position = next
    }
    return target
  }
}

extension Mailbox {
  /// By which the mailbox is found among others: its name and its address as they are.
  var key: String { name + "\0" + address }
}
