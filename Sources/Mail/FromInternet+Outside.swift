import Formats

/// Texts outside the boundaries: the footer that a mailing list put behind the last one, the report that a gateway wrote
/// before the first. Mail programs do not show them, and they are read all the same.
extension FromInternet {
  /// Appends the preamble or the epilogue of the multipart `index` as a text, unless it says what every mail program
  /// writes there.
  mutating func appendOutsideText(_ bytes: Bytes, of index: Int, isEpilogue: Bool) {
    for text in structure.outsideTexts where text.part == index && text.isEpilogue == isEpilogue {
      if Self.isUsualNotice(bytes, text.range) || Self.holdsBoundariesAlone(bytes, text.range) { continue }
      var item = Item(kind: .text, type: .plainText, content: .source(text.range, .identity))
      if index == 0, Self.canStandOutside(bytes, text.range) { item.role = isEpilogue ? .epilogue : .preamble }
      note(
        text.range.lowerBound, isEpilogue ? .epilogue : .preamble,
        isEpilogue
          ? "text behind the last boundary; it becomes a text of its own"
          : "text before the first boundary; it becomes a text of its own")
      message.items.append(item)
    }
  }

  /// Longer ones say something else, too.
  private static let longestNotice = 700

  /// Whether a preamble is meant for mail programs without MIME: `This is a multi-part message in MIME format.`
  private static func isUsualNotice(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard range.count <= longestNotice else { return false }
    return range.contains { i in
      guard bytes[i] | 0x20 == UInt8(ascii: "m") else { return false }
      return bytes.hasPrefixIgnoringCase(at: i, to: range.upperBound, "mime")
        || bytes.hasPrefixIgnoringCase(at: i, to: range.upperBound, "multipart")
        || bytes.hasPrefixIgnoringCase(at: i, to: range.upperBound, "multi-part")
    }
  }

  /// Whether there is nothing but boundary lines of multiparts that are no more.
  private static func holdsBoundariesAlone(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var position = range.lowerBound
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      let text = bytes.trimmed(position..<line.end)
      let isBoundary =
        bytes.hasPrefix(at: text.lowerBound, to: text.upperBound, "--")
        && !text.contains { bytes[$0] == ASCII.space }
      if !text.isEmpty, !isBoundary { return false }
      position = line.next
    }
    return true
  }

  /// Whether a text may stand outside the boundaries of what is written: seven bits, no line too long, and none that
  /// would be taken for a boundary.
  private static func canStandOutside(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard bytes.isASCII(range) else { return false }
    var position = range.lowerBound
    while position < range.upperBound {
      let line = bytes.line(at: position, to: range.upperBound)
      if line.end - position > HeaderWriter.longestLine || bytes.hasPrefix(at: position, to: line.end, "--=_") {
        return false
      }
      if !bytes.isPrintable(position..<line.end) {
        for i in position..<line.end where ASCII.isControl(bytes[i]) && bytes[i] != ASCII.tab { return false }
      }
      position = line.next
    }
    return true
  }
}
