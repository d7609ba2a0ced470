import Formats

/// Finds the recipients that a reason names, whatever the words around the name are: `Unknown recipient: Ben at PLANT3`.
struct RecipientIndex {
  private typealias Key = ArraySlice<UInt8>

  /// By the whole name, and by what it is without its post office or as an Internet address.
  private var byName: [Key: [Int]] = [:]
  private var byPart: [Key: [Int]] = [:]

  init(_ names: [String]) {
    for (i, name) in names.enumerated() {
      byName[Self.key(name), default: []].append(i)
      if let at = AddressRule.postOffice(of: name) { byPart[Self.key(name[..<at]), default: []].append(i) }
      if let close = name.lastIndex(of: ">"), let open = name[..<close].lastIndex(of: "<") {
        byPart[Self.key(name[name.index(after: open)..<close]), default: []].append(i)
      }
    }
    byPart[[]] = nil
  }

  /// Reasons are looked at this far, and cut at so many words and colons.
  private static let longest = 4096
  private static let mostCuts = 32

  /// The indices of the recipients that `reason` names.
  func recipients(namedIn reason: String) -> [Int] {
    let text = Self.key(reason.prefix(Self.longest))
    if let found = byName[text] { return found }
    // Behind a colon there may be a name of one word; elsewhere only `name at PO` and addresses are names.
    for colon in text.indices.lazy.filter({ text[$0] == ASCII.colon }).prefix(Self.mostCuts) {
      for part in [text[(colon + 1)...], text[..<colon]] {
        let key = Self.trimmed(part)
        if let found = byName[key] ?? byPart[key] { return found }
      }
    }
    for blank in text.indices.lazy.filter({ text[$0] == ASCII.space }).prefix(Self.mostCuts) {
      for part in [text[(blank + 1)...], text[..<blank]] {
        let key = Self.trimmed(part)
        if let found = byName[key] ?? byPart[key], Self.isUnmistakable(key) { return found }
      }
    }
    return []
  }

  /// What stands behind the last colon of a reason, if it is a name with a post office; else nothing.
  static func name(behindColonOf reason: String) -> String {
    let reason = reason.prefix(longest)
    guard let colon = reason.lastIndex(of: ":") else { return "" }
    let name = String(reason[reason.index(after: colon)...].drop { $0 == " " })
    return AddressRule.postOffice(of: name) == nil && !name.hasPrefix("at ") ? "" : name
  }

  /// Names are compared without regard to case (Q237588), quotes, and the comma that cc:Mail puts in front (Q183588).
  private static func key(_ name: some StringProtocol) -> Key {
    var key: [UInt8] = []
    for byte in name.lowercased().utf8 where byte != ASCII.quote {
      let byte = ASCII.isSpace(byte) ? ASCII.space : byte
      if byte != ASCII.space || key.last != ASCII.space { key.append(byte) }
    }
    return trimmed(key[...])
  }

  /// Without what may stand around a name in a sentence.
  private static func trimmed(_ key: Key) -> Key {
    var key = key
    while let first = key.first, first == ASCII.space || first == ASCII.comma { key.removeFirst() }
    while let last = key.last, last == ASCII.space || last == ASCII.dot { key.removeLast() }
    return key
  }

  /// Whether this is more than a word that may mean anything.
  private static func isUnmistakable(_ key: Key) -> Bool {
    let words = key.split(separator: ASCII.space)
    return key.contains(ASCII.at) || words.dropLast().contains(Array("at".utf8)[...])
  }
}
