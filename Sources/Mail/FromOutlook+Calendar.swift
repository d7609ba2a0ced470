import Formats

/// Appointments and meetings, [MS-OXOCAL], as text and as iCalendar, RFC 5545 and RFC 5546.
extension FromOutlook {
  private func time(_ number: UInt32) -> Timestamp? { properties.time(PropertyName(.appointment, number)) }

  mutating func readAppointment(_ bytes: Bytes) {
    let start = time(0x820D) ?? properties.time(PropertyName(.common, 0x8516)) ?? properties.time(PropertyID.startDate)
    let end = time(0x820E) ?? properties.time(PropertyName(.common, 0x8517)) ?? properties.time(PropertyID.endDate)
    let isDay = properties.flag(PropertyName(.appointment, 0x8215))
    let zone = TimeZoneRule(properties, bytes)
    let recurrence = recurrence(bytes)
    var rows = Rows()
    rows.append("Subject", message.subject)
    rows.append("Location", line(PropertyName(.appointment, 0x8208), bytes))
    rows.append("Start", start.map { isDay ? (zone?.local($0) ?? $0) : $0 }, isDay: isDay)
    rows.append("End", end.map { isDay ? (zone?.local($0) ?? $0) : $0 }, isDay: isDay)
    rows.append("Recurrence", line(PropertyName(.appointment, 0x8232), bytes))
    rows.append("Time zone", line(PropertyName(.appointment, 0x8234), bytes))
    rows.append("Answer", answer)
    appendSummary(rows, messageClass.kind == .meeting ? "Meeting" : "Appointment")
    guard let start else { return }
    var lines = ContentLines()
    let method = calendarMethod
    beginCalendar("VEVENT", method: method, zone: recurrence == nil ? nil : zone, &lines)
    lines.append("UID", raw: identifier(bytes))
    lines.append("SEQUENCE", raw: "\(max(0, properties.integer(PropertyName(.appointment, 0x8201)) ?? 0))")
    lines.append("SUMMARY", message.subject)
    if isDay {
      lines.append("DTSTART;VALUE=DATE", raw: ContentLines.date(zone?.local(start) ?? start))
      if let end { lines.append("DTEND;VALUE=DATE", raw: ContentLines.date(zone?.local(end) ?? end)) }
    } else if recurrence != nil, let zone {
      lines.append("DTSTART;TZID=Local", raw: zone.localTime(start))
      if let end { lines.append("DTEND;TZID=Local", raw: zone.localTime(end)) }
    } else {
      lines.append("DTSTART", raw: ContentLines.time(start))
      if let end { lines.append("DTEND", raw: ContentLines.time(end)) }
    }
    if let recurrence { recurrence.append(start: start, isDay: isDay, zone: zone, to: &lines) }
    lines.append("LOCATION", line(PropertyName(.appointment, 0x8208), bytes))
    lines.append("DESCRIPTION", plainBody(bytes))
    appendPeople(&lines)
    switch properties.integer(PropertyName(.appointment, 0x8205)) {
    case 0: lines.append("TRANSP", raw: "TRANSPARENT")
    default: lines.append("TRANSP", raw: "OPAQUE")
    }
    if method == "CANCEL" { lines.append("STATUS", raw: "CANCELLED") }
    switch properties.integer(PropertyID.sensitivity) {
    case 2: lines.append("CLASS", raw: "PRIVATE")
    case 3: lines.append("CLASS", raw: "CONFIDENTIAL")
    default: break
    }
    if properties.flag(PropertyName(.common, 0x8503)), let delta = properties.integer(PropertyName(.common, 0x8501)),
      (0...1_000_000).contains(delta)
    {
      lines.append("BEGIN", raw: "VALARM")
      lines.append("ACTION", raw: "DISPLAY")
      lines.append("DESCRIPTION", "Reminder")
      lines.append("TRIGGER", raw: "-PT\(delta)M")
      lines.append("END", raw: "VALARM")
    }
    endCalendar("VEVENT", &lines)
    appendFile(
      lines, "text/calendar", messageClass.kind == .meeting ? "meeting.ics" : "appointment.ics", method: method)
  }

