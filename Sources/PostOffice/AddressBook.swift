import Formats

/// The directory of a post office, for looking up.
final class AddressBook {
  let postOffice: String
  let codePage: CodePage
  private(set) var records: [DirectoryRecord] = []
  private var index: [String: Int] = [:]
  let keys = NameKeys()

  /// Takes the records of a directory in their order; the first of a name counts.
  init(_ records: [DirectoryRecord], postOffice name: [UInt8], codePage: CodePage) {
    self.codePage = codePage
    postOffice = keys.key(name.span, codePage)
    for record in records { add(record) }
  }

  /// Adds a record, unless there is one of its name; returns that one.
  @discardableResult
  func add(_ record: DirectoryRecord) -> DirectoryRecord? {
    let key = keys.key(record.name.span, codePage)
    if let known = index[key] { return records[known] }
    index[key] = records.count
    records.append(record)
    return nil
  }

  /// The number of the record with a name, in any of the forms that cc:Mail takes for it.
  func find(_ key: String) -> Int? {
    if let known = index[key] { return known }
    for variant in NameKeys.variants(key) { if let known = index[variant] { return known } }
    return nil
  }

  func key(_ name: [UInt8]) -> String { keys.key(name.span, codePage) }

  /// The mailbox of the post office with this key: its own, or that of the post office on the way to it.
  func mailbox(ofPostOffice key: String) -> String? {
    var key = key
    // A way of more than a few post offices is a circle.
    for _ in 0..<16 {
      guard let found = index[key], records[found].kind == .postOffice else { return nil }
      let record = records[found]
      let next = self.key(record.address)
      if record.location == UInt8(ascii: "P") || next.isEmpty || next == key { return MailboxFolder.name(key) }
      key = next
    }
    return nil
  }

  /// The folder of the mailbox that a user, a post office or a bulletin board has here; nil when the directory has no
  /// such name, or one without a mailbox.
  func mailbox(named name: [UInt8], _ codePage: CodePage) -> String? {
    guard let found = find(keys.key(name.span, codePage)) else { return nil }
    let record = records[found]
    let key = key(record.name)
    switch record.kind {
    case .user, .bulletinBoard: return isHere(record) ? MailboxFolder.name(key) : nil
    case .postOffice: return mailbox(ofPostOffice: key) == MailboxFolder.name(key) ? MailboxFolder.name(key) : nil
    case .alias, .mailingList, nil: return nil
    }
  }

  /// Whether a user or a bulletin board has a mailbox in this post office: `Addr` names it, or nothing.
  func isHere(_ record: DirectoryRecord) -> Bool {
    let key = key(record.address)
    return key.isEmpty || key == postOffice
  }
}
