import Formats

/// Contacts, [MS-OXOCNTC], as text and as vCard 3.0, RFC 2426, which every address book takes.
extension FromOutlook {
  private static let telephones: [(id: UInt16, label: String, type: String)] = [
    (PropertyID.businessTelephone, "Business", "WORK,VOICE"), (PropertyID.homeTelephone, "Home", "HOME,VOICE"),
    (PropertyID.mobileTelephone, "Mobile", "CELL"), (PropertyID.businessFax, "Fax", "WORK,FAX"),
  ]

  mutating func readContact(_ bytes: Bytes) {
    let name = [
      PropertyID.surname, PropertyID.givenName, PropertyID.middleName, PropertyID.displayNamePrefix,
      PropertyID.generation,
    ].map { line($0, bytes) }
    let display = line(PropertyID.displayName, bytes)
    let full = display.isEmpty ? message.subject : display
    var rows = Rows()
    var card = ContentLines()
    card.append("BEGIN", raw: "VCARD")
    card.append("VERSION", raw: "3.0")
    rows.append("Name", full)
    card.append("N", parts: name)
    card.append("FN", full.isEmpty ? "?" : full)
    func take(_ id: UInt16, _ label: String, _ field: String) {
      let text = line(id, bytes)
      rows.append(label, text)
      card.append(field, text)
    }
    take(PropertyID.nickname, "Nickname", "NICKNAME")
    take(PropertyID.title, "Title", "TITLE")
    let company = line(PropertyID.companyName, bytes)
    let department = line(PropertyID.departmentName, bytes)
    rows.append("Company", company)
    rows.append("Department", department)
    card.append("ORG", parts: department.isEmpty ? [company] : [company, department])
    for address in emailAddresses(bytes) {
      rows.append("Mail", address)
      card.append("EMAIL;TYPE=INTERNET", address)
    }
    for telephone in Self.telephones {
      let number = line(telephone.id, bytes)
      rows.append(telephone.label, number)
      card.append("TEL;TYPE=\(telephone.type)", number)
    }
    appendAddresses(&rows, &card, bytes)
    take(PropertyID.businessHomePage, "Web", "URL")
    take(PropertyID.personalHomePage, "Web, home", "URL")
    if let birthday = properties.time(PropertyID.birthday) {
      rows.append("Birthday", birthday, isDay: true)
      card.append("BDAY", raw: ContentLines.date(birthday))
    }
    card.append("NOTE", plainBody(bytes))
    if let changed = message.date { card.append("REV", raw: ContentLines.time(changed)) }
    card.append("END", raw: "VCARD")
    appendSummary(rows, "Contact")
    appendFile(card, "text/vcard", (full.isEmpty ? "contact" : full) + ".vcf")
  }

  /// The three addresses that a contact may have.
  private func emailAddresses(_ bytes: Bytes) -> [String] {
    var found: [String] = []
    for base: UInt32 in [0x8080, 0x8090, 0x80A0] {
      let candidates = [line(PropertyName(.address, base + 3), bytes), line(PropertyName(.address, base + 4), bytes)]
      if let address = candidates.first(where: { HeaderWriter.isAddress($0) })
        ?? candidates.first(where: { !$0.isEmpty }),
        !found.contains(address)
      {
        found.append(address)
      }
    }
    return found
  }

  private func appendAddresses(_ rows: inout Rows, _ card: inout ContentLines, _ bytes: Bytes) {
    // Box, extension, street, place, region, code, country.
    let business = [
      line(PropertyName(.address, 0x804A), bytes), "", line(PropertyName(.address, 0x8045), bytes),
      line(PropertyName(.address, 0x8046), bytes), line(PropertyName(.address, 0x8047), bytes),
      line(PropertyName(.address, 0x8048), bytes), line(PropertyName(.address, 0x8049), bytes),
    ]
    let mailing =
      ["", ""]
      + [
        PropertyID.streetAddress, PropertyID.locality, PropertyID.stateOrProvince, PropertyID.postalCode,
        PropertyID.country,
      ].map { line($0, bytes) }
    let home =
      ["", ""]
      + [
        PropertyID.homeStreet, PropertyID.homeLocality, PropertyID.homeStateOrProvince, PropertyID.homePostalCode,
        PropertyID.homeCountry,
      ].map { line($0, bytes) }
    let isGiven = business.contains { !$0.isEmpty }
    for (label, type, parts) in [
      ("Address", "WORK", isGiven ? business : mailing), ("Home address", "HOME", home),
    ] where !(type == "WORK" && !isGiven && mailing == home) {
      rows.append(label, parts.filter { !$0.isEmpty }.joined(separator: ", "))
      card.append("ADR;TYPE=\(type)", parts: parts)
    }
  }
}
