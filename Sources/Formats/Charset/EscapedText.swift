/// Seven-bit text of the Far East with escapes, in bytes of code pages that iconv(3) knows: what glibc's own readers of
/// it refuse, the extensions of NEC and IBM in ISO-2022-JP (CP50220), and HZ, which it does not have.
enum EscapedText {
  /// ISO-2022-JP, RFC 1468, as CP932; nil when there is something else in it. JIS X 0208 and its extensions, half-width
  /// katakana by escape or by shift, and ASCII.
  static func cp932(fromISO2022JP text: Bytes) -> [UInt8]? {
    enum Mode { case ascii, katakana, wide }
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var mode = Mode.ascii
    var isShifted = false
    var i = 0
    while i < text.count {
      let byte = text[i]
      if byte == ASCII.escape {
        func at(_ sequence: StaticString) -> Bool { text.hasPrefix(at: i + 1, to: text.count, sequence) }
        if at("(B") || at("(J") {
          mode = .ascii
        } else if at("(I") {
          mode = .katakana
        } else if at("$B") || at("$@") {
          mode = .wide
        } else {
          return nil
        }
        i += 3
      } else if byte == 14 || byte == 15 {
        isShifted = byte == 14
        i += 1
      } else if byte < 33 || byte == 127 {
        output.append(byte)
        i += 1
      } else if isShifted || mode == .katakana {
        guard (0x21...0x5F).contains(byte) else { return nil }
        output.append(byte | 0x80)
        i += 1
      } else if mode == .wide {
        guard i + 1 < text.count, (0x21...0x7E).contains(byte), (0x21...0x7E).contains(text[i + 1]) else { return nil }
        appendShiftJIS(row: byte - 0x21, cell: text[i + 1] - 0x21, to: &output)
        i += 2
      } else {
        output.append(byte)
        i += 1
      }
    }
    return output
  }

  /// A character of JIS X 0208 by its row and cell, both from 0.
  private static func appendShiftJIS(row: UInt8, cell: UInt8, to output: inout [UInt8]) {
    output.append(row < 62 ? 0x81 + row / 2 : 0xC1 + row / 2)
    if row % 2 == 1 {
      output.append(0x9F + cell)
    } else {
      output.append(0x40 + cell + (cell >= 63 ? 1 : 0))
    }
  }

  /// HZ, RFC 1843, as GB 2312 in eight bits; nil when it is none.
  static func gb2312(fromHZ text: Bytes) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var isWide = false
    var i = 0
    while i < text.count {
      let byte = text[i]
      if byte == ASCII.lf {
        // A line ends what it began.
        isWide = false
      } else if byte == ASCII.tilde, i + 1 < text.count {
        switch text[i + 1] {
        case UInt8(ascii: "{"): isWide = true
        case UInt8(ascii: "}"): isWide = false
        case ASCII.tilde: output.append(ASCII.tilde)
        case ASCII.lf: break
        default: return nil
        }
        i += 2
        continue
      } else if isWide, byte > 32 {
        guard i + 1 < text.count, byte < 127, text[i + 1] > 32, text[i + 1] < 127 else { return nil }
        output.append(byte | 0x80)
        output.append(text[i + 1] | 0x80)
        i += 2
        continue
      }
      guard byte < 128 else { return nil }
      output.append(byte)
      i += 1
    }
    return output
  }
}
