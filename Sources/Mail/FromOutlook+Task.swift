import Formats

/// Tasks and requests to do one, [MS-OXOTASK], as text and as iCalendar.
extension FromOutlook {
  mutating func readTask(_ bytes: Bytes) {
    let task = TaskSource(self, bytes)
    let states = ["Not started", "In progress", "Completed", "Waiting for somebody else", "Deferred"]
    let state = task.integer(.taskStatus)
    var rows = TextRows()
    rows.append("Subject", message.subject)
    rows.append("Start", task.time(.taskStartDate), isDay: true)
    rows.append("Due", task.time(.taskDueDate), isDay: true)
    if let state, states.indices.contains(state) { rows.append("Status", states[state]) }
    if let done = task.done { rows.append("Complete", "\(done) %") }
    rows.append("Completed", task.time(.taskDateCompleted), isDay: true)
    rows.append("Owner", task.line(.taskOwner, bytes))
    rows.append("Assigned by", task.line(.taskAssigner, bytes))
    rows.append("Role", task.line(.taskRole, bytes))
    rows.append("Changed by", task.line(.taskLastUser, bytes))
    for (label, name) in [("Total work", PropertyName.taskEstimatedEffort), ("Actual work", .taskActualEffort)] {
      if let minutes = task.integer(name), minutes > 0 { rows.append(label, "\(minutes) minutes") }
    }
    if task.flag(.teamTask) { rows.append("Team task", "yes") }
    if task.flag(.reminderSet) { rows.append("Reminder", task.time(.reminderTime)) }
    rows.append("Answer", taskAnswer)
    appendCommon(&rows, bytes)
    appendSummary(rows, "Task")
    let people = taskPeople(state)
    let method = checkedMethod(taskMethod, people)
    var lines = ContentLines()
    beginCalendar(method: method, &lines)
    appendToDo(task, method: method, people, &lines, bytes)
    lines.append("END", raw: "VCALENDAR")
    appendFile(lines, "text/calendar", "task.ics", method: method)
  }

  private func appendToDo(
    _ task: TaskSource, method: String, _ people: MeetingPeople, _ lines: inout ContentLines, _ bytes: Bytes
  ) {
    let start = task.time(.taskStartDate)
    let due = task.time(.taskDueDate)
    let completed = task.time(.taskDateCompleted)
    lines.append("BEGIN", raw: "VTODO")
    lines.append("UID", raw: taskIdentifier(task, bytes))
    appendStamp(start ?? due ?? completed, isReply: method == "REPLY", &lines)
    lines.append("SUMMARY", message.subject)
    let version = max(0, task.integer(.taskVersion) ?? 0)
    if version > 0 || !method.isEmpty { lines.append("SEQUENCE", raw: "\(version)") }
    let isOrdered = due.map { due in start.map { $0.seconds <= due.seconds } ?? true } ?? true
    if let start, isOrdered { lines.append("DTSTART;VALUE=DATE", raw: ContentLines.date(start)) }
    if let due { lines.append("DUE;VALUE=DATE", raw: ContentLines.date(due)) }
    appendRecurrence(task, start ?? due, hasStart: start != nil && isOrdered, &lines, bytes)
    if let done = task.done { lines.append("PERCENT-COMPLETE", raw: "\(done)") }
    if let completed { lines.append("COMPLETED", raw: ContentLines.time(completed)) }
    switch task.integer(.taskStatus) {
    case 1: lines.append("STATUS", raw: "IN-PROCESS")
    case 2: lines.append("STATUS", raw: "COMPLETED")
    case 0, 3, 4: lines.append("STATUS", raw: "NEEDS-ACTION")
    default: break
    }
    switch message.priority {
    case .urgent: lines.append("PRIORITY", raw: "1")
    case .low: lines.append("PRIORITY", raw: "9")
    // A request has one in any case, RFC 5546, 3.4.2.
    case .normal: if method == "REQUEST" { lines.append("PRIORITY", raw: "5") }
    }
    appendClass(&lines)
    lines.append("CATEGORIES", list: categories(bytes))
    lines.append("DESCRIPTION", plainBody(bytes))
    append(people, method: method, &lines)
    if method != "REPLY", task.flag(.reminderSet), let time = task.time(.reminderTime) {
      lines.append("BEGIN", raw: "VALARM")
      lines.append("ACTION", raw: "DISPLAY")
      lines.append("DESCRIPTION", "Reminder")
      lines.append("TRIGGER;VALUE=DATE-TIME", raw: ContentLines.time(time))
      lines.append("END", raw: "VALARM")
    }
    lines.append("END", raw: "VTODO")
  }

