import Formats

/// What is no mail: appointments, meetings, tasks, contacts, lists, notes. A text tells people what the properties say,
/// and a file tells programs where there is a format for it.
extension FromOutlook {
  mutating func readSummary(_ bytes: Bytes) {
    switch messageClass.kind {
    case .appointment, .meeting: readAppointment(bytes)
    case .task: readTask(bytes)
    case .contact: readContact(bytes)
    case .distributionList: readDistributionList(bytes)
    case .journal: readJournalEntry(bytes)
    case .note: readNote(bytes)
    default: return
    }
  }

  private mutating func readJournalEntry(_ bytes: Bytes) {
    var rows = TextRows()
    rows.append("Entry type", line(.logType, bytes))
    rows.append("Start", properties.time(.logStart))
    rows.append("End", properties.time(.logEnd))
    if let minutes = properties.integer(.logDuration), minutes > 0 { rows.append("Duration", "\(minutes) minutes") }
    appendCommon(&rows, bytes)
    appendSummary(rows, "Journal entry")
  }

  /// A note to stick on the screen, [MS-OXONOTE]: its text is the body.
  private mutating func readNote(_ bytes: Bytes) {
    var rows = TextRows()
    let colors = ["blue", "green", "pink", "yellow", "white"]
    if let color = properties.integer(.noteColor), colors.indices.contains(color) {
      rows.append("Colour", colors[color])
    }
    if let width = properties.integer(.noteWidth), let height = properties.integer(.noteHeight), width > 0, height > 0 {
      rows.append("Size", "\(width) by \(height)")
    }
    if let x = properties.integer(.noteX), let y = properties.integer(.noteY) { rows.append("Place", "\(x), \(y)") }
    appendCommon(&rows, bytes)
    appendSummary(rows, "Note")
  }

  /// What all kinds may have.
  func appendCommon(_ rows: inout TextRows, _ bytes: Bytes) {
    rows.append("Companies", strings.lines(.companies, of: properties, bytes).joined(separator: "; "))
    rows.append("Contacts", strings.lines(.contacts, of: properties, bytes).joined(separator: "; "))
    rows.append("Categories", categories(bytes).joined(separator: ", "))
    rows.append("Billing", line(.billing, bytes))
    rows.append("Mileage", line(.mileage, bytes))
    let kinds = ["personal", "private", "confidential"]
    if let kind = properties.integer(PropertyID.sensitivity), (1...3).contains(kind) {
      rows.append("Sensitivity", kinds[kind - 1])
    } else if properties.flag(.isPrivate) {
      rows.append("Sensitivity", "private")
    }
  }

  mutating func appendSummary(_ rows: TextRows, _ title: String) {
    guard !rows.text.isEmpty else { return }
    var item = Item(kind: .text, type: .plainText, content: .bytes(Array(rows.text.utf8)))
    item.charset = "utf-8"
    item.title = title
    message.items.append(item)
  }

  mutating func appendFile(_ lines: ContentLines, _ type: String, _ name: String, method: String = "") {
    var item = Item(kind: .file, type: MediaType(type), content: .bytes(lines.bytes))
    item.charset = "utf-8"
    item.name = name
    if !method.isEmpty { item.parameters.append(("method", method)) }
    summaryFile = item
  }

  /// A body as it goes into a calendar or an address book.
  func plainBody(_ bytes: Bytes) -> String {
    String(decoding: strings.text(PropertyID.body, of: properties, bytes).prefix(1 << 16), as: UTF8.self)
  }
}
