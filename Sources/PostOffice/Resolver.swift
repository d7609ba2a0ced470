import Formats

/// Where the messages to an address go.
struct Resolution {
  /// The folders of mailboxes, each with the addresses that the message itself does not have for it: members of a
  /// mailing list, the target of an alias, the remote address of a user.
  var mailboxes: [String: [[UInt8]]] = [:]
  /// Why some or all of it cannot be delivered.
  var failure: StaticString?

  static let unknownRecipient: StaticString = "Unknown recipient"
  static let unknownPostOffice: StaticString = "Unknown post office"
  static let noMembers: StaticString = "Mailing list without members"
  static let unknownMembers: StaticString = "Mailing list with unknown members"
}

/// Finds the mailboxes for an address.
struct Resolver {
  let book: AddressBook

  /// Resolves `address`, in `codePage`.
  func resolve(_ address: Bytes, _ codePage: CodePage) -> Resolution {
    var resolution = Resolution()
    var visited = Set<Int>()
    resolution.failure = resolve(address, codePage, isNamed: true, &resolution, &visited)
    if resolution.failure == nil, resolution.mailboxes.isEmpty {
      // Nothing but circles.
      let isList = visited.contains { book.records[$0].kind == .mailingList }
      resolution.failure = isList ? Resolution.noMembers : Resolution.unknownRecipient
    }
    return resolution
  }

  /// `isNamed` tells that the message has this address itself.
  private func resolve(
    _ bytes: Bytes, _ codePage: CodePage, isNamed: Bool, _ resolution: inout Resolution, _ visited: inout Set<Int>
  ) -> StaticString? {
    let address = CCAddress(bytes)
    if let range = address.postOffice {
      let key = book.keys.key(bytes.extracting(range), codePage)
      if key != book.postOffice {
        guard let mailbox = book.mailbox(ofPostOffice: key) else { return Resolution.unknownPostOffice }
        if bytes.trimmed(address.name).isEmpty { return Resolution.unknownRecipient }
        add(mailbox, isNamed ? nil : bytes.array(0..<bytes.count), &resolution)
        return nil
      }
    }
    let key = book.keys.key(bytes.extracting(address.name), codePage)
    // `~NAME` is the post office of that name, as the sender of a router's message (Q249133).
    if key.utf8.first == ASCII.tilde {
      guard let mailbox = book.mailbox(ofPostOffice: String(key.dropFirst())) else {
        return Resolution.unknownRecipient
      }
      add(mailbox, nil, &resolution)
      return nil
    }
    guard !key.isEmpty, let found = book.find(key) else { return Resolution.unknownRecipient }
    return resolve(found, isNamed: isNamed, &resolution, &visited)
  }

  private func resolve(
    _ found: Int, isNamed: Bool, _ resolution: inout Resolution, _ visited: inout Set<Int>
  ) -> StaticString? {
    // Each entry counts once: a list in itself, or in two others, is not expanded again.
    guard visited.insert(found).inserted else { return nil }
    let record = book.records[found]
    let key = book.key(record.name)
    switch record.kind {
    case .postOffice:
      guard let mailbox = book.mailbox(ofPostOffice: key) else { return Resolution.unknownPostOffice }
      add(mailbox, nil, &resolution)
    case .user, .bulletinBoard:
      if book.isHere(record) {
        add(MailboxFolder.name(key), nil, &resolution)
      } else {
        return remote(record, &resolution)
      }
    case .alias:
      if resolve(record.address.span, book.codePage, isNamed: false, &resolution, &visited) != nil {
        return Resolution.unknownRecipient
      }
    case .mailingList:
      let members = record.members
      if members.isEmpty { return Resolution.noMembers }
      var failure: StaticString?
      for member in members
      where resolve(member.span, book.codePage, isNamed: false, &resolution, &visited) != nil {
        failure = Resolution.unknownMembers
      }
      return failure
    case nil: return Resolution.unknownRecipient
    }
    return nil
  }

  /// A user of another post office: `Addr` has its name, and behind it the address there, if it is another one.
  private func remote(_ record: DirectoryRecord, _ resolution: inout Resolution) -> StaticString? {
    let address = record.address
    if let mailbox = book.mailbox(ofPostOffice: book.key(address)) {
      add(mailbox, record.name + Array(" at ".utf8) + address, &resolution)
      return nil
    }
    guard let blank = address.firstIndex(of: ASCII.space),
      let mailbox = book.mailbox(ofPostOffice: book.key(Array(address[..<blank])))
    else { return Resolution.unknownPostOffice }
    let rest = address.span.array(address.span.trimmed(blank..<address.count))
    add(mailbox, rest + Array(" at ".utf8) + address[..<blank], &resolution)
    return nil
  }

  private func add(_ mailbox: String, _ address: [UInt8]?, _ resolution: inout Resolution) {
    resolution.mailboxes[mailbox, default: []] += address.map { [$0] } ?? []
  }
}
