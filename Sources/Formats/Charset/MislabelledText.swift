/// Text whose label is wrong: bytes that are valid UTF-8 are hardly ever anything else.
enum MislabelledText {
  /// Whether text in a single-byte character set is rather what its label says than UTF-8, although it is valid UTF-8.
  /// That happens with words of two or four letters: `Ні` in windows-1251 is `ͳ` in UTF-8. `label` is the text as its
  /// label has it, `utf8` the text as UTF-8; both in UTF-8.
  static func isLabelRight(label: Bytes, utf8: Bytes) -> Bool {
    // Nobody writes a sentence that is valid UTF-8 by chance.
    guard utf8.count <= 64 else { return false }
    let said = label.string(0..<label.count).unicodeScalars.filter { !$0.isASCII }
    let meant = utf8.string(0..<utf8.count).unicodeScalars.filter { !$0.isASCII }
    return said.allSatisfy(\.properties.isAlphabetic) && !meant.allSatisfy(isUsual)
  }

  /// Letters of living alphabets, and the signs that stand in any text.
  private static func isUsual(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xC0...0x17F, 0x391...0x3CE, 0x386...0x390, 0x400...0x45F, 0x490, 0x491: scalar.properties.isAlphabetic
    case 0x5D0...0x5EA, 0x621...0x64A, 0x900...0x1FFF, 0x2010...0x2044, 0x20AC, 0x2122, 0x3000...0x9FFF,
      0xAC00...0xD7A3,
      0xFF00...0xFFEF, 0x1F300...0x1FAFF:
      true
    default: false
    }
  }
}
