/// What a Cryptographic Message Syntax holds, RFC 5652, as S/MIME has it, RFC 8551. Nothing in it is verified.
public enum CMSContent: Equatable, Sendable {
  /// Signed, with the content that the signature is of.
  case signed([UInt8])
  /// Certificates, or a signature of what is elsewhere.
  case certificates
  case encrypted
  /// Compressed with zlib, RFC 3274; as it is in there.
  case compressed([UInt8])
  case other

  /// Reads the type of `bytes`, and the content where it lies open; nil where they are nothing of the kind. Some writers
  /// leave the base64 of the wire or of a file of OpenSSL.
  public init?(_ bytes: Bytes) {
    if bytes.count > 0, bytes[0] != 0x30 {
      let decoded = Self.withoutArmour(bytes)
      guard decoded.first == 0x30 else { return nil }
      self.init(binary: decoded.span)
    } else {
      self.init(binary: bytes)
    }
  }

  private init?(binary bytes: Bytes) {
    guard let info = BERElement(bytes, at: 0, to: bytes.count), info.tag == BERElement.sequence,
      let type = BERElement(bytes, at: info.content.lowerBound, to: info.content.upperBound),
      type.tag == BERElement.objectIdentifier
    else { return nil }
    let body = BERElement(bytes, at: type.next, to: info.content.upperBound).flatMap {
      BERElement(bytes, at: $0.content.lowerBound, to: $0.content.upperBound)
    }
    switch Self.kind(bytes, type.content) {
    case .signedData:
      if let body, let content = Self.encapsulated(bytes, body) {
        self = .signed(content)
      } else {
        self = .certificates
      }
    case .compressedData:
      guard let body, let content = Self.encapsulated(bytes, body) else { return nil }
      self = .compressed(content)
    case .envelopedData: self = .encrypted
    case .other: self = .other
    case nil: return nil
    }
  }

  private enum Kind { case signedData, envelopedData, compressedData, other }

  private static func kind(_ bytes: Bytes, _ identifier: Range<Int>) -> Kind? {
    guard identifier.count <= 20 else { return nil }
    let identifier = bytes.array(identifier)
    // 1.2.840.113549.1.7 and 1.2.840.113549.1.9.16.1
    let plain: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
    let further: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01]
    if identifier.count == plain.count + 1, identifier.starts(with: plain) {
      switch identifier[plain.count] {
      case 2: return .signedData
      case 3, 4, 6: return .envelopedData
      default: return .other
      }
    }
    guard identifier.count == further.count + 1, identifier.starts(with: further) else { return nil }
    switch identifier[further.count] {
    case 9: return .compressedData
    case 23: return .envelopedData
    default: return .other
    }
  }

  /// The content within signed or compressed data: the sequence that has an identifier and `[0]`; nil where it has none.
  private static func encapsulated(_ bytes: Bytes, _ body: BERElement) -> [UInt8]? {
    var position = body.content.lowerBound
    // A version, algorithms, the content.
    for _ in 0..<4 {
      guard let element = BERElement(bytes, at: position, to: body.content.upperBound) else { return nil }
      position = element.next
      guard element.tag == BERElement.sequence,
        let type = BERElement(bytes, at: element.content.lowerBound, to: element.content.upperBound),
        type.tag == BERElement.objectIdentifier,
        let holder = BERElement(bytes, at: type.next, to: element.content.upperBound),
        holder.tag == BERElement.context0,
        let content = BERElement(bytes, at: holder.content.lowerBound, to: holder.content.upperBound)
      else { continue }
      var octets: [UInt8] = []
      appendOctets(bytes, content, depth: 0, to: &octets)
      return octets
    }
    return nil
  }

  /// Appends an octet string, which may be in pieces.
  private static func appendOctets(_ bytes: Bytes, _ element: BERElement, depth: Int, to octets: inout [UInt8]) {
    guard element.isConstructed else {
      octets.append(bytes, element.content)
      return
    }
    guard depth < 8 else { return }
    var position = element.content.lowerBound
    while let piece = BERElement(bytes, at: position, to: element.content.upperBound) {
      if piece.tag == BERElement.octetString { appendOctets(bytes, piece, depth: depth + 1, to: &octets) }
      position = piece.next
    }
  }

  /// The binary form of base64 with or without the lines of RFC 7468 around it.
  private static func withoutArmour(_ bytes: Bytes) -> [UInt8] {
    var start = 0
    while start < min(bytes.count, 4096), ASCII.isSpace(bytes[start]) { start += 1 }
    if bytes.hasPrefix(at: start, to: bytes.count, "-----BEGIN") { start = bytes.line(at: start, to: bytes.count).next }
    var decoded: [UInt8] = []
    guard start < bytes.count else { return [] }
    let end = bytes.firstIndex(of: ASCII.hyphen, from: start, to: bytes.count) ?? bytes.count
    _ = TransferEncoding.base64.decode(bytes, start..<end, into: &decoded)
    return decoded
  }
}
