/// Writes the bodies of parts.
public enum BodyWriter {
  /// How text has to be encoded so that it arrives as it is.
  public static func encoding(ofText text: Bytes) -> TransferEncoding {
    var position = 0
    var isPlain = text.isASCII(0..<text.count)
    while isPlain, position < text.count {
      let line = text.line(at: position, to: text.count)
      if line.end - position > 78 || line.next - line.end == 1 { isPlain = false }
      // Blanks at the end of a line, control characters and `From ` do not survive every way.
      if line.end > position, ASCII.isBlank(text[line.end - 1]) { isPlain = false }
      if text.hasPrefix(at: position, to: line.end, "From ") { isPlain = false }
      // Nor may it be taken for a boundary.
      if text.hasPrefix(at: position, to: line.end, "--=_ccmc-") { isPlain = false }
      for i in position..<line.end where text[i] < 32 && text[i] != ASCII.tab && text[i] != 12 { isPlain = false }
      position = line.next
    }
    if isPlain { return .identity }
    // Where more than a fifth has to be escaped, base64 is shorter.
    var escaped = 0
    for i in 0..<text.count where text[i] > 126 || (text[i] < 32 && !ASCII.isSpace(text[i])) { escaped += 1 }
    return escaped * 5 > text.count ? .base64 : .quotedPrintable
  }

  /// Appends `Content-Transfer-Encoding: ...`.
  public static func append(_ encoding: TransferEncoding, to output: inout [UInt8]) {
    output.append("Content-Transfer-Encoding: ")
    switch encoding {
    case .identity, .uuencode: output.append("7bit")
    case .base64: output.append("base64")
    case .quotedPrintable: output.append("quoted-printable")
    }
    output.appendLineEnd()
  }

  /// Appends text or data in its encoding, ended by a line end.
  public static func append(_ content: Bytes, as encoding: TransferEncoding, to output: inout [UInt8]) {
    switch encoding {
    case .identity, .uuencode: output.append(content)
    case .base64: Base64.encode(content, into: &output)
    case .quotedPrintable:
      QuotedPrintable.encode(content, into: &output)
      // A soft line break: the text itself has no line end there.
      if content.count > 0, output.last != ASCII.lf { output.append(ASCII.equals) }
    }
    if output.last != ASCII.lf { output.appendLineEnd() }
  }

  /// A boundary that no line of `=_` can be in any encoded body: quoted-printable never has `=_`, base64 no `_`.
  /// Seven-bit text may: the caller tells a `number` that makes it differ.
  public static func boundary(_ number: Int, seed: UInt32) -> [UInt8] {
    var boundary: [UInt8] = []
    boundary.append("=_ccmc-")
    for shift in stride(from: 24, through: 0, by: -8) {
      boundary.append(hexadecimal: UInt8(seed >> UInt32(shift) & 255))
    }
    boundary.append(ASCII.hyphen)
    boundary.append(decimal: number)
    return boundary
  }
}
