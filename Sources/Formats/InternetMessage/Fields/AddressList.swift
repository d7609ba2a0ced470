/// A mailbox of RFC 5322, 3.4: `Mary Smith <mary@example.net>`. Both texts are in UTF-8, decoded and unquoted.
public struct Mailbox: Sendable, Equatable {
  /// The display name, or else the comment after the address; empty when there is neither.
  public var name: String
  /// The addr-spec, `mary@example.net`, its domain in ASCII (`DomainName`); whatever stands there where no `@` is.
  public var address: String
  /// The name of the group that it is in, RFC 5322, 3.4: `A Group:Ed <ed@example.org>;`
  public var group: String?

  public init(name: String, address: String, group: String? = nil) {
    self.name = name
    self.address = address
    self.group = group
  }
}

/// The address lists of From, To, Cc and their like, in every form met in real mail: groups, comments, routes,
/// quoted and unquoted names, names without an address, semicolons between addresses, commas in names.
public struct AddressList: Sendable, Equatable {
  public var mailboxes: [Mailbox] = []
  /// Groups without members: `undisclosed-recipients:;`
  public var emptyGroups: [String] = []
  /// Whether there are more mailboxes than `maximum`; those behind it are not read.
  public var isCut = false
  /// Whether a strict reader of RFC 5322 would read something else, so that the field must not be passed on as it is.
  public var isIrregular = false
  /// Whether a comment stands there that is no mailbox's name.
  public var hasComments = false
  /// Names that hold a comma or semicolon without quotation marks, which would have made two mailboxes of one.
  public var dividedNames: [String] = []
  /// What was wrong with encoded words and raw characters.
  public var defects: EncodedWord.Defects = []
  /// Whether an address stands there with characters beyond ASCII, RFC 6532; its domain is in A-labels in `mailboxes`.
  public var isInternational = false

  /// Mailboxes in one field.
  public static let maximum = 50_000

  /// Reads the address list at `range`; never fails. Raw 8-bit bytes are read in `charset`.
  public init(_ bytes: Bytes, _ range: Range<Int>, charset: String = "", converter: CharsetConverter) {
    var parser = AddressParser(charset: charset, converter: converter)
    parser.parse(bytes, range)
    self = parser.list
  }

  /// Whether the list at `range` is at most one mailbox, as any reader reads it: nothing in it stands for more than
  /// itself but one `@` and one pair of angles.
  public static func isSimple(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let range = bytes.trimmed(range)
    var (at, less, greater, blanks) = (0, 0, 0, 0)
    for i in range {
      let byte = bytes[i]
      // `"`, `'`, `(`, `)`, `,`, `:`, `;`, `=`, `[`, `\\`, `]`, and what is not ASCII.
      let special: UInt64 = byte < 64 ? 0x2C00_1384_0000_0000 : 0x3800_0000
      guard byte < 128, special >> UInt64(byte & 63) & 1 == 0 else { return false }
      switch byte {
      case ASCII.at: at += 1
      case ASCII.less:
        if at > 0 { return false }
        less += 1
      case ASCII.greater: greater += 1
      case ...ASCII.space: blanks += 1
      default: continue
      }
    }
    guard at == 1, less == greater, let last = range.last else { return false }
    return less == 0 ? blanks == 0 : less == 1 && bytes[last] == ASCII.greater
  }

  public init(mailboxes: [Mailbox]) { self.mailboxes = mailboxes }

  init() {}
}
