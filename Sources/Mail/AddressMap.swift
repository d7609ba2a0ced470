import Formats

/// Pairs of addresses that a site has agreed on: lines `Name at PO = Display Name <local@domain>`; `#` begins a
/// comment. Names and addresses are compared without regard to case (Q237588).
public struct AddressMap: Sendable {
  private var ccMailByAddress: [String: String] = [:]
  private var mailboxByCCMail: [String: Mailbox] = [:]

  public init() {}

  /// Reads a map from its text in UTF-8.
  ///
  /// Throws `Unreadable` with the offset of a line that is none.
  public init(_ text: Bytes) throws(Unreadable) {
    let converter = CharsetConverter()
    var position = 0
    while position < text.count {
      let line = text.line(at: position, to: text.count)
      defer { position = line.next }
      let range = text.trimmed(position..<line.end)
      guard let first = range.first, text[first] != UInt8(ascii: "#") else { continue }
      let list = text.firstIndex(of: ASCII.equals, from: first, to: range.upperBound).map {
        AddressList(text, ($0 + 1)..<range.upperBound, charset: "utf-8", converter: converter)
      }
      guard let equals = text.firstIndex(of: ASCII.equals, from: first, to: range.upperBound), let list,
        list.mailboxes.count == 1, list.mailboxes[0].address.contains("@")
      else { throw Unreadable(offset: position, text: "not `Name at PO = Display Name <local@domain>`") }
      let name = text.string(text.trimmed(first..<equals))
      mailboxByCCMail[name.lowercased()] = list.mailboxes[0]
      ccMailByAddress[list.mailboxes[0].address.lowercased()] = name
    }
  }

  var isEmpty: Bool { mailboxByCCMail.isEmpty }

  func ccMail(for address: String) -> String? {
    ccMailByAddress.isEmpty ? nil : ccMailByAddress[address.lowercased()]
  }

  func mailbox(for ccMail: String) -> Mailbox? {
    mailboxByCCMail.isEmpty ? nil : mailboxByCCMail[ccMail.lowercased()]
  }
}
