@_spi(_Unicode) import Swift

/// Domain names beyond ASCII, as A-labels and U-labels, RFC 5890 and 5891: `müller.example` is
/// `xn--mller-kva.example`. Nothing is left out and no letter becomes another: what a label has is written, so that
/// nobody else's domain comes out.
public enum DomainName {
  /// `address` with its domain in A-labels; nil when it has no domain that can be written so.
  public static func asciiDomain(ofAddress address: String) -> String? {
    guard let at = address.utf8.lastIndex(of: ASCII.at) else { return nil }
    let domain = address[address.index(after: at)...]
    guard let ascii = ascii(domain) else { return nil }
    return address[...at] + ascii
  }

  /// `address` with its domain in U-labels, as far as it has A-labels.
  public static func unicodeDomain(ofAddress address: String) -> String {
    guard let at = address.utf8.lastIndex(of: ASCII.at) else { return address }
    return address[...at] + unicode(address[address.index(after: at)...])
  }

  /// A domain in A-labels; nil when it has a label that is none.
  static func ascii(_ domain: Substring) -> String? {
    if domain.utf8.allSatisfy({ $0 < 128 }) { return String(domain) }
    var labels: [String] = []
    for label in mapped(domain).split(separator: ".", omittingEmptySubsequences: false) {
      guard !label.isEmpty else { return nil }
      if label.allSatisfy(\.isASCII) {
        labels.append(String(String.UnicodeScalarView(label)))
        continue
      }
      guard let code = Punycode.encode(Array(label)),
        !label.contains(where: { $0.isASCII && !isHostCharacter(UInt8($0.value)) })
      else { return nil }
      labels.append("xn--" + String(decoding: code, as: UTF8.self))
    }
    let ascii = labels.joined(separator: ".")
    return ascii.utf8.count <= 253 ? ascii : nil
  }

  /// A domain in U-labels. What does not become the same A-label again stays as it is, RFC 5891, 4.4.
  static func unicode(_ domain: Substring) -> String {
    // Hardly any name has two hyphens.
    let utf8 = domain.utf8
    guard zip(utf8, utf8.dropFirst()).contains(where: { $0 == ASCII.hyphen && $1 == ASCII.hyphen }) else {
      return String(domain)
    }
    return domain.split(separator: ".", omittingEmptySubsequences: false)
      .map { label in
        guard label.lowercased().hasPrefix("xn--"), let scalars = Punycode.decode(Array(label.utf8.dropFirst(4)))
        else { return String(label) }
        let unicode = String(String.UnicodeScalarView(scalars))
        return ascii(unicode[...]) == label.lowercased() ? unicode : String(label)
      }
      .joined(separator: ".")
  }

  /// The characters of a domain in the form that is looked up, RFC 5895, 2: small letters, of full width none, put
  /// together (NFC), and one kind of dot.
  private static func mapped(_ domain: Substring) -> [Unicode.Scalar] {
    var text = ""
    for scalar in domain.unicodeScalars {
      switch scalar.value {
      case 0x3002, 0xFF0E, 0xFF61: text.unicodeScalars.append(".")
      // The full-width forms of ASCII.
      case 0xFF01...0xFF5E:
        let narrow = Unicode.Scalar(UInt8(scalar.value - 0xFEE0))
        text += String(narrow).lowercased()
      default: text += scalar.properties.lowercaseMapping
      }
    }
    return Array(text._nfc)
  }

  private static func isHostCharacter(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.hyphen || byte == ASCII.underscore
  }
}
