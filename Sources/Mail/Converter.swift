import Formats

/// Converts messages, one after the other. One for each thread: it keeps iconv's descriptors and room for texts.
public final class Converter {
  public let options: ConversionOptions
  let charsets = CharsetConverter()
  let mapping: CCHeaderMapping
  let toCCMail: ToCCMail
  let toInternet: ToInternet
  let fromCCMail: FromCCMail

  public init(options: ConversionOptions) {
    self.options = options
    mapping = CCHeaderMapping(options: options, converter: charsets)
    toCCMail = ToCCMail(options: options, converter: charsets)
    toInternet = ToInternet(options: options, converter: charsets)
    fromCCMail = FromCCMail(options: options, converter: charsets)
  }

  /// Appends the Internet message in `bytes` to `output` as .ccm. Returns what there is to say about it.
  ///
  /// Throws `Unreadable` when `bytes` are no message; nothing is appended then.
  public func convertToCCMail(_ bytes: Bytes, to output: inout [UInt8]) throws(Unreadable) -> [Finding] {
    if let lines = LineEnds.withoutLoneReturns(bytes) { return try convertToCCMail(lines.span, to: &output) }
    let message = try FromInternet.read(bytes, converter: charsets, options: options)
    return toCCMail.write(message, source: bytes, to: &output)
  }

  /// Appends `bytes`, which are no message, to `output` as the text of one.
  public func wrapInCCMail(_ bytes: Bytes, to output: inout [UInt8]) {
    var message = Message()
    message.items = [Item(kind: .text, type: .plainText, content: .source(0..<bytes.count, .identity))]
    _ = toCCMail.write(message, source: bytes, to: &output)
  }

  /// An Internet message made of a .ccm message, and what a mailbox file has to know of it.
  public struct Envelope: Sendable {
    public var sender: String
    public var date: Timestamp?
    public var findings: [Finding]
  }

  /// Appends a message of a .ccm file, read from `bytes`, to `output` as an Internet message. `offset` is where `bytes`
  /// begin in the file: the findings tell offsets in the file.
  ///
  /// Returns nil while it is a part of one that was divided for its long header (Q166499) or its many items, and more
  /// parts are wanted: the last one is written with the recipients, and the items, of all.
  public func convertToInternet(
    _ source: CCMessage, _ bytes: Bytes, at offset: Int = 0, division: inout Division, to output: inout [UInt8]
  ) -> Envelope? {
    if source.endsLinesWithCR {
      let (message, lines) = source.withLineFeeds(bytes)
      return convertPart(message, lines.span, at: offset, start: source.whole.lowerBound, &division, &output)
    }
    return convertPart(source, bytes, at: offset, start: source.whole.lowerBound, &division, &output)
  }

  /// Converts a message that may be a part of one with many items: what is joined is converted as any other.
  private func convertPart(
    _ source: CCMessage, _ bytes: Bytes, at offset: Int, start: Int, _ division: inout Division,
    _ output: inout [UInt8]
  ) -> Envelope? {
    guard let part = ItemPart(source, bytes), part.of > 1 else {
      division.breakUpItems()
      return convertToInternet(source, bytes, at: offset, start: start, &division, &output)
    }
    if division.items?.isFollowed(by: part) != true { division.breakUpItems() }
    var items: ItemParts
    if let held = division.items {
      items = held
      division.items = nil
      items.append(source, bytes, part)
    } else if part.number == 1 {
      items = ItemParts(source, bytes, part, offset: offset + start)
    } else {
      return convertAlone(source, bytes, at: offset, start: start, &division, &output)
    }
    if part.isLast {
      return convertToInternet(items.message, items.bytes.span, at: items.offset, start: 0, &division, &output)
    }
    // Written as a message of its own, for the case that the others do not come.
    var alone: [UInt8] = []
    let envelope = convertAlone(source, bytes, at: offset, start: start, &division, &alone)
    items.alone.append(Division.Part(bytes: alone, envelope: envelope, offset: offset + start, recipients: []))
    division.items = items
    if items.bytes.count > Division.limit { division.breakUpItems() }
    return nil
  }

  /// Converts a part without the others.
  private func convertAlone(
    _ source: CCMessage, _ bytes: Bytes, at offset: Int, start: Int, _ division: inout Division,
    _ output: inout [UInt8]
  ) -> Envelope {
    var message = reader(source, bytes).read(source, bytes).message
    for i in message.findings.indices { message.findings[i].offset += offset }
    message.findings.append(Division.finding(at: offset + start))
    return write(message, source, bytes, &division.occurrences, to: &output)
  }

  private func reader(_ source: CCMessage, _ bytes: Bytes) -> FromCCMail {
    source.isUTF8 && source.canBeUTF8(bytes) ? utf8Reader : fromCCMail
  }

