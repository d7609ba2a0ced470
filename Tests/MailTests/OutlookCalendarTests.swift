import TestSupport
import Testing

@testable import Formats
@testable import Mail

/// Series, changed occurrences, invitations and tasks of Outlook as iCalendar.
@Suite struct OutlookCalendarTests {
  // MARK: Making a series

  /// Minutes since 1601 of a local time.
  private static func minutes(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0) -> Int {
    let time = Timestamp(year: year, month: month, day: day, hour: hour, minute: 0, second: 0, zone: 0)
    return ((time?.seconds ?? 0) + 11_644_473_600) / 60
  }

  private static func numbers(_ numbers: [Int]) -> [UInt8] {
    numbers.flatMap { number in (0..<4).map { UInt8(number >> (8 * $0) & 255) } }
  }

  private static func halves(_ numbers: [Int]) -> [UInt8] {
    numbers.flatMap { [UInt8($0 & 255), UInt8($0 >> 8 & 255)] }
  }

  /// A daily series from 3 June 2019, [MS-OXOCAL] 2.2.1.44.5, with `rule` of another kind where it is given.
  private static func pattern(
    rule: [UInt8] = halves([0x200A, 0, 0]) + numbers([0, 1440, 0]), last: Int? = minutes(2019, 6, 7), count: Int = 5,
    week: Int = 0, deleted: [Int] = [], modified: [Int] = [], hour: Int = 9, exceptions: [UInt8] = []
  ) -> [UInt8] {
    var data = halves([0x3004, 0x3004]) + rule
    data += numbers([last == nil ? 0x2022 : 0x2021, count, week, deleted.count]) + numbers(deleted)
    data += numbers([modified.count]) + numbers(modified)
    data += numbers([minutes(2019, 6, 3), last ?? 0x5AE9_80DF, 0x3006, 0x3009, hour * 60, hour * 60 + 60])
    data += halves([modified.count])
    return data + exceptions + numbers([0]) + modified.flatMap { _ in numbers([4, 0, 0]) } + numbers([0])
  }

  /// A time zone, minutes west of UTC, with summer time between the last Sundays of two months at 3 o'clock.
  private static func zone(_ bias: Int, summer: Int? = nil, winter: Int = 10) -> [UInt8] {
    // A year, and when it changes: year, month, day of the week, week, hour, minute, second, millisecond.
    func change(_ month: Int?) -> [UInt8] { halves([0, 0, month ?? 0, 0, month == nil ? 0 : 5, 3, 0, 0, 0]) }
    return numbers([bias, 0, summer == nil ? 0 : -60]) + change(summer == nil ? nil : winter) + change(summer)
  }

  private func series(_ pattern: [UInt8], _ zone: [UInt8]?, utcHour: Int, day: Int = 3) -> OutlookBuilder {
    var outlook = OutlookBuilder("IPM.Appointment")
    outlook.text(PropertyID.subject, "Daily")
    outlook.time(.appointmentStartWhole, 2019, 6, day, utcHour)
    outlook.time(.appointmentEndWhole, 2019, 6, day + (utcHour + 1) / 24, (utcHour + 1) % 24)
    if let zone { outlook.data(.timeZoneStruct, zone) }
    outlook.data(.appointmentRecur, pattern)
    return outlook
  }

  private func calendar(_ outlook: OutlookBuilder) -> String { outlook.read().texts["appointment.ics"] ?? "" }

  // MARK: The end of a series

