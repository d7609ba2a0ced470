/// An element of ASN.1 in its basic encoding, X.690: what CMS is written in.
struct BERElement {
  /// The identifier without the bit of constructed ones: 0x10 for a sequence, 0x80 for `[0]`.
  var tag: UInt8
  var isConstructed: Bool
  var content: Range<Int>
  /// Where the next element begins.
  var next: Int

  static let octetString: UInt8 = 0x04
  static let objectIdentifier: UInt8 = 0x06
  static let sequence: UInt8 = 0x10
  static let set: UInt8 = 0x11
  static let context0: UInt8 = 0x80

  /// Elements of no known length within each other.
  private static let maximumDepth = 32

  /// Reads the element at `position`; nil where none can be. What is said to go on behind `end` ends there.
  init?(_ bytes: Bytes, at position: Int, to end: Int) {
    self.init(bytes, at: position, to: end, depth: 0)
  }

  private init?(_ bytes: Bytes, at position: Int, to end: Int, depth: Int) {
    guard position >= 0, position + 2 <= end, end <= bytes.count, depth < Self.maximumDepth else { return nil }
    // Tags of several bytes have no place in CMS.
    guard bytes[position] & 0x1F != 0x1F else { return nil }
    tag = bytes[position] & 0xDF
    isConstructed = bytes[position] & 0x20 != 0
    let first = bytes[position + 1]
    var start = position + 2
    if first == 0x80 {
      guard isConstructed else { return nil }
      self.content = start..<start
      guard let close = Self.endOfContents(bytes, from: start, to: end, depth: depth) else { return nil }
      content = start..<close
      next = min(end, close + 2)
      return
    }
    var length = Int(first)
    if first > 0x80 {
      let count = Int(first & 0x7F)
      guard count <= 6, start + count <= end else { return nil }
      length = 0
      for i in start..<(start + count) { length = length << 8 | Int(bytes[i]) }
      start += count
    }
    content = start..<min(end, start + length)
    next = content.upperBound
  }

  /// Where the two zeros stand that end an element without a length; the end where they are missing.
  private static func endOfContents(_ bytes: Bytes, from start: Int, to end: Int, depth: Int) -> Int? {
    var position = start
    while position + 2 <= end {
      if bytes[position] == 0, bytes[position + 1] == 0 { return position }
      guard let element = BERElement(bytes, at: position, to: end, depth: depth + 1), element.next > position else {
        return nil
      }
      position = element.next
    }
    return end
  }
}
