import Formats

/// A calendar, RFC 5545, or an invitation, RFC 5546, as text: what, when, where and who, in the words and the order in
/// which Outlook's appointments are told.
struct CalendarText {
  /// Events, tasks and other entries of one calendar; further ones are counted.
  private static let maximumEntries = 100
  private static let maximumPeople = 200

  /// What `BEGIN:VEVENT` and its end enclose, without what is nested in it.
  struct Entry {
    var kind: String
    var lines: [ContentLine] = []

    func first(_ name: String) -> ContentLine? { lines.first { $0.name == name } }
    func text(_ name: String) -> String { first(name)?.text ?? "" }
    func time(_ name: String) -> CalendarTime? { first(name).flatMap { CalendarTime($0) } }
    func all(_ name: String) -> [ContentLine] { lines.filter { $0.name == name } }
  }

  private var method = ""
  private var entries: [Entry] = []
  private var zones: [String: CalendarZone] = [:]
  private let message: Message?

  /// The text of a calendar in UTF-8 and its title, `Meeting`; nil where nothing in it can be told. Who invites whom, where
  /// the calendar does not say it, `message` says that it came in.
  static func render(_ utf8: Bytes, in message: Message?, converter: CharsetConverter) -> (title: String, text: String)?
  {
    let calendar = CalendarText(ContentLineReader.read(utf8, converter: converter), in: message)
    guard let first = calendar.entries.first else { return nil }
    var rows = TextRows()
    let changes = calendar.changes
    var told = 0
    for (index, entry) in calendar.entries.enumerated() where !changes.values.contains(where: { $0.contains(index) }) {
      told += 1
      if told > maximumEntries { continue }
      rows.appendGap()
      calendar.append(entry, changed: (changes[index] ?? []).map { calendar.entries[$0] }, to: &rows)
    }
    if told > maximumEntries { rows.append("Further", "\(told - maximumEntries)") }
    return rows.text.isEmpty ? nil : (calendar.title(first), rows.text)
  }

  private init(_ lines: [ContentLine], in message: Message?) {
    self.message = message
    var open: [Int] = []
    var entry: Entry?
    for (index, line) in lines.enumerated() {
      let value = line.value.count < 40 ? String(decoding: line.value, as: UTF8.self).uppercased() : ""
      switch line.name {
      case "BEGIN":
        if open.count < 20 { open.append(index) }
        if entry == nil, ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"].contains(value) { entry = Entry(kind: value) }
      case "END":
        let begin = open.popLast() ?? index
        if value == "VTIMEZONE" {
          addZone(lines[min(begin + 1, index)..<index])
        } else if let whole = entry, value == whole.kind {
          entries.append(whole)
          entry = nil
        }
      case "METHOD" where open.count == 1: method = value
      default:
        // What is nested in an entry, an alarm, is none of its own.
        if entry != nil, open.count <= 2 { entry?.lines.append(line) }
      }
    }
    // A calendar that is cut off.
    if let entry, !entry.lines.isEmpty { entries.append(entry) }
  }

  private mutating func addZone(_ lines: ArraySlice<ContentLine>) {
    guard zones.count < 100, let name = lines.first(where: { $0.name == "TZID" })?.text else { return }
    zones[name] = CalendarZone(lines)
  }

  /// Which entries change occurrences of which others, by their indices.
  private var changes: [Int: [Int]] {
    var series: [String: Int] = [:]
    for (index, entry) in entries.enumerated() where entry.first("RECURRENCE-ID") == nil {
      series[entry.text("UID")] = index
    }
    var changes: [Int: [Int]] = [:]
    for (index, entry) in entries.enumerated() where entry.first("RECURRENCE-ID") != nil {
      let identifier = entry.text("UID")
      if !identifier.isEmpty, let whole = series[identifier] { changes[whole, default: []].append(index) }
    }
    return changes
  }

  private func title(_ entry: Entry) -> String {
    switch entry.kind {
    case "VTODO": "Task"
    case "VJOURNAL": "Journal entry"
    case "VFREEBUSY": "Free and busy times"
    default: method.isEmpty || method == "PUBLISH" ? "Appointment" : "Meeting"
    }
  }

  // MARK: Entries

