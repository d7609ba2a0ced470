/// A message of RFC 5322 and MIME (RFC 2045 to 2049) as its reader found it: ranges of the input, and a flat list of
/// parts in the order in which they begin. `parts[0]` is the message itself.
///
/// A part of type message/rfc822 is a leaf here; what it holds is read as a message of its own by whoever wants it.
public struct InternetMessage: Sendable {
  /// The fields of all headers, one header after the other.
  public internal(set) var fields: [Field] = []
  public internal(set) var parts: [Part] = []
  public internal(set) var findings: [Finding] = []
  /// What stands before the first boundary of a multipart or behind its last one, and is not blank.
  public internal(set) var outsideTexts: [OutsideText] = []

  public init() {}

  /// The preamble or the epilogue of a multipart, RFC 2046, 5.1.1.
  public struct OutsideText: Sendable {
    /// The index of the multipart.
    public var part: Int
    public var isEpilogue: Bool
    public var range: Range<Int>
  }

  /// A header field, RFC 5322, 2.2: `Subject: Lunch`.
  public struct Field: Sendable {
    public var name: FieldName
    public var nameRange: Range<Int>
    /// From after the colon to before the last line end; folded lines are in it as they stand.
    public var value: Range<Int>
    /// The whole field with its last line end.
    public var whole: Range<Int>

    mutating func extend(to end: Int, _ next: Int) {
      value = value.lowerBound..<end
      whole = whole.lowerBound..<next
    }
  }

  /// A body part, RFC 2045, 2.4, or the message's own body.
  public struct Part: Sendable {
    /// The index of the multipart that this part is in; nil for the message.
    public var parent: Int?
    /// Its header: indices of `fields`.
    public var fields: Range<Int>
    /// From the first byte of its header to the last of its body.
    public var whole: Range<Int>
    public var body: Range<Int>
    public var type: MediaType
    public var encoding: TransferEncoding
    /// Whether parts follow that have this one as parent.
    public var isMultipart: Bool
  }

  /// The index of the last part inside `index`, itself included.
  public func lastPart(in index: Int) -> Int {
    var last = index
    while last + 1 < parts.count, let parent = parts[last + 1].parent, parent >= index { last += 1 }
    return last
  }

  /// The indices of the parts directly in the multipart `index`.
  public func children(of index: Int) -> [Int] {
    guard parts[index].isMultipart else { return [] }
    return (index + 1...lastPart(in: index)).filter { parts[$0].parent == index }
  }

  /// The first field of this name in the header of the part `index`.
  public func field(_ name: FieldName, of index: Int = 0) -> Field? {
    fields.withUnsafeBufferPointer { fields in
      for i in parts[index].fields where fields[i].name == name { return fields[i] }
      return nil
    }
  }
}

/// A media type, RFC 2045, 5.1, in lower case: `text/plain`.
public struct MediaType: Sendable, Equatable {
  public var name: String

  public init(_ name: String) { self.name = name }

  public static let plainText = MediaType("text/plain")
  public static let html = MediaType("text/html")
  public static let message = MediaType("message/rfc822")
  public static let deliveryStatus = MediaType("message/delivery-status")
  public static let dispositionNotification = MediaType("message/disposition-notification")
  public static let data = MediaType("application/octet-stream")

  public var isText: Bool { name.hasPrefix("text/") }
  public var isMultipart: Bool { name.hasPrefix("multipart/") }
}

/// A Content-Transfer-Encoding, RFC 2045, 6.1.
public enum TransferEncoding: Sendable, Equatable {
  /// 7bit, 8bit, binary, or nothing said.
  case identity
  case base64
  case quotedPrintable
  /// x-uuencode and its other names.
  case uuencode

  init?(_ bytes: Bytes, _ value: Range<Int>) {
    var range = bytes.trimmed(value)
    if let end = bytes.firstIndex(of: ASCII.semicolon, from: range.lowerBound, to: range.upperBound) {
      range = bytes.trimmed(range.lowerBound..<end)
    }
    func named(_ name: StaticString) -> Bool { bytes.equalsIgnoringCase(range, name) }
    if named("base64") || named("b") {
      self = .base64
    } else if named("quoted-printable") || named("q") {
      self = .quotedPrintable
    } else if named("x-uuencode") || named("x-uue") || named("uuencode") {
      self = .uuencode
    } else if named("7bit") || named("8bit") || named("binary") || named("7-bit") || named("8-bit") || range.isEmpty {
      self = .identity
    } else {
      return nil
    }
  }
}
