import Formats

/// Who asks whom to a meeting or for a task, and which meeting or task it is: iTIP, RFC 5546.
extension FromOutlook {
  struct MeetingPeople {
    var organizer: Mailbox?
    /// With the parameters that say what each of them is to the meeting.
    var attendees: [(mailbox: Mailbox, parameters: String)] = []
  }

  // MARK: Method

  /// The method that the class of a meeting means.
  var meetingMethod: String {
    guard messageClass.kind == .meeting else { return "" }
    if messageClass.name.contains(".RESP") { return properties.flag(.appointmentCounterProposal) ? "COUNTER" : "REPLY" }
    return messageClass.name.contains(".CANCEL") ? "CANCEL" : "REQUEST"
  }

  var meetingAnswer: String {
    if messageClass.name.hasSuffix(".RESP.POS") { return "accepted" }
    if messageClass.name.hasSuffix(".RESP.NEG") { return "declined" }
    return messageClass.name.hasSuffix(".RESP.TENT") ? "perhaps" : ""
  }

  /// The method, or none where it is not known who asks or who is asked: nothing is made up, and a calendar without a
  /// method is valid, RFC 5545, 3.7.2.
  mutating func checkedMethod(_ method: String, _ people: MeetingPeople) -> String {
    if method.isEmpty || people.organizer != nil && !people.attendees.isEmpty { return method }
    let missing = people.organizer == nil ? "who asks" : "who is asked"
    note(.calendarPeople, "the file does not say \(missing); the calendar has no method \(method)")
    return ""
  }

  // MARK: People

  private var sender: Mailbox? { surroundings?.sender ?? message.sender }

  private var recipients: [Message.Recipient] {
    guard let around = surroundings?.recipients, !around.isEmpty else { return message.recipients }
    return around.filter { $0.field != .bcc }
  }

  func meetingPeople(_ bytes: Bytes) -> MeetingPeople {
    switch meetingMethod {
    case "REPLY", "COUNTER":
      let state = meetingAnswer == "accepted" ? "ACCEPTED" : meetingAnswer == "declined" ? "DECLINED" : "TENTATIVE"
      return answer(";PARTSTAT=\(state)")
    case "REQUEST": return request(";PARTSTAT=NEEDS-ACTION;RSVP=TRUE")
    case "CANCEL": return request("")
    default:
      // ASFMEETING: an appointment without it has nobody to be asked.
      let state = properties.integer(.appointmentStateFlags) ?? 0
      return state & 1 != 0 ? planned(bytes) : MeetingPeople()
    }
  }

  /// The one who answers is the one attendee, the one who asked the organizer.
  func answer(_ parameters: String) -> MeetingPeople {
    MeetingPeople(organizer: recipients.first?.mailbox, attendees: sender.map { [($0, parameters)] } ?? [])
  }

  func request(_ parameters: String) -> MeetingPeople {
    MeetingPeople(
      organizer: sender,
      attendees: recipients.prefix(10_000).map { ($0.mailbox, Self.role($0.field) + parameters) })
  }

  private static func role(_ field: Message.Recipient.Field) -> String {
    switch field {
    case .to: ";ROLE=REQ-PARTICIPANT"
    case .cc: ";ROLE=OPT-PARTICIPANT"
    // In a meeting they are rooms and things, [MS-OXOCAL] 2.2.4.10.7.
    case .bcc: ";CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT"
    }
  }

  /// The people of a meeting in the organizer's own calendar, which knows what each has answered.
  private func planned(_ bytes: Bytes) -> MeetingPeople {
    var people = MeetingPeople(organizer: message.sender)
    for recipient in outlook.recipients.prefix(10_000) {
      let field: Message.Recipient.Field
      switch (recipient.integer(PropertyID.recipientType) ?? 1) & 0xF {
      case 0: continue
      case 2: field = .cc
      case 3: field = .bcc
      default: field = .to
      }
      guard let mailbox = mailbox(of: recipient, bytes) else { continue }
      // PidTagRecipientTrackStatus, [MS-OXOCAL] 2.2.4.10.2.
      let state =
        switch recipient.integer(PropertyID.recipientTrackStatus) {
        case 2: ";PARTSTAT=TENTATIVE"
        case 3: ";PARTSTAT=ACCEPTED"
        case 4: ";PARTSTAT=DECLINED"
        default: ""
        }
      people.attendees.append((mailbox, Self.role(field) + state))
    }
    return people
  }

