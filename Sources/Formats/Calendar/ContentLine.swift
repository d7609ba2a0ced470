/// A property of a calendar or of a card: `DTSTART;TZID=Europe/Berlin:19980602T083900`, RFC 5545, 3.1, and RFC 6350, 3.3.
public struct ContentLine: Sendable {
  /// In capitals, without the group in front of it: `TEL` of `item1.TEL`.
  public var name: String
  /// Names in capitals, values without their quotation marks. Those of vCard 2.1 may have no name; it is `TYPE` then.
  public var parameters: [(name: String, value: String)] = []
  /// As it stands, with its escapes.
  public var value: [UInt8]

  /// The first value of a parameter.
  public func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// What stands in all of its TYPE parameters, in capitals.
  public var types: Set<String> {
    Set(
      parameters.filter { $0.name == "TYPE" }.flatMap { $0.value.split(separator: ",").map { $0.uppercased() } })
  }

  /// The value as text, its escapes undone; a line end is LF.
  public var text: String { Self.unescaped(value[...]) }

  /// The value divided at a separator that is not escaped, each piece as text: `N:Adler;Ruth;;;`
  public func parts(_ separator: UInt8) -> [String] {
    var parts: [String] = []
    var start = 0
    var i = 0
    while i < value.count {
      if value[i] == ASCII.backslash {
        i += 1
      } else if value[i] == separator {
        parts.append(Self.unescaped(value[start..<i]))
        start = i + 1
      }
      i += 1
    }
    parts.append(Self.unescaped(value[start...]))
    return parts
  }

  private static func unescaped(_ value: ArraySlice<UInt8>) -> String {
    guard value.contains(ASCII.backslash) else { return String(decoding: value, as: UTF8.self) }
    var text: [UInt8] = []
    var isEscaped = false
    for byte in value {
      if isEscaped {
        text.append(byte | 0x20 == UInt8(ascii: "n") ? ASCII.lf : byte)
        isEscaped = false
      } else if byte == ASCII.backslash {
        isEscaped = true
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Reads the lines of a calendar or a card, RFC 5545, 3.1: unfolded, and of vCard 2.1 out of quoted-printable.
public struct ContentLineReader {
  /// Lines of one file; further ones are left unread.
  public static let maximumLines = 50_000
  /// Bytes of one value; pictures are longer, and no text.
  public static let maximumValue = 1 << 16
  private static let maximumParameters = 50

  /// The lines of `text`, in UTF-8. What is no line is passed over. `converter` reads the values of vCard 2.1 that have a
  /// character set of their own.
  public static func read(_ text: Bytes, converter: CharsetConverter) -> [ContentLine] {
    var lines: [ContentLine] = []
    var position = 0
    while position < text.count, lines.count < maximumLines {
      let raw = logicalLine(text, &position)
      if let line = line(raw, converter) { lines.append(line) }
    }
    return lines
  }

  /// The bytes of a line with those that go on with it; `position` moves behind them.
  private static func logicalLine(_ text: Bytes, _ position: inout Int) -> [UInt8] {
    var raw: [UInt8] = []
    var isQuotedPrintable: Bool?
    while position < text.count {
      let line = text.lineOfAnyEnd(at: position, to: text.count)
      if raw.count < maximumValue + 4096 { raw.append(text, position..<line.end) }
      position = line.next
      if isQuotedPrintable == nil {
        isQuotedPrintable = raw.span.firstIndex(of: ASCII.colon, from: 0, to: raw.count).map {
          contains("QUOTED-PRINTABLE", raw, to: $0)
        }
      }
      if isQuotedPrintable == true, raw.last == ASCII.equals {
        raw.removeLast()
        continue
      }
      guard position < text.count, ASCII.isBlank(text[position]) else { break }
      position += 1
    }
    return raw
  }

  private static func contains(_ word: StaticString, _ raw: [UInt8], to end: Int) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end >= count else { return false }
    return (0...(end - count)).contains { raw.span.hasPrefixIgnoringCase(at: $0, to: end, word) }
  }

  private static func line(_ raw: [UInt8], _ converter: CharsetConverter) -> ContentLine? {
    var i = 0
    func token() -> String {
      let start = i
      while i < raw.count, raw[i] != ASCII.colon, raw[i] != ASCII.semicolon, raw[i] != ASCII.equals { i += 1 }
      return String(decoding: raw[start..<i], as: UTF8.self).uppercased()
    }
    let full = token()
    let name = full.split(separator: ".").last.map(String.init) ?? ""
    guard i < raw.count, raw[i] != ASCII.equals, !name.isEmpty,
      name.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.hyphen || $0 == ASCII.underscore })
    else { return nil }
    var line = ContentLine(name: name, value: [])
    while i < raw.count, raw[i] == ASCII.semicolon {
      i += 1
      let name = token()
      guard i < raw.count else { return nil }
      let parameter = raw[i] == ASCII.equals ? (name, value(raw, &i)) : ("TYPE", name)
      if line.parameters.count < maximumParameters { line.parameters.append(parameter) }
    }
    guard i < raw.count, raw[i] == ASCII.colon else { return nil }
    line.value = Array(raw[(i + 1)...].prefix(maximumValue))
    decode(&line, converter)
    return line
  }

  /// The value of a parameter behind the `=` at `i`, all of it where there are several.
  private static func value(_ raw: [UInt8], _ i: inout Int) -> String {
    i += 1
    var value: [UInt8] = []
    var isQuoted = false
    while i < raw.count {
      let byte = raw[i]
      if byte == ASCII.quote {
        isQuoted.toggle()
      } else if !isQuoted, byte == ASCII.semicolon || byte == ASCII.colon {
        break
      } else {
        value.append(byte)
      }
      i += 1
    }
    return String(decoding: value, as: UTF8.self)
  }

  private static func decode(_ line: inout ContentLine, _ converter: CharsetConverter) {
    let encoding = line.parameter("ENCODING")?.uppercased()
    if encoding == "QUOTED-PRINTABLE" || line.types.contains("QUOTED-PRINTABLE") {
      var decoded: [UInt8] = []
      let raw = line.value
      _ = TransferEncoding.quotedPrintable.decode(raw.span, 0..<raw.count, into: &decoded)
      line.value = decoded.filter { $0 != ASCII.cr }
      var utf8: [UInt8] = []
      let bytes = line.value
      converter.appendUTF8(bytes.span, charset: line.parameter("CHARSET") ?? "utf-8", to: &utf8)
      line.value = utf8
    }
  }
}
