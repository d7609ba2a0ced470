/// The words of an address list, by themselves.
extension AddressParser {
  /// Whether an unquoted name has characters that a strict reader takes for syntax, RFC 5322, 3.2.3.
  static func holdsSpecials(_ raw: [UInt8]) -> Bool {
    raw.contains {
      switch $0 {
      case ASCII.leftBracket, ASCII.rightBracket, ASCII.colon, ASCII.at, ASCII.backslash, ASCII.leftParenthesis,
        ASCII.rightParenthesis:
        true
      default: false
      }
    }
  }

  /// What stands between two quotation marks, if nothing stands outside; nil otherwise.
  static func unquoted(_ raw: [UInt8]) -> [UInt8]? {
    guard raw.count > 2, raw.first == ASCII.quote, raw.last == ASCII.quote else { return nil }
    let inner = raw.dropFirst().dropLast()
    return inner.contains(ASCII.quote) || inner.contains(ASCII.backslash) ? nil : Array(inner)
  }

  /// The address in a member that has an `@` and no angles, and the words beside it, which are its name:
  /// `Ann Example ann@example.com`. Blanks beside `@` and dots are no part of an address, RFC 5322, 4.4.
  static func address(in raw: [UInt8]) -> (address: [UInt8], rest: [UInt8]) {
    guard raw.contains(ASCII.space) else { return (raw, []) }
    guard raw.first != ASCII.quote else { return (withoutBlanks(raw[...]), []) }
    let words = joined(raw.split(separator: ASCII.space).map(Array.init))
    guard let at = words.lastIndex(where: { $0.contains(ASCII.at) }) else { return (raw, []) }
    let rest = words[..<at] + words[(at + 1)...]
    return (words[at], Array(rest.joined(separator: [ASCII.space])))
  }

  /// The words, those on both sides of an `@` and of the dots beside it in one.
  private static func joined(_ words: [[UInt8]]) -> [[UInt8]] {
    var joined: [[UInt8]] = []
    for word in words {
      let last = joined.last ?? []
      let isAddress = last.contains(ASCII.at)
      let continues =
        !joined.isEmpty
        && (word.first == ASCII.at || last.last == ASCII.at || word.first == ASCII.dot && (isAddress || word.count == 1)
          || last.last == ASCII.dot && (last.count == 1 || isAddress || last.isDotted))
      if continues { joined[joined.count - 1].append(contentsOf: word) } else { joined.append(word) }
    }
    return joined
  }

  /// `raw` without the blanks outside of quotation marks.
  private static func withoutBlanks(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    var isQuoted = false
    return raw.filter { byte in
      if byte == ASCII.quote { isQuoted.toggle() }
      return byte != ASCII.space || isQuoted
    }
  }

  /// An address without what some put around it: `mailto:`, apostrophes, brackets, quotation marks around the whole.
  static func bare(_ address: [UInt8], isIrregular: inout Bool) -> [UInt8] {
    // Nearly every address begins with a letter that is no `m` and ends with one.
    if let first = address.first, let last = address.last, ASCII.isLetter(first) || ASCII.isDigit(first),
      first | 0x20 != UInt8(ascii: "m"), ASCII.isLetter(last)
    {
      return address
    }
    var bare = address[...]
    if let inner = unquoted(address) { bare = inner[...] }
    if bare.first == ASCII.apostrophe, bare.last == ASCII.apostrophe, bare.count > 2 {
      bare = bare.dropFirst().dropLast()
    }
    if bare.first == ASCII.leftBracket, bare.last == ASCII.rightBracket { bare = bare.dropFirst().dropLast() }
    let text = Array(bare)
    if text.span.hasPrefixIgnoringCase(at: 0, to: text.count, "mailto:") { bare = text[7...] }
    guard bare.count != address.count, bare.contains(ASCII.at) else { return address }
    isIrregular = true
    return Array(bare)
  }

  /// Whether a name without an address stands for recipients whom nobody is to know:
  /// `undisclosed recipients`, `Recipient list not shown`.
  static func isUndisclosed(_ raw: [UInt8]) -> Bool {
    guard raw.count < 64 else { return false }
    var words: [UInt8] = []
    for byte in raw {
      switch byte {
      case ASCII.quote, ASCII.colon: continue
      case ASCII.hyphen, ASCII.underscore, ASCII.dot: words.append(ASCII.space)
      default: words.append(ASCII.lowercased(byte))
      }
    }
    while words.last == ASCII.space { words.removeLast() }
    switch String(decoding: words, as: UTF8.self) {
    case "undisclosed recipients", "undisclosed recipient", "undisclosed", "unlisted recipients", "unlisted recipient",
      "unspecified recipients", "hidden recipients", "recipient list not shown", "recipient list suppressed",
      "recipients suppressed", "suppressed recipients", "list suppressed", "no recipients", "undisclosed list":
      return true
    default: return false
    }
  }

  /// The mailbox that a display name is, where no address stands beside it.
  static func mailbox(inName name: String) -> (name: String, address: String)? {
    guard name.utf8.contains(ASCII.at) else { return nil }
    let utf8 = Array(name.utf8)
    if let close = utf8.lastIndex(of: ASCII.greater), let open = utf8[..<close].lastIndex(of: ASCII.less) {
      let address = String(decoding: utf8[(open + 1)..<close], as: UTF8.self)
      guard HeaderWriter.isAddress(address) else { return nil }
      let display = utf8[..<open].filter { $0 != ASCII.quote }
      return (String(decoding: display.span.array(display.span.trimmed(0..<display.count)), as: UTF8.self), address)
    }
    return HeaderWriter.isAddress(name) ? ("", name) : nil
  }
}

extension [UInt8] {
  /// Whether these are words with dots between them, and one behind: `john.`, as in `john . doe @ example.com`.
  fileprivate var isDotted: Bool { count > 1 && self[count - 1] == ASCII.dot && dropLast().contains(ASCII.dot) }
}