  private func append(_ entry: Entry, changed: [Entry], to rows: inout TextRows) {
    rows.append("Subject", entry.text("SUMMARY"))
    rows.append("Location", entry.text("LOCATION"))
    appendTimes(entry, to: &rows)
    if let rule = entry.first("RRULE").flatMap({ CalendarRule(String(decoding: $0.value, as: UTF8.self)) }) {
      rows.append("Recurrence", RecurrenceText.render(rule, time: { self.text($0, isEnd: false) }))
    }
    for name in ["DTSTART", "DUE"] {
      if case .zoned(let zone)? = entry.time(name)?.kind {
        rows.append("Time zone", zone)
        break
      }
    }
    appendState(entry, to: &rows)
    for line in entry.all("EXDATE").prefix(Self.maximumEntries) {
      let zone = line.parameter("TZID")
      for piece in line.parts(ASCII.comma).prefix(Self.maximumEntries) {
        if let time = CalendarTime(piece, zone: zone) { rows.append("Cancelled", text(time)) }
      }
    }
    if let replaced = entry.time("RECURRENCE-ID") { rows.append("Instead of", text(replaced)) }
    for change in changed.prefix(Self.maximumEntries) { rows.append("Changed", words(of: change, in: entry)) }
    appendPeople(entry, to: &rows)
    rows.append("Web", entry.text("URL"))
    rows.append("Categories", entry.all("CATEGORIES").flatMap { $0.parts(ASCII.comma) }.joined(separator: ", "))
    let sensitivities = ["PRIVATE": "private", "CONFIDENTIAL": "confidential"]
    rows.append("Sensitivity", sensitivities[entry.text("CLASS").uppercased()] ?? "")
    rows.append(paragraphs: description(entry))
    for comment in entry.all("COMMENT").prefix(20) { rows.append(paragraphs: comment.text) }
  }

