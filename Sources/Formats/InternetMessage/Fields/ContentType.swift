/// Content-Type and Content-Disposition, RFC 2045, 5.1 and RFC 2183: a value and parameters.
/// Example: `text/plain; charset="utf-8"; name*0*=us-ascii'en'a%20;name*1=b`
public enum ContentType {
  /// The media type in a Content-Type value; nil when there is no slash in it. `text` alone is text/plain.
  static func mediaType(_ bytes: Bytes, _ value: Range<Int>) -> MediaType? {
    let token = firstToken(bytes, value)
    if token.isEmpty { return nil }
    if bytes.equalsIgnoringCase(token, "text/plain") { return .plainText }
    if bytes.equalsIgnoringCase(token, "text/html") { return .html }
    if bytes.equalsIgnoringCase(token, "text") { return .plainText }
    guard bytes.firstIndex(of: ASCII.slash, from: token.lowerBound, to: token.upperBound) != nil else { return nil }
    return MediaType(bytes.string(token).lowercased())
  }

  /// The disposition in a Content-Disposition value, in lower case.
  public static func disposition(_ bytes: Bytes, _ value: Range<Int>) -> String {
    bytes.string(firstToken(bytes, value)).lowercased()
  }

  static func boundary(_ bytes: Bytes, _ value: Range<Int>) -> [UInt8]? {
    guard var boundary = parameter("boundary", in: bytes, value)?.bytes else { return nil }
    while let last = boundary.last, ASCII.isSpace(last) { boundary.removeLast() }
    return boundary
  }

  private static func firstToken(_ bytes: Bytes, _ value: Range<Int>) -> Range<Int> {
    let start = skipSpaceAndComments(bytes, value.lowerBound, value.upperBound)
    var end = start
    while end < value.upperBound, bytes[end] != ASCII.semicolon, !ASCII.isSpace(bytes[end]),
      bytes[end] != ASCII.leftParenthesis
    { end += 1 }
    // "text / plain", as some wrote it.
    return start..<end
  }

  /// A parameter's value: its bytes, and the character set that RFC 2231 names for them.
  public struct Parameter: Equatable, Sendable {
    public var bytes: [UInt8]
    public var charset: String?
  }

  /// The value of the parameter `name` (in lower case), put together from its sections where RFC 2231 divides it.
  public static func parameter(_ name: StaticString, in bytes: Bytes, _ value: Range<Int>) -> Parameter? {
    name.withUTF8Buffer { parameter($0, in: bytes, value) }
  }

  /// The same for a name that `names` gave.
  public static func parameter(_ name: String, in bytes: Bytes, _ value: Range<Int>) -> Parameter? {
    var name = name
    return name.withUTF8 { parameter($0, in: bytes, value) }
  }

  private static func parameter(
    _ name: UnsafeBufferPointer<UInt8>, in bytes: Bytes, _ value: Range<Int>
  ) -> Parameter? {
    var plain: [UInt8]?
    var sections: [(number: Int, isEncoded: Bool, bytes: [UInt8])] = []
    // The value itself comes first; some writers forget the semicolon behind it.
    var pairs = Pairs(position: firstToken(bytes, value).upperBound, end: value.upperBound)
    while let key = pairs.next(bytes) {
      let isWanted =
        key.count >= name.count && name.indices.allSatisfy { ASCII.lowercased(bytes[key.lowerBound + $0]) == name[$0] }
      let text = readValue(bytes, &pairs.position, pairs.end, wanted: isWanted)
      guard isWanted else { continue }
      let rest = (key.lowerBound + name.count)..<key.upperBound
      if rest.isEmpty {
        if plain == nil { plain = text }
      } else if bytes[rest.lowerBound] == ASCII.asterisk {
        var digits = (rest.lowerBound + 1)..<rest.upperBound
        let isEncoded = bytes[rest.upperBound - 1] == ASCII.asterisk
        if isEncoded, !digits.isEmpty { digits = digits.lowerBound..<(digits.upperBound - 1) }
        let number = digits.isEmpty ? 0 : Int(bytes.string(digits)) ?? -1
        if number >= 0, sections.count < 1000 { sections.append((number, isEncoded, text)) }
      }
    }
    guard !sections.isEmpty else { return plain.map { Parameter(bytes: $0, charset: nil) } }
    return joined(sections)
  }

  /// The keys of parameters, one after the other.
  private struct Pairs {
    /// Behind the equals sign of the last key; the caller moves it behind the value.
    var position: Int
    let end: Int

