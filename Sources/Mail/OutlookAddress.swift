import Formats

/// Reads an address of the Internet in what programs put into the properties of Outlook in its place: `mailto:a@x`,
/// `SMTP:a@x`, `<a@x>`, `'a@x'`, `a@x;`, `Ann <a@x>`, `Ann (a@x)`, `Ann [SMTP:a@x]`, `a@x <a@x>`.
enum OutlookAddress {
  /// Characters of a text that is looked through; nobody's address is longer.
  private static let maximum = 2000

  /// The address in a text, and the name beside it; nil when nobody can read one there.
  static func mailbox(in text: String) -> Mailbox? {
    guard text.utf8.count <= maximum, text.utf8.contains(ASCII.at) else { return nil }
    if isBare(text) { return Mailbox(name: "", address: text) }
    let whole = stripped(Substring(text))
    if isAddress(whole) { return Mailbox(name: "", address: String(whole)) }
    for (open, close) in [("<", ">"), ("[", "]"), ("(", ")")] as [(Character, Character)] {
      guard let start = text.lastIndex(of: open) else { continue }
      let behind = text[text.index(after: start)...]
      let inner = stripped(behind.prefix { $0 != close })
      if isAddress(inner), hasDomain(inner) {
        return Mailbox(name: name(text[..<start]), address: String(inner))
      }
    }
    // One word of several: `Ann a@x`, `a@x (Ann)`.
    for word in text.split(whereSeparator: { $0.isWhitespace || $0 == ";" || $0 == "," }) {
      let address = stripped(word)
      guard isAddress(address), hasDomain(address) else { continue }
      var rest = Substring(text)
      rest.removeSubrange(word.startIndex..<word.endIndex)
      return Mailbox(name: name(rest), address: String(address))
    }
    return nil
  }

  /// Whether a text is an address of nothing but letters, digits and dots, as nearly all are: nothing has to be taken away.
  private static func isBare(_ text: String) -> Bool {
    var at = 0
    for byte in text.utf8 {
      if byte == ASCII.at {
        at += 1
      } else if !ASCII.isLetter(byte), !ASCII.isDigit(byte), byte != ASCII.dot, byte != ASCII.hyphen,
        byte != ASCII.underscore
      {
        return false
      }
    }
    return at == 1 && text.utf8.first != ASCII.at && text.utf8.last != ASCII.at
  }

  /// The addresses in a text that may hold several, `a@x; b@y`: all of its parts or, where one of them is none, that of
  /// the whole.
  static func mailboxes(in text: String) -> [Mailbox] {
    guard text.utf8.count <= maximum, text.utf8.contains(ASCII.at) else { return [] }
    if isBare(text) { return [Mailbox(name: "", address: text)] }
    let parts = text.split(whereSeparator: { $0 == ";" || $0 == "," }).map { stripped($0) }.filter { !$0.isEmpty }
    let found = parts.compactMap { mailbox(in: String($0)) }
    if found.count > 1, found.count == parts.count { return found }
    return mailbox(in: text).map { [$0] } ?? []
  }

  /// Whether a text is an address and nothing else: an addr-spec of RFC 5322, or one beyond ASCII as RFC 6532 has it.
  static func isAddress(_ text: some StringProtocol) -> Bool {
    guard text.utf8.contains(where: { $0 > 127 }) else { return HeaderWriter.isAddress(String(text)) }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII
          ? HeaderWriter.isAtomText(UInt8(scalar.value)) || scalar == "." || scalar == "@"
          : !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
      }
  }

  /// Whether the domain has a dot, so that `ann@hub` within other words is not taken for an address.
  private static func hasDomain(_ address: Substring) -> Bool {
    address.split(separator: "@").last.map { $0.dropFirst().dropLast().contains(".") } ?? false
  }

  /// What stands around an address, taken away layer by layer.
  private static func stripped(_ text: Substring) -> Substring {
    var rest = text
    while true {
      let before = rest
      while let first = rest.first, isPadding(first) { rest.removeFirst() }
      while let last = rest.last, isPadding(last) || ";,".contains(last) { rest.removeLast() }
      for (open, close) in pairs where rest.first == open && rest.last == close && rest.utf8.count > 2 {
        rest = rest.dropFirst().dropLast()
      }
      for scheme in ["mailto:", "smtp:"] where begins(rest, scheme) {
        rest = rest.dropFirst(scheme.count)
        // What a link says behind the address: `mailto:a@x?subject=y`.
        if scheme == "mailto:" { rest = rest.prefix { $0 != "?" } }
      }
      if rest.startIndex == before.startIndex, rest.endIndex == before.endIndex { return rest }
    }
  }

  /// Whether a text begins with `prefix`, which is in small letters.
  private static func begins(_ text: Substring, _ prefix: String) -> Bool {
    var own = text.utf8.makeIterator()
    return prefix.utf8.allSatisfy { byte in own.next().map { ASCII.lowercased($0) } == byte }
  }

  private static let pairs: [(Character, Character)] = [
    ("<", ">"), ("'", "'"), ("\"", "\""), ("[", "]"), ("(", ")"), ("\u{2018}", "\u{2019}"), ("\u{201C}", "\u{201D}"),
  ]

  private static func isPadding(_ character: Character) -> Bool {
    character.isWhitespace || character == "\u{200B}" || character == "\u{FEFF}" || character == "\0"
  }

  /// A name without the signs around it; empty when it is an address itself.
  private static func name(_ text: Substring) -> String {
    let name = stripped(text)
    return isAddress(name) ? "" : String(name)
  }
}
