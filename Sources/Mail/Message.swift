import Formats

/// What a message says, whichever format it came in. Each format maps to and from it in a file of its own.
///
/// Addresses have their Internet form, texts are UTF-8, and the content of parts stays where it is: a range of the
/// source that the message was read from.
public struct Message: Sendable {
  public var sender: Mailbox?
  public var recipients: [Recipient] = []
  public var subject = ""
  public var date: Timestamp?
  public var priority = Priority.normal
  /// Who asks for a receipt, RFC 8098: Disposition-Notification-To; `RRT:` in cc:Mail.
  public var receiptTo: Mailbox?
  public var items: [Item] = []
  /// The header fields of the Internet message that this was read from, in their order.
  public var headers: [Header] = []
  /// Fields that say more than a message holds: several senders, groups without members, a second subject.
  public var unsaid = FieldName.Set()
  /// The character set of raw 8-bit header text.
  public var headerCharset = ""
  /// Header fields that came with a cc:Mail message and still say what it says; written as they are.
  public var carried: [CarriedHeader] = []
  /// What an Internet message has no field for: unknown keywords of a .ccm file, a date that the calendar lacks.
  public var remarks: [(name: String, text: String)] = []
  /// Whether `carried` are all the fields that the message ever had.
  public var carriesAllHeaders = false
  /// Fields that need not be made, because the header that was carried had none either.
  public var settled = FieldName.Set()
  public var findings: [Finding] = []
  /// Sent by a post office and not by a person: nobody must answer it automatically, RFC 3834.
  public var isAutomatic = false
  /// The `report-type` of a multipart/report, RFC 6522: `delivery-status`. Nil for any other message.
  public var reportType: String?
  /// Who is to get this copy, where the message says so itself; nil for any other message.
  public var envelope: TransportEnvelope?
  /// Whether there are bcc recipients whom the envelope alone names.
  public var hasHiddenRecipients = false
  /// Addresses of a cc:Mail message in the form that they have there, where the rule has another one for them.
  public var ccMailForms: [String] = []
  /// Fields that stand behind all others, written as they are.
  public var further: [[UInt8]] = []
  /// The whole of the body with its MIME fields, where it is signed and has to stay as it is; nil as a rule.
  public var entity: Item.Content?

  public init() {}

  /// A report type as it may be written without quotes; `other` for none and for what is no token, RFC 2045, 5.1.
  static func reportType(_ text: String) -> String {
    let type = text.lowercased()
    return type.isEmpty || type.utf8.count > 40
      || !type.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.hyphen }) ? "other" : type
  }

  public struct Recipient: Sendable, Equatable {
    public enum Field: Sendable { case to, cc, bcc }
    public var field: Field
    public var mailbox: Mailbox
    /// Lives on the Internet side: cc:Mail hands the message over for this recipient.
    public var isOutside = false
  }

  public enum Priority: Sendable { case low, normal, urgent }

  public struct Header: Sendable {
    public var name: FieldName
    /// The field with its line ends, in the source.
    public var range: Range<Int>
  }

  public struct CarriedHeader: Sendable {
    public var name: FieldName
    public var text: [UInt8]
  }
}

/// A text or a file of a message.
public struct Item: Sendable {
  public enum Kind: Sendable { case text, file, fax }

  /// What an item is to the others.
  public enum Role: String, Sendable {
    /// A text of its own, or an attached file.
    case plain
    /// HTML, of which a text item is the rendering.
    case body
    /// The same as the text before it, in another form.
    case alternative
    /// The exact original of a text that the post office cannot hold.
    case original
    /// A message within the message, of which a text item is the rendering.
    case message
    /// The part of a report that programs read, of which a text item is the rendering.
    case report
    /// A calendar, a card or S/MIME in a message with nothing to read, of which a text item tells what it says.
    case described
    /// Made from another item.
    case rendering
    /// A text that stood before the first boundary of the message, or behind its last one, RFC 2046, 5.1.1.
    case preamble, epilogue
  }

  public var kind: Kind
  public var role = Role.plain
  /// A text's title, a file's description.
  public var title = ""
  /// A file's name; empty when it has none.
  public var name = ""
  public var date: Timestamp?
  public var content: Content
  /// The character set of a text or of HTML, as its message labels it.
  public var charset = ""
  public var type: MediaType
  public var contentID = ""
  /// Shown within the text, RFC 2183: inline.
  public var isInline = false
  /// Belongs to HTML that shows it, RFC 2387.
  public var isRelated = false
  public var isFlowed = false
  public var deletesSpace = false
  public var macintosh: Macintosh?
  /// What its Content-Type says besides what has a place here: the method of a calendar (RFC 6047, 2.4), where an
  /// external body is and which part a partial message is (RFC 2046, 5.2).
  public var parameters: [(name: String, value: String)] = []

  /// More of them are left out.
  static let maximumParameters = 30

  /// Parameters of Content-Type that have a place of their own, or mean nothing on the way back.
  static func isPlaced(parameter name: String) -> Bool {
    switch name {
    case "name", "charset", "boundary", "format", "delsp", "x-mac-type", "x-mac-creator", "x-mac-finder", "x-mac-name":
      true
    default: false
    }
  }

  public init(kind: Kind, type: MediaType, content: Content) {
    self.kind = kind
    self.type = type
    self.content = content
  }

  /// What a Macintosh file is besides its data fork, the item's content: type and creator (Q168300), what else the
  /// Finder knows, and the resource fork.
  public struct Macintosh: Sendable, Equatable {
    /// Its name is empty where it is that of the item.
    public var info: FinderInfo
    public var resources: [UInt8] = []

    public init(_ info: FinderInfo, resources: [UInt8] = []) {
      self.info = info
      self.resources = resources
    }
  }

  public enum Content: Sendable {
    /// Bytes of the source, in their transfer encoding.
    case source(Range<Int>, TransferEncoding)
    /// Pairs of hexadecimal digits in the source.
    case hexadecimal(Range<Int>)
    /// Bytes of the source, one range after the other.
    case pieces([Range<Int>])
    case bytes([UInt8])
  }
}

extension Item.Content {
  /// Appends the content to `output`; returns the offset of the first defect in its encoding.
  func append(from source: Bytes, to output: inout [UInt8]) -> Int? {
    switch self {
    case .source(let range, let encoding): return encoding.decode(source, range, into: &output)
    case .hexadecimal(let range):
      CCText.appendHex(source, range, to: &output)
      return nil
    case .pieces(let ranges):
      for range in ranges { output.append(source, range) }
      return nil
    case .bytes(let bytes):
      output.append(contentsOf: bytes)
      return nil
    }
  }
}