    mutating func next(_ bytes: Bytes) -> Range<Int>? {
      while position < end {
        position = skipSpaceAndComments(bytes, position, end)
        while position < end, bytes[position] == ASCII.semicolon {
          position = skipSpaceAndComments(bytes, position + 1, end)
        }
        let start = position
        while position < end, bytes[position] != ASCII.equals, bytes[position] != ASCII.semicolon,
          !ASCII.isSpace(bytes[position])
        { position += 1 }
        let key = start..<position
        position = skipSpaceAndComments(bytes, position, end)
        guard position < end, bytes[position] == ASCII.equals else {
          if position == start { position += 1 }
          continue
        }
        position = skipSpaceAndComments(bytes, position + 1, end)
        return key
      }
      return nil
    }
  }

  /// Names of parameters that `names` gives at most.
  static let maximumNames = 50

  /// The names of the parameters, in lower case, each once; none that is no token, RFC 2045, 5.1.
  public static func names(in bytes: Bytes, _ value: Range<Int>) -> [String] {
    var names: [String] = []
    var pairs = Pairs(position: firstToken(bytes, value).upperBound, end: value.upperBound)
    while names.count < maximumNames, let key = pairs.next(bytes) {
      _ = readValue(bytes, &pairs.position, pairs.end, wanted: false)
      var end = key.lowerBound
      while end < key.upperBound, bytes[end] != ASCII.asterisk { end += 1 }
      let isToken = (key.lowerBound..<end).allSatisfy {
        ASCII.isLetter(bytes[$0]) || ASCII.isDigit(bytes[$0]) || bytes[$0] == ASCII.hyphen
      }
      guard isToken, 1...60 ~= end - key.lowerBound else { continue }
      let name = bytes.string(key.lowerBound..<end).lowercased()
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private static func joined(_ sections: [(number: Int, isEncoded: Bool, bytes: [UInt8])]) -> Parameter {
    var result = Parameter(bytes: [], charset: nil)
    for (index, section) in sections.sorted(by: { $0.number < $1.number }).enumerated() {
      var text = section.bytes[...]
      // The first encoded section begins with charset'language'.
      if index == 0, section.isEncoded, let first = text.firstIndex(of: ASCII.apostrophe),
        let second = text[(first + 1)...].firstIndex(of: ASCII.apostrophe)
      {
        result.charset = String(decoding: text[..<first], as: UTF8.self)
        text = text[(second + 1)...]
      }
      if section.isEncoded {
        result.bytes.append(contentsOf: text.unescaped(ASCII.percent))
      } else {
        result.bytes.append(contentsOf: text)
      }
    }
    return result
  }

  /// A token or quoted string at `position`, which is moved behind it. Unquoted values may hold blanks, as real file
  /// names do, up to the semicolon.
  private static func readValue(_ bytes: Bytes, _ position: inout Int, _ end: Int, wanted: Bool) -> [UInt8] {
    var text: [UInt8] = []
    if position < end, bytes[position] == ASCII.quote {
      position += 1
      while position < end, bytes[position] != ASCII.quote {
        if bytes[position] == ASCII.backslash, position + 1 < end,
          bytes[position + 1] == ASCII.quote || bytes[position + 1] == ASCII.backslash
        {
          position += 1
        }
        let byte = bytes[position]
        position += 1
        guard byte != ASCII.cr, byte != ASCII.lf else {
          // Lotus Notes folds names within their words, and puts a tab at the beginning of the next line.
          if byte == ASCII.lf, position < end, bytes[position] == ASCII.tab { position += 1 }
          continue
        }
        if wanted { text.append(byte == ASCII.tab ? ASCII.space : byte) }
      }
      position += 1
      return text
    }
    let start = position
    while position < end, bytes[position] != ASCII.semicolon { position += 1 }
    guard wanted else { return text }
    let range = bytes.trimmed(start..<position)
    for i in range where bytes[i] != ASCII.cr && bytes[i] != ASCII.lf {
      // A comment after a token.
      if bytes[i] == ASCII.leftParenthesis, i > range.lowerBound, ASCII.isSpace(bytes[i - 1]),
        bytes[range.upperBound - 1] == ASCII.rightParenthesis
      {
        break
      }
      text.append(bytes[i])
    }
    while let last = text.last, ASCII.isBlank(last) { text.removeLast() }
    return text
  }

  static func skipSpaceAndComments(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
    var position = start
    var depth = 0
    while position < end {
      switch bytes[position] {
      case ASCII.leftParenthesis: depth += 1
      case ASCII.rightParenthesis where depth > 0: depth -= 1
      case ASCII.backslash where depth > 0: position += 1
      case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf: break
      default: if depth == 0 { return position }
      }
      position += 1
    }
    return end
  }
}
