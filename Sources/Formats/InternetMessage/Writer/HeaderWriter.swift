/// Writes header fields as RFC 5322 and RFC 2047 want them: seven bits, lines of at most 78 characters.
public enum HeaderWriter {
  /// Appends `Name: text`, folded, with encoded words where the text is not plain ASCII.
  public static func append(_ name: String, text: String, to output: inout [UInt8]) {
    output.append(text: name)
    output.append(": ")
    var column = name.utf8.count + 2
    append(words: text, column: &column, to: &output)
    output.appendLineEnd()
  }

  /// Appends `Name: literal text`, the text as an unstructured field has it: `Diagnostic-Code: x-ccmail; text`,
  /// RFC 3464, 2.3.6. `literal` stays as it is.
  public static func append(_ name: String, literal: StaticString, text: String, to output: inout [UInt8]) {
    output.append(text: name)
    output.append(": ")
    output.append(literal)
    // A word that does not fit begins a line of its own.
    var column = name.utf8.count + 2 + literal.utf8CodeUnitCount
    if column + 1 + text.utf8.prefix(while: { $0 != ASCII.space }).count > 78 {
      output.append("\r\n")
      column = 0
    }
    output.append(ASCII.space)
    column += 1
    append(words: text, column: &column, to: &output)
    output.appendLineEnd()
  }

  /// Appends an address field, one mailbox after the other, folded between them.
  public static func append(_ name: String, mailboxes: [Mailbox], to output: inout [UInt8]) {
    guard !mailboxes.isEmpty else { return }
    output.append(text: name)
    output.append(": ")
    var column = name.utf8.count + 2
    for (index, mailbox) in mailboxes.enumerated() {
      // A mailbox that does not fit begins a line of its own.
      let width = mailbox.name.utf8.count + mailbox.address.utf8.count + (mailbox.name.isEmpty ? 1 : 6)
      if index > 0, column + width > 77 {
        output.removeLast()
        output.append("\r\n ")
        column = 1
      }
      append(mailbox, column: &column, to: &output)
      if index < mailboxes.count - 1 {
        output.append(", ")
        column += 2
      }
    }
    output.appendLineEnd()
  }

  private static func append(_ mailbox: Mailbox, column: inout Int, to output: inout [UInt8]) {
    if mailbox.name.isEmpty, mailbox.address.utf8.allSatisfy({ $0 < 128 }) {
      let start = output.count
      appendAddress(mailbox.address, to: &output)
      column += output.count - start
      return
    }
    let isASCII = mailbox.address.utf8.allSatisfy { $0 < 128 }
    if mailbox.address.isEmpty || !isASCII {
      // No reader takes `<>` here, and an address of RFC 6532 would be another one in seven bits. A group without members
      // is the one form of RFC 5322 that names somebody and nobody's address, as RFC 6857, 3.1.8 has it; RFC 6854 has it
      // in From too.
      let words = [mailbox.name, mailbox.address].filter { !$0.isEmpty }
      appendPhrase(words.joined(separator: " "), column: &column, to: &output)
      output.append(":;")
      column += 2
      return
    }
    appendPhrase(mailbox.name, column: &column, to: &output)
    let length = mailbox.address.utf8.count + 3
    if column + length > 78, column > 20 {
      output.append("\r\n ")
      column = 1
    } else {
      output.append(ASCII.space)
      column += 1
    }
    output.append(ASCII.less)
    appendAddress(mailbox.address, to: &output)
    output.append(ASCII.greater)
    column += length - 1
  }

