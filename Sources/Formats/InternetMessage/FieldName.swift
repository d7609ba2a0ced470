/// The header fields that a converter has to know by name; every other one is `other`.
public enum FieldName: UInt8, Sendable {
  case from, sender, replyTo, to, cc, bcc, subject, date, messageID, inReplyTo, references, received, returnPath
  case importance, priority, xPriority, xMSMailPriority
  case dispositionNotificationTo, returnReceiptTo
  case autoSubmitted, precedence
  case xSender, xReceiver, xSource, transport, endOfTransport
  case mimeVersion, contentType, contentTransferEncoding, contentDisposition, contentID, contentDescription
  case contentLocation, contentOther
  /// A line of a header that is no field: `X-Broken-Header-Line` where one has been kept.
  case brokenLine
  /// What a field with addresses beyond ASCII was before it went through 7-bit mail: `Downgraded-From`, RFC 5504, 3.1.2.
  case downgraded
  /// `X-ccmc-Address: jeff@example.com at mime`: in which form the cc:Mail message had an address for which the rule has
  /// another one. It is believed as far as the rule reads the same mailbox in it.
  case ccMailAddress
  case other

  /// The name under which a line that is no field is kept among the others.
  public static let brokenLineName: StaticString = "X-Broken-Header-Line"
  public static let downgradedPrefix: StaticString = "Downgraded-"

  /// Several of them, in the bits of a number.
  public struct Set: Sendable, Equatable {
    private var bits: UInt64 = 0

    public init() {}

    public init(_ names: [FieldName]) { for name in names { insert(name) } }

    public var isEmpty: Bool { bits == 0 }
    public func contains(_ name: FieldName) -> Bool { bits & 1 << UInt64(name.rawValue) != 0 }
    public mutating func insert(_ name: FieldName) { bits |= 1 << UInt64(name.rawValue) }

    public func union(_ other: Set) -> Set {
      var result = self
      result.bits |= other.bits
      return result
    }

    public func intersection(_ other: Set) -> Set {
      var result = self
      result.bits &= other.bits
      return result
    }
  }

  /// Fields that say how a body is built; a writer of another structure writes its own.
  public var isMIME: Bool {
    switch self {
    case .mimeVersion, .contentType, .contentTransferEncoding, .contentDisposition, .contentID, .contentDescription,
      .contentLocation, .contentOther:
      true
    default: false
    }
  }

  /// Whether a header may have several fields of this name, RFC 5322, 3.6.
  var mayRepeat: Bool {
    self == .received || self == .returnPath || isTransport || self == .brokenLine || self == .downgraded
      || self == .ccMailAddress
  }

  /// Fields that Exchange puts before a message in its Drop and Replay directories: the envelope, and what its transport
  /// notes for itself.
  public var isTransport: Bool { isTransportAlone || self == .xSender || self == .xSource }

  /// Those of them that no other program writes: X-Sender and X-Source mean other things elsewhere.
  public var isTransportAlone: Bool { self == .xReceiver || self == .transport || self == .endOfTransport }

  /// The field that the name at `range` means. RFC 5322, 3.6: names are compared without regard to case.
  init(_ bytes: Bytes, _ range: Range<Int>) {
    self = .other
    guard let first = range.first else { return }
    func named(_ name: StaticString) -> Bool { bytes.equalsIgnoringCase(range, name) }
    switch (ASCII.lowercased(bytes[first]), range.count) {
    case (UInt8(ascii: "f"), 4): if named("From") { self = .from }
    case (UInt8(ascii: "t"), 2): if named("To") { self = .to }
    case (UInt8(ascii: "c"), 2): if named("Cc") { self = .cc }
    case (UInt8(ascii: "b"), 3): if named("Bcc") { self = .bcc }
    case (UInt8(ascii: "d"), 4): if named("Date") { self = .date }
    case (UInt8(ascii: "s"), 6): if named("Sender") { self = .sender }
    case (UInt8(ascii: "s"), 7): if named("Subject") { self = .subject }
    case (UInt8(ascii: "r"), 8):
      if named("Received") { self = .received } else if named("Reply-To") { self = .replyTo }
    case (UInt8(ascii: "r"), 11): if named("Return-Path") { self = .returnPath }
    case (UInt8(ascii: "r"), 17): if named("Return-Receipt-To") { self = .returnReceiptTo }
    case (UInt8(ascii: "r"), 10): if named("References") { self = .references }
    case (UInt8(ascii: "i"), 11): if named("In-Reply-To") { self = .inReplyTo }
    case (UInt8(ascii: "m"), 10): if named("Message-ID") { self = .messageID }
    case (UInt8(ascii: "m"), 12): if named("MIME-Version") { self = .mimeVersion }
    case (UInt8(ascii: "p"), 8): if named("Priority") { self = .priority }
    case (UInt8(ascii: "p"), 10): if named("Precedence") { self = .precedence }
    case (UInt8(ascii: "a"), 14): if named("Auto-Submitted") { self = .autoSubmitted }
    case (UInt8(ascii: "i"), 10): if named("Importance") { self = .importance }
    case (UInt8(ascii: "x"), 8): if named("X-Sender") { self = .xSender } else if named("X-Source") { self = .xSource }
    case (UInt8(ascii: "x"), 10):
      if named("X-Priority") { self = .xPriority } else if named("X-Receiver") { self = .xReceiver }
    case (UInt8(ascii: "x"), 17):
      if named("X-MSMail-Priority") {
        self = .xMSMailPriority
      } else if named("X-SourceIPAddress") {
        self = .transport
      }
    case (UInt8(ascii: "x"), 20): if named(Self.brokenLineName) { self = .brokenLine }
    case (UInt8(ascii: "x"), 22...23):
      if named("X-EndOfInjectedXHeaders") {
        self = .endOfTransport
      } else if named("X-ExtendedMessageProps") {
        self = .transport
      }
    case (UInt8(ascii: "x"), 11...15):
      if named("X-CreatedBy") || named("X-HeloDomain") || named("X-MessageSource") || named("X-ExtendedProps")
        || named("X-LegacyExch50")
      {
        self = .transport
      } else if named("X-ccmc-Address") {
        self = .ccMailAddress
      }
    case (UInt8(ascii: "d"), 13...)
    where bytes.hasPrefixIgnoringCase(
      at: range.lowerBound, to: range.upperBound, Self.downgradedPrefix):
      self = .downgraded
    case (UInt8(ascii: "d"), 27): if named("Disposition-Notification-To") { self = .dispositionNotificationTo }
    case (UInt8(ascii: "c"), 9...):
      guard bytes.hasPrefixIgnoringCase(at: range.lowerBound, to: range.upperBound, "Content-") else { return }
      if named("Content-Type") {
        self = .contentType
      } else if named("Content-Transfer-Encoding") {
        self = .contentTransferEncoding
      } else if named("Content-Disposition") {
        self = .contentDisposition
      } else if named("Content-ID") {
        self = .contentID
      } else if named("Content-Description") {
        self = .contentDescription
      } else if named("Content-Location") {
        self = .contentLocation
      } else {
        self = .contentOther
      }
    default: return
    }
  }
}
