import Formats

/// Who sent the message, and to whom. Outlook keeps an address in several properties, and which of them holds the one
/// of the Internet depends on who wrote the message, and where.
extension FromOutlook {
  mutating func readAddresses(_ bytes: Bytes) {
    let author = mailbox(
      name: PropertyID.sentRepresentingName, smtp: PropertyID.sentRepresentingSMTPAddress,
      type: PropertyID.sentRepresentingAddressType, address: PropertyID.sentRepresentingEmailAddress,
      entry: PropertyID.sentRepresentingEntryID, of: properties, bytes)
    let sender = mailbox(
      name: PropertyID.senderName, smtp: PropertyID.senderSMTPAddress, type: PropertyID.senderAddressType,
      address: PropertyID.senderEmailAddress, entry: PropertyID.senderEntryID, of: properties, bytes)
    message.sender = author ?? sender
    // RFC 5322, 3.6.2: the Sender is the one who sent it for another.
    if let author, let sender, author.address.lowercased() != sender.address.lowercased(), !sender.address.isEmpty {
      var field: [UInt8] = []
      HeaderWriter.append("Sender", mailboxes: [sender], to: &field)
      message.carried.append(Message.CarriedHeader(name: .sender, text: field))
    }
    for recipient in outlook.recipients { append(recipient, bytes) }
    if message.recipients.isEmpty { readDisplayed(bytes) }
    if properties.flag(PropertyID.readReceiptRequested) {
      message.receiptTo =
        mailbox(
          name: 0, smtp: PropertyID.readReceiptSMTPAddress, type: 0, address: 0, entry: PropertyID.readReceiptEntryID,
          of: properties, bytes) ?? message.sender
    }
  }

  private mutating func append(_ recipient: MAPIProperties, _ bytes: Bytes) {
    let field: Message.Recipient.Field
    // The other bits say how often it was sent to them.
    switch (recipient.integer(PropertyID.recipientType) ?? 1) & 0xF {
    case 2: field = .cc
    case 3: field = .bcc
    // The organizer of a meeting is the sender.
    case 0: return
    default: field = .to
    }
    // One recipient may stand for several: `a@example.com; b@example.com`.
    for id in [PropertyID.smtpAddress, PropertyID.emailAddress, PropertyID.displayName] {
      let several = OutlookAddress.mailboxes(in: strings.line(id, of: recipient, bytes))
      if several.isEmpty { continue }
      if several.count == 1 { break }
      message.recipients += several.map { Message.Recipient(field: field, mailbox: $0) }
      return
    }
    guard let mailbox = mailbox(of: recipient, bytes) else { return }
    message.recipients.append(Message.Recipient(field: field, mailbox: mailbox))
  }

  /// The mailbox of a row of the table of recipients.
  func mailbox(of recipient: MAPIProperties, _ bytes: Bytes) -> Mailbox? {
    let entry = recipient.first(PropertyID.entryID) == nil ? PropertyID.recipientEntryID : PropertyID.entryID
    return mailbox(
      name: PropertyID.displayName, smtp: PropertyID.smtpAddress, type: PropertyID.addressType,
      address: PropertyID.emailAddress, entry: entry, of: recipient, bytes)
  }

  /// The recipients as they were shown, where no others are kept: names with semicolons between them.
  private mutating func readDisplayed(_ bytes: Bytes) {
    for (id, field) in [
      (PropertyID.displayTo, Message.Recipient.Field.to), (PropertyID.displayCc, .cc), (PropertyID.displayBcc, .bcc),
    ] {
      for part in line(id, bytes).split(separator: ";").prefix(10_000) {
        let name = Self.unquoted(String(part).trimmingBlanks)
        if name.isEmpty { continue }
        message.recipients.append(
          Message.Recipient(field: field, mailbox: complete(name: name, type: "", address: name, bytes)))
      }
    }
  }

  /// The mailbox that these properties tell; nil when they tell nobody. A number of 0 stands for no property.
  func mailbox(
    name: UInt16, smtp: UInt16, type: UInt16, address: UInt16, entry: UInt16, of properties: MAPIProperties,
    _ bytes: Bytes
  ) -> Mailbox? {
    func line(_ id: UInt16) -> String {
      id == 0 ? "" : strings.line(id, of: properties, bytes).trimmingBlanks
    }
    var display = Self.unquoted(line(name))
    let email = line(address)
    var kind = line(type)
    // A fax is `Ann@+1 555 0100`, which only looks like an address.
    let isFax = kind.uppercased() == "FAX"
    for candidate in [line(smtp), isFax ? "" : email] {
      if OutlookPeople.key(candidate) == nil, let found = OutlookAddress.mailbox(in: candidate) {
        return complete(name: display.isEmpty ? found.name : display, type: "SMTP", address: found.address, bytes)
      }
    }
    var found = email
    if entry != 0, let ranges = properties.data(entry) {
      let raw = ranges.bytes(of: bytes, limit: 1 << 16)
      if let identity = EntryID.address(raw.span, string8: strings.string8) {
        if display.isEmpty { display = Self.unquoted(identity.name) }
        if !isFax, OutlookPeople.key(identity.address) == nil, OutlookAddress.mailbox(in: identity.address) != nil {
          return complete(name: display, type: "SMTP", address: identity.address, bytes)
        }
        if found.isEmpty { (kind, found) = (identity.type, identity.address) }
      }
    }
    if display.isEmpty, found.isEmpty { return nil }
    return complete(name: display, type: kind, address: found.isEmpty ? display : found, bytes)
  }

  /// A mailbox whose address is one of the Internet, read from `address`, from another place of the file that says whose
  /// it is, or from the name; else an address of another kind within one, so that an answer by way of the same Exchange
  /// finds back.
  func complete(name: String, type: String, address: String, _ bytes: Bytes) -> Mailbox {
    let isFax = type.uppercased() == "FAX"
    let isElsewhere = OutlookPeople.key(address) != nil
    let own = isFax || isElsewhere ? nil : OutlookAddress.mailbox(in: address)
    let known = isElsewhere ? people.address(of: address, bytes) : nil
    let shown = OutlookAddress.mailbox(in: name)
    if let found = own?.address ?? known ?? shown?.address {
      // A name that holds the address is no name, or the words beside it.
      let isSame = shown?.address.lowercased() == found.lowercased()
      let other = name.isEmpty ? own?.name ?? "" : name
      return Mailbox(name: isSame ? shown?.name ?? "" : other, address: found)
    }
    if isElsewhere, OutlookAddress.isAddress(address) { return Mailbox(name: name, address: address) }
    let kind = type.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(20)
    let prefix =
      address.isEmpty || kind.isEmpty || kind == "SMTP" ? (address.hasPrefix("/") ? "EX" : "INVALID") : String(kind)
    return Mailbox(
      name: name,
      address: AddressRule.encapsulated(String(address.prefix(600)), "IMCEA\(prefix)-", options.exchangeDomain))
  }

  /// A name without the single quotes that Outlook puts around one that is an address.
  static func unquoted(_ name: String) -> String {
    name.utf8.count > 2 && name.hasPrefix("'") && name.hasSuffix("'") ? String(name.dropFirst().dropLast()) : name
  }
}

extension String {
  /// The text without blanks at both its ends.
  var trimmingBlanks: String {
    var text = Substring(self)
    while text.utf8.first == ASCII.space || text.utf8.first == ASCII.tab { text.removeFirst() }
    while text.utf8.last == ASCII.space || text.utf8.last == ASCII.tab { text.removeLast() }
    return text.utf8.count == utf8.count ? self : String(text)
  }
}
