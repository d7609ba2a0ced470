import Formats

/// What becomes of the addresses of links in the text of HTML.
public enum LinkStyle: String, Sendable {
  /// Behind the text of each link, in angle brackets.
  case inline
  /// As numbers, with a list of the addresses behind the text.
  case end
  /// Nothing: the HTML itself is beside the text.
  case none
}

/// The addresses of the links so far, each of them once.
struct HTMLLinks {
  private var numbers: [UInt64: Int] = [:]
  private(set) var addresses: [[UInt8]] = []

  /// The number of an address, from 1.
  mutating func number(of address: [UInt8]) -> Int {
    let key = Self.key(address)
    if let number = numbers[key], addresses[number - 1] == address { return number }
    addresses.append(address)
    // Of two that happen to have one key, the second one may be listed again.
    if numbers[key] == nil { numbers[key] = addresses.count }
    return addresses.count
  }

  /// A number for an address: hashing it byte by byte, as arrays are, takes longer than all else that is done with it.
  private static func key(_ address: [UInt8]) -> UInt64 {
    address.withUnsafeBytes { bytes in
      var key = UInt64(bytes.count)
      var position = 0
      while position + 8 <= bytes.count {
        key = (key ^ bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        key ^= key >> 32
        position += 8
      }
      for byte in bytes[position...] { key = (key ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 }
      return key
    }
  }

  /// Bytes of an address that is shown.
  private static let maximum = 2000

  /// The address that a link leads to as it is shown: without blanks, and of one in mail the address alone. Nil for one
  /// that leads nowhere from a text.
  static func address(_ href: [UInt8]) -> [UInt8]? {
    let bytes = href.span
    func starts(_ text: StaticString) -> Bool { bytes.hasPrefixIgnoringCase(at: 0, to: bytes.count, text) }
    guard let first = href.first, first != UInt8(ascii: "#"), href.count <= maximum else { return nil }
    let isOfHTTP = first | 0x20 == UInt8(ascii: "h")
    if !isOfHTTP, starts("javascript:") || starts("vbscript:") || starts("data:") || starts("cid:") || starts("about:")
    {
      return nil
    }
    let shown = !isOfHTTP && starts("mailto:") ? href.dropFirst(7) : href[...]
    if shown.isEmpty { return nil }
    if shown.allSatisfy({ $0 > ASCII.space && $0 != 127 }) { return shown.count == href.count ? href : Array(shown) }
    var address: [UInt8] = []
    for byte in shown {
      if byte == ASCII.space {
        address.append("%20")
      } else if !ASCII.isControl(byte) {
        // Browsers pass over line ends and tabs in an address.
        address.append(byte)
      }
    }
    return address.isEmpty ? nil : address
  }

  /// Whether the text of a link, without its blanks, is its address.
  static func isSame(_ text: [UInt8], _ address: [UInt8]) -> Bool {
    // The longest of what may be left out, and a slash.
    abs(text.count - address.count) <= 13
      && core(text).elementsEqual(core(address)) { ASCII.lowercased($0) == ASCII.lowercased($1) }
  }

  private static func core(_ address: [UInt8]) -> ArraySlice<UInt8> {
    var start = 0
    for prefix: StaticString in ["http://", "https://", "mailto:", "www."]
    where address.span.hasPrefixIgnoringCase(at: start, to: address.count, prefix) {
      start += prefix.utf8CodeUnitCount
    }
    return address[start..<(address.count > start && address.last == ASCII.slash ? address.count - 1 : address.count)]
  }
}
