import Formats

/// Characters that are not seen: hyphens for lines that may be divided there, and what fills up the preview of a
/// message so that nothing else comes into it. They go, and blanks of all kinds become blanks.
enum InvisibleText {
  private enum Kind {
    case visible, blank, invisible
    /// Stays between two letters or two emoji, where it changes them.
    case joiner
    /// Stays behind an emoji.
    case tag
  }

  /// Whether UTF-8 text may have one, told by the bytes that they begin with.
  static func mayHave(_ text: Bytes, _ range: Range<Int>) -> Bool {
    if text.isASCII(range) { return false }
    for i in range where text[i] >= 0xC2 {
      switch text[i] {
      case 0xC2: if i + 1 < range.upperBound, text[i + 1] == 0xA0 || text[i + 1] == 0xAD { return true }
      case 0xCD: if i + 1 < range.upperBound, text[i + 1] == 0x8F { return true }
      case 0xD8: if i + 1 < range.upperBound, text[i + 1] == 0x9C { return true }
      case 0xE1: if i + 1 < range.upperBound, [0x85, 0x9A, 0x9E, 0xA0].contains(text[i + 1]) { return true }
      case 0xE2: if i + 1 < range.upperBound, [0x80, 0x81, 0xA0].contains(text[i + 1]) { return true }
      case 0xE3: if i + 1 < range.upperBound, text[i + 1] == 0x85 { return true }
      case 0xEF: if i + 1 < range.upperBound, text[i + 1] >= 0xBB { return true }
      case 0xF3: return true
      default: continue
      }
    }
    return false
  }

  /// Appends text without them; `before` is what stands before it already.
  static func append(_ text: Bytes, _ range: Range<Int>, after before: [UInt8], to output: inout [UInt8]) {
    var previous = lastScalar(before)
    var position = range.lowerBound
    var start = position
    while position < range.upperBound {
      if text[position] < 0x80 {
        previous = UInt32(text[position])
        position += 1
        continue
      }
      let (scalar, next) = scalar(text, at: position, to: range.upperBound)
      let kind = kind(scalar)
      if kind == .visible
        || kind == .joiner && joins(previous)
          && next < range.upperBound && joins(self.scalar(text, at: next, to: range.upperBound).scalar)
        || kind == .tag && previous >= 0x1F000
      {
        previous = scalar
      } else {
        output.append(text, start..<position)
        if kind == .blank {
          output.append(ASCII.space)
          previous = 32
        }
        start = next
      }
      position = next
    }
    output.append(text, start..<range.upperBound)
  }

  private static func kind(_ scalar: UInt32) -> Kind {
    switch scalar {
    case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x2800: .blank
    case 0x200C...0x200F, 0x061C, 0x180B...0x180F: .joiner
    case 0xAD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x200B, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFEFF, 0xFFA0,
      0xFFF0...0xFFFB:
      .invisible
    case 0xE0000...0xE007F: .tag
    default: .visible
    }
  }

  /// Whether a character is a letter, a mark on one, or an emoji: neither a blank nor punctuation.
  private static func joins(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0..<0x80: ASCII.isLetter(UInt8(scalar)) || ASCII.isDigit(UInt8(scalar))
    case 0x80..<0xC0, 0x2000..<0x2190, 0x3000..<0x3005: false
    default: kind(scalar) == .visible
    }
  }

  /// The character at `position` and where the next one begins; U+FFFD for bytes that are none.
  private static func scalar(_ text: Bytes, at position: Int, to end: Int) -> (scalar: UInt32, next: Int) {
    let first = text[position]
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard first < 0x80 || first >= 0xC2, position + length <= end else { return (0xFFFD, position + 1) }
    var value = length == 1 ? UInt32(first) : UInt32(first) & (0x7F >> UInt32(length))
    for i in (position + 1)..<(position + length) {
      guard text[i] & 0xC0 == 0x80 else { return (0xFFFD, position + 1) }
      value = value << 6 | UInt32(text[i] & 0x3F)
    }
    return (value, position + length)
  }

  private static func lastScalar(_ text: [UInt8]) -> UInt32 {
    var start = text.count - 1
    while start > 0, start > text.count - 4, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start < 0 ? 32 : scalar(text.span, at: start, to: text.count).scalar
  }
}
