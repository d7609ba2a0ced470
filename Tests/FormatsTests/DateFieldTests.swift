import TestSupport
import Testing

@testable import Formats

@Suite struct DateFieldTests {
  private static func read(_ date: String) -> String? {
    let bytes = date.bytes
    guard let time = DateField.parse(bytes.span, 0..<bytes.count) else { return nil }
    return text(write { DateField.append(time, to: &$0) })
  }

  @Test(arguments: [
    ("19 Aug 0102 13:02:00 -0700", "Mon, 19 Aug 2002 13:02:00 -0700"),
    ("Thu, 19 Aug 1999 13:02:00 -0700 (PDT)", "Thu, 19 Aug 1999 13:02:00 -0700"),
    ("19 Aug 99 13:02 EST", "Thu, 19 Aug 1999 13:02:00 -0500"),
    ("Thu Aug 19 13:02:00 1999", "Thu, 19 Aug 1999 13:02:00 +0000"),
    ("Thu Aug 19 13:02:00 PDT 1999", "Thu, 19 Aug 1999 13:02:00 -0700"),
    ("1999-08-19T13:02:00Z", "Thu, 19 Aug 1999 13:02:00 +0000"),
    ("1999-08-19T13:02:00+02:00", "Thu, 19 Aug 1999 13:02:00 +0200"),
    ("8/19/99 1:02 PM", "Thu, 19 Aug 1999 13:02:00 +0000"), ("19.8.99 13:02", "Thu, 19 Aug 1999 13:02:00 +0000"),
    ("Thu, 19 Aug 1999 13:02:00.123 +0530", "Thu, 19 Aug 1999 13:02:00 +0530"),
    ("Thursday, August 19, 1999 1:02 PM", "Thu, 19 Aug 1999 13:02:00 +0000"),
    ("Thu, 19-Aug-99 13:02:00 GMT", "Thu, 19 Aug 1999 13:02:00 +0000"),
    ("Thu, 19 Aug 99 1302 -0330", "Thu, 19 Aug 1999 13:02:00 -0330"),
    ("Fri, 29 Feb 2008 00:00:00 +0000", "Fri, 29 Feb 2008 00:00:00 +0000"),
    ("Sat, 1 Jan 100 00:00:00 +0000", "Sat, 1 Jan 2000 00:00:00 +0000"),
    ("1 Jan 49 00:00 GMT", "Fri, 1 Jan 2049 00:00:00 +0000"), ("1 Jan 50 00:00 GMT", "Sun, 1 Jan 1950 00:00:00 +0000"),
    ("31 Dec 1998 23:59:60 GMT", "Thu, 31 Dec 1998 23:59:59 +0000"), ("19 Aug 1999", "Thu, 19 Aug 1999 00:00:00 +0000"),
    ("31 Dec 1998 24:00:00 +0100", "Fri, 1 Jan 1999 00:00:00 +0100"),
  ])
  func dates(_ text: String, _ date: String) {
    #expect(Self.read(text) == date)
  }

  @Test(arguments: [
    "", "yesterday", "1 Jan 0000 10:00 +0000", "31 Feb 1999 12:00 GMT", "Thu, 99 Aug 1999 13:02:00 +0000", "1999",
    ":::", "-", "25/25/99",
  ])
  func none(_ text: String) {
    #expect(Self.read(text) == nil)
  }

  /// Every day of four hundred years has its date, its day of the week, and comes back.
  @Test func calendar() throws {
    var weekday = 6
    var seconds = Timestamp(year: 1800, month: 2, day: 1, hour: 0, minute: 0, second: 0, zone: 0)?.seconds ?? 0
    for _ in 0..<146_097 {
      let parts = Timestamp(seconds: seconds, zone: 0).calendar
      let back = Timestamp(
        year: parts.year, month: parts.month, day: parts.day, hour: parts.hour, minute: parts.minute,
        second: parts.second, zone: 0)
      try #require(back?.seconds == seconds && parts.weekday == weekday)
      seconds += 86_400
      weekday = (weekday + 1) % 7
    }
  }

  /// What is written is read again, in every zone, before 1970 too.
  @Test(arguments: [-1439, -690, -30, 0, 1, 330, 840])
  func roundTrip(_ zone: Int) {
    for seconds in [-1, 0, 1, -86_400 * 365 * 19, 86_399, 951_782_399, 4_102_444_799] {
      let time = Timestamp(seconds: seconds, zone: zone)
      let bytes = write { DateField.append(time, to: &$0) }
      #expect(DateField.parse(bytes.span, 0..<bytes.count) == time)
    }
  }
}
