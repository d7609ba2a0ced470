import Formats
import Mail

/// The fields by which a message is recognised in an undeliverable file, and how well those of two messages agree.
struct MessageHeader {
  /// How well a field agrees with the same field of another message.
  enum Agreement: Int, Comparable {
    /// One of the two does not have it.
    case missing
    /// One is the beginning of the other.
    case cut
    /// The same but for blanks, case, or the order of a date.
    case changed
    case exact

    static func < (a: Agreement, b: Agreement) -> Bool { a.rawValue < b.rawValue }
  }

  /// How well two headers agree, field by field.
  struct Likeness: Comparable {
    var sender: Agreement
    var subject: Agreement
    var date: Agreement
    var recipients: Agreement

    private var all: [Agreement] { [sender, subject, date, recipients] }
    private var sum: Int { all.reduce(0) { $0 + $1.rawValue } }

    /// Whether this much tells that one is the other: two fields at least, and one of them not cut.
    var isEnough: Bool {
      all.filter { $0 > .missing }.count > 1 && [sender, subject, date].contains { $0 > .cut }
    }

    static func < (a: Likeness, b: Likeness) -> Bool { a.sum < b.sum }

    /// For people: `sender, date (written otherwise), recipients (cut)`.
    var text: String {
      zip(["sender", "subject", "date", "recipients"], all).compactMap { name, agreement in
        switch agreement {
        case .missing: nil
        case .cut: "\(name) (cut)"
        case .changed: "\(name) (written otherwise)"
        case .exact: name
        }
      }.joined(separator: ", ")
    }
  }

  /// A value as it is, and without blanks and case.
  private struct Value {
    var bytes: [UInt8]
    var folded: String
    /// Without the post office, folded; nil when none is named.
    var name: String?
  }

  private var sender: Value?
  private var subject: Value?
  private var date: Value?
  private var dates: [CCDate] = []
  private var recipients: [Value] = []

  /// Recipients that are compared; of more, the first ones tell enough.
  private static let mostRecipients = 1000

  /// - Parameters:
  ///   - bytes: what the ranges of `message` are of.
  ///   - isCut: whether the file ends within the header: then its last line is not believed.
  init(_ message: CCMessage, _ bytes: Bytes, _ converter: Converter, isCut: Bool = false) {
    func value(_ range: Range<Int>) -> Value? {
      let range = bytes.trimmed(range)
      if range.isEmpty { return nil }
      let text = converter.text(bytes.array(range))
      let name = text.firstRange(of: " at ").map { Self.folded(text[..<$0.lowerBound]) }
      return Value(bytes: bytes.array(range), folded: Self.folded(text[...]), name: name)
    }
    var message = message
    if isCut, !message.header.isEmpty { message.header.removeLast() }
    sender = message.values(.from).first.flatMap(value)
    subject = message.values(.subject).first.flatMap(value)
    if let range = message.values(.date).first {
      date = value(range)
      for order in CCDateOrder.allCases {
        if let date = CCDate(bytes, range, order: order), !dates.contains(date) { dates.append(date) }
      }
    }
    for line in message.header where [.to, .cc, .bcc].contains(line.keyword) {
      if recipients.count < Self.mostRecipients, let one = value(line.value) { recipients.append(one) }
    }
  }

  /// Whether there is anything to recognise a message by.
  var isEmpty: Bool { sender == nil && subject == nil && date == nil && recipients.isEmpty }

  private static func folded(_ text: Substring) -> String {
    text.lowercased().filter { !$0.isWhitespace }
  }

  /// How well this header, of an entry, agrees with that of a message; nil when it is another one's.
  func likeness(to other: MessageHeader) -> Likeness? {
    guard let sender = Self.agreement(sender, other.sender, shortest: Self.shortestName),
      let subject = Self.agreement(subject, other.subject, shortest: Self.shortestSubject),
      let date = dateAgreement(other), let recipients = recipientAgreement(other)
    else { return nil }
    return Likeness(sender: sender, subject: subject, date: date, recipients: recipients)
  }

  /// Characters of what may be a name, or a subject, that was cut; fewer would be the beginning of too many.
  private static let shortestName = 4
  private static let shortestSubject = 16

  private static func agreement(_ one: Value?, _ other: Value?, shortest: Int) -> Agreement? {
    guard let one, let other else { return .missing }
    if one.bytes == other.bytes { return .exact }
    if one.folded == other.folded { return .changed }
    if one.name == nil, other.name == one.folded { return .cut }
    return one.folded.count >= shortest && other.folded.hasPrefix(one.folded) ? .cut : nil
  }

  private func dateAgreement(_ other: MessageHeader) -> Agreement? {
    guard let date, let theirs = other.date else { return .missing }
    if date.bytes == theirs.bytes { return .exact }
    if date.folded == theirs.folded { return .changed }
    return dates.contains { other.dates.contains($0) } ? .changed : nil
  }

  /// An entry may name those only who did not get the message: each has to be one of its recipients.
  private func recipientAgreement(_ other: MessageHeader) -> Agreement? {
    guard !recipients.isEmpty, !other.recipients.isEmpty else { return .missing }
    let exact = Set(other.recipients.map(\.bytes))
    let folded = Set(other.recipients.map(\.folded))
    var worst = Agreement.exact
    for one in recipients {
      if exact.contains(one.bytes) { continue }
      if folded.contains(one.folded) {
        worst = min(worst, .changed)
        continue
      }
      guard other.recipients.contains(where: { Self.agreement(one, $0, shortest: Self.shortestName) == .cut }) else {
        return nil
      }
      worst = .cut
    }
    return worst
  }
}