  /// Reads text as UTF-8 whatever the code page.
  private lazy var utf8Reader: FromCCMail = {
    var options = options
    options.codePage = CodePage("utf-8")
    return FromCCMail(options: options, converter: charsets)
  }()

  /// - Parameter start: Where the message begins in the bytes that `offset` is the offset of.
  private func convertToInternet(
    _ source: CCMessage, _ bytes: Bytes, at offset: Int, start: Int, _ division: inout Division,
    _ output: inout [UInt8]
  ) -> Envelope? {
    var reading = reader(source, bytes).read(source, bytes)
    for i in reading.message.findings.indices { reading.message.findings[i].offset += offset }
    let follows =
      reading.division.map {
        $0.part == 1 ? division.held.isEmpty : $0.part == division.held.count + 1 && $0.of == division.of
      } ?? false
    if !follows { division.breakUp() }
    if let part = reading.division {
      let isWhole = follows && part.part == part.of
      // Fields of all recipients are for the whole message alone: a part has its own portion of them.
      if !isWhole { reading.message.carried.removeAll { [.to, .cc, .bcc].contains($0.name) } }
      if isWhole {
        reading.message.recipients = division.sorted(with: reading.message.recipients)
        reading.message.findings = division.findings + reading.message.findings
        division.clear()
      } else if follows || part.part == 1 {
        // Written as a message of its own, for the case that the others do not come.
        var held: [UInt8] = []
        let envelope = write(reading.message, source, bytes, &division.occurrences, to: &held)
        division.hold(held, envelope, reading.message.recipients, of: part.of, at: offset + start)
        return nil
      } else {
        reading.message.findings.append(Division.finding(at: offset + start))
      }
    }
    return write(reading.message, source, bytes, &division.occurrences, to: &output)
  }

  private func write(
    _ message: Message, _ source: CCMessage, _ bytes: Bytes, _ occurrences: inout MadeMessageID.Occurrences,
    to output: inout [UInt8]
  ) -> Envelope {
    let findings = toInternet.write(
      message, source: bytes, identity: source.whole, hasEnvelope: options.writesEnvelope, occurrences: &occurrences,
      to: &output)
    return Envelope(sender: message.sender?.address ?? "", date: message.date, findings: message.findings + findings)
  }

  /// What the conversion of an input keeps from message to message: the parts so far of one that was divided for its long
  /// header or its many items, those of one whose rest did not come, and how often equal messages have occurred.
  public struct Division: Sendable {
    public struct Part: Sendable {
      public var bytes: [UInt8]
      public var envelope: Envelope
      var offset: Int
      var recipients: [Message.Recipient]
    }

    /// Parts of a message with many items.
    var items: ItemParts?
    fileprivate var held: [Part] = []
    fileprivate var of = 0
    private var size = 0
    private var broken: [Part] = []
    fileprivate var occurrences = MadeMessageID.Occurrences()

    public init() {}

    fileprivate mutating func clear() {
      held = []
      of = 0
      size = 0
    }

    /// The parts that stay messages of their own, each with its portion of the recipients, or of the items: to be written before what
    /// was converted last. At the end of the input, `isLast`, those that were still held too.
    public mutating func takeBroken(isLast: Bool = false) -> [Part] {
      if isLast { breakUpItems(isLast: true) }
      defer { broken = [] }
      return broken
    }

    static func finding(at offset: Int) -> Finding {
      Finding(
        offset: offset, rule: .divided,
        text: "a part of a divided message, the other parts of which are not beside it; a message of its own")
    }

    /// What there was to say about the parts held.
    fileprivate var findings: [Finding] { held.flatMap(\.envelope.findings) }

    /// Gives up the parts of a message with many items; what was held before them comes before them.
    mutating func breakUpItems(isLast: Bool = false) {
      guard items != nil || isLast else { return }
      breakUp()
      broken += items?.alone ?? []
      items = nil
    }

    fileprivate mutating func breakUp() {
      for var part in held {
        part.envelope.findings.append(Self.finding(at: part.offset))
        broken.append(part)
      }
      held = []
      size = 0
    }

    /// Bytes of parts that are held at once; a message that has more of them stays divided.
    static let limit = 128 << 20

    fileprivate mutating func hold(
      _ bytes: [UInt8], _ envelope: Envelope, _ recipients: [Message.Recipient], of: Int, at offset: Int
    ) {
      held.append(Part(bytes: bytes, envelope: envelope, offset: offset, recipients: recipients))
      self.of = of
      size += bytes.count
      if size > Self.limit { breakUp() }
    }

    fileprivate func sorted(with last: [Message.Recipient]) -> [Message.Recipient] {
      let all = held.flatMap(\.recipients) + last
      return [Message.Recipient.Field.to, .cc, .bcc].flatMap { field in all.filter { $0.field == field } }
    }
  }

  /// Whether iconv knows the code page.
  public var knowsCodePage: Bool { charsets.knows(options.codePage.iconvName) }
}
