import TestSupport
import Testing

@testable import Formats

@Suite struct CCFileTitleTests {
  @Test(
    arguments: [
      ("ABC.WK4 5/6/97 3:10PM", "ABC.WK4", 1997), ("ABC.WK4 5/6/97 3:10 PM", "ABC.WK4", 1997),
      ("ABC.WK4 5/6/97", "ABC.WK4", 1997),
      ("ABC.WK4 9-11-1998 15:10", "ABC.WK4", 1998), ("My long name 2.txt 5/6/97 15:10:00", "My long name 2.txt", 1997),
      ("report 5/6/97 5/6/98 3:10PM", "report 5/6/97", 1998), ("ABC.WK4", "ABC.WK4", nil), ("", "", nil),
      ("   ", "", nil),
      // Nothing but a date is the name.
      ("5/6/97 3:10PM", "5/6/97 3:10PM", nil), ("5/6/97", "5/6/97", nil), ("1.2.97", "1.2.97", nil),
      ("version 1.2.3", "version", 2003), ("A.DOC 5/6/97 3:10PM extra", "A.DOC 5/6/97 3:10PM extra", nil),
    ] as [(String, String, Int?)])
  func titles(_ title: String, _ name: String, _ year: Int?) {
    let bytes = title.bytes
    let read = CCFileTitle(bytes.span, 0..<bytes.count, order: .monthDayYear)
    #expect(text(bytes[read.name]) == name)
    #expect(read.date?.year == year)
  }

  @Test(arguments: CCDateOrder.allCases, [(false, false), (false, true), (true, false), (true, true)])
  func roundTrip(_ order: CCDateOrder, _ form: (fourDigitYear: Bool, twelveHours: Bool)) {
    let date = CCDate(year: 1997, month: 5, day: 16, hour: 15, minute: 10)
    let bytes = write {
      $0.append("Name 1.WK4 ")
      date.append(order: order, fourDigitYear: form.fourDigitYear, twelveHours: form.twelveHours, to: &$0)
    }
    let read = CCFileTitle(bytes.span, 0..<bytes.count, order: order)
    #expect(text(bytes[read.name]) == "Name 1.WK4")
    #expect(read.date == date)
  }
}