  /// Whether `address` is an addr-spec of RFC 5322, 3.4.1: dots and atoms, or a quoted local part, and a domain.
  public static func isAddress(_ address: String) -> Bool {
    var isQuoted = false
    var at = 0
    for byte in address.utf8 {
      if byte == ASCII.quote { isQuoted.toggle() }
      if isQuoted ? byte < 32 || byte > 126 : false { return false }
      if isQuoted || byte == ASCII.quote || byte == ASCII.dot || isAtomText(byte) { continue }
      if byte == ASCII.at {
        at += 1
      } else if byte != ASCII.leftBracket, byte != ASCII.rightBracket, byte != ASCII.colon || at == 0 {
        return false
      }
    }
    return at == 1 && !isQuoted && address.utf8.first != ASCII.at && address.utf8.last != ASCII.at
  }

  /// An addr-spec in ASCII; what would end the address or the line is left out.
  private static func appendAddress(_ address: String, to output: inout [UInt8]) {
    var isQuoted = false
    for byte in address.utf8 {
      if byte == ASCII.quote { isQuoted.toggle() }
      if ASCII.isControl(byte) { continue }
      if !isQuoted, byte == ASCII.less || byte == ASCII.greater || byte == ASCII.space { continue }
      output.append(byte)
    }
  }

  /// A display name: atoms as they are, other ASCII quoted, everything else in encoded words.
  private static func appendPhrase(_ name: String, column: inout Int, to output: inout [UInt8]) {
    let utf8 = name.utf8
    guard utf8.allSatisfy({ $0 >= 32 && $0 < 127 }), !name.contains("=?"), utf8.count < 900 else {
      append(encodedWords: name, column: &column, to: &output)
      return
    }
    let isAtoms =
      utf8.first != ASCII.space && utf8.last != ASCII.space && !name.contains("  ")
      && utf8.allSatisfy { isAtomText($0) || $0 == ASCII.space }
    let start = output.count
    if isAtoms {
      output.append(contentsOf: utf8)
    } else {
      output.append(ASCII.quote)
      for byte in utf8 {
        if byte == ASCII.quote || byte == ASCII.backslash { output.append(ASCII.backslash) }
        output.append(byte)
      }
      output.append(ASCII.quote)
    }
    column += output.count - start
  }

