/// Text as it may be shown: on a terminal, in a log of the system, in a line that a script reads. All that any program
/// prints of mail, names, paths and logs goes through here.
///
/// What would move the cursor, end the line, or turn the text around is no part of what is shown: control characters of
/// C0 and C1, the marks of direction, the separators of lines and paragraphs, and what is not UTF-8, which a terminal
/// may take for C1.
public enum PrintableText {
  /// Whether a character may be shown as it is.
  public static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
    default: true
    }
  }

  /// `text`, with a `?` in place of each character that may not be shown.
  ///
  /// - Parameters:
  ///   - text: UTF-8, or whatever else is found where that should be.
  ///   - kept: a control character that stays, as a separator of columns or of lines.
  public static func bytes(_ text: some Sequence<UInt8>, keeping kept: UInt8? = nil) -> [UInt8] {
    let all = Array(text)
    // Nearly all that is shown is plain.
    if all.allSatisfy({ $0 >= 32 && $0 < 127 || $0 == kept }) { return all }
    var shown: [UInt8] = []
    shown.reserveCapacity(all.count)
    var decoder = UTF8()
    var rest = all.makeIterator()
    while true {
      switch decoder.decode(&rest) {
      case .emptyInput: return shown
      case .error: shown.append(ASCII.question)
      case .scalarValue(let scalar):
        if let kept, scalar.value == UInt32(kept) {
          shown.append(kept)
        } else if isPrintable(scalar) {
          shown.append(contentsOf: UTF8.encode(scalar)!)
        } else {
          shown.append(ASCII.question)
        }
      }
    }
  }

  /// The same of text, as text.
  public static func text(_ text: String, keeping kept: UInt8? = nil) -> String {
    String(decoding: bytes(text.utf8, keeping: kept), as: UTF8.self)
  }
}
