import Formats

/// Reads the little-endian numbers of a recurrence, one after the other; nil at the end of the data.
struct RecurrenceReader {
  var position: Int

  mutating func half(_ bytes: Bytes) -> Int? {
    guard position + 2 <= bytes.count else { return nil }
    defer { position += 2 }
    return Int(bytes[position]) | Int(bytes[position + 1]) << 8
  }

  mutating func number(_ bytes: Bytes) -> Int? {
    guard let low = half(bytes), let high = half(bytes) else { return nil }
    return low | high << 16
  }

  mutating func block(_ bytes: Bytes, size: Int) -> Range<Int>? {
    guard size <= bytes.count - position else { return nil }
    defer { position += size }
    return position..<position + size
  }

  /// A block with its size before it.
  mutating func sizedBlock(_ bytes: Bytes) -> Range<Int>? {
    guard let size = number(bytes) else { return nil }
    return block(bytes, size: size)
  }
}

/// An occurrence of a series that was changed, [MS-OXOCAL] 2.2.1.44.2: when it is instead of when it was, and what else
/// is different. Its times are minutes since 1601 by the clock of the series' zone.
struct RecurrenceException {
  let start: Int
  let end: Int
  let originalStart: Int
  private(set) var subject: String?
  private(set) var location: String?
  private(set) var busyStatus: Int?
  private(set) var isDay: Bool?
  private let flags: Int

  /// The day that it was on, midnight.
  var originalDay: Int { originalStart / 1440 * 1440 }

  /// What a flag says that there is.
  private enum Flag {
    static let subject = 0x1
    static let meetingType = 0x2
    static let reminderDelta = 0x4
    static let reminder = 0x8
    static let location = 0x10
    static let busyStatus = 0x20
    static let attachment = 0x40
    static let subType = 0x80
    static let color = 0x100
  }

  /// The `count` exceptions of a series, as far as they can be read; `isLater` is true for those of the newer version, in
  /// which more is said.
  static func list(
    _ count: Int, isLater: Bool, _ bytes: Bytes, _ reader: inout RecurrenceReader, string8: ([UInt8]) -> String
  ) -> [RecurrenceException] {
    var exceptions: [RecurrenceException] = []
    for _ in 0..<count {
      guard let exception = RecurrenceException(bytes, &reader, string8: string8) else { return exceptions }
      exceptions.append(exception)
    }
    guard reader.sizedBlock(bytes) != nil else { return exceptions }
    for i in exceptions.indices {
      if isLater, reader.sizedBlock(bytes) == nil { break }
      guard reader.sizedBlock(bytes) != nil, exceptions[i].readWide(bytes, &reader) else { break }
    }
    return exceptions
  }

  private init?(_ bytes: Bytes, _ reader: inout RecurrenceReader, string8: ([UInt8]) -> String) {
    guard let start = reader.number(bytes), let end = reader.number(bytes), let original = reader.number(bytes),
      let flags = reader.half(bytes)
    else { return nil }
    (self.start, self.end, originalStart, self.flags) = (start, end, original, flags)
    func text() -> String? {
      guard reader.half(bytes) != nil, let size = reader.half(bytes), let range = reader.block(bytes, size: size) else {
        return nil
      }
      return string8(bytes.array(range))
    }
    if flags & Flag.subject != 0 {
      guard let found = text() else { return nil }
      subject = found
    }
    for flag in [Flag.meetingType, Flag.reminderDelta, Flag.reminder] where flags & flag != 0 {
      guard reader.number(bytes) != nil else { return nil }
    }
    if flags & Flag.location != 0 {
      guard let found = text() else { return nil }
      location = found
    }
    if flags & Flag.busyStatus != 0 {
      guard let found = reader.number(bytes) else { return nil }
      busyStatus = found
    }
    if flags & Flag.attachment != 0, reader.number(bytes) == nil { return nil }
    if flags & Flag.subType != 0 {
      guard let found = reader.number(bytes) else { return nil }
      isDay = found != 0
    }
    if flags & Flag.color != 0, reader.number(bytes) == nil { return nil }
  }

  /// Reads subject and location again, in UTF-16, [MS-OXOCAL] 2.2.1.44.4; false where the data end.
  private mutating func readWide(_ bytes: Bytes, _ reader: inout RecurrenceReader) -> Bool {
    guard flags & (Flag.subject | Flag.location) != 0 else { return true }
    guard reader.block(bytes, size: 12) != nil else { return false }
    func text() -> String? {
      guard let length = reader.half(bytes), let range = reader.block(bytes, size: 2 * length) else { return nil }
      return bytes.utf16(range)
    }
    if flags & Flag.subject != 0 {
      guard let found = text() else { return false }
      subject = found
    }
    if flags & Flag.location != 0 {
      guard let found = text() else { return false }
      location = found
    }
    return reader.sizedBlock(bytes) != nil
  }
}
