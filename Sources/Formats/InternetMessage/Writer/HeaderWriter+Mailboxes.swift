/// Address fields, RFC 5322, 3.4.
extension HeaderWriter {
  /// Appends an address field, one mailbox after the other, folded between them.
  public static func append(_ name: String, mailboxes: [Mailbox], to output: inout [UInt8]) {
    append(name, list: AddressList(mailboxes: mailboxes), to: &output)
  }

  /// Appends an address field with the groups that the list has. Nothing is appended for a list without anybody.
  ///
  /// - Parameter isUTF8: Addresses beyond ASCII stand as they are, RFC 6532, and not as RFC 6857 has them for 7-bit mail.
  public static func append(_ name: String, list: AddressList, isUTF8: Bool = false, to output: inout [UInt8]) {
    guard !list.mailboxes.isEmpty || !list.emptyGroups.isEmpty else { return }
    output.append(text: name)
    output.append(": ")
    var column = name.utf8.count + 2
    var group: String?
    for (index, mailbox) in list.mailboxes.enumerated() {
      if index > 0 {
        if group != nil, mailbox.group != group {
          output.append(ASCII.semicolon)
          column += 1
        }
        output.append(", ")
        column += 2
        // A mailbox that does not fit begins a line of its own.
        let width = mailbox.name.utf8.count + mailbox.address.utf8.count + (mailbox.name.isEmpty ? 1 : 6)
        if column + width > 77 { fold(&column, &output) }
      }
      if let own = mailbox.group, own != group {
        appendPhrase(own, column: &column, to: &output)
        output.append(": ")
        column += 2
      }
      group = mailbox.group
      append(mailbox, isUTF8: isUTF8, column: &column, to: &output)
    }
    if group != nil { output.append(ASCII.semicolon) }
    for (index, name) in list.emptyGroups.enumerated() {
      if index > 0 || !list.mailboxes.isEmpty {
        output.append(", ")
        fold(&column, &output)
      }
      appendPhrase(name, column: &column, to: &output)
      output.append(":;")
      column += 2
    }
    output.appendLineEnd()
  }

  /// Ends the line behind a comma and its blank.
  private static func fold(_ column: inout Int, _ output: inout [UInt8]) {
    output.removeLast()
    output.append("\r\n ")
    column = 1
  }

  private static func append(_ mailbox: Mailbox, isUTF8: Bool, column: inout Int, to output: inout [UInt8]) {
    let address = mailbox.address
    guard isWritable(address, isUTF8: isUTF8) else {
      // No reader takes `<>` here, what is no address would become one without its blanks, and an address of RFC 6532
      // would be another one in seven bits. A group without members is the one form of RFC 5322 that names somebody and
      // nobody's address, as RFC 6857, 3.1.8 has it; RFC 6854 has it in From too.
      var named = mailbox
      named.address = DomainName.unicodeDomain(ofAddress: address)
      appendPhrase(DowngradedMailbox.group(named), column: &column, to: &output)
      output.append(":;")
      column += 2
      return
    }
    if mailbox.name.isEmpty {
      output.append(text: address)
      column += address.utf8.count
      return
    }
    appendPhrase(mailbox.name, column: &column, to: &output)
    let length = address.utf8.count + 3
    if column + length > 78, column > 20 {
      output.append("\r\n ")
      column = 1
    } else {
      output.append(ASCII.space)
      column += 1
    }
    output.append(ASCII.less)
    output.append(text: address)
    output.append(ASCII.greater)
    column += length - 1
  }

  /// Longer ones fit no line of a header together with their name, and are no address either (RFC 5321, 4.5.3.1.3).
  private static let longestAddress = 900

  /// Whether an address may stand in a field as it is: an addr-spec, or the one word that local users have for theirs.
  private static func isWritable(_ address: String, isUTF8: Bool) -> Bool {
    guard !address.isEmpty, address.utf8.count <= longestAddress else { return false }
    if isAddress(address) || address.utf8.allSatisfy({ isAtomText($0) || $0 == ASCII.dot }) { return true }
    return isUTF8 && isAddress(String(decoding: address.utf8.map { $0 < 128 ? $0 : UInt8(ascii: "x") }, as: UTF8.self))
  }

  /// Whether `address` is an addr-spec of RFC 5322, 3.4.1: dots and atoms, or a quoted local part, and a domain.
  public static func isAddress(_ address: String) -> Bool {
    var isQuoted = false
    var at = 0
    for byte in address.utf8 {
      if byte == ASCII.quote { isQuoted.toggle() }
      if isQuoted ? byte < 32 || byte > 126 : false { return false }
      if isQuoted || byte == ASCII.quote || byte == ASCII.dot || isAtomText(byte) { continue }
      if byte == ASCII.at {
        at += 1
      } else if byte != ASCII.leftBracket, byte != ASCII.rightBracket, byte != ASCII.colon || at == 0 {
        return false
      }
    }
    return at == 1 && !isQuoted && address.utf8.first != ASCII.at && address.utf8.last != ASCII.at
  }

  /// Quoting doubles a character at the most, and a line has 998.
  private static let longestPhrase = 400

  /// A display name: atoms as they are, other ASCII quoted, everything else in encoded words.
  private static func appendPhrase(_ name: String, column: inout Int, to output: inout [UInt8]) {
    let utf8 = name.utf8
    guard utf8.allSatisfy({ $0 >= 32 && $0 < 127 }), !utf8.hasPair(ASCII.equals, UInt8(ascii: "?")),
      utf8.count <= longestPhrase
    else {
      append(encodedWords: name, column: &column, to: &output)
      return
    }
    let isAtoms =
      !utf8.isEmpty && utf8.first != ASCII.space && utf8.last != ASCII.space && !utf8.hasPair(ASCII.space, ASCII.space)
      && utf8.allSatisfy { isAtomText($0) || $0 == ASCII.space }
    let start = output.count
    if isAtoms {
      output.append(contentsOf: utf8)
    } else {
      output.append(ASCII.quote)
      for byte in utf8 {
        if byte == ASCII.quote || byte == ASCII.backslash { output.append(ASCII.backslash) }
        output.append(byte)
      }
      output.append(ASCII.quote)
    }
    column += output.count - start
  }
}

extension Sequence where Element == UInt8 {
  /// Whether `second` stands anywhere directly behind `first`.
  func hasPair(_ first: UInt8, _ second: UInt8) -> Bool {
    var previous: UInt8?
    for byte in self {
      if byte == second, previous == first { return true }
      previous = byte
    }
    return false
  }
}
