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
    case .journal:
      var rows = Rows()
      rows.append("Entry type", line(PropertyName(.log, 0x8700), bytes))
      rows.append("Start", properties.time(PropertyName(.log, 0x8706)))
      rows.append("End", properties.time(PropertyName(.log, 0x8708)))
      appendSummary(rows, "Journal entry")
    default: return
    }
  }

  /// Lines of a name and what it says.
  struct Rows {
    fileprivate var text = ""

    mutating func append(_ label: String, _ value: String) {
      guard !value.isEmpty else { return }
      text += "\(label):" + String(repeating: " ", count: max(1, 14 - label.count)) + value + "\r\n"
    }

    mutating func append(_ label: String, _ time: Timestamp?, isDay: Bool = false) {
      guard let time else { return }
      append(label, isDay ? Rows.day(time) : Rows.minute(time))
    }

    /// `Tue, 2 Jun 1998, 08:39 +0200`, in the zone of the post office.
    private static func minute(_ time: Timestamp) -> String {
      var field: [UInt8] = []
      DateField.append(PostOfficeClock.zoned(time), to: &field)
      return String(decoding: field, as: UTF8.self)
    }

    private static func day(_ time: Timestamp) -> String {
      var field: [UInt8] = []
      DateField.append(time, to: &field)
      // The day of the week, the day, the month and the year.
      return String(decoding: field, as: UTF8.self).split(separator: " ").prefix(4).joined(separator: " ")
    }
  }

  mutating func appendSummary(_ rows: Rows, _ title: String) {
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

  // MARK: Tasks

  private mutating func readTask(_ bytes: Bytes) {
    func time(_ number: UInt32) -> Timestamp? { properties.time(PropertyName(.task, number)) }
    let states = ["Not started", "In progress", "Completed", "Waiting for somebody else", "Deferred"]
    let state = properties.integer(PropertyName(.task, 0x8101))
    let done = properties.double(PropertyName(.task, 0x8102)).flatMap { (0...1).contains($0) ? Int($0 * 100) : nil }
    var rows = Rows()
    rows.append("Subject", message.subject)
    rows.append("Start", time(0x8104), isDay: true)
    rows.append("Due", time(0x8105), isDay: true)
    if let state, states.indices.contains(state) { rows.append("Status", states[state]) }
    if let done { rows.append("Complete", "\(done) %") }
    rows.append("Completed", time(0x810F), isDay: true)
    rows.append("Owner", line(PropertyName(.task, 0x811F), bytes))
    appendSummary(rows, "Task")
    var lines = ContentLines()
    beginCalendar("VTODO", &lines)
    lines.append("SUMMARY", message.subject)
    if let start = time(0x8104) { lines.append("DTSTART;VALUE=DATE", raw: ContentLines.date(start)) }
    if let due = time(0x8105) { lines.append("DUE;VALUE=DATE", raw: ContentLines.date(due)) }
    if let done { lines.append("PERCENT-COMPLETE", raw: "\(done)") }
    if let end = time(0x810F) { lines.append("COMPLETED", raw: ContentLines.time(end)) }
    switch state {
    case 1: lines.append("STATUS", raw: "IN-PROCESS")
    case 2: lines.append("STATUS", raw: "COMPLETED")
    case 0, 3, 4: lines.append("STATUS", raw: "NEEDS-ACTION")
    default: break
    }
    lines.append("DESCRIPTION", plainBody(bytes))
    endCalendar("VTODO", &lines)
    appendFile(lines, "text/calendar", "task.ics")
  }

  // MARK: Lists

  private mutating func readDistributionList(_ bytes: Bytes) {
    var rows = Rows()
    rows.append("List", strings.line(PropertyName(.address, 0x8053), of: properties, bytes))
    for property in [PropertyName(.address, 0x8054), PropertyName(.address, 0x8055)] {
      guard let found = properties.first(property), case .list(let members) = found.value else { continue }
      for member in members.prefix(10_000) {
        let raw = member.bytes(of: bytes, limit: 1 << 16)
        guard let entry = EntryID.address(raw.span, string8: strings.string8) else { continue }
        let mailbox = complete(name: entry.name, type: entry.type, address: entry.address)
        rows.append("Member", mailbox.name.isEmpty ? mailbox.address : "\(mailbox.name) <\(mailbox.address)>")
      }
      break
    }
    appendSummary(rows, "Distribution list")
  }
}
