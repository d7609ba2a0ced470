/// BinHex 4.0, RFC 1741: a Macintosh file's two forks and its Finder information in lines of text. Characters of six
/// bits, between two colons; within them runs are shortened; within that a header and the forks, each with a checksum.
public struct BinHex: Sendable, Equatable {
  public var info: FinderInfo
  /// What the text says, and where the forks are in it.
  public var bytes: [UInt8]
  public var dataFork: Range<Int>
  public var resourceFork: Range<Int>

  /// Begins the line before the file.
  private static let firstWords: StaticString = "(This file must be converted with BinHex"
  private static let alphabet: StaticString = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
  private static let marker: UInt8 = 0x90
  private static let lineLength = 64

  // MARK: Finding

  /// A file found in a text.
  public struct Found: Sendable, Equatable {
    /// From its first line to after the line of the second colon.
    public var whole: Range<Int>
    /// Between the colons.
    public var text: Range<Int>
  }

  /// The files in the text at `range`: the line that RFC 1741 wants, a line that begins with a colon, the next colon.
  public static func files(in bytes: Bytes, _ range: Range<Int>) -> [Found] {
    var files: [Found] = []
    var position = range.lowerBound
    // Nearly no text has such a line, so parentheses are sought, not lines.
    while let start = bytes.firstIndex(of: ASCII.leftParenthesis, from: position, to: range.upperBound) {
      guard start == range.lowerBound || bytes[start - 1] == ASCII.lf,
        bytes.hasPrefix(at: start, to: range.upperBound, firstWords)
      else {
        position = start + 1
        continue
      }
      let line = bytes.line(at: start, to: range.upperBound)
      position = line.next
      // Only blank lines may stand between: a letter that speaks of the line is none.
      while position < range.upperBound, ASCII.isSpace(bytes[position]) { position += 1 }
      guard position < range.upperBound, bytes[position] == ASCII.colon,
        let text = text(in: bytes, position..<range.upperBound)
      else { continue }
      let end = bytes.line(at: text.upperBound, to: range.upperBound).next
      files.append(Found(whole: start..<end, text: text))
      position = end
    }
    return files
  }

  /// What stands between the first colon that begins a line and the next one; nil where there are no two.
  public static func text(in bytes: Bytes, _ range: Range<Int>) -> Range<Int>? {
    var position = range.lowerBound
    while position < range.upperBound {
      if bytes[position] == ASCII.colon {
        return bytes.firstIndex(of: ASCII.colon, from: position + 1, to: range.upperBound).map { (position + 1)..<$0 }
      }
      position = bytes.line(at: position, to: range.upperBound).next
    }
    return nil
  }

  // MARK: Reading

  /// Reads the file whose text, without the colons, is at `range`.
  ///
  /// Throws `Unreadable` when a character does not belong there, a checksum is wrong, or a fork is cut off.
  public init(_ bytes: Bytes, _ range: Range<Int>) throws(Unreadable) {
    self.bytes = try Self.expanded(bytes, range)
    let size = self.bytes.count
    let own = self.bytes
    let start = range.lowerBound
    let nameLength = own.first.map(Int.init) ?? 0
    // Name, version, type, creator, flags, two lengths.
    let headerEnd = 1 + nameLength + 1 + 4 + 4 + 2 + 4 + 4
    guard (1...FinderInfo.maximumName).contains(nameLength), headerEnd + 2 <= size else {
      throw Unreadable(offset: start, text: "no header")
    }
    guard own.span.macintoshChecksum(0..<headerEnd) == own.span.bigEndian16(headerEnd) else {
      throw Unreadable(offset: start, text: "the checksum of its header is wrong")
    }
    let fields = 1 + nameLength + 1
    info = FinderInfo(
      name: Array(own[1..<(1 + nameLength)]), type: Array(own[fields..<(fields + 4)]),
      creator: Array(own[(fields + 4)..<(fields + 8)]), flags: own.span.bigEndian16(fields + 8))
    let dataStart = headerEnd + 2
    let dataEnd = dataStart + Int(own.span.bigEndian32(fields + 10))
    let resourceEnd = dataEnd + 2 + Int(own.span.bigEndian32(fields + 14))
    guard resourceEnd + 2 <= size else { throw Unreadable(offset: range.upperBound, text: "a fork is cut off") }
    dataFork = dataStart..<dataEnd
    resourceFork = (dataEnd + 2)..<resourceEnd
    for fork in [dataFork, resourceFork]
    where own.span.macintoshChecksum(fork) != own.span.bigEndian16(fork.upperBound) {
      throw Unreadable(offset: start, text: "the checksum of a fork is wrong")
    }
  }

