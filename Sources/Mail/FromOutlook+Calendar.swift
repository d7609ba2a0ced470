import Formats

/// Appointments and meetings, [MS-OXOCAL], as text and as iCalendar, RFC 5545 and RFC 5546.
extension FromOutlook {
  /// What of an appointment is in its calendar: a single event, a series, or a changed occurrence of one.
  struct Event {
    var subject: String
    var location: String
    var description: String
    var start: Timestamp?
    var end: Timestamp?
    var isDay: Bool
    var busyStatus: Int?
    var zone: TimeZoneRule?
    var recurrence: Recurrence?
    /// When a changed occurrence was, and whether it took a whole day then.
    var replaced: (time: Timestamp, isDay: Bool)?
  }

  mutating func readAppointment(_ bytes: Bytes) {
    let event = event(bytes)
    let exceptions = exceptions(of: event, bytes)
    var rows = TextRows()
    rows.append("Subject", message.subject)
    rows.append("Location", event.location)
    rows.append("Start", event.start.map { event.isDay ? Self.day($0, event.zone) : $0 }, isDay: event.isDay)
    rows.append("End", event.end.map { event.isDay ? Self.day($0, event.zone) : $0 }, isDay: event.isDay)
    rows.append("Recurrence", line(.recurrencePattern, bytes))
    rows.append("Time zone", line(.timeZoneDescription, bytes))
    rows.append("Answer", meetingAnswer)
    rows.append("Proposed", proposedStart)
    appendChanges(event, exceptions, &rows)
    appendSummary(rows, messageClass.kind == .meeting ? "Meeting" : "Appointment")
    let people = meetingPeople(bytes)
    let method = checkedMethod(meetingMethod, people)
    // An answer and a cancellation may say nothing but which meeting they mean; any other event has a time.
    guard event.start != nil || method == "REPLY" || method == "CANCEL" else { return }
    var lines = ContentLines()
    let usesZone = event.recurrence != nil || exceptions.contains { !$0.isDay }
    beginCalendar(method: method, zone: usesZone ? event.zone : nil, &lines)
    for one in [event] + exceptions { append(one, method: method, people, &lines, bytes) }
    lines.append("END", raw: "VCALENDAR")
    appendFile(
      lines, "text/calendar", messageClass.kind == .meeting ? "meeting.ics" : "appointment.ics", method: method)
  }

  private var proposedStart: Timestamp? {
    properties.flag(.appointmentCounterProposal) ? properties.time(.appointmentProposedStartWhole) : nil
  }

  /// The event that the properties tell.
  private mutating func event(_ bytes: Bytes) -> Event {
    let start =
      proposedStart ?? properties.time(.appointmentStartWhole) ?? properties.time(.commonStart)
      ?? properties.time(PropertyID.startDate)
    let end =
      (proposedStart == nil ? nil : properties.time(.appointmentProposedEndWhole))
      ?? properties.time(.appointmentEndWhole) ?? properties.time(.commonEnd) ?? properties.time(PropertyID.endDate)
    let recurrence = recurrence(bytes)
    let told = TimeZoneRule(properties, bytes)
    var event = Event(
      subject: message.subject, location: line(.location, bytes), description: plainBody(bytes), start: start, end: end,
      isDay: properties.flag(.appointmentSubType), busyStatus: properties.integer(.busyStatus), zone: told,
      recurrence: recurrence)
    if told == nil, let recurrence, let start { event.zone = recurrence.zone(start: start) }
    event.replaced = replacedOccurrence(event, bytes)
    return event
  }

  private mutating func recurrence(_ bytes: Bytes) -> Recurrence? {
    guard properties.flag(.recurring) || messageClass.kind == .appointment,
      let ranges = properties.data(.appointmentRecur), ranges.size > 0
    else { return nil }
    let raw = ranges.bytes(of: bytes, limit: 1 << 20)
    let recurrence = Recurrence(raw.span, string8: strings.string8)
    if recurrence == nil {
      note(
        .recurrence,
        "the rule of a series is damaged or of another calendar; the first occurrence alone is in the file")
    }
    return recurrence
  }

  /// The day of an event that takes whole days: the one of its zone; without one the nearest midnight, for such a time is
  /// midnight where it was written.
  static func day(_ time: Timestamp, _ zone: TimeZoneRule?) -> Timestamp {
    if let zone { return zone.local(time) }
    let rest = (time.seconds % 86_400 + 86_400) % 86_400
    return Timestamp(seconds: time.seconds - rest + (rest > 43_200 ? 86_400 : 0), zone: 0)
  }

