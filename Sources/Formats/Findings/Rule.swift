/// What a reader or a writer can find: each case has its place in ccm-findings(7), and its raw value is what programs
/// print and scripts rely on.
public enum Rule: String, Sendable, CaseIterable, CustomStringConvertible {
  // MARK: How a `.ccm` file is written

  case textBeforeMessage = "text-before-message"
  case byteOrderMark = "byte-order-mark"
  case filler
  case crLineEnds = "cr-line-ends"
  case utf16 = "utf-16"
  case blankBeforeColon = "blank-before-colon"
  case unknownKeyword = "unknown-keyword"
  case secondField = "second-field"
  case noContents = "no-contents"
  case unknownSection = "unknown-section"
  case textOutsideItems = "text-outside-items"
  case fileNotHex = "file-not-hex"
  case rtfText = "rtf-text"

  // MARK: Sizes in a `.ccm` file

  case sizeMissing = "size-missing"
  case sizeBlank = "size-blank"
  case sizeNonsense = "size-nonsense"
  case sizeTooLong = "size-too-long"
  case sizeTooShort = "size-too-short"
  case sizeCountedDifferently = "size-counted-differently"
  case messageSize = "message-size"
  case contentsSize = "contents-size"

  // MARK: The header of a message

  case noSender = "no-sender"
  case senderWithoutAddress = "sender-without-address"
  case noRecipient = "no-recipient"
  case recipientWithoutName = "recipient-without-name"
  case noDate = "no-date"
  case date
  case impossibleDate = "impossible-date"
  case oddYear = "odd-year"
  case noBlankLine = "no-blank-line"
  case headerLineWithoutName = "header-line-without-name"
  case subjectChanged = "subject-changed"
  case subjectCut = "subject-cut"
  case addressChanged = "address-changed"
  case dividedName = "divided-name"
  case envelope
  case displayOnly = "display-only"

  // MARK: Bodies and attachments

  case contentType = "content-type"
  case unknownTransferEncoding = "unknown-transfer-encoding"
  case transferEncoding = "transfer-encoding"
  case uuencoding
  case unknownCharset = "unknown-charset"
  case wrongCharset = "wrong-charset"
  case charsetLabel = "charset-label"
  case multipartWithoutBoundary = "multipart-without-boundary"
  case multipartWithoutParts = "multipart-without-parts"
  case boundaryNotClosed = "boundary-not-closed"
  case nestedTooDeep = "nested-too-deep"
  case preamble
  case epilogue
  case macintosh
  case signatureUnchecked = "signature-unchecked"
  case htmlFilter = "html-filter"

  // MARK: What a `.ccm` file cannot hold as it was

  case textChanged = "text-changed"
  case textAttached = "text-attached"
  case textDivided = "text-divided"
  case titleCut = "title-cut"
  case nameChanged = "name-changed"
  case headerDivided = "header-divided"
  case itemsDivided = "items-divided"
  case divided

  // MARK: Outlook's files

  case compoundFile = "compound-file"
  case entryLost = "entry-lost"
  case noData = "no-data"
  case rtfDamaged = "rtf-damaged"
  case calendarPeople = "calendar-people"
  case recurrence
  case tnefGarbage = "tnef-garbage"
  case tnefCut = "tnef-cut"
  case tnefChecksum = "tnef-checksum"
  case tnefProperty = "tnef-property"

  // MARK: More than is read

  case tooManyParts = "too-many-parts"
  case tooManyItems = "too-many-items"
  case tooManyHeaderLines = "too-many-header-lines"
  case tooManyRecipients = "too-many-recipients"
  case moreFindings = "more-findings"

  // MARK: What a post office did

  case undeliverable
  case cameAgain = "came-again"
  case putAside = "put-aside"

  /// Those that say that a size in a `.ccm` file is wrong.
  public static let sizes: Set<Rule> = [
    .sizeMissing, .sizeBlank, .sizeNonsense, .sizeTooLong, .sizeTooShort, .sizeCountedDifferently, .messageSize,
    .contentsSize,
  ]

  public var description: String { rawValue }
}