  /// Each character's six bits; 64 for a line end or a blank, 255 for what does not belong there.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for value in 0..<64 { values[Int(alphabet.utf8Start[value])] = UInt8(value) }
    for byte in [ASCII.cr, ASCII.lf, ASCII.space, ASCII.tab] { values[Int(byte)] = 64 }
    return values
  }()

  /// A run of 255 bytes takes less than three characters, so a short text could claim a hundred times its size: real
  /// files, mostly packed ones, are about three quarters of it.
  private static func limit(_ count: Int) -> Int { 1 << 20 + min(count, 1 << 40) * 8 }

  private static func expanded(_ bytes: Bytes, _ range: Range<Int>) throws(Unreadable) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(range.count / 4 * 3)
    let limit = limit(range.count)
    let values = values
    var bits: UInt32 = 0
    var count = 0
    var isMarked = false
    for i in range {
      let value = values[Int(bytes[i])]
      if value > 63 {
        guard value == 64 else { throw Unreadable(offset: i, text: "a character that does not belong there") }
        continue
      }
      bits = (bits << 6 | UInt32(value)) & 0xFFFF
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      let byte = UInt8(truncatingIfNeeded: bits >> UInt32(count))
      if isMarked {
        isMarked = false
        if byte == 0 {
          output.append(marker)
        } else {
          guard let last = output.last else { throw Unreadable(offset: i, text: "a run of nothing") }
          output.append(contentsOf: repeatElement(last, count: Int(byte) - 1))
        }
      } else if byte == marker {
        isMarked = true
      } else {
        output.append(byte)
      }
      guard output.count <= limit else { throw Unreadable(offset: i, text: "more than it can be trusted to hold") }
    }
    return output
  }

  // MARK: Writing

  /// Appends a file as text with its first line, in lines of 64 characters. Its dates, its place and its comment have no
  /// room there.
  public static func append(_ info: FinderInfo, data: Bytes, resources: Bytes, to output: inout [UInt8]) {
    var bytes: [UInt8] = []
    let name = info.name.prefix(FinderInfo.maximumName)
    bytes.append(UInt8(name.count))
    bytes.append(contentsOf: name)
    bytes.append(0)
    bytes.append(code: info.type)
    bytes.append(code: info.creator)
    bytes.append(bigEndian: info.flags)
    bytes.append(bigEndian: UInt32(truncatingIfNeeded: data.count))
    bytes.append(bigEndian: UInt32(truncatingIfNeeded: resources.count))
    bytes.append(bigEndian: bytes.span.macintoshChecksum(0..<bytes.count))
    bytes.append(data)
    bytes.append(bigEndian: data.macintoshChecksum(0..<data.count))
    bytes.append(resources)
    bytes.append(bigEndian: resources.macintoshChecksum(0..<resources.count))
    output.append(firstWords)
    output.append(" 4.0)\r\n\r\n:")
    appendText(shortened(bytes), to: &output)
    output.append(":\r\n")
  }

  private static func shortened(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var i = 0
    while i < bytes.count {
      var end = i + 1
      while end < bytes.count, end - i < 255, bytes[end] == bytes[i] { end += 1 }
      output.append(bytes[i])
      if bytes[i] == marker { output.append(0) }
      // A run takes two bytes more than the one that it repeats.
      if end - i > 3 {
        output += [marker, UInt8(end - i)]
      } else {
        end = i + 1
      }
      i = end
    }
    return output
  }

  private static func appendText(_ bytes: [UInt8], to output: inout [UInt8]) {
    // The colon is the first character of the first line.
    var column = 1
    var bits: UInt32 = 0
    var count = 0
    func put(_ value: UInt32, _ output: inout [UInt8]) {
      if column == lineLength {
        output.appendLineEnd()
        column = 0
      }
      output.append(alphabet.utf8Start[Int(value & 63)])
      column += 1
    }
    for byte in bytes {
      bits = (bits << 8 | UInt32(byte)) & 0xFFFF
      count += 8
      while count >= 6 {
        count -= 6
        put(bits >> UInt32(count), &output)
      }
    }
    if count > 0 { put(bits << UInt32(6 - count), &output) }
    if column == lineLength { output.appendLineEnd() }
  }
}
