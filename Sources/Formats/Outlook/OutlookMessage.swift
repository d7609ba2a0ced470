/// A message as Outlook keeps it: properties of the message, of its recipients and of its attachments, [MS-OXMSG] and
/// [MS-OXTNEF]. What they hold is in ranges of the input that it was read from.
public struct OutlookMessage: Sendable {
  public var properties = MAPIProperties()
  public var recipients: [MAPIProperties] = []
  public var attachments: [Attachment] = []
  /// The Windows code page of its 8-bit texts; 0 when nothing tells it.
  public var codePage = 0
  public var findings: [Finding] = []

  public init() {}

  public struct Attachment: Sendable {
    public var properties = MAPIProperties()
    /// The message that is attached; at most one.
    public var embedded: [OutlookMessage] = []
    /// A compound file made of the OLE object that is attached; empty for any other attachment.
    public var object: [UInt8] = []
    /// Whether its data are those of an OLE object, whatever its type says.
    public var isObject = false
  }

  /// Messages within messages that are read; deeper ones stay unread, with a finding.
  static let maximumDepth = 32
  /// Attachments and recipients of one message; no real one has more, and one that is a few bytes long here needs
  /// hundreds of them later.
  static let maximumAttachments = 20_000
  static let maximumRecipients = 50_000

  /// The code page that its properties tell: that of its texts, of its language, of the Internet.
  mutating func findCodePage(inherited: Int) {
    if let page = properties.integer(PropertyID.messageCodePage), WindowsCodePage.isKnown(page) {
      codePage = page
    } else if let language = properties.integer(PropertyID.messageLocaleID),
      let page = WindowsCodePage.page(ofLocale: language)
    {
      codePage = page
    } else if let page = properties.integer(PropertyID.internetCodePage), WindowsCodePage.isKnown(page) {
      codePage = page
    } else {
      codePage = inherited
    }
  }
}
