import Formats

/// The part of a report that programs read, said in words for a cc:Mail user: whom a message did not reach and why, RFC
/// 3464, or what became of it there, RFC 8098.
enum MachineReport {
  /// The words of other systems in front of the subject of what a receipt is about (Q200032).
  private static let receiptPrefixes = [
    "read: ", "gelesen: ", "lu: ", "leído: ", "letto: ", "gelezen: ", "lido: ", "läst: ", "not read: ", "registered: ",
  ]
  /// Recipients of one report; further ones stand in the part itself.
  private static let maximumRecipients = 1000

  /// Whether a part of this type is one.
  static func isOne(_ type: MediaType) -> Bool {
    [.deliveryStatus, .dispositionNotification].contains(type) || type.name == "message/global-delivery-status"
      || type.name == "message/global-disposition-notification"
  }

  /// A report in words, in UTF-8; empty when nothing in it can be said. `subject` and `time` are those of the message
  /// that it is in: a receipt itself does not tell when.
  static func render(
    _ part: Bytes, isReceipt: Bool, subject: String, time: String, addresses: AddressRule, converter: CharsetConverter
  ) -> [UInt8] {
    var text: [UInt8] = []
    var count = 0
    for group in groups(part) where count < maximumRecipients {
      let fields = Fields(part.extracting(group), converter)
      count += 1
      if isReceipt {
        appendReceipt(fields, subject, time, addresses, to: &text)
      } else {
        appendRecipient(fields, addresses, to: &text)
      }
    }
    return text
  }

  /// The groups of fields, with blank lines between.
  private static func groups(_ part: Bytes) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    var position = 0
    while position < part.count {
      let line = part.line(at: position, to: part.count)
      if part.trimmed(position..<line.end).isEmpty {
        if position > start { groups.append(start..<position) }
        start = line.next
      }
      position = line.next
    }
    if part.count > start { groups.append(start..<part.count) }
    return groups
  }

  /// The values of the fields of a group by their names in lower case, unfolded.
  private struct Fields {
    private var values: [String: String] = [:]

    init(_ bytes: Bytes, _ converter: CharsetConverter) {
      let header = InternetMessageReader.readHeader(bytes)
      for field in header.fields {
        let name = bytes.string(field.nameRange).lowercased()
        if values[name] == nil {
          values[name] = EncodedWord.decode(bytes, field.value, charset: "utf-8", converter: converter)
        }
      }
    }

    subscript(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value without the type in front: `rfc822; ben@example.org`.
    func text(_ name: String) -> String? {
      guard let value = self[name] else { return nil }
      guard let semicolon = value.firstIndex(of: ";") else { return value }
      let text = value[value.index(after: semicolon)...].drop { $0 == " " }
      return text.isEmpty ? nil : String(text)
    }
  }

  /// The recipient as cc:Mail names him, where he lives there.
  private static func recipient(_ fields: Fields, _ addresses: AddressRule) -> String? {
    guard let address = fields.text("original-recipient") ?? fields.text("final-recipient") else { return nil }
    let plain = address.hasPrefix("<") && address.hasSuffix(">") ? String(address.dropFirst().dropLast()) : address
    return addresses.ownName(of: Mailbox(name: "", address: plain)) ?? plain
  }

  private static func appendRecipient(_ fields: Fields, _ addresses: AddressRule, to text: inout [UInt8]) {
    guard let name = recipient(fields, addresses) else { return }
    let words =
      switch fields["action"]?.lowercased() {
      case "delayed": "Not yet delivered to"
      case "delivered": "Delivered to"
      case "relayed": "Passed on to"
      case "expanded": "Delivered to the list"
      default: "Not delivered to"
      }
    append("\(words): \(name)", to: &text)
    if let reason = fields.text("diagnostic-code") { append("    \(reason)", to: &text) }
    if let status = fields["status"] { append("    Status: \(status)", to: &text) }
    if let date = fields["last-attempt-date"] { append("    Last tried: \(date)", to: &text) }
    if let date = fields["will-retry-until"] { append("    Will be tried until: \(date)", to: &text) }
  }

  private static func appendReceipt(
    _ fields: Fields, _ subject: String, _ time: String, _ addresses: AddressRule, to text: inout [UInt8]
  ) {
    guard let disposition = fields.text("disposition") else { return }
    let type = disposition.lowercased().prefix { $0 != "/" && $0 != " " }
    let date = time.isEmpty ? "" : " on \(time)"
    let words =
      switch type {
      // As cc:Mail itself says it (Q252819).
      case "displayed": "was read\(date)"
      case "deleted": "was deleted\(date); it may not have been read"
      case "dispatched": "was forwarded\(date)"
      case "processed": "was processed\(date)"
      case "denied": "arrived; no receipt is given for it"
      case "failed": "arrived; the receipt could not be made"
      default: "has met this: \(type)"
      }
    let prefix = receiptPrefixes.first { subject.lowercased().hasPrefix($0) }
    let about = prefix.map { String(subject.dropFirst($0.count)) } ?? ""
    append(about.isEmpty ? "Your message" : "Your message \"\(about)\"", to: &text)
    append(words, to: &text)
    if let name = recipient(fields, addresses) { append("by \(name)", to: &text) }
  }

  private static func append(_ line: String, to text: inout [UInt8]) {
    text.append(contentsOf: line.utf8.prefix(2000).map { ASCII.isControl($0) ? ASCII.space : $0 })
    text.appendLineEnd()
  }
}
