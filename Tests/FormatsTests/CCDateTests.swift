import TestSupport
import Testing

@testable import Formats

@Suite struct CCDateTests {
  private static func read(_ date: String, _ order: CCDateOrder = .monthDayYear) -> CCDate? {
    let bytes = date.bytes
    return CCDate(bytes.span, 0..<bytes.count, order: order)
  }

  @Test(arguments: [
    ("6/2/98 8:39", CCDate(year: 1998, month: 6, day: 2, hour: 8, minute: 39)),
    ("06/02/98 08:39", CCDate(year: 1998, month: 6, day: 2, hour: 8, minute: 39)),
    ("9-11-1998", CCDate(year: 1998, month: 9, day: 11, hour: 0, minute: 0)),
    ("5/6/97 3:10PM", CCDate(year: 1997, month: 5, day: 6, hour: 15, minute: 10)),
    ("5/6/97 3:10 pm", CCDate(year: 1997, month: 5, day: 6, hour: 15, minute: 10)),
    ("12/31/1999 12:00AM", CCDate(year: 1999, month: 12, day: 31, hour: 0, minute: 0)),
    ("12/31/1999 12:00PM", CCDate(year: 1999, month: 12, day: 31, hour: 12, minute: 0)),
    ("12.31.99 17:05:59", CCDate(year: 1999, month: 12, day: 31, hour: 17, minute: 5)),
    ("1/1/00 0:00", CCDate(year: 2000, month: 1, day: 1, hour: 0, minute: 0)),
    ("1/1/69 0:00", CCDate(year: 2069, month: 1, day: 1, hour: 0, minute: 0)),
    ("1/1/70 0:00", CCDate(year: 1970, month: 1, day: 1, hour: 0, minute: 0)),
    ("  6/2/98   8.39  ", CCDate(year: 1998, month: 6, day: 2, hour: 8, minute: 39)),
    // In the order that was asked for these are no dates, in another one they are.
    ("31/12/99 1:00", CCDate(year: 1999, month: 12, day: 31, hour: 1, minute: 0)),
    ("1999/12/31 1:00", CCDate(year: 1999, month: 12, day: 31, hour: 1, minute: 0)),
  ])
  func reading(_ date: String, _ expected: CCDate) {
    #expect(Self.read(date) == expected)
  }

  @Test(arguments: [
    "", "6/2", "6/2/98 8", "6/2/98 8:", "tomorrow", "6/2/98 8:39 XM", "6 2 98", "6/2/98 13:00PM", "//", "6/2/98x",
    "123456/1/1",
  ])
  func none(_ date: String) {
    #expect(Self.read(date) == nil)
  }

  @Test func impossible() {
    #expect(Self.read("2/31/99 8:39")?.exists == false)
    #expect(Self.read("13/45/98")?.exists == false)
    #expect(Self.read("2/29/2000")?.exists == true)
    #expect(Self.read("2/29/1900")?.exists == false)
  }

  /// Each order is read as it is written, years of two digits and of four.
  @Test(arguments: CCDateOrder.allCases, [false, true])
  func roundTrip(_ order: CCDateOrder, _ fourDigitYear: Bool) {
    for (month, day) in [(1, 1), (2, 12), (12, 2), (12, 31)] {
      for year in [1970, 1999, 2000, 2004, 2069, 1969, 2070, 1900] {
        for (hour, minute) in [(0, 0), (11, 59), (12, 0), (23, 5)] {
          for twelveHours in [false, true] {
            let date = CCDate(year: year, month: month, day: day, hour: hour, minute: minute)
            let bytes = write {
              date.append(order: order, fourDigitYear: fourDigitYear, twelveHours: twelveHours, to: &$0)
            }
            #expect(Self.read(text(bytes), order) == date, "\(text(bytes))")
          }
        }
      }
    }
  }

  @Test func writing() {
    let date = CCDate(year: 1998, month: 6, day: 2, hour: 8, minute: 39)
    func written(_ order: CCDateOrder, _ four: Bool = false, _ twelve: Bool = false) -> String {
      text(write { date.append(order: order, fourDigitYear: four, twelveHours: twelve, to: &$0) })
    }
    #expect(written(.monthDayYear) == "6/2/98 8:39")
    #expect(written(.dayMonthYear) == "2/6/98 8:39")
    #expect(written(.yearMonthDay) == "98/6/2 8:39")
    #expect(written(.monthDayYear, true, true) == "6/2/1998 8:39AM")
  }
}
