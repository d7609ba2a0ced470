/// Reads MAPI properties as TNEF holds them, [MS-OXTNEF] 2.1.3.4: a count, then type, number, perhaps a name, and the
/// value, each padded to four bytes.
struct TNEFProperties {
  private var position: Int
  private let end: Int
  /// Where the properties could not be read on.
  private(set) var defect: Int?

  init(position: Int, end: Int) { (self.position, self.end) = (position, end) }

  /// The properties of a message or an attachment, or with `rows` those of each recipient.
  mutating func read(_ bytes: Bytes, rows: Bool) -> [MAPIProperties] {
    var result: [MAPIProperties] = []
    guard let count = rows ? number(bytes) : 1 else { return result }
    for _ in 0..<count {
      guard defect == nil, position < end else { break }
      guard result.count < OutlookMessage.maximumRecipients else {
        defect = position
        break
      }
      result.append(row(bytes))
    }
    return result
  }

  private mutating func row(_ bytes: Bytes) -> MAPIProperties {
    var properties = MAPIProperties()
    guard let count = number(bytes) else { return properties }
    for _ in 0..<count {
      if position == end { break }
      guard let tag = number(bytes) else { break }
      let type = UInt16(tag & 0xFFFF)
      let id = UInt16(tag >> 16)
      var name: PropertyName?
      if id >= 0x8000 {
        guard let found = self.name(bytes) else { break }
        name = found
      }
      guard let value = value(type, bytes) else { break }
      // Of no size is what means nothing.
      if PropertyType.size(of: type & ~PropertyType.multiple) == 0 { continue }
      properties.append(id, type & ~multipleBit(value), name: name, value)
    }
    return properties
  }

  /// The bit of a list is taken away from the type of one value.
  private func multipleBit(_ value: MAPIProperties.Value) -> UInt16 {
    switch value {
    case .number, .data: PropertyType.multiple
    case .numbers, .list: 0
    }
  }

  /// A number of 32 bits; a defect where the data end.
  private mutating func number(_ bytes: Bytes) -> Int? {
    guard defect == nil, position + 4 <= end else {
      if defect == nil { defect = position }
      return nil
    }
    defer { position += 4 }
    return Int(bytes.uint32(at: position))
  }

  private mutating func name(_ bytes: Bytes) -> PropertyName? {
    guard position + 16 <= end else {
      defect = position
      return nil
    }
    let set = PropertySet(bytes, at: position)
    position += 16
    guard let kind = number(bytes), let value = number(bytes) else { return nil }
    if kind == 0 { return PropertyName(set, UInt32(truncatingIfNeeded: value)) }
    guard value <= end - position else {
      defect = position
      return nil
    }
    var length = min(value, 2048) & ~1
    if length >= 2, bytes.uint16(at: position + length - 2) == 0 { length -= 2 }
    let text = bytes.utf16(position..<position + length)
    advance(value)
    return PropertyName(set, text)
  }

  private mutating func advance(_ count: Int) { position = min(end, position + (count + 3) & ~3) }

  private mutating func value(_ type: UInt16, _ bytes: Bytes) -> MAPIProperties.Value? {
    let isList = type & PropertyType.multiple != 0
    let type = type & ~PropertyType.multiple
    if PropertyType.isVariable(type) {
      guard let count = number(bytes) else { return nil }
      var values: [[Range<Int>]] = []
      for _ in 0..<count {
        guard let length = number(bytes) else { return nil }
        guard length <= end - position else {
          // The last value may be cut off: what is there of it is kept.
          defect = position
          values.append([position..<end])
          position = end
          break
        }
        if values.count < MAPIProperties.maximumList { values.append([position..<position + length]) }
        advance(length)
      }
      return isList ? .list(values) : .data(values.first ?? [])
    }
    guard let size = PropertyType.size(of: type) else {
      defect = position
      return nil
    }
    if size == 16 {
      let count = isList ? number(bytes) : 1
      guard let count, count <= (end - position) / 16 else {
        if defect == nil { defect = position }
        return nil
      }
      defer { position += 16 * count }
      return .data([position..<position + 16 * count])
    }
    guard let count = isList ? number(bytes) : 1 else { return nil }
    var numbers: [UInt64] = []
    for _ in 0..<count {
      let room = (size + 3) & ~3
      guard room <= end - position else {
        defect = position
        break
      }
      // A list of many values of no size is no list.
      if room == 0, isList { break }
      var bits: UInt64 = 0
      for i in 0..<size { bits |= UInt64(bytes[position + i]) << UInt64(8 * i) }
      if numbers.count < MAPIProperties.maximumList { numbers.append(bits) }
      position += room
    }
    return isList ? .numbers(numbers) : numbers.first.map(MAPIProperties.Value.number)
  }
}
