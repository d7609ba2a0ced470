import Formats

/// A receipt of cc:Mail: an ordinary message from the reader, the last line of which is `was read on 12/21/1999 5:19 PM`
/// (Q252819); its subject, that of the message with a word of the reader's language in front (Q200032).
struct ReadReceipt {
  /// When the message was read, by the post office's clock.
  var time: Timestamp?

  private static let keyword: StaticString = "was read on "
  /// A receipt is short; a letter that only ends like one is none.
  private static let limit = 4096

  /// Reads a text in the code page; nil when it is no receipt.
  init?(_ text: Bytes, order: CCDateOrder) {
    guard text.count <= Self.limit else { return nil }
    let end = text.trimmed(0..<text.count).upperBound
    var start = end
    while start > 0, text[start - 1] != ASCII.lf { start -= 1 }
    let line = text.trimmed(start..<end)
    guard text.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, Self.keyword) else { return nil }
    var date = text.trimmed((line.lowerBound + Self.keyword.utf8CodeUnitCount)..<line.upperBound)
    if let last = date.last, text[last] == ASCII.dot { date = date.lowerBound..<last }
    guard let date = CCDate(text, date, order: order) else { return nil }
    time = PostOfficeClock.time(date)
  }
}
