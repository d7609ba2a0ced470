import Formats

/// Who is who in a file of Outlook: the address of the Internet that some place of the file, or of a message within it,
/// gives for an X.500 name in a directory of Exchange. Read when the first one is asked for; most files need none.
final class OutlookPeople {
  private let root: OutlookMessage
  private let converter: CharsetConverter
  /// By the X.500 name in small letters.
  private var addresses: [String: String]?

  init(_ root: OutlookMessage, converter: CharsetConverter) {
    self.root = root
    self.converter = converter
  }

  /// The address of somebody, by X.500 name; nil when the file in `bytes` gives none.
  func address(of name: String, _ bytes: Bytes) -> String? {
    guard let key = Self.key(name) else { return nil }
    if addresses == nil {
      addresses = [:]
      read(root, bytes)
    }
    return addresses?[key]
  }

  /// The X.500 name in an address in the form in which it is compared; nil for any other address. It may be within one of
  /// the Internet, [MS-OXCMAIL] 2.1.3.5: `IMCEAEX-_o=Example_cn=ann@example.com`.
  static func key(_ address: String) -> String? {
    guard address.utf8.count <= 2000, address.utf8.contains(ASCII.equals),
      address.utf8.contains(ASCII.slash) || address.utf8.contains(ASCII.underscore) || address.utf8.contains(ASCII.plus)
    else { return nil }
    var name = address.trimmingBlanks
    if name.lowercased().hasPrefix("imceaex-") {
      let local = Array(name.utf8.dropFirst(8).prefix { $0 != ASCII.at })
      name = String(decoding: AddressRule.decapsulated(local), as: UTF8.self)
    } else if name.lowercased().hasPrefix("ex:") {
      name.removeFirst(3)
    } else if name.lowercased().hasPrefix("x500:") {
      name.removeFirst(5)
    }
    return name.hasPrefix("/") && name.contains("=") ? name.lowercased() : nil
  }

  // MARK: Where a file says it

  /// The properties that tell of one person.
  private struct Place {
    var type: UInt16
    var address: UInt16
    /// 0 where there is none.
    var smtp: UInt16 = 0
    var entry: UInt16
  }

  private static let recipientPlaces = [
    Place(
      type: PropertyID.addressType, address: PropertyID.emailAddress, smtp: PropertyID.smtpAddress,
      entry: PropertyID.entryID),
    Place(
      type: PropertyID.addressType, address: PropertyID.emailAddress, smtp: PropertyID.smtpAddress,
      entry: PropertyID.recipientEntryID),
  ]

  private static let messagePlaces = [
    Place(
      type: PropertyID.sentRepresentingAddressType, address: PropertyID.sentRepresentingEmailAddress,
      smtp: PropertyID.sentRepresentingSMTPAddress, entry: PropertyID.sentRepresentingEntryID),
    Place(
      type: PropertyID.senderAddressType, address: PropertyID.senderEmailAddress, smtp: PropertyID.senderSMTPAddress,
      entry: PropertyID.senderEntryID),
    Place(
      type: PropertyID.receivedByAddressType, address: PropertyID.receivedByEmailAddress,
      smtp: PropertyID.receivedBySMTPAddress, entry: PropertyID.receivedByEntryID),
    Place(
      type: PropertyID.receivedRepresentingAddressType, address: PropertyID.receivedRepresentingEmailAddress,
      smtp: PropertyID.receivedRepresentingSMTPAddress, entry: PropertyID.receivedRepresentingEntryID),
    Place(
      type: PropertyID.creatorAddressType, address: PropertyID.creatorEmailAddress,
      smtp: PropertyID.creatorSMTPAddress, entry: PropertyID.creatorEntryID),
    Place(
      type: PropertyID.lastModifierAddressType, address: PropertyID.lastModifierEmailAddress,
      smtp: PropertyID.lastModifierSMTPAddress, entry: PropertyID.lastModifierEntryID),
    Place(type: 0, address: 0, smtp: PropertyID.readReceiptSMTPAddress, entry: PropertyID.readReceiptEntryID),
    Place(
      type: PropertyID.originalSenderAddressType, address: PropertyID.originalSenderEmailAddress,
      entry: PropertyID.originalSenderEntryID),
    Place(
      type: PropertyID.originalSentRepresentingAddressType, address: PropertyID.originalSentRepresentingEmailAddress,
      entry: PropertyID.originalSentRepresentingEntryID),
    Place(
      type: PropertyID.originalAuthorAddressType, address: PropertyID.originalAuthorEmailAddress,
      entry: PropertyID.originalAuthorEntryID),
  ]