  // MARK: Changed occurrences

  /// The occurrences of a series that were changed, as events of their own.
  private func exceptions(of event: Event, _ bytes: Bytes) -> [Event] {
    guard let recurrence = event.recurrence else { return [] }
    let bodies = recurrence.exceptions.isEmpty ? [:] : exceptionBodies(bytes)
    return recurrence.exceptions.map { exception in
      func time(_ minutes: Int) -> Timestamp {
        let local = Recurrence.seconds(minutes)
        return event.zone?.time(ofLocal: local) ?? Timestamp(seconds: local, zone: 0)
      }
      var changed = event
      changed.recurrence = nil
      changed.start = time(exception.start)
      changed.end = time(exception.end)
      changed.replaced = (time(exception.originalStart), event.isDay)
      if let subject = exception.subject { changed.subject = subject }
      if let location = exception.location { changed.location = location }
      if let busyStatus = exception.busyStatus { changed.busyStatus = busyStatus }
      if let isDay = exception.isDay { changed.isDay = isDay }
      if let body = changed.replaced.flatMap({ bodies[$0.time.seconds] }) { changed.description = body }
      return changed
    }
  }

  /// The texts of changed occurrences, by the times that they were at: messages that are attached, [MS-OXOCAL] 2.2.10.
  private func exceptionBodies(_ bytes: Bytes) -> [Int: String] {
    var bodies: [Int: String] = [:]
    for attachment in outlook.attachments.prefix(1000) {
      guard let inner = attachment.embedded.first,
        let time = inner.properties.time(.exceptionReplaceTime)
          ?? attachment.properties.time(PropertyID.exceptionReplaceTime)
      else { continue }
      let strings = OutlookStrings(codePage: inner.codePage, converter: converter)
      let text = strings.text(PropertyID.body, of: inner.properties, bytes)
      if !Self.isBlank(text) { bodies[time.seconds] = String(decoding: text.prefix(1 << 16), as: UTF8.self) }
    }
    return bodies
  }

  private func appendChanges(_ event: Event, _ exceptions: [Event], _ rows: inout TextRows) {
    for day in (event.recurrence?.cancelledDays ?? []).prefix(100) { rows.append("Cancelled", day, isDay: true) }
    if messageClass.kind == .meeting || event.recurrence == nil, let replaced = event.replaced {
      rows.append(
        "Instead of", replaced.isDay ? Self.day(replaced.time, event.zone) : replaced.time, isDay: replaced.isDay)
    }
    func text(_ time: Timestamp, _ isDay: Bool) -> String {
      isDay ? TextRows.day(Self.day(time, event.zone)) : TextRows.minute(time)
    }
    for changed in exceptions.prefix(100) {
      guard let start = changed.start, let replaced = changed.replaced else { continue }
      var words = [text(start, changed.isDay)]
      if start != replaced.time { words[0] += " instead of \(text(replaced.time, replaced.isDay))" }
      if changed.subject != event.subject { words.append(changed.subject) }
      if changed.location != event.location { words.append(changed.location) }
      rows.append("Changed", words.filter { !$0.isEmpty }.joined(separator: "; "))
    }
  }

  /// When the occurrence was that this message alone changes; nil for any other.
  private func replacedOccurrence(_ event: Event, _ bytes: Bytes) -> (time: Timestamp, isDay: Bool)? {
    if event.recurrence != nil { return nil }
    if let time = properties.time(.exceptionReplaceTime) { return (time, event.isDay) }
    // The day is in the identifier of the meeting, [MS-OXOCAL] 2.2.1.27, the time is that of the event.
    guard let raw = properties.data(.globalObjectID)?.bytes(of: bytes, limit: 64), raw.count >= 40,
      let day = Timestamp(
        year: Int(raw[16]) << 8 | Int(raw[17]), month: Int(raw[18]), day: Int(raw[19]), hour: 0, minute: 0, second: 0,
        zone: 0)
    else { return nil }
    if event.isDay { return (day, true) }
    guard let start = event.start else { return nil }
    let local = event.zone?.local(start) ?? start
    let time = local.calendar
    let seconds = day.seconds + time.hour * 3600 + time.minute * 60
    return (event.zone?.time(ofLocal: seconds) ?? Timestamp(seconds: seconds, zone: 0), false)
  }

