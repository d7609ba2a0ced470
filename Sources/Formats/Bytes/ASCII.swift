/// The characters that mail formats are made of, by their names in ASCII.
public enum ASCII {
  public static let nul: UInt8 = 0
  public static let tab: UInt8 = 9
  public static let lf: UInt8 = 10
  public static let cr: UInt8 = 13
  public static let escape: UInt8 = 27
  /// Ctrl-Z, the end of a text file for DOS programs.
  public static let substitute: UInt8 = 26
  public static let space: UInt8 = 32
  public static let quote: UInt8 = 34
  public static let percent: UInt8 = 37
  public static let apostrophe: UInt8 = 39
  public static let leftParenthesis: UInt8 = 40
  public static let rightParenthesis: UInt8 = 41
  public static let asterisk: UInt8 = 42
  public static let plus: UInt8 = 43
  public static let comma: UInt8 = 44
  public static let hyphen: UInt8 = 45
  public static let dot: UInt8 = 46
  public static let slash: UInt8 = 47
  public static let zero: UInt8 = 48
  public static let nine: UInt8 = 57
  public static let colon: UInt8 = 58
  public static let semicolon: UInt8 = 59
  public static let less: UInt8 = 60
  public static let equals: UInt8 = 61
  public static let greater: UInt8 = 62
  public static let question: UInt8 = 63
  public static let at: UInt8 = 64
  public static let leftBracket: UInt8 = 91
  public static let backslash: UInt8 = 92
  public static let rightBracket: UInt8 = 93
  public static let underscore: UInt8 = 95
  public static let tilde: UInt8 = 126

  @inlinable public static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }
  @inlinable public static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 97 < 26 }
  @inlinable public static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
  @inlinable public static func isSpace(_ byte: UInt8) -> Bool {
    byte == space || byte == tab || byte == cr || byte == lf
  }
  @inlinable public static func isControl(_ byte: UInt8) -> Bool { byte < 32 || byte == 127 }
  @inlinable public static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }
  @inlinable public static func uppercased(_ byte: UInt8) -> UInt8 { byte &- 97 < 26 ? byte & 0xDF : byte }

  /// The value of a hexadecimal digit, nil for any other byte.
  @inlinable
  public static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }

  /// The upper-case hexadecimal digit of `value` (0 to 15).
  @inlinable public static func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }
}
