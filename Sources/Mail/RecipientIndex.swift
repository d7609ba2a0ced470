import Formats

/// Finds the recipients that a reason names, whatever the words around the name are: `Unknown recipient: Ben at PLANT3`.
struct RecipientIndex {
  /// By the whole name, and by what it is without its post office or as an Internet address.
  private var byName: [String: [Int]] = [:]
  private var byPart: [String: [Int]] = [:]

  init(_ names: [String]) {
    for (i, name) in names.enumerated() {
      let key = Self.key(name)
      byName[key, default: []].append(i)
      if let at = AddressRule.postOffice(of: name) { byPart[Self.key(name[..<at]), default: []].append(i) }
      if let close = name.lastIndex(of: ">"), let open = name[..<close].lastIndex(of: "<") {
        byPart[Self.key(name[name.index(after: open)..<close]), default: []].append(i)
      }
    }
    byPart[""] = nil
  }

  /// Reasons are looked at this far, and cut at so many words and colons.
  private static let longest = 1024
  private static let mostCuts = 64

  /// The indices of the recipients that `reason` names.
  func recipients(namedIn reason: String) -> [Int] {
    let text = reason.prefix(Self.longest)
    if let found = byName[Self.key(text)] { return found }
    // Behind a colon there may be a name of one word; elsewhere only `name at PO` is one.
    for colon in text.indices(of: ":").prefix(Self.mostCuts) {
      for part in [text[text.index(after: colon)...], text[..<colon]] {
        let key = Self.key(part)
        if let found = byName[key] ?? byPart[key] { return found }
      }
    }
    let blanks = text.indices(of: " ").prefix(Self.mostCuts)
    for part in blanks.map({ text[$0...] }) + blanks.reversed().map({ text[..<$0] }) {
      let key = Self.key(part)
      if key.hasPrefix("at ") || key.contains(" at ") || key.contains("@"), let found = byName[key] ?? byPart[key] {
        return found
      }
    }
    return []
  }

  /// What stands behind the last colon of a reason, if it is a name with a post office; else nothing.
  static func name(behindColonOf reason: String) -> String {
    guard let colon = reason.prefix(longest).lastIndex(of: ":") else { return "" }
    let name = String(reason[reason.index(after: colon)...].prefix(longest).drop { $0 == " " })
    return AddressRule.postOffice(of: name) == nil && !name.hasPrefix("at ") ? "" : name
  }

  /// Names are compared without regard to case (Q237588), quotes, and the comma that cc:Mail puts in front (Q183588).
  private static func key(_ name: some StringProtocol) -> String {
    var key = ""
    for character in name.lowercased() where character != "\"" {
      if character == " " || character == "\t" ? key.last == " " || key.isEmpty : key.isEmpty && character == "," {
        continue
      }
      key.append(character == "\t" ? " " : character)
    }
    while let last = key.last, last == " " || last == "." { key.removeLast() }
    return key
  }
}

extension Substring {
  fileprivate func indices(of character: Character) -> [Index] { indices.filter { self[$0] == character } }
}
