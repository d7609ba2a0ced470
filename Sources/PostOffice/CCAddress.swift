import Formats

/// `Name at PO`, `Name`, `#Board at PO`, `"Jeff" <jeff@example.com> at INTERNET`: ranges of its bytes.
struct CCAddress {
  var name: Range<Int>
  var postOffice: Range<Int>?

  /// The last ` at ` outside of quotes divides; a quote that is not closed hides nothing.
  init(_ bytes: Bytes) {
    name = 0..<bytes.count
    guard let at = Self.divider(bytes, heedsQuotes: true) ?? Self.divider(bytes, heedsQuotes: false) else { return }
    name = 0..<at
    postOffice = bytes.trimmed((at + 4)..<bytes.count)
  }

  private static func divider(_ bytes: Bytes, heedsQuotes: Bool) -> Int? {
    // `at PO` without a name, as EXPORT 8.3 writes it (Q249133), begins with its blank lost.
    var found: Int?
    var isQuoted = false
    for i in 0..<bytes.count {
      if heedsQuotes, bytes[i] == ASCII.quote { isQuoted.toggle() }
      if !isQuoted, i + 4 <= bytes.count, bytes[i] == ASCII.space, bytes.hasPrefixIgnoringCase(at: i, to: i + 4, " at ")
      {
        found = i
      }
    }
    return isQuoted ? nil : found
  }
}
