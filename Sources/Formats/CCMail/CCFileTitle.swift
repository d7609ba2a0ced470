/// What stands behind `File item:`: a name and, unless a release leaves them out, the file's date and time.
/// Example: `ABC.WK4 5/6/97 3:10PM`
public struct CCFileTitle: Sendable {
  public var name: Range<Int>
  public var date: CCDate?

  /// Splits from the right: a time, a date, and the rest is the name, digits and blanks and all (Q166610, Q186216,
  /// Q192700). A title that is nothing but a date is the name (Q195203).
  public init(_ bytes: Bytes, _ title: Range<Int>, order: CCDateOrder) {
    let whole = bytes.trimmed(title)
    name = whole
    var starts: [Int] = []
    var i = whole.upperBound
    while i > whole.lowerBound, starts.count < 3 {
      if ASCII.isBlank(bytes[i - 1]), i < whole.upperBound, !ASCII.isBlank(bytes[i]) { starts.append(i) }
      i -= 1
    }
    // `3:10 PM` is two words, `3:10PM` and `15:10` one; a date alone is possible too.
    for start in starts.reversed() {
      guard let date = CCDate(bytes, start..<whole.upperBound, order: order) else { continue }
      let rest = bytes.trimmed(whole.lowerBound..<start)
      guard !rest.isEmpty else { continue }
      name = rest
      self.date = date
      return
    }
  }
}
