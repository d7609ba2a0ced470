import Formats

/// Reads what an Outlook message says, whether it came as .msg or as TNEF.
///
/// What `Reading` holds first are its bodies, then its attachments: whoever merges a winmail.dat with the message around
/// it wants them apart.
struct FromOutlook {
  struct Reading {
    var message = Message()
    /// How many of the items are bodies.
    var bodies = 0
  }

  let options: ConversionOptions
  let converter: CharsetConverter
  /// Writes the messages within the message.
  let writer: ToInternet
  let outlook: OutlookMessage
  let strings: OutlookStrings
  let messageClass: OutlookClass
  let people: OutlookPeople
  /// What the message around a winmail.dat says.
  let surroundings: Surroundings?
  var message = Message()
  var bodies = 0
  /// How many of them tell of flags and votes.
  var marks = 0
  /// What is no mail, for programs; it stands behind the bodies.
  var summaryFile: Item?

  /// The message around a winmail.dat, which says who sent it, to whom, and when: the file itself seldom does.
  struct Surroundings {
    var sender: Mailbox?
    var recipients: [Message.Recipient]
    var date: Timestamp?
  }

  init(
    _ outlook: OutlookMessage, _ bytes: Bytes, options: ConversionOptions, writer: ToInternet,
    people: OutlookPeople? = nil, surroundings: Surroundings? = nil
  ) {
    self.outlook = outlook
    self.options = options
    self.writer = writer
    self.surroundings = surroundings
    self.people = people ?? OutlookPeople(outlook, converter: writer.converter)
    converter = writer.converter
    strings = OutlookStrings(codePage: outlook.codePage, converter: writer.converter)
    messageClass = OutlookClass(strings.line(PropertyID.messageClass, of: outlook.properties, bytes))
  }

  /// Reads the message; the contents of its items are ranges of `bytes` or bytes of their own. `people` is that of the
  /// message which holds this one.
  static func read(
    _ outlook: OutlookMessage, _ bytes: Bytes, options: ConversionOptions, writer: ToInternet,
    people: OutlookPeople? = nil, surroundings: Surroundings? = nil
  ) -> Reading {
    var reader = FromOutlook(
      outlook, bytes, options: options, writer: writer, people: people, surroundings: surroundings)
    reader.message.findings = outlook.findings
    reader.readHeader(bytes)
    reader.readAddresses(bytes)
    reader.readTransportHeaders(bytes)
    reader.completeCarriedAddresses(bytes)
    reader.readFurtherFields(bytes)
    reader.readSummary(bytes)
    reader.readBodies(bytes)
    reader.readMarks(bytes)
    reader.bodies = reader.message.items.count
    if let file = reader.summaryFile { reader.message.items.append(file) }
    reader.readAttachments(bytes)
    reader.readReport(bytes)
    reader.readSigned(bytes)
    return Reading(message: reader.message, bodies: min(reader.bodies, reader.message.items.count))
  }

  var properties: MAPIProperties { outlook.properties }

  func line(_ id: UInt16, _ bytes: Bytes) -> String { strings.line(id, of: properties, bytes) }
  func line(_ name: PropertyName, _ bytes: Bytes) -> String { strings.line(name, of: properties, bytes) }

  mutating func note(_ rule: Rule, _ text: String) {
    message.findings.note(0, rule, text)
  }

  // MARK: Header

  private mutating func readHeader(_ bytes: Bytes) {
    message.subject = subject(bytes)
    for id in [
      PropertyID.clientSubmitTime, PropertyID.messageDeliveryTime, PropertyID.reportTime, PropertyID.creationTime,
      PropertyID.lastModificationTime,
    ] where message.date == nil {
      message.date = properties.time(id)
    }
    switch properties.integer(PropertyID.importance) ?? properties.integer(PropertyID.priority).map({ $0 + 1 }) {
    case 0: message.priority = .low
    case 2: message.priority = .urgent
    default: break
    }
  }

