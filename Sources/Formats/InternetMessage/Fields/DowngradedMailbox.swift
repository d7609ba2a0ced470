/// A mailbox whose address goes through no 7-bit mail, as RFC 6857, 3.1.8 writes it: a group without members, its name
/// the name and the address. `=?utf-8?Q?J=C3=B6rg_j=C3=B6rg=40example=2Ecom?=:;`
enum DowngradedMailbox {
  /// The name of the group that says `mailbox`.
  static func group(_ mailbox: Mailbox) -> String {
    [mailbox.name, mailbox.address].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The mailbox that the name of a group without members says; nil when it says none. An address in ASCII would need no
  /// such group.
  static func mailbox(inGroup name: String) -> Mailbox? {
    guard let at = name.utf8.lastIndex(of: ASCII.at), !name.utf8.allSatisfy({ $0 > 31 && $0 < 127 }) else { return nil }
    var start = name.startIndex
    var isQuoted = false
    for index in name[..<at].utf8.indices.reversed() {
      let byte = name.utf8[index]
      if byte == ASCII.quote { isQuoted.toggle() }
      if byte == ASCII.space, !isQuoted {
        start = name.utf8.index(after: index)
        break
      }
    }
    let address = name[start...]
    guard start < at, !address.utf8.allSatisfy({ $0 > 31 && $0 < 127 }),
      !address[address.index(after: at)...].contains(where: \.isWhitespace)
    else { return nil }
    var display = name[..<start]
    while display.utf8.last == ASCII.space { display.removeLast() }
    return Mailbox(name: String(display), address: String(address))
  }
}
