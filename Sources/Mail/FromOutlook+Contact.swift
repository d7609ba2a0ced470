import Formats

/// Contacts, [MS-OXOCNTC], as text and as vCard 3.0, RFC 2426, which every address book takes.
extension FromOutlook {
  /// A property that is a line of the text and, where there is a place for it, of the card.
  private struct Field {
    let id: UInt16
    let label: String
    /// The name of the card's property with its parameters; empty where it has none.
    let card: String
  }

  private static let telephones = [
    Field(id: PropertyID.businessTelephone, label: "Business", card: "TEL;TYPE=WORK,VOICE"),
    Field(id: PropertyID.homeTelephone, label: "Home", card: "TEL;TYPE=HOME,VOICE"),
    Field(id: PropertyID.mobileTelephone, label: "Mobile", card: "TEL;TYPE=CELL"),
    Field(id: PropertyID.businessFax, label: "Fax", card: "TEL;TYPE=WORK,FAX"),
    Field(id: PropertyID.primaryTelephone, label: "Primary", card: "TEL;TYPE=VOICE,PREF"),
    Field(id: PropertyID.business2Telephone, label: "Business 2", card: "TEL;TYPE=WORK,VOICE"),
    Field(id: PropertyID.home2Telephone, label: "Home 2", card: "TEL;TYPE=HOME,VOICE"),
    Field(id: PropertyID.companyMainTelephone, label: "Main number", card: "TEL;TYPE=WORK,VOICE,X-COMPANY"),
    Field(id: PropertyID.carTelephone, label: "Car", card: "TEL;TYPE=CAR,VOICE"),
    Field(id: PropertyID.radioTelephone, label: "Radio", card: "TEL;TYPE=VOICE,X-RADIO"),
    Field(id: PropertyID.pagerTelephone, label: "Pager", card: "TEL;TYPE=PAGER"),
    Field(id: PropertyID.callbackTelephone, label: "Callback", card: "TEL;TYPE=VOICE,X-CALLBACK"),
    Field(id: PropertyID.otherTelephone, label: "Other", card: "TEL;TYPE=VOICE"),
    Field(id: PropertyID.assistantTelephone, label: "Assistant tel", card: "TEL;TYPE=VOICE,X-ASSISTANT"),
    Field(id: PropertyID.homeFax, label: "Home fax", card: "TEL;TYPE=HOME,FAX"),
    Field(id: PropertyID.primaryFax, label: "Primary fax", card: "TEL;TYPE=FAX"),
    Field(id: PropertyID.isdn, label: "ISDN", card: "TEL;TYPE=ISDN"),
    Field(id: PropertyID.telex, label: "Telex", card: "TEL;TYPE=X-TELEX"),
    Field(id: PropertyID.ttyTddTelephone, label: "TTY/TDD", card: "TEL;TYPE=X-TTY"),
  ]

  /// What there is to know about a person. Where vCard 3.0 has no place, that of the programs that read it most is taken.
  private static let personal = [
    Field(id: PropertyID.spouse, label: "Spouse", card: "X-SPOUSE"),
    Field(id: PropertyID.profession, label: "Profession", card: "ROLE"),
    Field(id: PropertyID.manager, label: "Manager", card: "X-MANAGER"),
    Field(id: PropertyID.assistant, label: "Assistant", card: "X-ASSISTANT"),
    Field(id: PropertyID.officeLocation, label: "Office", card: ""),
    Field(id: PropertyID.location, label: "Location", card: ""),
    Field(id: PropertyID.initials, label: "Initials", card: ""),
    Field(id: PropertyID.hobbies, label: "Hobbies", card: ""),
    Field(id: PropertyID.referredBy, label: "Referred by", card: ""),
    Field(id: PropertyID.language, label: "Language", card: ""),
    Field(id: PropertyID.account, label: "Account", card: ""),
    Field(id: PropertyID.customerID, label: "Customer ID", card: ""),
    Field(id: PropertyID.governmentID, label: "Government ID", card: ""),
    Field(id: PropertyID.organizationalID, label: "Employee ID", card: ""),
    Field(id: PropertyID.computerNetwork, label: "Computer", card: ""),
    Field(id: PropertyID.ftpSite, label: "FTP site", card: ""),
  ]

