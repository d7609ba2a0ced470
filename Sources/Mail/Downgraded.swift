import Formats

/// Address fields as they were before they went through 7-bit mail, from the fields `Downgraded-From`, `Downgraded-To`
/// and so on that were carried beside them (RFC 5504, 3.1.2; the addresses themselves go by RFC 6857 and in A-labels).
enum Downgraded {
  /// The field that `field` was, in UTF-8 (RFC 6532), whole and folded; nil where none was carried, or what was carried
  /// names other addresses: nobody's address may come from a field that anybody can have written.
  static func original(
    of field: [UInt8], among carried: [Message.CarriedHeader], converter: CharsetConverter
  ) -> [UInt8]? {
    let text = field.span
    guard let colon = text.firstIndex(of: ASCII.colon, from: 0, to: text.count) else { return nil }
    let prefix = FieldName.downgradedPrefix
    for candidate in carried where candidate.name == .downgraded {
      let other = candidate.text.span
      let nameStart = prefix.utf8CodeUnitCount
      guard let end = other.firstIndex(of: ASCII.colon, from: 0, to: other.count), end - nameStart == colon,
        other.string(nameStart..<end).lowercased() == text.string(0..<colon).lowercased()
      else { continue }
      let value = Array(EncodedWord.decode(other, (end + 1)..<other.count, converter: converter).utf8)
      guard !value.isEmpty, !value.contains(where: ASCII.isControl) else { continue }
      let meant = AddressList(value.span, 0..<value.count, charset: "utf-8", converter: converter)
      let said = AddressList(text, (colon + 1)..<text.count, charset: "utf-8", converter: converter)
      guard meant.mailboxes == said.mailboxes, meant.emptyGroups == said.emptyGroups else { continue }
      var written = text.array(0..<colon)
      written.append(": ")
      written.append(value.span)
      written.appendLineEnd()
      var folded: [UInt8] = []
      return HeaderWriter.append(field: written.span, to: &folded) ? folded : nil
    }
    return nil
  }
}
