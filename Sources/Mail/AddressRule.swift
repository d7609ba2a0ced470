import Formats

/// Turns addresses of one side into addresses of the other, so that an answer always finds its way back (Q168356,
/// Q171214, Q179677, Q184054): by the address map first, then by a rule that can be reversed.
///
/// An Internet mailbox is a user of the post office that stands for the Internet:
/// `"Grewal, Jeff" <jeff@example.com> at INTERNET`, with a comma in front when the name has one, as cc:Mail itself
/// wrote them. A cc:Mail user has an address in which the name is encapsulated as Exchange does it ([MS-OXCMAIL],
/// IMCEA): `Grewal, Jeff <IMCEACCMAIL-Grewal+2C+20Jeff+20at+20Hub@ccmail.invalid>`.
public struct AddressRule: Sendable {
  public var map = AddressMap()
  /// The domain of cc:Mail users on the Internet side. `.invalid` reaches nobody (RFC 6761).
  public var domain = "ccmail.invalid"
  /// The post office of Internet users on the cc:Mail side.
  public var internetPostOffice = "INTERNET"
  /// Further ones whose users are read as Internet users where their name is an address, in lower case; `*` stands for
  /// every post office. A name with an `@` proves nothing by itself (Q168356).
  public var furtherInternetPostOffices = Set<String>()
  /// Further post offices of users on the Internet side, in lower case: the one that Exchange is in cc:Mail.
  public var outsidePostOffices = Set<String>()
  /// Leaves ` at PO` out and lets cc:Mail resolve the name (Q184052, "Use ANR").
  public var omitsPostOffice = false

  public init() {}

  // MARK: Towards cc:Mail

  /// The cc:Mail form of a mailbox.
  public func ccMail(_ mailbox: Mailbox) -> String {
    let name = mapped(mailbox)
    guard omitsPostOffice, let at = Self.postOffice(of: name) else { return name }
    let postOffice = Self.postOffice(name, at)
    return postOffice.lowercased() == internetPostOffice.lowercased() ? name : String(name[..<at])
  }

  private func mapped(_ mailbox: Mailbox) -> String { ownName(of: mailbox) ?? internetUser(mailbox) }

  /// The name of a mailbox that has one in cc:Mail; nil for any other.
  func ownName(of mailbox: Mailbox) -> String? {
    map.ccMail(for: mailbox.address) ?? decapsulated(mailbox.address)
  }

  /// A mailbox as a user of the post office that stands for the Internet, whatever other name it has in cc:Mail.
  func internetUser(_ mailbox: Mailbox) -> String {
    if mailbox.name.isEmpty { return mailbox.address + " at " + internetPostOffice }
    // cc:Mail has no way to write a quote within quotes.
    let name =
      mailbox.name.utf8.contains(ASCII.quote)
      ? String(mailbox.name.map { $0 == "\"" ? "'" : $0 }) : mailbox.name
    var text = name.utf8.contains(ASCII.comma) ? ",\"" : "\""
    text.reserveCapacity(name.utf8.count + mailbox.address.utf8.count + internetPostOffice.utf8.count + 12)
    text += name
    text += "\" <"
    text += mailbox.address
    text += "> at "
    text += internetPostOffice
    return text
  }

  /// The mailbox in a form that the code page can say: an address with characters that it lacks is encapsulated, for
  /// another character in their place would make it somebody else's.
  ///
  /// - Parameter isSayable: Whether the code page has all of a text.
  func sayable(_ mailbox: Mailbox, isSayable: (String) -> Bool) -> Mailbox {
    let isPlain = mailbox.address.utf8.allSatisfy { $0 > 31 && $0 < 127 && $0 != ASCII.leftBracket }
    if isPlain || isSayable(mailbox.address) { return mailbox }
    var said = mailbox
    said.address = Self.encapsulated(mailbox.address, Self.internetPrefix, domain)
    return said
  }

  /// Whether an address of a .ccm file is one of an Internet mailbox, and another form than the one that it comes back
  /// in.
  func hasOtherForm(_ text: String) -> Bool {
    guard text.utf8.count <= 256, !omitsPostOffice, plainUser(text) == nil, map.mailbox(for: text) == nil,
      isOutside(text)
    else { return false }
    let mailbox = mailbox(text)
    return decapsulated(mailbox.address) == nil && mapped(mailbox) != text
  }

  // MARK: Towards the Internet

