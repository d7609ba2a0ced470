import Formats

/// Which part a .ccm message is of one with more items than cc:Mail takes: `X-ccmc-Items: 2/3 1a2b3c4d`, a line of its
/// text item `RFC822 headers`. The parts follow one another in the file.
struct ItemPart: Equatable {
  var number: Int
  var of: Int
  /// The CRC-32 of all items as they were written: parts of different messages never become one.
  var checksum: UInt32

  var isLast: Bool { number == of }

  private static let fieldName: StaticString = "X-ccmc-Items"

  init(number: Int, of: Int, checksum: UInt32) { (self.number, self.of, self.checksum) = (number, of, checksum) }

  func append(to output: inout [UInt8]) {
    output.append(Self.fieldName)
    output.append(": ")
    output.append(decimal: number)
    output.append(ASCII.slash)
    output.append(decimal: of)
    output.append(text: " \(String(checksum, radix: 16))\r\n")
  }

  /// What a message says of itself; nil for a whole one.
  init?(_ message: CCMessage, _ bytes: Bytes) {
    guard let item = message.items.last(where: { Self.isCarrying($0, bytes) }) else { return nil }
    var position = item.data.lowerBound
    while position < item.data.upperBound {
      let line = bytes.line(at: position, to: item.data.upperBound)
      let text = bytes.trimmed(position..<line.end)
      position = line.next
      if text.isEmpty { continue }
      // It is the first line.
      guard bytes.hasPrefixIgnoringCase(at: text.lowerBound, to: text.upperBound, Self.fieldName) else { return nil }
      let words = bytes.string(text).split(whereSeparator: { " :/".contains($0) })
      guard words.count == 4, let number = Int(words[1]), let of = Int(words[2]),
        let checksum = UInt32(words[3], radix: 16), number >= 1, number <= of
      else { return nil }
      self.init(number: number, of: of, checksum: checksum)
      return
    }
    return nil
  }

  /// Whether an item is the text item `RFC822 headers`.
  static func isCarrying(_ item: CCMessage.Item, _ bytes: Bytes) -> Bool {
    item.kind == .text && item.title.count == CarriedItem.title.utf8.count
      && bytes.string(item.title) == CarriedItem.title
  }
}

/// The parts so far of a message with many items, and what each of them is alone.
struct ItemParts {
  /// Where the first one begins in the file.
  let offset: Int
  /// The message of all items, as ranges of `bytes`; what told the parts is in none of them but the last.
  private(set) var message: CCMessage
  private(set) var bytes: [UInt8]
  var alone: [Converter.Division.Part] = []
  private var last: ItemPart

  /// Begins with the first part, a message in `source`.
  init(_ part: CCMessage, _ source: Bytes, _ place: ItemPart, offset: Int) {
    self.offset = offset
    bytes = source.array(part.whole)
    message = part.moved(by: -part.whole.lowerBound)
    last = place
    removeMark()
  }

  func isFollowed(by part: ItemPart) -> Bool {
    part == ItemPart(number: last.number + 1, of: last.of, checksum: last.checksum)
  }

  /// Appends the next part, a message in `source`.
  mutating func append(_ part: CCMessage, _ source: Bytes, _ place: ItemPart) {
    let moved = part.moved(by: bytes.count - part.whole.lowerBound)
    bytes.append(source, part.whole)
    message.items += moved.items
    message.findings += moved.findings
    message.whole = 0..<bytes.count
    last = place
    removeMark()
  }

  private mutating func removeMark() {
    guard !last.isLast, let mark = message.items.lastIndex(where: { ItemPart.isCarrying($0, bytes.span) }) else {
      return
    }
    message.items.removeSubrange(mark...)
  }
}
