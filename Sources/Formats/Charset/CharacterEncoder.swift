import Glibc

/// Writes UTF-8 text in one code page, a character at a time, remembering each that it has met.
///
/// iconv over the whole text would begin again at every character that the code page lacks, and some texts have nothing
/// else.
final class CharacterEncoder {
  private let descriptor: iconv_t?
  /// Made when the first character is lacking: opening its locales takes longer than a small message.
  private lazy var transliteration = Transliteration()
  /// For each character of the basic plane: nothing yet, or its bytes, at most three of them, below a byte with their
  /// number and the flags. A row of 256 characters is made with the first of them: most texts have few of the rows.
  private var known = [[UInt32]](repeating: [], count: 256)

  private static let isKnown: UInt32 = 0x8000_0000
  private static let isExact: UInt32 = 0x4000_0000

  init(_ codePage: CodePage) {
    let opened = iconv_open(codePage.iconvName, "UTF-8")
    descriptor = opened == iconv_t(bitPattern: -1) ? nil : opened
  }

  deinit { if let descriptor { iconv_close(descriptor) } }

  /// Appends `text`; returns whether every character of it is in the code page.
  func append(_ text: Bytes, to output: inout [UInt8]) -> Bool {
    output.reserve(text.count)
    var isExact = true
    var position = 0
    while position < text.count {
      let first = text[position]
      if first < 128 {
        var end = position + 1
        while end < text.count, text[end] < 128 { end += 1 }
        output.append(text, position..<end)
        position = end
        continue
      }
      let length = min(first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1, text.count - position)
      let character = position..<(position + length)
      position += length
      // The number of the character, for those of two or three bytes.
      let scalar =
        length == 2
        ? UInt32(first & 0x1F) << 6 | UInt32(text[character.lowerBound + 1] & 0x3F)
        : length == 3
          ? UInt32(first & 0x0F) << 12 | UInt32(text[character.lowerBound + 1] & 0x3F) << 6
            | UInt32(text[character.lowerBound + 2] & 0x3F) : 0
      let row = Int(scalar >> 8)
      let entry = known[row].isEmpty ? 0 : known[row][Int(scalar & 0xFF)]
      if entry & Self.isKnown != 0 {
        if entry & Self.isExact == 0 { isExact = false }
        for i in 0..<Int(entry >> 24 & 3) { output.append(UInt8(truncatingIfNeeded: entry >> UInt32(16 - 8 * i))) }
        continue
      }
      let encoded = encode(text.extracting(character))
      let bytes = encoded ?? transliteration.ascii(text.extracting(character))
      if encoded == nil { isExact = false }
      output.append(contentsOf: bytes)
      if scalar != 0, bytes.count <= 3 {
        var entry = Self.isKnown | (encoded == nil ? 0 : Self.isExact) | UInt32(bytes.count) << 24
        for (i, byte) in bytes.enumerated() { entry |= UInt32(byte) << UInt32(16 - 8 * i) }
        if known[row].isEmpty { known[row] = [UInt32](repeating: 0, count: 256) }
        known[row][Int(scalar & 0xFF)] = entry
      }
    }
    return isExact
  }

  /// One character in the code page; nil when it lacks it.
  private func encode(_ character: Bytes) -> [UInt8]? {
    guard let descriptor else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { room in
      iconv(descriptor, nil, nil, nil, nil)
      let left = character.withUnsafeBufferPointer { source -> Int? in
        var from: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(
          mutating: UnsafeRawPointer(source.baseAddress!).assumingMemoryBound(to: CChar.self))
        var fromLeft = source.count
        var to = room.baseAddress
        var toLeft = room.count
        guard iconv(descriptor, &from, &fromLeft, &to, &toLeft) == 0 else { return nil }
        // Back to the first shift state, for code pages that have states.
        iconv(descriptor, nil, nil, &to, &toLeft)
        return toLeft
      }
      return left.map { left in
        room.withMemoryRebound(to: UInt8.self) { Array(UnsafeBufferPointer(rebasing: $0[..<($0.count - left)])) }
      }
    }
  }
}