  func append(_ people: MeetingPeople, method: String, _ lines: inout ContentLines) {
    func person(_ name: String, _ mailbox: Mailbox, _ parameters: String) {
      let display = mailbox.name.filter { !"\"\r\n".contains($0) }
      let cn = display.isEmpty ? "" : ";CN=\"\(display)\""
      lines.append("\(name)\(parameters)\(cn)", raw: "mailto:\(Self.escaped(mailbox.address))")
    }
    if let organizer = people.organizer { person("ORGANIZER", organizer, "") }
    for (mailbox, parameters) in people.attendees { person("ATTENDEE", mailbox, parameters) }
  }

  /// An address as a URI has it, RFC 6068, 2.
  private static func escaped(_ address: String) -> String {
    var text: [UInt8] = []
    for byte in address.utf8 {
      if byte > 127 || byte <= 32 || byte == ASCII.percent || byte == ASCII.quote || byte == ASCII.question {
        text.append(ASCII.percent)
        text.append(hexadecimal: byte)
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: Which one, and as of when

  /// Appends DTSTAMP: when whoever owns the meeting changed it, or whoever answers did; else when it was changed or sent
  /// as far as anything tells. The time of the conversion is none of these, and would differ each time.
  func appendStamp(_ start: Timestamp?, isReply: Bool = false, _ lines: inout ContentLines) {
    let owner = properties.time(.ownerCriticalChange)
    let attendee = isReply ? properties.time(.attendeeCriticalChange) : nil
    let changed = properties.time(PropertyID.lastModificationTime)
    let sent = properties.time(PropertyID.clientSubmitTime)
    let isMail = messageClass.kind == .meeting
    guard
      let time = attendee ?? owner ?? (isMail ? sent ?? changed : changed ?? sent) ?? message.date ?? surroundings?.date
        ?? start
    else { return }
    lines.append("DTSTAMP", raw: ContentLines.time(time))
  }

  /// The global identifier of the meeting in hexadecimal, as Exchange writes it, the same for all its occurrences; that of
  /// one made elsewhere is in it as text, [MS-OXCICAL] 2.1.3.1.1.20.26.
  func meetingIdentifier(_ bytes: Bytes) -> String {
    guard
      let ranges = properties.data(.cleanGlobalObjectID) ?? properties.data(.globalObjectID),
      case var raw = ranges.bytes(of: bytes, limit: 4096), raw.count >= 40
    else { return madeUpIdentifier(bytes) }
    for i in 16..<20 { raw[i] = 0 }
    if raw.count > 52, raw[40...].starts(with: "vCal-Uid".utf8) {
      let text = raw[52...].prefix { $0 > 32 && $0 < 127 }
      if !text.isEmpty { return String(decoding: text, as: UTF8.self) }
    }
    var text: [UInt8] = []
    for byte in raw { text.append(hexadecimal: byte) }
    return String(decoding: text, as: UTF8.self)
  }

  /// An identifier for what has none: a hash of all that its properties say, the same each time, and another one for
  /// whatever is different in anything.
  func madeUpIdentifier(_ bytes: Bytes) -> String {
    var hash = SHA256()
    func add(_ properties: MAPIProperties) {
      for property in properties.all {
        var data: [UInt8] = [UInt8(property.id >> 8), UInt8(property.id & 255)]
        switch property.value {
        case .number(let bits): for i in 0..<8 { data.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * i))) }
        case .data(let ranges): data += ranges.bytes(of: bytes, limit: 1 << 16)
        case .numbers(let numbers): data += numbers.prefix(100).map { UInt8(truncatingIfNeeded: $0) }
        case .list(let values): for value in values.prefix(100) { data += value.bytes(of: bytes, limit: 1 << 12) }
        }
        hash.update(data.span)
      }
    }
    add(outlook.properties)
    for recipient in outlook.recipients.prefix(1000) { add(recipient) }
    for attachment in outlook.attachments.prefix(100) {
      for inner in attachment.embedded { add(inner.properties) }
    }
    var text: [UInt8] = []
    for byte in hash.finish().prefix(16) { text.append(hexadecimal: byte) }
    return "ccmc-\(String(decoding: text, as: UTF8.self))@\(options.exchangeDomain)"
  }
}