  private func subject(_ bytes: Bytes) -> String {
    if let property = properties.first(PropertyID.subject), case .data(let ranges) = property.value {
      var raw = ranges.bytes(of: bytes, limit: 1 << 16)
      // A mark and a number in front tell the length of the prefix, [MS-OXMSG] 2.1.1.
      let width = property.type == PropertyType.unicode ? 2 : 1
      if raw.first == 1, raw.count >= 2 * width { raw.removeFirst(2 * width) }
      var marked = MAPIProperties()
      marked.append(PropertyID.subject, property.type, .data([0..<raw.count]))
      let subject = strings.line(PropertyID.subject, of: marked, raw.span)
      if !subject.isEmpty { return subject }
    }
    let normalized = line(PropertyID.normalizedSubject, bytes)
    return normalized.isEmpty
      ? line(PropertyID.conversationTopic, bytes) : line(PropertyID.subjectPrefix, bytes) + normalized
  }
}

/// What a message is, by its class, [MS-OXCMSG] 2.2.1.3: `IPM.Note`, `IPM.Appointment`.
struct OutlookClass {
  enum Kind {
    case message, meeting, appointment, contact, distributionList, task, note, journal
    case nonDelivery, delivery, read, notRead
    /// Signed so that it can be read, and signed or encrypted so that it cannot.
    case clearSigned, opaque
  }

  let kind: Kind
  /// The class in capitals.
  let name: String

  init(_ name: String) {
    var name = name.uppercased()
    // As TNEF had it before MAPI, [MS-OXTNEF] 2.1.3.3.8.
    for (old, new) in [
      ("IPM.MICROSOFT MAIL.NOTE", "IPM.NOTE"), ("IPM.MICROSOFT MAIL.READ RECEIPT", "REPORT.IPM.NOTE.IPNRN"),
      ("IPM.MICROSOFT MAIL.NON-DELIVERY", "REPORT.IPM.NOTE.NDR"),
      ("IPM.MICROSOFT SCHEDULE.MTGREQ", "IPM.SCHEDULE.MEETING.REQUEST"),
      ("IPM.MICROSOFT SCHEDULE.MTGRESPP", "IPM.SCHEDULE.MEETING.RESP.POS"),
      ("IPM.MICROSOFT SCHEDULE.MTGRESPN", "IPM.SCHEDULE.MEETING.RESP.NEG"),
      ("IPM.MICROSOFT SCHEDULE.MTGRESPA", "IPM.SCHEDULE.MEETING.RESP.TENT"),
      ("IPM.MICROSOFT SCHEDULE.MTGCNCL", "IPM.SCHEDULE.MEETING.CANCELED"),
    ] where name == old {
      name = new
    }
    self.name = name
    func isClass(_ prefix: String) -> Bool { name == prefix || name.hasPrefix(prefix + ".") }
    if name.hasPrefix("REPORT.") {
      kind =
        name.hasSuffix(".NDR")
        ? .nonDelivery
        : name.hasSuffix(".DR")
          ? .delivery : name.hasSuffix(".IPNRN") ? .read : name.hasSuffix(".IPNNRN") ? .notRead : .message
    } else if isClass("IPM.SCHEDULE.MEETING") {
      kind = .meeting
    } else if isClass("IPM.APPOINTMENT") {
      kind = .appointment
    } else if isClass("IPM.CONTACT") {
      kind = .contact
    } else if isClass("IPM.DISTLIST") {
      kind = .distributionList
    } else if isClass("IPM.TASK") || isClass("IPM.TASKREQUEST") {
      kind = .task
    } else if isClass("IPM.STICKYNOTE") {
      kind = .note
    } else if isClass("IPM.ACTIVITY") {
      kind = .journal
    } else if name.hasPrefix("IPM."), name.hasSuffix(".SMIME.MULTIPARTSIGNED") {
      kind = .clearSigned
    } else if name.hasPrefix("IPM."), name.hasSuffix(".SMIME") {
      kind = .opaque
    } else {
      kind = .message
    }
  }
}
