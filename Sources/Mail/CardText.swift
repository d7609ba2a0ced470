import Formats

/// Contact cards, vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as text, in the words and the order in which Outlook's
/// contacts are told.
struct CardText {
  /// Cards of one file; further ones are counted.
  private static let maximumCards = 100

  private let lines: [ContentLine]

  /// The text of cards in UTF-8; nil where nothing in them can be told.
  static func render(_ utf8: Bytes, converter: CharsetConverter) -> String? {
    var rows = TextRows()
    var current: [ContentLine]?
    var count = 0
    func finish() {
      guard let lines = current else { return }
      current = nil
      count += 1
      guard count <= maximumCards else { return }
      rows.appendGap()
      CardText(lines: lines).append(to: &rows)
    }
    for line in ContentLineReader.read(utf8, converter: converter) {
      let isOfCard = line.text.uppercased() == "VCARD"
      switch line.name {
      case "BEGIN" where isOfCard:
        finish()
        current = []
      case "END" where isOfCard: finish()
      default: current?.append(line)
      }
    }
    finish()
    if count > maximumCards { rows.append("Further", "\(count - maximumCards)") }
    return rows.text.isEmpty ? nil : rows.text
  }

  private func first(_ name: String) -> String { lines.first { $0.name == name }?.text ?? "" }

  private func all(_ name: String) -> [ContentLine] { Array(lines.filter { $0.name == name }.prefix(50)) }

  private func append(to rows: inout TextRows) {
    appendName(to: &rows)
    rows.append("Nickname", all("NICKNAME").flatMap { $0.parts(ASCII.comma) }.joined(separator: ", "))
    rows.append("Title", first("TITLE"))
    let organization = lines.first { $0.name == "ORG" }?.parts(ASCII.semicolon) ?? []
    rows.append("Company", organization.first ?? "")
    rows.append("Department", organization.dropFirst().filter { !$0.isEmpty }.joined(separator: ", "))
    for mail in all("EMAIL") { rows.append("Mail", Self.withoutScheme(mail.text, "mailto:")) }
    appendTelephones(to: &rows)
    appendAddresses(to: &rows)
    for page in all("URL") { rows.append("Web", page.text) }
    rows.append("Birthday", Self.day(first("BDAY")))
    rows.append("Anniversary", Self.day(first("ANNIVERSARY").isEmpty ? first("X-ANNIVERSARY") : first("ANNIVERSARY")))
    rows.append("Spouse", first("X-SPOUSE"))
    rows.append("Profession", first("ROLE"))
    rows.append("Manager", first("X-MANAGER"))
    rows.append("Assistant", first("X-ASSISTANT"))
    for chat in all("IMPP") { rows.append("Chat", chat.text) }
    rows.append("Members", all("MEMBER").map { Self.withoutScheme($0.text, "mailto:") }.joined(separator: ", "))
    rows.append("Categories", all("CATEGORIES").flatMap { $0.parts(ASCII.comma) }.joined(separator: ", "))
    let sensitivities = ["PRIVATE": "private", "CONFIDENTIAL": "confidential"]
    rows.append("Sensitivity", sensitivities[first("CLASS").uppercased()] ?? "")
    for note in all("NOTE") { rows.append(paragraphs: note.text) }
  }

  private func appendName(to rows: inout TextRows) {
    let name = (lines.first { $0.name == "N" }?.parts(ASCII.semicolon) ?? []) + ["", "", "", "", ""]
    // Last, given and middle name, what is before them and behind.
    let parts = [name[3], name[1], name[2], name[0], name[4]].filter { !$0.isEmpty }.joined(separator: " ")
    rows.append("Name", first("FN").isEmpty ? parts : first("FN"))
  }

  private static let telephones = [
    "Business", "Home", "Mobile", "Fax", "Primary", "Car", "Pager", "Other", "Home fax", "ISDN", "Telephone",
  ]

  private func appendTelephones(to rows: inout TextRows) {
    let numbers = all("TEL").map { (Self.label($0.types), Self.withoutScheme($0.text, "tel:")) }
    for label in Self.telephones {
      for number in numbers where number.0 == label { rows.append(label, number.1) }
    }
  }

  private static func label(_ types: Set<String>) -> String {
    if types.contains("FAX") { return types.contains("HOME") ? "Home fax" : "Fax" }
    let labels = [("CELL", "Mobile"), ("PAGER", "Pager"), ("CAR", "Car"), ("ISDN", "ISDN")]
    if let label = labels.first(where: { types.contains($0.0) }) { return label.1 }
    if types.contains("WORK") { return "Business" }
    if types.contains("HOME") { return "Home" }
    return types.contains("PREF") ? "Primary" : "Telephone"
  }

  private func appendAddresses(to rows: inout TextRows) {
    for line in all("ADR") {
      let types = line.types
      let label = types.contains("HOME") ? "Home address" : types.contains("WORK") ? "Address" : "Other address"
      rows.append(label, line.parts(ASCII.semicolon).filter { !$0.isEmpty }.joined(separator: ", "))
    }
    if all("ADR").isEmpty { for label in all("LABEL") { rows.append("Address", label.text) } }
  }

  private static func withoutScheme(_ text: String, _ scheme: String) -> String {
    text.lowercased().hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
  }

  /// A day of the calendar in words; what is none, a birthday without a year for one, as it stands.
  private static func day(_ text: String) -> String {
    CalendarTime(text.prefix { $0 != "T" }).map { TextRows.day(Timestamp(seconds: $0.seconds, zone: 0)) } ?? text
  }
}
