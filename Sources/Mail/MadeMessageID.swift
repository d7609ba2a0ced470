import Formats

/// The Message-ID of a message that has none: `<ccm.0123456789abcdef0123456789abcdef@ccmail.invalid>`, made of the
/// SHA-256 of the bytes that it was read from. A second run makes the same one, and two different messages never share
/// one: mail programs show only one of two messages that do.
struct MadeMessageID {
  static let prefix: StaticString = "<ccm."
  /// Bytes of the digest that are written.
  private static let digestLength = 16

  /// The first bytes of the digest.
  let digest: ArraySlice<UInt8>

  init(of bytes: Bytes) { digest = SHA256.digest(bytes).prefix(Self.digestLength) }

  /// The identifier, in angles.
  ///
  /// - Parameters:
  ///   - occurrence: which of the equal messages of its input this is, from 1.
  ///   - inner: which of the messages within another one, whose bytes these are; 0 for the one around them.
  func text(occurrence: Int, inner: Int, domain: String) -> String {
    var text: [UInt8] = []
    text.append(Self.prefix)
    for byte in digest { text.append(hexadecimal: byte) }
    if occurrence > 1 {
      text.append(ASCII.dot)
      text.append(decimal: occurrence)
    }
    if inner > 0 {
      text.append(ASCII.hyphen)
      text.append(decimal: inner)
    }
    return String(decoding: text, as: UTF8.self) + "@\(domain)>"
  }

  /// Counts the equal messages of one input. Eight bytes a message is what it remembers: an input may have millions.
  struct Occurrences: Sendable {
    private var seen = Set<UInt64>()
    private var repeated: [UInt64: Int] = [:]

    /// Which one of the messages with these bytes this is, from 1.
    mutating func next(of id: MadeMessageID) -> Int {
      let key = id.digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
      if seen.insert(key).inserted { return 1 }
      repeated[key, default: 1] += 1
      return repeated[key] ?? 1
    }
  }

  /// Whether a Message-ID field holds an identifier that was made here.
  static func isOne(_ bytes: Bytes, _ field: Range<Int>, domain: String) -> Bool {
    guard let start = bytes.firstIndex(of: ASCII.less, from: field.lowerBound, to: field.upperBound),
      bytes.hasPrefix(at: start, to: field.upperBound, prefix)
    else { return false }
    return bytes.string(start..<field.upperBound).contains("@\(domain)>")
  }
}