  @Test(
    arguments: [
      // Sydney, without and with summer time; Berlin; New York in the evening; Kolkata.
      (zone(-600), 9, 23, 2, "20190606T230000Z"), (zone(-600, summer: 10, winter: 4), 9, 23, 2, "20190606T230000Z"),
      (zone(-60, summer: 3), 9, 7, 3, "20190607T070000Z"),
      (zone(300, summer: 3, winter: 11), 20, 0, 4, "20190608T000000Z"),
      (zone(-360), 9, 3, 3, "20190607T030000Z"),
    ] as [([UInt8], Int, Int, Int, String)]) func untilIsTheLastOccurrence(
      _ zone: [UInt8], _ hour: Int, _ utcHour: Int, _ day: Int, _ until: String
    )
  {
    let text = calendar(series(Self.pattern(hour: hour), zone, utcHour: utcHour, day: day))
    #expect(text.contains("\r\nRRULE:FREQ=DAILY;INTERVAL=1;UNTIL=\(until)\r\n"), "\(text)")
    #expect(text.contains("\r\nDTSTART;TZID=Local:20190603T\(hour < 10 ? "0" : "")\(hour)0000\r\n"))
  }

  /// Summer time ends within the series: its last day is one of winter.
  @Test func untilInAnotherState() {
    let pattern = Self.pattern(last: Self.minutes(2019, 12, 2))
    let text = calendar(series(pattern, Self.zone(-60, summer: 3), utcHour: 7))
    #expect(text.contains(";UNTIL=20191202T080000Z\r\n"))
  }

  /// The series tells the time of day by the clock of its zone, even where no zone is told.
  @Test func zoneOfTheSeries() {
    let text = calendar(series(Self.pattern(deleted: [Self.minutes(2019, 6, 5)]), nil, utcHour: 23, day: 2))
    for line in ["TZOFFSETTO:+1000", "DTSTART;TZID=Local:20190603T090000", "EXDATE;TZID=Local:20190605T090000"] {
      #expect(text.contains("\r\n\(line)\r\n"), "\(line)")
    }
    #expect(text.contains(";UNTIL=20190606T230000Z\r\n"))
  }

  @Test func untilOfWholeDaysIsADate() {
    var outlook = series(
      Self.pattern(deleted: [Self.minutes(2019, 6, 5)], hour: 0), Self.zone(-600), utcHour: 14, day: 2)
    outlook.integer(.appointmentSubType, 1)
    let text = calendar(outlook)
    for line in [
      "DTSTART;VALUE=DATE:20190603", "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20190607", "EXDATE;VALUE=DATE:20190605",
    ] {
      #expect(text.contains("\r\n\(line)\r\n"), "\(line)")
    }
  }

  @Test func everySecondWeekTellsWhereWeeksBegin() {
    let rule = Self.halves([0x200B, 1, 0]) + Self.numbers([0, 2, 0, 0b11])
    let text = calendar(series(Self.pattern(rule: rule, last: nil), Self.zone(-60), utcHour: 8))
    #expect(text.contains("\r\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU;COUNT=5\r\n"))
  }

  @Test func dayThatMonthsLackIsTheirLast() {
    let rule = Self.halves([0x200C, 2, 0]) + Self.numbers([0, 1, 0, 30])
    let text = calendar(series(Self.pattern(rule: rule, last: nil), Self.zone(-60), utcHour: 8))
    #expect(text.contains("\r\nRRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=5\r\n"))
  }

  // MARK: Changed occurrences