  func beginCalendar(
    _ component: String, method: String = "", zone: TimeZoneRule? = nil, _ lines: inout ContentLines
  ) {
    lines.append("BEGIN", raw: "VCALENDAR")
    lines.append("PRODID", raw: "-//ccmc//ccmc//EN")
    lines.append("VERSION", raw: "2.0")
    if !method.isEmpty { lines.append("METHOD", raw: method) }
    zone?.append(to: &lines)
    lines.append("BEGIN", raw: component)
    if component != "VEVENT" {
      lines.append("UID", raw: "ccmc-\(message.date?.seconds ?? 0)@\(options.exchangeDomain)")
    }
    lines.append("DTSTAMP", raw: ContentLines.time(message.date ?? Timestamp(seconds: 0, zone: 0)))
  }

  func endCalendar(_ component: String, _ lines: inout ContentLines) {
    lines.append("END", raw: component)
    lines.append("END", raw: "VCALENDAR")
  }

  /// The method of RFC 5546 that the class of a meeting means.
  private var calendarMethod: String {
    guard messageClass.kind == .meeting else { return "" }
    if messageClass.name.contains(".RESP") { return "REPLY" }
    return messageClass.name.contains(".CANCEL") ? "CANCEL" : "REQUEST"
  }

  private var answer: String {
    if messageClass.name.hasSuffix(".RESP.POS") { return "accepted" }
    if messageClass.name.hasSuffix(".RESP.NEG") { return "declined" }
    return messageClass.name.hasSuffix(".RESP.TENT") ? "perhaps" : ""
  }

  private func appendPeople(_ lines: inout ContentLines) {
    func person(_ name: String, _ mailbox: Mailbox, _ parameters: String = "") {
      let display = mailbox.name.filter { !"\"\r\n".contains($0) }
      let cn = display.isEmpty ? "" : ";CN=\"\(display)\""
      lines.append("\(name)\(parameters)\(cn)", raw: "mailto:\(mailbox.address)")
    }
    if calendarMethod == "REPLY" {
      // The one who answers is the one attendee, the one who asked the organizer.
      if let to = message.recipients.first { person("ORGANIZER", to.mailbox) }
      let state = answer == "accepted" ? "ACCEPTED" : answer == "declined" ? "DECLINED" : "TENTATIVE"
      if let sender = message.sender { person("ATTENDEE", sender, ";PARTSTAT=\(state)") }
      return
    }
    // MEETING: an appointment without it has nobody to be asked.
    let state = properties.integer(PropertyName(.appointment, 0x8217)) ?? 0
    guard messageClass.kind == .meeting || state & 1 != 0 else { return }
    if let sender = message.sender { person("ORGANIZER", sender) }
    for recipient in message.recipients.prefix(10_000) {
      switch recipient.field {
      case .to: person("ATTENDEE", recipient.mailbox, ";ROLE=REQ-PARTICIPANT")
      case .cc: person("ATTENDEE", recipient.mailbox, ";ROLE=OPT-PARTICIPANT")
      case .bcc: continue
      }
    }
  }

  /// The global identifier of the meeting in hexadecimal, as Exchange writes it; that of one made elsewhere is in it as
  /// text, [MS-OXCICAL] 2.1.3.1.1.20.26.
  private func identifier(_ bytes: Bytes) -> String {
    guard
      let ranges = properties.data(PropertyName(.meeting, 0x23)) ?? properties.data(PropertyName(.meeting, 0x03)),
      case let raw = ranges.bytes(of: bytes, limit: 4096), raw.count >= 40
    else { return "ccmc-\(message.date?.seconds ?? 0)-\(message.subject.utf8.count)@\(options.exchangeDomain)" }
    if raw.count > 52, raw[40...].starts(with: "vCal-Uid".utf8) {
      let text = raw[52...].prefix { $0 > 32 && $0 < 127 }
      if !text.isEmpty { return String(decoding: text, as: UTF8.self) }
    }
    var text: [UInt8] = []
    for byte in raw { text.append(hexadecimal: byte) }
    return String(decoding: text, as: UTF8.self)
  }

  private func recurrence(_ bytes: Bytes) -> Recurrence? {
    guard properties.flag(PropertyName(.appointment, 0x8223)) || messageClass.kind == .appointment,
      let ranges = properties.data(PropertyName(.appointment, 0x8216))
    else { return nil }
    let raw = ranges.bytes(of: bytes, limit: 1 << 20)
    return Recurrence(raw.span)
  }
}
