/// Turns UTF-16 that comes in pieces into UTF-8: what an editor of Windows made of a file that it saved as Unicode.
struct UTF16Decoder {
  private let isBigEndian: Bool
  /// Bytes of a character whose rest did not come yet.
  private var held: [UInt8] = []

  /// Nil where the first two bytes of a file are no byte order mark.
  init?(mark first: UInt8, _ second: UInt8) {
    switch (first, second) {
    case (0xFF, 0xFE): isBigEndian = false
    case (0xFE, 0xFF): isBigEndian = true
    default: return nil
    }
  }

  /// Appends what `raw` is; a half character at the end of all becomes U+FFFD.
  mutating func append(_ raw: [UInt8], isLast: Bool, to output: inout [UInt8]) {
    let bytes = held + raw
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2 + 1)
    var i = 0
    while i + 1 < bytes.count {
      units.append(
        isBigEndian ? UInt16(bytes[i]) << 8 | UInt16(bytes[i + 1]) : UInt16(bytes[i + 1]) << 8 | UInt16(bytes[i]))
      i += 2
    }
    // The second half of a pair may come with the next piece.
    if !isLast, let last = units.last, last & 0xFC00 == 0xD800 {
      units.removeLast()
      i -= 2
    }
    held = Array(bytes[i...])
    if isLast, !held.isEmpty {
      units.append(0xFFFD)
      held = []
    }
    output.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
  }
}
