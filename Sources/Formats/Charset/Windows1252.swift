/// The character set of nearly all 8-bit mail of the West, whatever it is labelled. Read without iconv, which would first
/// have to load a module for it: half of the time that a filter takes for a small message.
public enum Windows1252 {
  /// What the bytes from 0x80 to 0x9F mean, 0 for the five that mean nothing.
  public static let upper: [UInt16] = [
    0x20AC, 0x0000, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x0000,
    0x017D, 0x0000, 0x0000, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
    0x0153, 0x0000, 0x017E, 0x0178,
  ]

  /// Appends `bytes` as UTF-8; what means nothing becomes U+FFFD.
  static func appendUTF8(_ bytes: Bytes, to output: inout [UInt8]) -> CharsetConverter.Outcome {
    output.reserve(bytes.count + bytes.count / 8)
    var firstReplaced: Int?
    var position = 0
    while position < bytes.count {
      var end = position
      while end < bytes.count, bytes[end] < 0x80 { end += 1 }
      output.append(bytes, position..<end)
      position = end
      guard position < bytes.count else { break }
      let byte = bytes[position]
      var scalar = byte < 0xA0 ? upper[Int(byte) - 0x80] : UInt16(byte)
      if scalar == 0 {
        scalar = 0xFFFD
        if firstReplaced == nil { firstReplaced = position }
      }
      if scalar < 0x800 {
        output.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      } else {
        output.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
        output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
      }
      output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
      position += 1
    }
    return firstReplaced.map(CharsetConverter.Outcome.replaced) ?? .exact
  }
}