  // MARK: iCalendar

  private func append(
    _ event: Event, method: String, _ people: MeetingPeople, _ lines: inout ContentLines, _ bytes: Bytes
  ) {
    lines.append("BEGIN", raw: "VEVENT")
    appendStamp(event.start, isReply: method == "REPLY" || method == "COUNTER", &lines)
    lines.append("UID", raw: meetingIdentifier(bytes))
    lines.append("SEQUENCE", raw: "\(max(0, properties.integer(.appointmentSequence) ?? 0))")
    lines.append("SUMMARY", event.subject)
    appendTimes(event, &lines)
    lines.append("LOCATION", event.location)
    lines.append("DESCRIPTION", event.description)
    append(people, method: method, &lines)
    lines.append("TRANSP", raw: event.busyStatus == 0 ? "TRANSPARENT" : "OPAQUE")
    if method == "CANCEL" { lines.append("STATUS", raw: "CANCELLED") }
    appendClass(&lines)
    lines.append("CATEGORIES", list: categories(bytes))
    // Who answers or calls off reminds nobody, RFC 5546, 3.2.3 and 3.2.5.
    if method != "REPLY", method != "CANCEL", method != "COUNTER", properties.flag(.reminderSet),
      let delta = properties.integer(.reminderDelta), (0...1_000_000).contains(delta)
    {
      lines.append("BEGIN", raw: "VALARM")
      lines.append("ACTION", raw: "DISPLAY")
      lines.append("DESCRIPTION", "Reminder")
      lines.append("TRIGGER", raw: "-PT\(delta)M")
      lines.append("END", raw: "VALARM")
    }
    lines.append("END", raw: "VEVENT")
  }

  private func appendTimes(_ event: Event, _ lines: inout ContentLines) {
    // A series, and what belongs to one, tells the time of its zone.
    let zone = event.recurrence != nil || event.replaced != nil && messageClass.kind == .appointment ? event.zone : nil
    func append(_ name: String, _ time: Timestamp, isDay: Bool) {
      if isDay {
        lines.append("\(name);VALUE=DATE", raw: ContentLines.date(Self.day(time, event.zone)))
      } else if let zone {
        lines.append("\(name);TZID=Local", raw: zone.localTime(time))
      } else {
        lines.append(name, raw: ContentLines.time(time))
      }
    }
    if let replaced = event.replaced { append("RECURRENCE-ID", replaced.time, isDay: replaced.isDay) }
    guard let start = event.start else { return }
    append("DTSTART", start, isDay: event.isDay)
    if let end = event.end {
      let isLater =
        event.isDay
        ? Self.day(end, event.zone).seconds > Self.day(start, event.zone).seconds : end.seconds >= start.seconds
      if isLater { append("DTEND", end, isDay: event.isDay) }
    }
    if let recurrence = event.recurrence {
      recurrence.append(
        start: event.isDay ? Self.day(start, event.zone) : start, isDay: event.isDay, zone: event.zone, to: &lines)
    }
  }

  func beginCalendar(method: String, zone: TimeZoneRule? = nil, _ lines: inout ContentLines) {
    lines.append("BEGIN", raw: "VCALENDAR")
    lines.append("PRODID", raw: "-//ccmc//ccmc//EN")
    lines.append("VERSION", raw: "2.0")
    if !method.isEmpty { lines.append("METHOD", raw: method) }
    zone?.append(to: &lines)
  }

  /// CLASS as [MS-OXCICAL] 2.1.3.1.1.20.3 has it.
  func appendClass(_ lines: inout ContentLines) {
    switch properties.integer(PropertyID.sensitivity) {
    case 0: lines.append("CLASS", raw: "PUBLIC")
    case 1: lines.append("CLASS", raw: "X-PERSONAL")
    case 2: lines.append("CLASS", raw: "PRIVATE")
    case 3: lines.append("CLASS", raw: "CONFIDENTIAL")
    default: if properties.flag(.isPrivate) { lines.append("CLASS", raw: "PRIVATE") }
    }
  }

  func categories(_ bytes: Bytes) -> [String] {
    strings.lines(PropertyName(.publicStrings, "Keywords"), of: properties, bytes).filter { !$0.isEmpty }
  }
}