  /// The properties of a task: those of the message, and for a request those of the task that it holds.
  private struct TaskSource {
    let own: MAPIProperties
    let strings: OutlookStrings
    var inner: (properties: MAPIProperties, strings: OutlookStrings)?

    init(_ reader: FromOutlook, _ bytes: Bytes) {
      own = reader.properties
      strings = reader.strings
      guard reader.isTaskRequest, let task = reader.outlook.attachments.first?.embedded.first else { return }
      inner = (task.properties, OutlookStrings(codePage: task.codePage, converter: reader.converter))
    }

    func time(_ name: PropertyName) -> Timestamp? { own.time(name) ?? inner?.properties.time(name) }
    func integer(_ name: PropertyName) -> Int? { own.integer(name) ?? inner?.properties.integer(name) }
    func double(_ name: PropertyName) -> Double? { own.double(name) ?? inner?.properties.double(name) }
    func flag(_ name: PropertyName) -> Bool { own.flag(name) || inner?.properties.flag(name) ?? false }
    func data(_ name: PropertyName, _ bytes: Bytes) -> [UInt8]? {
      (own.data(name) ?? inner?.properties.data(name))?.bytes(of: bytes, limit: 1 << 20)
    }

    /// Percent.
    var done: Int? { double(.percentComplete).flatMap { (0...1).contains($0) ? Int($0 * 100) : nil } }

    func line(_ name: PropertyName, _ bytes: Bytes) -> String {
      let text = strings.line(name, of: own, bytes)
      guard text.isEmpty, let inner else { return text }
      return inner.strings.line(name, of: inner.properties, bytes)
    }
  }

  private var isTaskRequest: Bool { messageClass.name.hasPrefix("IPM.TASKREQUEST") }

  private func taskIdentifier(_ task: TaskSource, _ bytes: Bytes) -> String {
    guard let raw = task.data(.taskGlobalID, bytes), raw.count >= 16, raw.contains(where: { $0 != 0 }) else {
      return madeUpIdentifier(bytes)
    }
    var text: [UInt8] = []
    for byte in raw.prefix(256) { text.append(hexadecimal: byte) }
    return String(decoding: text, as: UTF8.self)
  }

  private func appendRecurrence(
    _ task: TaskSource, _ start: Timestamp?, hasStart: Bool, _ lines: inout ContentLines, _ bytes: Bytes
  ) {
    guard let raw = task.data(.taskRecurrence, bytes), let start,
      let recurrence = Recurrence(raw.span, string8: strings.string8)
    else { return }
    // A rule counts from a start, RFC 5545, 3.8.5.3.
    if !hasStart { lines.append("DTSTART;VALUE=DATE", raw: ContentLines.date(start)) }
    recurrence.append(start: start, isDay: true, zone: nil, to: &lines)
  }

  // MARK: Requests

  private var taskMethod: String {
    guard isTaskRequest else { return "" }
    return messageClass.name == "IPM.TASKREQUEST" ? "REQUEST" : "REPLY"
  }

  private var taskAnswer: String {
    if messageClass.name.hasSuffix(".ACCEPT") { return "accepted" }
    return messageClass.name.hasSuffix(".DECLINE") ? "declined" : ""
  }

  private func taskPeople(_ state: Int?) -> MeetingPeople {
    switch taskMethod {
    case "REQUEST": return request(";PARTSTAT=NEEDS-ACTION;RSVP=TRUE")
    case "REPLY":
      let told =
        taskAnswer == "declined" ? "DECLINED" : state == 2 ? "COMPLETED" : state == 1 ? "IN-PROCESS" : "ACCEPTED"
      return answer(";PARTSTAT=\(told)")
    default: return MeetingPeople()
    }
  }
}
