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
    guard
      let mailbox = mailbox(
        name: PropertyID.displayName, smtp: PropertyID.smtpAddress, type: PropertyID.addressType,
        address: PropertyID.emailAddress, entry: PropertyID.entryID, of: recipient, bytes)
    else { return }
    message.recipients.append(Message.Recipient(field: field, mailbox: mailbox))
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
          Message.Recipient(field: field, mailbox: complete(name: name, type: "", address: name)))
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
    for candidate in [line(smtp), email] where HeaderWriter.isAddress(candidate) {
      return complete(name: display, type: "SMTP", address: candidate)
    }
    var found = email
    if entry != 0, let ranges = properties.data(entry) {
      let raw = ranges.bytes(of: bytes, limit: 1 << 16)
      if let identity = EntryID.address(raw.span, string8: strings.string8) {
        if display.isEmpty { display = Self.unquoted(identity.name) }
        if HeaderWriter.isAddress(identity.address) {
          return complete(name: display, type: "SMTP", address: identity.address)
        }
        if found.isEmpty { (kind, found) = (identity.type, identity.address) }
      }
    }
    if display.isEmpty, found.isEmpty { return nil }
    return complete(name: display, type: kind, address: found.isEmpty ? display : found)
  }

  /// A mailbox whose address is one of the Internet, or an address of another kind within one, so that an answer by way
  /// of the same Exchange finds back.
  func complete(name: String, type: String, address: String) -> Mailbox {
    if HeaderWriter.isAddress(address), address.utf8.allSatisfy({ $0 < 128 }) {
      let isSame = name.lowercased() == address.lowercased()
      return Mailbox(name: isSame ? "" : name, address: address)
    }
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
