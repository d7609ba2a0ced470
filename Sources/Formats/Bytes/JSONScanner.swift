/// Walks over JSON values, RFC 8259, section by section of its grammar.
struct JSONScanner {
  var position: Int
  /// How deep values may stand in each other.
  let depth: Int

  private mutating func skipSpace(_ line: Bytes) {
    while position < line.count, ASCII.isSpace(line[position]) { position += 1 }
  }

  /// Goes over `byte` and the space before it, if it is there.
  mutating func take(_ byte: UInt8, _ line: Bytes) -> Bool {
    skipSpace(line)
    guard position < line.count, line[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func isAtEnd(_ line: Bytes) -> Bool {
    skipSpace(line)
    return position == line.count
  }

  /// A string with its quotes; nil, and the position anywhere, when there is none.
  mutating func string(_ line: Bytes) -> Range<Int>? {
    skipSpace(line)
    let start = position
    guard position < line.count, line[position] == ASCII.quote else { return nil }
    position += 1
    while position < line.count {
      switch line[position] {
      case ASCII.quote:
        position += 1
        return start..<position
      case ASCII.backslash:
        guard position + 1 < line.count else { return nil }
        switch line[position + 1] {
        case UInt8(ascii: "u"):
          guard Self.unit(at: position + 2, line) != nil else { return nil }
          position += 6
        case ASCII.quote, ASCII.backslash, ASCII.slash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
          UInt8(ascii: "r"), UInt8(ascii: "t"):
          position += 2
        default: return nil
        }
      case 0..<32: return nil
      default: position += 1
      }
    }
    return nil
  }

  /// Any value; nil, and the position anywhere, when there is none.
  mutating func value(_ line: Bytes) -> Range<Int>? {
    skipSpace(line)
    let start = position
    // What each open value ends with.
    var ends: [UInt8] = []
    while true {
      skipSpace(line)
      guard position < line.count else { return nil }
      switch line[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let end: UInt8 = line[position] == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
        position += 1
        guard ends.count < depth else { return nil }
        ends.append(end)
        if !take(end, line) {
          if end == UInt8(ascii: "}"), !key(line) { return nil }
          continue
        }
        ends.removeLast()
      case ASCII.quote: if string(line) == nil { return nil }
      default: if !literal(line) { return nil }
      }
      // Behind a value: the next one beside it, or the end of what it stands in.
      while let end = ends.last {
        if take(ASCII.comma, line) {
          if end == UInt8(ascii: "}"), !key(line) { return nil }
          break
        }
        guard take(end, line) else { return nil }
        ends.removeLast()
      }
      if ends.isEmpty { return start..<position }
    }
  }

  private mutating func key(_ line: Bytes) -> Bool { string(line) != nil && take(ASCII.colon, line) }

  /// A number, true, false or null.
  private mutating func literal(_ line: Bytes) -> Bool {
    for word: StaticString in ["true", "false", "null"] where line.hasPrefix(at: position, to: line.count, word) {
      position += word.utf8CodeUnitCount
      return true
    }
    if line[position] == ASCII.hyphen { position += 1 }
    let start = position
    guard digits(line) else { return false }
    if line[start] == ASCII.zero, position - start > 1 { return false }
    if position < line.count, line[position] == ASCII.dot {
      position += 1
      guard digits(line) else { return false }
    }
    if position < line.count, line[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < line.count, line[position] == ASCII.plus || line[position] == ASCII.hyphen { position += 1 }
      return digits(line)
    }
    return true
  }

  private mutating func digits(_ line: Bytes) -> Bool {
    let start = position
    while position < line.count, ASCII.isDigit(line[position]) { position += 1 }
    return position > start
  }

  /// The number at `range`, if it is whole and has at most 18 digits.
  static func integer(_ range: Range<Int>, _ line: Bytes) -> Int? {
    let isNegative = line[range.lowerBound] == ASCII.hyphen
    let digits = isNegative ? range.dropFirst() : range
    guard (1...18).contains(digits.count) else { return nil }
    var value = 0
    for index in digits {
      guard ASCII.isDigit(line[index]) else { return nil }
      value = value * 10 + Int(line[index] - ASCII.zero)
    }
    return isNegative ? -value : value
  }

  /// The four hexadecimal digits behind `\u`.
  private static func unit(at start: Int, _ line: Bytes) -> UInt32? {
    guard start + 4 <= line.count else { return nil }
    var value: UInt32 = 0
    for index in start..<(start + 4) {
      guard let digit = ASCII.hexadecimalValue(line[index]) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// The text of the string at `range`, which has been scanned. A surrogate without its other half becomes U+FFFD.
  static func text(_ range: Range<Int>, _ line: Bytes) -> [UInt8] {
    let end = range.upperBound - 1
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var position = range.lowerBound + 1
    while position < end {
      guard line[position] == ASCII.backslash, position + 1 < end else {
        text.append(line[position])
        position += 1
        continue
      }
      let letter = line[position + 1]
      position += 2
      switch letter {
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(ASCII.lf)
      case UInt8(ascii: "r"): text.append(ASCII.cr)
      case UInt8(ascii: "t"): text.append(ASCII.tab)
      case UInt8(ascii: "u"):
        var value = unit(at: position, line) ?? 0xFFFD
        position += 4
        if value & 0xFC00 == 0xD800, position + 6 <= end, line[position] == ASCII.backslash,
          line[position + 1] == UInt8(ascii: "u"), let low = unit(at: position + 2, line), low & 0xFC00 == 0xDC00
        {
          value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
          position += 6
        }
        text.append(contentsOf: UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
      default: text.append(letter)
      }
    }
    return text
  }
}
