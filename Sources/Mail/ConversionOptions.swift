import Formats

/// How messages are mapped; the same values give the same mapping in both directions.
public struct ConversionOptions: Sendable {
  public var layout = CCLayout()
  public var codePage = CodePage.standard
  public var dateOrder = CCDateOrder.monthDayYear
  public var fourDigitYear = false
  /// Bytes of the header of one message; longer ones are divided (Q166499, Q266711).
  public var headerLimit = 4096
  /// Lines of the header of one message, likewise.
  public var headerEntries = 200
  /// Bytes of one text item (Q156063, Q190555).
  public var textLimit = 20_480
  /// Characters of a subject and of an item's title (Q184991).
  public var subjectLimit = 60
  public var titleLimit = 30
  /// IMPORT 8.3 cannot take `[` and `]` (Q234350, Q232687).
  public var replacesBrackets = false
  public var longNames = false
  /// A date and a time behind the names of files; release 8 shows them instead of the name (Q195203).
  public var fileDates = true
  /// A text beyond the limit is attached as `Unnamed.txt`, not continued in further items.
  public var attachesLongText = false
  /// Whether a message may have any number of items, and a text be continued in any number of them; cc:Mail takes 20.
  public var allowsManyItems = false
  public var keepsHeaders = false
  public var normalisesRe = false
  /// Internet messages begin with an envelope, for Exchange's Replay directory.
  public var writesEnvelope = false
  /// Addresses beyond ASCII stand in the header as they are, RFC 6532, for those who can send them (RFC 6531).
  public var writesUTF8Addresses = false
  public var macintosh = Macintosh.appleDouble
  public var addresses = AddressRule()
  /// The domain of users whom an Outlook message names by their X.500 address alone. `.invalid` reaches nobody
  /// (RFC 6761).
  public var exchangeDomain = "exchange.invalid"
  public var defaultSender = "Unknown sender at INTERNET"
  /// What becomes of the addresses of links in the text of HTML.
  public var links = LinkStyle.end
  /// Turns HTML into text; nil when it cannot.
  public var htmlFilter: (@Sendable ([UInt8]) -> [UInt8]?)?

  public init() {}

  /// How a Macintosh file with a resource fork is written towards the Internet.
  public enum Macintosh: String, Sendable {
    case appleDouble = "appledouble"
    case binHex = "binhex"
  }

  /// Sets the limits of a release of the cc:Mail programs: 6, or 8 for 8.2x and later (Q266711, Q234350, Q195203).
  public mutating func setRelease(_ release: Int) {
    headerLimit = release >= 8 ? 163_840 : 4096
    replacesBrackets = release >= 8
    fileDates = release < 8
  }
}