  /// More people than this are not looked for.
  private static let maximum = 100_000

  private func read(_ message: OutlookMessage, _ bytes: Bytes) {
    let strings = OutlookStrings(codePage: message.codePage, converter: converter)
    for recipient in message.recipients {
      for place in Self.recipientPlaces { read(place, recipient, strings, bytes) }
      readProxies(recipient, strings, bytes)
    }
    for place in Self.messagePlaces { read(place, message.properties, strings, bytes) }
    readContact(message.properties, strings, bytes)
    for attachment in message.attachments { for inner in attachment.embedded { read(inner, bytes) } }
    readHeader(message, strings, bytes)
  }

  private func add(_ name: String, _ address: String) {
    guard let key = Self.key(name), addresses?[key] == nil, (addresses?.count ?? 0) < Self.maximum,
      Self.key(address) == nil, let mailbox = OutlookAddress.mailbox(in: address)
    else { return }
    addresses?[key] = mailbox.address
  }

  private func read(_ place: Place, _ properties: MAPIProperties, _ strings: OutlookStrings, _ bytes: Bytes) {
    func line(_ id: UInt16) -> String { id == 0 ? "" : strings.line(id, of: properties, bytes) }
    var entry: EntryID.Address?
    if let ranges = properties.data(place.entry) {
      entry = EntryID.address(ranges.bytes(of: bytes, limit: 1 << 16).span, string8: strings.string8)
    }
    let told = [line(place.smtp), line(place.address), entry?.address ?? ""]
    guard let address = told.first(where: { Self.key($0) == nil && OutlookAddress.mailbox(in: $0) != nil }) else {
      return
    }
    for name in told.dropFirst() { add(name, address) }
  }

  /// All addresses of a user: `SMTP:ann@example.com`, `X500:/o=Example/cn=ann`. The one in capitals is the first one.
  private func readProxies(_ properties: MAPIProperties, _ strings: OutlookStrings, _ bytes: Bytes) {
    for property in properties.all where property.id == PropertyID.proxyAddresses {
      let proxies = strings.lines(property, bytes)
      let smtp = proxies.filter { $0.lowercased().hasPrefix("smtp:") }
      guard let first = smtp.first(where: { $0.hasPrefix("SMTP:") }) ?? smtp.first else { continue }
      add(strings.line(PropertyID.emailAddress, of: properties, bytes), first)
      for proxy in proxies where proxy.lowercased().hasPrefix("x500:") { add(proxy, first) }
    }
  }

  private func readContact(_ properties: MAPIProperties, _ strings: OutlookStrings, _ bytes: Bytes) {
    for email in FromOutlook.contactEmails {
      let original = strings.line(email.originalDisplayName, of: properties, bytes)
      add(strings.line(email.address, of: properties, bytes), original)
    }
  }

  /// The header that came with a message says who its sender and its recipients are, by their names.
  private func readHeader(_ message: OutlookMessage, _ strings: OutlookStrings, _ bytes: Bytes) {
    let properties = message.properties
    guard let property = properties.first(PropertyID.transportMessageHeaders) else { return }
    let text = strings.text(property, bytes)
    var known: [String: Set<String>] = [:]
    for field in InternetMessageReader.readHeader(text.span).fields {
      switch field.name {
      case .from, .sender, .to, .cc, .bcc: break
      default: continue
      }
      let list = AddressList(text.span, field.value, charset: "utf-8", converter: converter)
      for mailbox in list.mailboxes.prefix(1000)
      where !mailbox.name.isEmpty && OutlookAddress.isAddress(mailbox.address) {
        if Self.key(mailbox.address) == nil { known[mailbox.name.lowercased(), default: []].insert(mailbox.address) }
      }
    }
    if known.isEmpty { return }
    func add(_ name: UInt16, _ address: UInt16, _ properties: MAPIProperties) {
      let display = FromOutlook.unquoted(strings.line(name, of: properties, bytes).trimmingBlanks).lowercased()
      // Two people may have one name.
      guard let found = known[display], found.count == 1, let mail = found.first else { return }
      self.add(strings.line(address, of: properties, bytes), mail)
    }
    add(PropertyID.sentRepresentingName, PropertyID.sentRepresentingEmailAddress, properties)
    add(PropertyID.senderName, PropertyID.senderEmailAddress, properties)
    for recipient in message.recipients { add(PropertyID.displayName, PropertyID.emailAddress, recipient) }
  }
}
