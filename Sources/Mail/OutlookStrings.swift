import Formats

/// Decodes the texts of an Outlook message: UTF-16, or eight bits in the code page of the message.
struct OutlookStrings {
  let converter: CharsetConverter
  /// The character set of 8-bit texts.
  let charset: String

  init(codePage: Int, converter: CharsetConverter) {
    self.converter = converter
    charset = WindowsCodePage.charset(codePage) ?? ""
  }

  /// Characters of a name, an address or a subject; nobody reads longer ones.
  private static let maximum = 1 << 16

  /// A text on one line, without what ends it and without control characters; empty when there is none.
  func line(_ property: MAPIProperties.Property?, _ bytes: Bytes) -> String {
    guard let property, case .data(let ranges) = property.value else { return "" }
    return Self.clean(text(ranges.bytes(of: bytes, limit: Self.maximum), property.type))
  }

  func line(_ id: UInt16, of properties: MAPIProperties, _ bytes: Bytes) -> String {
    line(properties.first(id), bytes)
  }

  func line(_ name: PropertyName, of properties: MAPIProperties, _ bytes: Bytes) -> String {
    line(properties.first(name), bytes)
  }

  /// The texts of a list.
  func lines(_ name: PropertyName, of properties: MAPIProperties, _ bytes: Bytes) -> [String] {
    properties.first(name).map { lines($0, bytes) } ?? []
  }

  /// The texts of a list; of a single text, that one.
  func lines(_ property: MAPIProperties.Property, _ bytes: Bytes) -> [String] {
    switch property.value {
    case .list(let values):
      return values.prefix(1000).map { Self.clean(text($0.bytes(of: bytes, limit: Self.maximum), property.type)) }
    case .data: return [line(property, bytes)]
    default: return []
    }
  }

  /// A text of any length as it is, in UTF-8.
  func text(_ property: MAPIProperties.Property, _ bytes: Bytes) -> [UInt8] {
    guard case .data(let ranges) = property.value else { return [] }
    let raw = ranges.bytes(of: bytes)
    var text: [UInt8] = []
    if property.type == PropertyType.unicode {
      raw.span.appendUTF8(fromUTF16: 0..<raw.count, to: &text)
    } else {
      converter.appendUTF8(raw.span, charset: charset, to: &text)
    }
    while text.last == 0 { text.removeLast() }
    return text
  }

  func text(_ id: UInt16, of properties: MAPIProperties, _ bytes: Bytes) -> [UInt8] {
    properties.first(id).map { text($0, bytes) } ?? []
  }

  private func text(_ raw: [UInt8], _ type: UInt16) -> String {
    if type & ~PropertyType.multiple == PropertyType.unicode { return raw.span.utf16(0..<raw.count) }
    return string8(raw)
  }

  func string8(_ raw: [UInt8]) -> String {
    var utf8: [UInt8] = []
    converter.appendUTF8(raw.span, charset: charset, to: &utf8)
    return String(decoding: utf8, as: UTF8.self)
  }

  private static func clean(_ text: String) -> String {
    if text.utf8.allSatisfy({ !ASCII.isControl($0) }) { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.value == 0 { break }
      scalars.append(scalar.value < 32 || scalar.value == 127 ? " " : scalar)
    }
    return String(scalars)
  }
}