  /// Whether a byte may stand in an atom, RFC 5322, 3.2.3.
  public static func isAtomText(_ byte: UInt8) -> Bool {
    if ASCII.isLetter(byte) || ASCII.isDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
      UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
      UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
      UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
      return true
    default: return false
    }
  }

  /// Unstructured text: folded at blanks where it is plain and its words are short enough.
  private static func append(words text: String, column: inout Int, to output: inout [UInt8]) {
    let utf8 = Array(text.utf8)
    let isPlain =
      utf8.allSatisfy { $0 >= 32 && $0 < 127 } && !text.contains("=?")
      && utf8.first != ASCII.space && utf8.last != ASCII.space
    var longest = 0
    for word in utf8.split(separator: ASCII.space) { longest = max(longest, word.count) }
    guard isPlain, longest <= 76 else {
      if !utf8.isEmpty { append(encodedWords: text, column: &column, to: &output) }
      return
    }
    var start = 0
    while start < utf8.count {
      // A run of blanks and the word after it, so that a fold is before blanks and no line is blank.
      var end = start
      while end < utf8.count, utf8[end] == ASCII.space { end += 1 }
      while end < utf8.count, utf8[end] != ASCII.space { end += 1 }
      if column + end - start > 78, start > 0 {
        output.append("\r\n")
        column = 0
      }
      output.append(contentsOf: utf8[start..<end])
      column += end - start
      start = end
    }
  }

  /// Encoded words of at most 75 characters, each of whole characters, in whichever of B and Q is shorter.
  private static func append(encodedWords text: String, column: inout Int, to output: inout [UInt8]) {
    let utf8 = Array(text.utf8)
    let literal = utf8.count { isAtomText($0) && $0 != ASCII.underscore && $0 != ASCII.question && $0 != ASCII.equals }
    let useBase64 = literal * 3 < utf8.count * 2
    var start = 0
    while start < utf8.count {
      let room = max(20, min(75, 77 - column)) - 12
      var end = start
      var width = 0
      while end < utf8.count {
        var next = end + 1
        while next < utf8.count, utf8[next] & 0xC0 == 0x80, next - end < 4 { next += 1 }
        let more =
          useBase64 ? 0 : utf8[end..<next].reduce(0) { $0 + (isWordLiteral($1) || $1 == ASCII.space ? 1 : 3) }
        let total = useBase64 ? (next - start + 2) / 3 * 4 : width + more
        if total > room, end > start { break }
        width += more
        end = next
      }
      output.append(useBase64 ? "=?utf-8?B?" : "=?utf-8?Q?")
      let before = output.count
      if useBase64 {
        appendBase64(utf8[start..<end], to: &output)
      } else {
        for byte in utf8[start..<end] {
          if byte == ASCII.space {
            output.append(ASCII.underscore)
          } else if isWordLiteral(byte) {
            output.append(byte)
          } else {
            output.append(ASCII.equals)
            output.append(hexadecimal: byte)
          }
        }
      }
      output.append("?=")
      column += output.count - before + 10
      start = end
      if start < utf8.count {
        output.append("\r\n ")
        column = 1
      }
    }
  }

  /// What may stand unencoded in an encoded word of a phrase, RFC 2047, 5 (3).
  private static func isWordLiteral(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "!") || byte == ASCII.asterisk
      || byte == ASCII.plus || byte == ASCII.hyphen || byte == ASCII.slash
  }

  private static func appendBase64(_ data: ArraySlice<UInt8>, to output: inout [UInt8]) {
    var encoded: [UInt8] = []
    Base64.encode(Array(data).span, into: &encoded)
    output.append(contentsOf: encoded.filter { !ASCII.isSpace($0) })
  }

  /// Appends `; name="value"` to a Content-Type or Content-Disposition, by RFC 2231 where it is not plain ASCII or
  /// too long. Every parameter stands on a line of its own.
  public static func append(parameter name: StaticString, _ value: String, to output: inout [UInt8]) {
    name.withUTF8Buffer { append(parameter: $0, value, to: &output) }
  }

  /// The same for a name that is not known beforehand: a token, RFC 2045, 5.1.
  public static func append(parameter name: String, _ value: String, to output: inout [UInt8]) {
    var name = name
    name.withUTF8 { append(parameter: $0, value, to: &output) }
  }

  private static func append(
    parameter name: UnsafeBufferPointer<UInt8>, _ value: String, to output: inout [UInt8]
  ) {
    let utf8 = Array(value.utf8)
    output.append(";\r\n ")
    if utf8.allSatisfy({ $0 >= 32 && $0 < 127 }), utf8.count + name.count <= 70 {
      output.append(contentsOf: name)
      output.append("=\"")
      for byte in utf8 {
        if byte == ASCII.quote || byte == ASCII.backslash { output.append(ASCII.backslash) }
        output.append(byte)
      }
      output.append(ASCII.quote)
      return
    }
    var section = 0
    var start = 0
    let isShort = utf8.reduce(0) { $0 + (isAttributeCharacter($1) ? 1 : 3) } + name.count <= 60
    repeat {
      if section > 0 { output.append(";\r\n ") }
      output.append(contentsOf: name)
      if !isShort {
        output.append(ASCII.asterisk)
        output.append(decimal: section)
      }
      output.append("*=")
      if section == 0 { output.append("utf-8''") }
      var width = 0
      while start < utf8.count, isShort || width < 48 {
        if isAttributeCharacter(utf8[start]) {
          output.append(utf8[start])
          width += 1
        } else {
          output.append(ASCII.percent)
          output.append(hexadecimal: utf8[start])
          width += 3
        }
        start += 1
      }
      section += 1
    } while start < utf8.count
  }

  /// RFC 2231, 7: attribute-char.
  private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
    isAtomText(byte) && byte != ASCII.asterisk && byte != ASCII.apostrophe && byte != ASCII.percent || byte == ASCII.dot
  }
}
