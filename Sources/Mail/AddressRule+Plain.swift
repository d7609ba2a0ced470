import Formats

/// Nearly all mailboxes and their cc:Mail forms are plain ones. They are known by a look at their bytes; the whole rule
/// is asked for the others only.
extension AddressRule {
  /// Whether a mailbox is a plain one: an ASCII name without quotes and angles, an addr-spec of the usual characters, in
  /// no map and not encapsulated. Such a one is said exactly, and need not be turned back to see that.
  func isPlain(_ mailbox: Mailbox) -> Bool {
    guard map.isEmpty, !omitsPostOffice else { return false }
    var (address, name) = (mailbox.address, mailbox.name)
    guard address.withUTF8(Self.isPlainAddress), name.withUTF8(Self.isPlainName) else { return false }
    return address.utf8.first.map { $0 | 0x20 } != UInt8(ascii: "i")
      || decapsulated(address) == nil && decapsulated(address, Self.internetPrefix) == nil
  }

  private static func isPlainAddress(_ address: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    for byte in address {
      if byte == ASCII.at {
        at += 1
      } else if !(ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.dot || byte == ASCII.hyphen
        || byte == ASCII.underscore)
      {
        return false
      }
    }
    return at == 1 && address.first != ASCII.at && address.last != ASCII.at
  }

  private static func isPlainName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in name
    where byte < 32 || byte > 126 || byte == ASCII.quote || byte == ASCII.less || byte == ASCII.greater {
      return false
    }
    return true
  }

  /// The plain mailbox of a cc:Mail address that is written exactly as ``internetUser(_:)`` writes it; nil for any
  /// other address.
  func plainUser(_ ccMail: String) -> Mailbox? {
    guard map.isEmpty, !omitsPostOffice else { return nil }
    var text = ccMail
    guard let mailbox = text.withUTF8({ plainUser($0) }), isPlain(mailbox) else { return nil }
    return mailbox
  }

  private func plainUser(_ bytes: UnsafeBufferPointer<UInt8>) -> Mailbox? {
    // In a post office with a blank or an equals sign there may be another ` at `, or a route.
    let postOffice = internetPostOffice.utf8
    let end = bytes.count - postOffice.count
    guard end > 4, postOffice.elementsEqual(bytes[end...]), bytes[(end - 4)..<end].elementsEqual(" at ".utf8),
      !postOffice.contains(ASCII.space), !postOffice.contains(ASCII.equals)
    else { return nil }
    let user = bytes[..<(end - 4)]
    guard user.last == ASCII.greater else { return Mailbox(name: "", address: String(decoding: user, as: UTF8.self)) }
    // `"name" <address>`, with a comma in front where the name has one.
    guard let angle = user.lastIndex(of: ASCII.less), let quote = user.firstIndex(of: ASCII.quote), quote <= 1,
      quote + 1 < angle - 2, user[angle - 1] == ASCII.space, user[angle - 2] == ASCII.quote
    else { return nil }
    let name = user[(quote + 1)..<(angle - 2)]
    guard quote == (name.contains(ASCII.comma) ? 1 : 0), quote == 0 || user[0] == ASCII.comma else { return nil }
    return Mailbox(
      name: String(decoding: name, as: UTF8.self),
      address: String(decoding: user[(angle + 1)..<(user.endIndex - 1)], as: UTF8.self))
  }
}
