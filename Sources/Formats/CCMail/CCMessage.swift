/// A message of a cc:Mail import or export file (.ccm) as its reader found it: ranges of the input.
/// The format's facts and this product's decisions are in ccm(5).
public struct CCMessage: Sendable {
  /// From `Message:` to the end of what belongs to it.
  public var whole: Range<Int>
  /// Whether size lines follow the keywords (/ITEMSIZE).
  public var isSized = false
  /// Whether its lines end in CR alone, as those of a Macintosh.
  public var endsLinesWithCR = false
  /// Whether the file began with a byte order mark of UTF-8: its text is UTF-8 then, not in the code page, as long as
  /// it can be that.
  public var isUTF8 = false
  public var header: [HeaderLine] = []
  public var items: [Item] = []
  public var findings: [Finding] = []

  /// `From: Grewal, Jeff at Hub`
  public struct HeaderLine: Sendable {
    public var keyword: CCKeyword
    public var name: Range<Int>
    /// Without the blank after the colon; continued lines are in it as they stand.
    public var value: Range<Int>
  }

  /// `Text item: title`, a size, the data.
  public struct Item: Sendable {
    public var kind: CCItemKind
    /// Where its keyword line begins.
    public var start: Int
    /// What follows the keyword on its line.
    public var title: Range<Int>
    public var data: Range<Int>
    /// Whether the data are pairs of hexadecimal digits (/FILES/HEX).
    public var isHex = false
    /// Whether lines that look like keywords have one more blank in front (plain dialect).
    public var isProtected = false
  }

  /// The values of all header lines with this keyword.
  public func values(_ keyword: CCKeyword) -> [Range<Int>] {
    header.filter { $0.keyword == keyword }.map(\.value)
  }
}

/// The keywords of a message's header, in the order in which they are written.
public enum CCKeyword: Sendable, CaseIterable {
  case from, date, to, cc, bcc, subject, priority
  /// Q262989: the address that a receipt is requested for.
  case rrt
  case other

  public var text: StaticString {
    switch self {
    case .from: "From: "
    case .date: "Date: "
    case .to: "To: "
    case .cc: "cc: "
    case .bcc: "bcc: "
    case .subject: "Subject: "
    case .priority: "Priority: "
    case .rrt: "RRT: "
    case .other: ""
    }
  }

  /// Whether a message has one line of it at most.
  public var isSingle: Bool {
    switch self {
    case .from, .date, .subject, .priority, .rrt: true
    case .to, .cc, .bcc, .other: false
    }
  }

  init(_ bytes: Bytes, _ name: Range<Int>) {
    func named(_ text: StaticString) -> Bool { bytes.equalsIgnoringCase(name, text) }
    self =
      if named("From") {
        .from
      } else if named("Date") {
        .date
      } else if named("To") {
        .to
      } else if named("cc") {
        .cc
      } else if named("bcc") {
        .bcc
      } else if named("Subject") {
        .subject
      } else if named("Priority") {
        .priority
      } else if named("RRT") {
        .rrt
      } else {
        .other
      }
  }
}

/// The kinds of items between `Contents:` and the end of a message.
public enum CCItemKind: Sendable, Equatable {
  case text, file, fax
  /// A section of another name (Q176375); its data are kept.
  case other

  public var keyword: StaticString {
    switch self {
    case .text, .other: "Text item: "
    case .file: "File item: "
    case .fax: "Fax item: "
    }
  }
}
