import Formats

/// Distribution lists, [MS-OXOCNTC] 2.2.2.
extension FromOutlook {
  mutating func readDistributionList(_ bytes: Bytes) {
    var rows = TextRows()
    let name = line(.distributionListName, bytes)
    rows.append("List", name.isEmpty ? message.subject : name)
    for member in members(bytes) {
      rows.append(
        "Member",
        member.name.isEmpty
          ? member.address : member.address.isEmpty ? member.name : "\(member.name) <\(member.address)>")
    }
    appendCommon(&rows, bytes)
    appendSummary(rows, "Distribution list")
  }

  /// The members. Each is told twice: by an identifier, which may be that of a contact elsewhere and tell nothing here, and
  /// written out, as it was when it was entered.
  private func members(_ bytes: Bytes) -> [Mailbox] {
    let lists = [PropertyName.distributionListMembers, .distributionListOneOffMembers].map { list($0, bytes) }
    var mailboxes: [Mailbox] = []
    for i in 0..<min(10_000, lists.map(\.count).max() ?? 0) {
      let told = lists.compactMap { $0.indices.contains(i) ? $0[i] : nil }
      let name = told.map(\.name).first { !$0.isEmpty } ?? ""
      guard
        let best = told.first(where: { OutlookAddress.mailbox(in: $0.address) != nil })
          ?? told.first(where: { !$0.address.isEmpty })
      else {
        if !name.isEmpty { mailboxes.append(OutlookAddress.mailbox(in: name) ?? Mailbox(name: name, address: "")) }
        continue
      }
      mailboxes.append(complete(name: Self.unquoted(name), type: best.type, address: best.address, bytes))
    }
    return mailboxes
  }

  /// The addresses in a list of identifiers, nil for one that tells none.
  private func list(_ name: PropertyName, _ bytes: Bytes) -> [EntryID.Address?] {
    guard let found = properties.first(name), case .list(let members) = found.value else { return [] }
    return members.prefix(10_000).map {
      EntryID.address($0.bytes(of: bytes, limit: 1 << 16).span, string8: strings.string8)
    }
  }
}