  private static let named: [(name: PropertyName, label: String, card: String)] = [
    (.fileUnder, "File as", "SORT-STRING"), (.yomiFirstName, "Given, spoken", "X-PHONETIC-FIRST-NAME"),
    (.yomiLastName, "Last, spoken", "X-PHONETIC-LAST-NAME"), (.yomiCompanyName, "Firm, spoken", ""),
    (.freeBusyLocation, "Free/busy", "FBURL"), (.contactHTML, "Web page", "URL"),
    (.contactUserField1, "User field 1", ""),
    (.contactUserField2, "User field 2", ""), (.contactUserField3, "User field 3", ""),
    (.contactUserField4, "User field 4", ""),
  ]

  mutating func readContact(_ bytes: Bytes) {
    var rows = TextRows()
    var card = ContentLines()
    card.append("BEGIN", raw: "VCARD")
    card.append("VERSION", raw: "3.0")
    let full = appendName(&rows, &card, bytes)
    func take(_ id: UInt16, _ label: String, _ field: String) {
      let text = line(id, bytes)
      rows.append(label, text)
      if !field.isEmpty { card.append(field, text) }
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
    for field in Self.telephones { take(field.id, field.label, field.card) }
    appendAddresses(&rows, &card, bytes)
    take(PropertyID.businessHomePage, "Web", "URL")
    take(PropertyID.personalHomePage, "Web, home", "URL")
    appendDays(&rows, &card)
    for field in Self.personal { take(field.id, field.label, field.card) }
    for field in Self.named where isTold(field.name, full, bytes) {
      let text = line(field.name, bytes)
      rows.append(field.label, text)
      if !field.card.isEmpty { card.append(field.card, text) }
    }
    appendRest(&rows, &card, bytes)
    card.append("NOTE", plainBody(bytes))
    if let changed = message.date { card.append("REV", raw: ContentLines.time(changed)) }
    card.append("END", raw: "VCARD")
    appendSummary(rows, "Contact")
    appendFile(card, "text/vcard", (full.isEmpty ? "contact" : full) + ".vcf")
  }

  // MARK: Names and days

  /// Appends the names; returns the full one. A card has N and FN in any case, RFC 2426, 3.1.
  private func appendName(_ rows: inout TextRows, _ card: inout ContentLines, _ bytes: Bytes) -> String {
    let name = [
      PropertyID.surname, PropertyID.givenName, PropertyID.middleName, PropertyID.displayNamePrefix,
      PropertyID.generation,
    ].map { line($0, bytes) }
    let told = [line(PropertyID.displayName, bytes), message.subject]
    let parts = [name[3], name[1], name[2], name[0], name[4]].filter { !$0.isEmpty }.joined(separator: " ")
    let full = told.first { !$0.isEmpty } ?? parts
    rows.append("Name", full)
    let shown = [full, line(.fileUnder, bytes), line(PropertyID.companyName, bytes)].first { !$0.isEmpty } ?? "?"
    if name.contains(where: { !$0.isEmpty }) {
      card.append("N", parts: name)
    } else {
      card.append("N", parts: [shown, "", "", "", ""])
    }
    card.append("FN", shown)
    if !told.contains(where: { !$0.isEmpty && parts == $0 }) {
      for (label, text) in zip(
        ["Prefix", "Given name", "Middle name", "Last name", "Suffix"], [name[3], name[1], name[2], name[0], name[4]])
      where !text.isEmpty && !full.contains(text) {
        rows.append(label, text)
      }
    }
    return full
  }

  private func appendDays(_ rows: inout TextRows, _ card: inout ContentLines) {
    // The local one is the day itself; the other is midnight of that day where it was entered.
    func day(_ local: PropertyName, _ id: UInt16) -> Timestamp? {
      properties.time(local) ?? properties.time(id).map { Self.day($0, nil) }
    }
    if let birthday = day(.birthdayLocal, PropertyID.birthday) {
      rows.append("Birthday", birthday, isDay: true)
      card.append("BDAY", raw: ContentLines.date(birthday))
    }
    if let anniversary = day(.weddingAnniversaryLocal, PropertyID.weddingAnniversary) {
      rows.append("Anniversary", anniversary, isDay: true)
      card.append("X-ANNIVERSARY", raw: ContentLines.date(anniversary))
    }
  }

  /// Whether a property says more than the name does: Outlook files nearly everybody under their names.
  private func isTold(_ name: PropertyName, _ full: String, _ bytes: Bytes) -> Bool {
    name != .fileUnder || line(name, bytes) != full
  }

  private func appendRest(_ rows: inout TextRows, _ card: inout ContentLines, _ bytes: Bytes) {
    let children = properties.first(PropertyID.childrensNames).map { strings.lines($0, bytes) } ?? []
    rows.append("Children", children.joined(separator: ", "))
    let genders = ["", "female", "male"]
    if let gender = properties.integer(PropertyID.gender), (1...2).contains(gender) {
      rows.append("Gender", genders[gender])
      card.append("X-GENDER", genders[gender])
    }
    let chat = line(.instantMessagingAddress, bytes)
    rows.append("Chat", chat)
    if OutlookAddress.isAddress(chat), chat.utf8.allSatisfy({ $0 < 128 }) {
      // RFC 4770, and the scheme of RFC 3860 where it is not known which service it is.
      card.append("IMPP", raw: "im:\(chat)")
    } else {
      card.append("X-MS-IMADDRESS", chat)
    }
    appendCommon(&rows, bytes)
    card.append("CATEGORIES", list: categories(bytes))
    appendClass(&card)
  }

  // MARK: Addresses

  /// The properties of one of the three addresses of the Internet that a contact may have, and of its three faxes.
  struct ContactEmail {
    let displayName: PropertyName
    let type: PropertyName
    let address: PropertyName
    let originalDisplayName: PropertyName
    let originalEntryID: PropertyName

    init(first number: UInt32) {
      displayName = PropertyName(.address, number)
      type = PropertyName(.address, number + 2)
      address = PropertyName(.address, number + 3)
      originalDisplayName = PropertyName(.address, number + 4)
      originalEntryID = PropertyName(.address, number + 5)
    }
  }

  static let contactEmails = [0x8080, 0x8090, 0x80A0].map { ContactEmail(first: $0) }

  private func emailAddresses(_ bytes: Bytes) -> [String] {
    var found: [String] = []
    for email in Self.contactEmails {
      let candidates = [email.address, email.originalDisplayName, email.displayName].map { line($0, bytes) }
      let told = candidates.prefix(2).first { !$0.isEmpty }
      let address =
        candidates.prefix(2).compactMap { OutlookPeople.key($0) == nil ? OutlookAddress.mailbox(in: $0)?.address : nil }
        .first ?? people.address(of: candidates[0], bytes) ?? OutlookAddress.mailbox(in: candidates[2])?.address ?? told
      if let address, !found.contains(address) { found.append(address) }
    }
    return found
  }

  private func appendAddresses(_ rows: inout TextRows, _ card: inout ContentLines, _ bytes: Bytes) {
    // Box, extension, street, place, region, code, country.
    func parts(_ ids: [UInt16]) -> [String] {
      let lines = ids.map { line($0, bytes) }
      return [lines[0], ""] + lines[1...]
    }
    let named: [PropertyName] = [.workPostOfficeBox, .workStreet, .workCity, .workState, .workPostalCode, .workCountry]
    var business = named.map { line($0, bytes) }
    business.insert("", at: 1)
    let mailing = parts([
      PropertyID.postOfficeBox, PropertyID.streetAddress, PropertyID.locality, PropertyID.stateOrProvince,
      PropertyID.postalCode, PropertyID.country,
    ])
    let home = parts([
      PropertyID.homePostOfficeBox, PropertyID.homeStreet, PropertyID.homeLocality, PropertyID.homeStateOrProvince,
      PropertyID.homePostalCode, PropertyID.homeCountry,
    ])
    let other = parts([
      PropertyID.otherPostOfficeBox, PropertyID.otherStreet, PropertyID.otherLocality,
      PropertyID.otherStateOrProvince, PropertyID.otherPostalCode, PropertyID.otherCountry,
    ])
    let isGiven = business.contains { !$0.isEmpty }
    let work = isGiven ? business : mailing == home || mailing == other ? [] : mailing
    for (label, type, parts, formatted) in [
      ("Address", "WORK", work, PropertyName.workAddress), ("Home address", "HOME", home, .homeAddress),
      ("Other address", "POSTAL", other, .otherAddress),
    ] {
      var parts = parts
      if !parts.contains(where: { !$0.isEmpty }) {
        // Some programs keep the whole of it alone.
        parts = ["", "", line(formatted, bytes), "", "", "", ""]
      }
      rows.append(label, parts.filter { !$0.isEmpty }.joined(separator: ", "))
      // The room is the extension of the address where somebody works.
      if type == "WORK" { parts[1] = line(PropertyID.officeLocation, bytes) }
      card.append("ADR;TYPE=\(type)", parts: parts)
    }
  }
}