  @Test func changedOccurrencesAreEvents() {
    let day = Self.minutes(2019, 6, 4)
    // Moved to the sixth, with a subject; the fifth is left out.
    let subject = Array("Moved".utf8)
    var exception = Self.numbers([Self.minutes(2019, 6, 6, 14), Self.minutes(2019, 6, 6, 15), day + 540])
    exception += Self.halves([1, subject.count + 1, subject.count]) + subject
    let pattern = Self.pattern(
      deleted: [day, Self.minutes(2019, 6, 5)], modified: [Self.minutes(2019, 6, 6)], exceptions: exception)
    let reading = series(pattern, Self.zone(-60, summer: 3), utcHour: 7).read()
    let text = reading.texts["appointment.ics"] ?? ""
    let events = text.components(of: "BEGIN:VEVENT")
    #expect(events.count == 3)
    #expect(events[1].contains("\r\nEXDATE;TZID=Local:20190605T090000\r\n"))
    #expect(!events[1].contains("20190604T090000"))
    for line in [
      "RECURRENCE-ID;TZID=Local:20190604T090000", "DTSTART;TZID=Local:20190606T140000", "SUMMARY:Moved",
      "DTEND;TZID=Local:20190606T150000",
    ] {
      #expect(events[2].contains("\r\n\(line)\r\n"), "\(line)")
    }
    func identifier(_ event: String) -> String? { event.components(of: "\r\n").first { $0.hasPrefix("UID:") } }
    #expect(identifier(events[1]) == identifier(events[2]))
    let shown = reading.texts["Appointment"] ?? ""
    #expect(shown.contains("Cancelled:     Wed, 5 Jun 2019\r\n"))
    #expect(
      shown.contains(
        "Changed:       Thu, 6 Jun 2019 12:00:00 +0000 instead of Tue, 4 Jun 2019 07:00:00 +0000; Moved\r\n"))
  }

  @Test func anyCutOfASeriesIsRead() {
    let pattern = Self.pattern(
      modified: [Self.minutes(2019, 6, 6)],
      exceptions: Self.numbers([
        Self.minutes(2019, 6, 6, 14), Self.minutes(2019, 6, 6, 15), Self.minutes(2019, 6, 4, 9),
      ])
        + Self.halves([0xFFFF]))
    for count in 0..<pattern.count {
      let text = calendar(series(Array(pattern[..<count]), Self.zone(-60), utcHour: 8))
      #expect(text.components(of: "BEGIN:VEVENT").count <= 3)
    }
  }

  // MARK: Invitations

  private static let around = FromOutlook.Surroundings(
    sender: Mailbox(name: "Ann", address: "ann@example.com"),
    recipients: [Message.Recipient(field: .to, mailbox: Mailbox(name: "", address: "bob@example.org"))],
    date: Timestamp(year: 2015, month: 1, day: 2, hour: 3, minute: 4, second: 5, zone: 0))

  private func meeting(_ kind: String) -> OutlookBuilder {
    var outlook = OutlookBuilder("IPM.Schedule.Meeting.\(kind)")
    outlook.text(PropertyID.subject, "Meet")
    outlook.time(.appointmentStartWhole, 2015, 1, 28, 13)
    return outlook
  }

  @Test(arguments: [
    (
      "Request", "REQUEST", "ORGANIZER;CN=\"Ann\":mailto:ann@example.com",
      "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.org"
    ),
    (
      "Canceled", "CANCEL", "ORGANIZER;CN=\"Ann\":mailto:ann@example.com",
      "ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:bob@example.org"
    ),
    (
      "Resp.Neg", "REPLY", "ORGANIZER:mailto:bob@example.org",
      "ATTENDEE;PARTSTAT=DECLINED;CN=\"Ann\":mailto:ann@example.com"
    ),
  ]) func invitationFromTheMessageAround(_ kind: String, _ method: String, _ organizer: String, _ attendee: String) {
    let reading = meeting(kind).read(surroundings: Self.around)
    let text = reading.texts["meeting.ics"] ?? ""
    for line in ["METHOD:\(method)", organizer, attendee, "DTSTAMP:20150102T030405Z", "SEQUENCE:0"] {
      #expect(text.contains("\r\n\(line)\r\n"), "\(line)")
    }
    #expect(reading.eml.contains("method=\"\(method)\""))
    #expect(reading.findings.isEmpty)
  }

  @Test func nobodyIsMadeUp() {
    let reading = meeting("Request").read()
    #expect(reading.texts["meeting.ics"]?.contains("METHOD") == false)
    #expect(!reading.eml.contains("method="))
    #expect(reading.findings.map(\.rule) == [.calendarPeople])
    // Never the clock: nothing tells another time than that of the meeting.
    #expect(reading.texts["meeting.ics"]?.contains("\r\nDTSTAMP:20150128T130000Z\r\n") == true)
  }

  @Test func stampOfTheOwner() {
    var outlook = meeting("Request")
    outlook.time(PropertyID.lastModificationTime, 2015, 1, 3)
    #expect(outlook.read(surroundings: Self.around).texts["meeting.ics"]?.contains("DTSTAMP:20150103T000000Z") == true)
    outlook.time(.ownerCriticalChange, 2015, 1, 1)
    #expect(outlook.read(surroundings: Self.around).texts["meeting.ics"]?.contains("DTSTAMP:20150101T000000Z") == true)
  }

  /// The identifier of one occurrence is that of the series, and the day in it says which one it is.
  @Test func oneOccurrence() {
    var outlook = meeting("Request")
    var identifier: [UInt8] = [4, 0, 0, 0] + [UInt8](repeating: 0x82, count: 12) + [0x07, 0xDF, 1, 27]
    identifier += [UInt8](repeating: 1, count: 24)
    outlook.data(.globalObjectID, identifier)
    let text = outlook.read(surroundings: Self.around).texts["meeting.ics"] ?? ""
    #expect(text.contains("\r\nRECURRENCE-ID:20150127T130000Z\r\n"))
    #expect(text.contains("\r\nUID:04000000828282828282828282828282000000000101"))
  }

  // MARK: Tasks

  private func task(_ subject: String, _ kind: String = "IPM.Task") -> OutlookBuilder {
    var outlook = OutlookBuilder(kind)
    outlook.text(PropertyID.subject, subject)
    outlook.time(PropertyID.creationTime, 1999, 3, 11)
    return outlook
  }

  private func identifier(_ outlook: OutlookBuilder) -> String? {
    outlook.read().texts["task.ics"]?.components(of: "\r\n").first { $0.hasPrefix("UID:") }
  }

  @Test func tasksOfOneSecondAreTwo() {
    #expect(identifier(task("First")) != nil)
    #expect(identifier(task("First")) == identifier(task("First")))
    #expect(identifier(task("First")) != identifier(task("Other")))
    #expect(identifier(task("First", "IPM.TaskRequest")) != identifier(task("Other", "IPM.TaskRequest")))
  }

  @Test func taskRequestTellsTheTaskWithin() {
    var outlook = task("Measure", "IPM.TaskRequest")
    outlook.embed { inner in
      inner.text(PropertyID.messageClass, "IPM.Task")
      inner.time(.taskDueDate, 2019, 4, 1)
    }
    let text = outlook.read(surroundings: Self.around).texts["task.ics"] ?? ""
    for line in [
      "METHOD:REQUEST", "DUE;VALUE=DATE:20190401", "PRIORITY:5", "ORGANIZER;CN=\"Ann\":mailto:ann@example.com",
    ] {
      #expect(text.contains("\r\n\(line)\r\n"), "\(line)")
    }
  }

  @Test func taskIsWhole() {
    var outlook = task("Measure")
    outlook.text(.taskOwner, "Ben")
    outlook.integer(.taskActualEffort, 90)
    outlook.integer(PropertyID.sensitivity, 3)
    outlook.data(.taskRecurrence, Self.pattern(last: nil))
    outlook.time(.taskStartDate, 2019, 6, 3)
    let reading = outlook.read()
    #expect(reading.texts["Task"]?.contains("Actual work:   90 minutes\r\n") == true)
    for line in ["CLASS:CONFIDENTIAL", "RRULE:FREQ=DAILY;INTERVAL=1;COUNT=5"] {
      #expect(reading.texts["task.ics"]?.contains("\r\n\(line)\r\n") == true, "\(line)")
    }
  }
}

extension String {
  /// The pieces between the places where `text` stands.
  fileprivate func components(of text: String) -> [String] {
    var pieces: [[UInt8]] = [[]]
    let wanted = Array(text.utf8)
    let all = Array(utf8)
    var i = 0
    while i < all.count {
      if all[i...].starts(with: wanted) {
        pieces.append([])
        i += wanted.count
      } else {
        pieces[pieces.count - 1].append(all[i])
        i += 1
      }
    }
    return pieces.map { String(decoding: $0, as: UTF8.self) }
  }
}
