import Formats

/// The address fields of the header that a message came with. Exchange writes people of its own directory with a name
/// alone, or with an X.500 name; the file often knows their addresses.
extension FromOutlook {
  /// Fills address fields that somebody in them has no address of the Internet; a field in which all have one stays as it
  /// is, to the byte.
  mutating func completeCarriedAddresses(_ bytes: Bytes) {
    guard message.carriesAllHeaders else { return }
    for index in message.carried.indices {
      let field = message.carried[index]
      let known: [Mailbox]
      switch field.name {
      case .from, .sender: known = message.sender.map { [$0] } ?? []
      case .to: known = recipients(.to)
      case .cc: known = recipients(.cc)
      case .bcc: known = recipients(.bcc)
      case .replyTo, .dispositionNotificationTo, .returnReceiptTo: known = []
      default: continue
      }
      if let text = completed(field, known, bytes) { message.carried[index].text = text }
    }
  }

  private func recipients(_ field: Message.Recipient.Field) -> [Mailbox] {
    message.recipients.filter { $0.field == field }.map(\.mailbox)
  }

  /// Whether mail to a mailbox goes by the Internet.
  private func isUsable(_ mailbox: Mailbox) -> Bool {
    OutlookAddress.isAddress(mailbox.address) && OutlookPeople.key(mailbox.address) == nil
      && !mailbox.address.hasPrefix("IMCEA")
  }

  /// A field with what it lacked; nil when it lacks nothing, or nothing is known. `known` are those whom the field names
  /// by what the file says elsewhere.
  private func completed(_ field: Message.CarriedHeader, _ known: [Mailbox], _ bytes: Bytes) -> [UInt8]? {
    let span = field.text.span
    guard let colon = span.firstIndex(of: ASCII.colon, from: 0, to: span.count) else { return nil }
    let list = AddressList(span, colon + 1..<span.count, charset: "utf-8", converter: converter)
    let name = span.string(0..<colon)
    var mailboxes = list.mailboxes
    if mailboxes.isEmpty || mailboxes.allSatisfy(isUsable) { return nil }
    if !mailboxes.contains(where: isUsable), known.contains(where: isUsable), known.count >= mailboxes.count {
      mailboxes = known
    } else {
      var byName: [String: Set<String>] = [:]
      for mailbox in message.recipients.map(\.mailbox) + known where isUsable(mailbox) {
        byName[mailbox.name.lowercased(), default: []].insert(mailbox.address)
      }
      var isChanged = false
      for i in mailboxes.indices where !isUsable(mailboxes[i]) {
        guard let found = completed(mailboxes[i], byName, bytes) else { continue }
        mailboxes[i] = found
        isChanged = true
      }
      guard isChanged else { return nil }
    }
    var output: [UInt8] = []
    HeaderWriter.append(name, mailboxes: mailboxes, to: &output)
    return output
  }

  private func completed(_ mailbox: Mailbox, _ byName: [String: Set<String>], _ bytes: Bytes) -> Mailbox? {
    let name = Self.unquoted(mailbox.name)
    // What stands where the address should be may be the name.
    let words = name.isEmpty ? Self.unquoted(mailbox.address) : name
    if OutlookPeople.key(mailbox.address) != nil {
      let found = complete(name: name, type: "EX", address: mailbox.address, bytes)
      if isUsable(found) { return found }
    } else if let found = OutlookAddress.mailbox(in: mailbox.address) ?? OutlookAddress.mailbox(in: name) {
      return Mailbox(
        name: found.name.isEmpty && !OutlookAddress.isAddress(name) ? name : found.name, address: found.address)
    }
    guard let found = byName[words.lowercased()], found.count == 1, let address = found.first else { return nil }
    return Mailbox(name: words, address: address)
  }
}