  /// Whether a cc:Mail address is that of somebody on the Internet side: cc:Mail hands mail for this post office over.
  func isOutside(_ ccMail: String) -> Bool {
    if plainUser(ccMail) != nil { return true }
    guard let at = Self.postOffice(of: ccMail) else { return Self.exactInternet(ccMail) != nil }
    let name = String(ccMail[..<at])
    if Self.bracketed(name) != nil || Self.routed(name, String(Self.postOffice(ccMail, at))) != nil { return true }
    let postOffice = Self.postOffice(ccMail, at).lowercased()
    return postOffice == internetPostOffice.lowercased() || outsidePostOffices.contains(postOffice)
      || isFurther(postOffice) && Self.exactInternet(name) != nil
  }

  private func isFurther(_ postOffice: String) -> Bool {
    !furtherInternetPostOffices.isEmpty
      && (furtherInternetPostOffices.contains("*") || furtherInternetPostOffices.contains(postOffice))
  }

  /// The mailbox for a cc:Mail address.
  public func mailbox(_ ccMail: String) -> Mailbox {
    if let plain = plainUser(ccMail) { return plain }
    if let known = map.mailbox(for: ccMail) { return known }
    guard let at = Self.postOffice(of: ccMail) else {
      return Self.exactInternet(ccMail) ?? Mailbox(name: Self.displayName(ccMail), address: encapsulated(ccMail))
    }
    let name = String(ccMail[..<at])
    let postOffice = Self.postOffice(ccMail, at)
    if let smtp = Self.bracketed(name) { return deliverable(smtp) }
    if postOffice.lowercased() == internetPostOffice.lowercased() {
      let mailbox = Self.internet(name)
      if mailbox.address.contains("@") { return deliverable(mailbox) }
    } else if isFurther(postOffice.lowercased()), let mailbox = Self.exactInternet(name) {
      return mailbox
    }
    if let routed = Self.routed(name, String(postOffice)) { return routed }
    return Mailbox(name: Self.displayName(name), address: encapsulated(ccMail))
  }

  /// A mailbox with the address that it has on the Internet: taken out of its capsule, and its domain in A-labels.
  private func deliverable(_ mailbox: Mailbox) -> Mailbox {
    var mailbox = mailbox
    if let address = decapsulated(mailbox.address, Self.internetPrefix) { mailbox.address = address }
    if let ascii = DomainName.asciiDomain(ofAddress: mailbox.address) { mailbox.address = ascii }
    return mailbox
  }

  /// `declan@example.com`, `"Grewal, Jeff" <jeff@example.com>`, `Jeff Grewal <jeff@example.com>`; a comma in front is
  /// cc:Mail's sign for a name with a comma (Q183588).
  private static func internet(_ name: String) -> Mailbox {
    var rest = name[...].utf8
    if rest.first == ASCII.comma { rest = rest.dropFirst() }
    guard rest.last == ASCII.greater, let angle = rest.lastIndex(of: ASCII.less) else {
      return commented(Substring(rest)) ?? Mailbox(name: "", address: String(Substring(rest)))
    }
    let address = rest[rest.index(after: angle)...].dropLast()
    var display = rest[..<angle]
    while display.last == ASCII.space { display = display.dropLast() }
    display = unquoted(display)
    return Mailbox(name: String(Substring(display)), address: String(Substring(address)))
  }

  /// `jpb@example.com (Joe Doe)`, as gateways wrote it.
  private static func commented(_ name: Substring) -> Mailbox? {
    guard name.last == ")", let open = name.firstIndex(of: "("), open > name.startIndex else { return nil }
    var address = name[..<open]
    guard address.last == " " else { return nil }
    while address.last == " " { address.removeLast() }
    guard HeaderWriter.isAddress(String(address)) else { return nil }
    return Mailbox(name: String(name[name.index(after: open)...].dropLast()), address: String(address))
  }

  /// The mailbox of a name that is an address; nil for any other name.
  private static func exactInternet(_ name: String) -> Mailbox? {
    guard name.utf8.contains(ASCII.at) else { return nil }
    let mailbox = internet(name)
    return HeaderWriter.isAddress(mailbox.address) ? mailbox : nil
  }

  /// `owner at unix,sh/dd.RFC-822=owner\@example\.com`: a route that ends in an Internet address.
  private static func routed(_ name: String, _ postOffice: String) -> Mailbox? {
    guard postOffice.utf8.count <= 1024, postOffice.utf8.contains(ASCII.equals) else { return nil }
    let bytes = Array(postOffice.utf8)
    let mark: StaticString = "RFC-822="
    guard
      let start = bytes.indices.last(where: {
        bytes.span.hasPrefixIgnoringCase(at: $0, to: bytes.count, mark)
      })
    else { return nil }
    let address = String(
      decoding: bytes[(start + mark.utf8CodeUnitCount)...].filter { $0 != ASCII.backslash }, as: UTF8.self)
    guard HeaderWriter.isAddress(address) else { return nil }
    let display = displayName(name)
    return Mailbox(name: address.hasPrefix(display + "@") ? "" : display, address: address)
  }

