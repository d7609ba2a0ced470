/// Parameters of Content-Type and Content-Disposition, RFC 2045, 5.1 and RFC 2231.
extension HeaderWriter {
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

  /// RFC 2231, 7: attribute-char, what may stand in a token but for `*`, `'` and `%`. A token has less than an atom,
  /// RFC 2045, 5.1: no slash, question mark or equals sign.
  private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case ASCII.asterisk, ASCII.apostrophe, ASCII.percent, ASCII.slash, ASCII.question, ASCII.equals: false
    default: isAtomText(byte) || byte == ASCII.dot
    }
  }
}
