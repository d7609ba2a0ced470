import Formats

/// Converts messages, one after the other. One for each thread: it keeps iconv's descriptors and room for texts.
public final class Converter {
  public let options: ConversionOptions
  private let charsets = CharsetConverter()
  private let toCCMail: ToCCMail
  private let toInternet: ToInternet
  private let fromCCMail: FromCCMail

  public init(options: ConversionOptions) {
    self.options = options
    toCCMail = ToCCMail(options: options, converter: charsets)
    toInternet = ToInternet(options: options, converter: charsets)
    fromCCMail = FromCCMail(options: options, converter: charsets)
  }

  /// Appends the Internet message in `bytes` to `output` as .ccm. Returns what there is to say about it.
  ///
  /// Throws `Unreadable` when `bytes` are no message; nothing is appended then.
  public func convertToCCMail(_ bytes: Bytes, to output: inout [UInt8]) throws(Unreadable) -> [Finding] {
    if let lines = LineEnds.withoutLoneReturns(bytes) { return try convertToCCMail(lines.span, to: &output) }
    let message = try FromInternet.read(bytes, converter: charsets)
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

  /// Appends a message of a .ccm file, read from `bytes`, to `output` as an Internet message.
  ///
  /// Returns nil while it is a part of one that was divided for its long header (Q166499), and more parts are wanted:
  /// the last one is written with the recipients of all.
  public func convertToInternet(
    _ source: CCMessage, _ bytes: Bytes, division: inout Division, to output: inout [UInt8]
  ) -> Envelope? {
    var reading = fromCCMail.read(source, bytes)
    if let part = reading.division {
      if part.part == division.parts + 1, part.of == division.of || part.part == 1 {
        division.recipients += reading.message.recipients
        division.parts = part.part
        division.of = part.of
        if part.part < part.of { return nil }
        reading.message.recipients = division.sorted
      }
    }
    division = Division()
    toInternet.write(reading.message, source: bytes, identity: source.whole, to: &output)
    return Envelope(
      sender: reading.message.sender?.address ?? "", date: reading.message.date, findings: reading.message.findings)
  }

  /// The parts so far of a message that was divided for its long header.
  public struct Division: Sendable {
    var parts = 0
    var of = 0
    var recipients: [Message.Recipient] = []

    public init() {}

    var sorted: [Message.Recipient] {
      [Message.Recipient.Field.to, .cc, .bcc].flatMap { field in recipients.filter { $0.field == field } }
    }
  }

  /// Whether iconv knows the code page.
  public var knowsCodePage: Bool { charsets.knows(options.codePage.iconvName) }
}