  private func description(_ entry: Entry) -> String {
    let plain = entry.text("DESCRIPTION")
    guard plain.allSatisfy(\.isWhitespace), let html = entry.first("X-ALT-DESC") else { return plain }
    let source = Array(html.text.utf8)
    var text: [UInt8] = []
    HTMLText.render(source.span, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func appendTimes(_ entry: Entry, to rows: inout TextRows) {
    let start = entry.time("DTSTART")
    if let start { rows.append("Start", text(start)) }
    switch entry.kind {
    case "VTODO":
      if let due = entry.time("DUE") ?? end(entry, start) { rows.append("Due", text(due)) }
      if let completed = entry.time("COMPLETED") { rows.append("Completed", text(completed)) }
    case "VFREEBUSY":
      if let end = entry.time("DTEND") { rows.append("End", text(end)) }
      for line in entry.all("FREEBUSY").prefix(Self.maximumEntries) {
        let type = line.parameter("FBTYPE")?.uppercased()
        for period in line.parts(ASCII.comma).prefix(Self.maximumEntries) {
          rows.append(type == "FREE" ? "Free" : "Busy", words(ofPeriod: period))
        }
      }
    default:
      guard let end = entry.time("DTEND") ?? end(entry, start) else { return }
      // A day that is the end is the first one that is free again.
      if end.kind == .day, let start, end.seconds <= start.seconds + 86_400 { return }
      rows.append("End", text(end, isEnd: true))
    }
  }

  private func end(_ entry: Entry, _ start: CalendarTime?) -> CalendarTime? {
    guard let start, let duration = CalendarTime.duration(entry.text("DURATION")), duration > 0 else { return nil }
    return CalendarTime(kind: start.kind, seconds: start.seconds + duration)
  }

  private func words(ofPeriod period: String) -> String {
    let times = period.split(separator: "/", maxSplits: 1)
    guard times.count == 2, let start = CalendarTime(times[0]) else { return "" }
    let end =
      CalendarTime(times[1])
      ?? CalendarTime.duration(String(times[1])).map { CalendarTime(kind: start.kind, seconds: start.seconds + $0) }
    return end.map { "\(text(start)) to \(text($0))" } ?? ""
  }

  private func words(of change: Entry, in whole: Entry) -> String {
    var words: [String] = []
    if let start = change.time("DTSTART") { words.append(text(start)) }
    if let replaced = change.time("RECURRENCE-ID"), change.time("DTSTART") != replaced {
      words.append((words.popLast().map { $0 + " " } ?? "") + "instead of \(text(replaced))")
    }
    if change.text("SUMMARY") != whole.text("SUMMARY") { words.append(change.text("SUMMARY")) }
    if change.text("LOCATION") != whole.text("LOCATION") { words.append(change.text("LOCATION")) }
    if change.text("STATUS").uppercased() == "CANCELLED" { words.append("cancelled") }
    return words.filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// A time in words: in the zone of the post office where it is known which one it is, else as it stands.
  private func text(_ time: CalendarTime, isEnd: Bool = false) -> String {
    switch time.kind {
    case .day: return TextRows.day(Timestamp(seconds: time.seconds - (isEnd ? 86_400 : 0), zone: 0))
    case .utc: return TextRows.minute(Timestamp(seconds: time.seconds, zone: 0))
    case .floating: return TextRows.clock(time.seconds)
    case .zoned(let name):
      if let point = zones[name]?.time(ofLocal: time.seconds) { return TextRows.minute(point) }
      return TextRows.clock(time.seconds) + " (\(name))"
    }
  }

  // MARK: States and people

  private func appendState(_ entry: Entry, to rows: inout TextRows) {
    if method == "CANCEL" || entry.text("STATUS").uppercased() == "CANCELLED" { rows.append("Status", "cancelled") }
    if entry.kind == "VTODO" {
      let states = ["NEEDS-ACTION": "Not started", "IN-PROCESS": "In progress", "COMPLETED": "Completed"]
      rows.append("Status", states[entry.text("STATUS").uppercased()] ?? "")
      let done = entry.text("PERCENT-COMPLETE")
      rows.append("Complete", done.isEmpty ? "" : "\(done) %")
    }
    if method == "REPLY" {
      rows.append("Answer", entry.first("ATTENDEE").map(Self.answer) ?? "")
    } else if method == "COUNTER" {
      rows.append("Answer", "another time is proposed")
    } else if method == "DECLINECOUNTER" {
      rows.append("Answer", "the proposed time is declined")
    }
  }

  private static func answer(_ attendee: ContentLine) -> String {
    switch attendee.parameter("PARTSTAT")?.uppercased() {
    case "ACCEPTED": "accepted"
    case "DECLINED": "declined"
    case "TENTATIVE": "perhaps"
    case "DELEGATED": "delegated"
    case "COMPLETED": "completed"
    case "IN-PROCESS": "in progress"
    default: ""
    }
  }

  private func appendPeople(_ entry: Entry, to rows: inout TextRows) {
    let attendees = entry.all("ATTENDEE")
    if let organizer = entry.first("ORGANIZER") {
      rows.append("Organizer", Self.person(organizer))
    } else if ["REQUEST", "CANCEL", "ADD"].contains(method), let sender = message?.sender {
      rows.append("Organizer", Self.person(sender))
    }
    for attendee in attendees.prefix(Self.maximumPeople) {
      let kind = attendee.parameter("CUTYPE")?.uppercased()
      let role = attendee.parameter("ROLE")?.uppercased()
      let label =
        kind == "RESOURCE" || kind == "ROOM" ? "Resource" : role == "OPT-PARTICIPANT" ? "Optional" : "Attendee"
      let answer = Self.answer(attendee)
      rows.append(label, Self.person(attendee) + (answer.isEmpty ? "" : ", \(answer)"))
    }
    if attendees.isEmpty, ["REQUEST", "CANCEL", "ADD"].contains(method) {
      for recipient in message?.recipients.prefix(Self.maximumPeople) ?? [] where recipient.field != .bcc {
        rows.append(recipient.field == .cc ? "Optional" : "Attendee", Self.person(recipient.mailbox))
      }
    }
    if attendees.count > Self.maximumPeople { rows.append("Further", "\(attendees.count - Self.maximumPeople)") }
    rows.append("Contact", entry.text("CONTACT"))
  }

  private static func person(_ mailbox: Mailbox) -> String {
    mailbox.name.isEmpty ? mailbox.address : "\(mailbox.name) <\(mailbox.address)>"
  }

  /// `Ruth Adler <ruth.adler@example.com>`
  private static func person(_ line: ContentLine) -> String {
    var address = line.text
    for prefix in ["mailto:", "invalid:"] where address.lowercased().hasPrefix(prefix) {
      address = String(address.dropFirst(prefix.count))
    }
    let name = line.parameter("CN") ?? ""
    if name.isEmpty || name == address { return address }
    return address.isEmpty ? name : "\(name) <\(address)>"
  }
}