  /// `,User [SMTP:User@example.com]`, as the connector of Exchange 5.5 wrote Internet senders (Q179677).
  private static func bracketed(_ name: String) -> Mailbox? {
    guard name.last == "]", let open = name.lastIndex(of: "[") else { return nil }
    let inner = name[name.index(after: open)...].dropLast()
    guard inner.lowercased().hasPrefix("smtp:") else { return nil }
    return Mailbox(name: displayName(String(name[..<open])), address: String(inner.dropFirst(5)))
  }

  /// The name without the comma in front, the quotes around, and the blanks at the ends.
  private static func displayName(_ name: String) -> String {
    var display = name[...].utf8
    if display.first == ASCII.comma { display = display.dropFirst() }
    while display.first == ASCII.space { display = display.dropFirst() }
    while display.last == ASCII.space { display = display.dropLast() }
    return String(Substring(unquoted(display)))
  }

  /// Without quotes, where they are around the whole.
  private static func unquoted(_ text: Substring.UTF8View) -> Substring.UTF8View {
    text.count >= 2 && text.first == ASCII.quote && text.last == ASCII.quote ? text.dropFirst().dropLast() : text
  }

  /// Where ` at PO` begins: the last ` at ` outside of quotes and angles.
  static func postOffice(of name: String) -> String.Index? {
    var name = name
    let offset = name.withUTF8 { bytes -> Int? in
      var (found, last): (Int?, Int?)
      var isQuoted = false
      for i in bytes.indices {
        let byte = bytes[i]
        if byte == ASCII.quote { isQuoted.toggle() }
        if byte == ASCII.space, i + 3 < bytes.count, bytes[i + 3] == ASCII.space,
          bytes[i + 1] | 0x20 == UInt8(ascii: "a"), bytes[i + 2] | 0x20 == UInt8(ascii: "t")
        {
          last = i
          if !isQuoted { found = i }
        }
      }
      // A quote that is not closed does not hide the post office.
      return found ?? (isQuoted ? last : nil)
    }
    return offset.map { name.utf8.index(name.startIndex, offsetBy: $0) }
  }

  /// What follows ` at ` where it begins at `at`.
  private static func postOffice(_ name: String, _ at: String.Index) -> Substring {
    name[name.utf8.index(at, offsetBy: 4)...]
  }

  // MARK: Encapsulation

  static let prefix = "IMCEACCMAIL-"
  /// That of an address of the Internet with characters that a code page lacks.
  static let internetPrefix = "IMCEASMTP-"

  func encapsulated(_ name: String) -> String { Self.encapsulated(name, Self.prefix, domain) }

  /// An address of another kind as the local part of one of the Internet, [MS-OXCMAIL], IMCEA.
  static func encapsulated(_ name: String, _ prefix: String, _ domain: String) -> String {
    var local: [UInt8] = Array(prefix.utf8)
    for byte in name.utf8 {
      if ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.hyphen || byte == ASCII.equals {
        local.append(byte)
      } else if byte == ASCII.slash {
        local.append(ASCII.underscore)
      } else {
        local.append(ASCII.plus)
        local.append(hexadecimal: byte)
      }
    }
    return String(decoding: local, as: UTF8.self) + "@" + domain
  }

  /// The cc:Mail name in an encapsulated address of this domain; nil for any other address.
  func decapsulated(_ address: String) -> String? { decapsulated(address, Self.prefix) }

  func decapsulated(_ address: String, _ prefix: String) -> String? {
    guard address.utf8.first.map({ $0 | 0x20 }) == UInt8(ascii: "i"), let at = address.lastIndex(of: "@"),
      address[address.index(after: at)...].lowercased() == domain.lowercased(),
      address.prefix(prefix.count).uppercased() == prefix
    else { return nil }
    let local = Array(address[..<at].utf8.dropFirst(prefix.utf8.count))
    let name = Self.decapsulated(local)
    return name.isEmpty ? nil : String(validating: name, as: UTF8.self)
  }

  /// What is encapsulated in a local part, [MS-OXCMAIL] 2.1.3.5: an underscore is a slash there.
  static func decapsulated(_ local: [UInt8]) -> [UInt8] {
    local.unescaped(ASCII.plus) { $0 == ASCII.underscore ? ASCII.slash : $0 }
  }
}
