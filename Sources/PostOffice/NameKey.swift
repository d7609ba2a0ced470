import Formats

/// Turns names of the directory into what they are compared by: without regard to case (Q237588), to quotes around
/// them, and to a comma in front (Q179677, Q183588). One for each thread.
final class NameKeys {
  private let converter = CharsetConverter()

  /// The key of a name in `codePage`: lower-case UTF-8, blanks made one.
  func key(_ name: Bytes, _ codePage: CodePage) -> String {
    var range = name.trimmed(0..<name.count)
    if !range.isEmpty, name[range.lowerBound] == ASCII.comma {
      range = name.trimmed((range.lowerBound + 1)..<range.upperBound)
    }
    if range.count >= 2, name[range.lowerBound] == ASCII.quote, name[range.upperBound - 1] == ASCII.quote {
      range = name.trimmed((range.lowerBound + 1)..<(range.upperBound - 1))
    }
    var text: [UInt8] = []
    if codePage.containsASCII, name.isASCII(range) {
      text.reserveCapacity(range.count)
      for i in range { text.append(ASCII.lowercased(name[i])) }
    } else {
      converter.appendUTF8(name.extracting(range), charset: codePage.iconvName, to: &text)
      text = Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
    }
    var key: [UInt8] = []
    key.reserveCapacity(text.count)
    for byte in text where !(ASCII.isSpace(byte) && (key.last.map(ASCII.isSpace) ?? true)) {
      key.append(ASCII.isControl(byte) ? ASCII.space : byte)
    }
    return String(decoding: key, as: UTF8.self)
  }

  /// Other forms under which `key` may be in the directory: `Last, First` for `First Last` and the other way round
  /// (Q154053), and with a comma where quoting made it a semicolon (Q179677).
  static func variants(_ key: String) -> [String] {
    let utf8 = Array(key.utf8)
    func trimmed(_ range: Range<Int>) -> String { utf8.span.string(utf8.span.trimmed(range)) }
    if let mark = utf8.firstIndex(where: { $0 == ASCII.comma || $0 == ASCII.semicolon }) {
      let (last, first) = (trimmed(0..<mark), trimmed((mark + 1)..<utf8.count))
      return utf8[mark] == ASCII.comma ? ["\(first) \(last)"] : ["\(last), \(first)", "\(first) \(last)"]
    }
    guard let blank = utf8.lastIndex(of: ASCII.space) else { return [] }
    return ["\(trimmed((blank + 1)..<utf8.count)), \(trimmed(0..<blank))"]
  }
}

/// The folder of a mailbox: its key with only letters, digits, `-` and `.`, all else as `_` for a blank or `=` and two
/// hexadecimal digits. Never a path, never hidden.
enum MailboxFolder {
  static func name(_ key: String) -> String {
    var name: [UInt8] = []
    for byte in key.utf8 {
      if ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.hyphen || (byte == ASCII.dot && !name.isEmpty) {
        name.append(byte)
      } else if byte == ASCII.space {
        name.append(ASCII.underscore)
      } else {
        name.append(ASCII.equals)
        name.append(hexadecimal: byte)
      }
    }
    // A name of 256 characters, as a post office may have, is no file name: its beginning, and what tells it apart.
    if name.count > 200 {
      name = name[..<150] + [ASCII.equals, ASCII.equals]
      for byte in SHA256.digest(Array(key.utf8).span).prefix(16) { name.append(hexadecimal: byte) }
    }
    return String(decoding: name, as: UTF8.self)
  }
}
