/// The attributes of TNEF from before MAPI, [MS-OXTNEF] 2.1.3.3, as the properties that say the same.
enum TNEFLegacy {
  static func append(_ id: UInt16, _ data: Range<Int>, _ bytes: Bytes, to properties: inout MAPIProperties) {
    func text(_ property: UInt16, _ range: Range<Int>) {
      var range = range
      while let last = range.last, bytes[last] == 0 { range = range.lowerBound..<last }
      properties.append(property, PropertyType.string8, .data([range]))
    }
    func time(_ property: UInt16) {
      guard let time = date(bytes, data) else { return }
      properties.append(property, PropertyType.time, .number(MAPIProperties.ticks(time)))
    }
    switch id {
    case 0x8000: sender(data, bytes, text)
    case 0x8004: text(PropertyID.subject, data)
    case 0x8005: time(PropertyID.clientSubmitTime)
    case 0x8006: time(PropertyID.messageDeliveryTime)
    case 0x0006: if data.count == 14 { time(PropertyID.startDate) }
    case 0x0007: if data.count == 14 { time(PropertyID.endDate) }
    case 0x8008: text(PropertyID.messageClass, data)
    case 0x800C: text(PropertyID.body, data)
    case 0x800D:
      // 3 is low here and 1 is high, the other way round than Importance has it.
      guard data.count >= 2 else { return }
      let importance: UInt64 =
        switch bytes.uint16(at: data.lowerBound) {
        case 1: 2
        case 3: 0
        default: 1
        }
      properties.append(PropertyID.importance, PropertyType.integer32, .number(importance))
    case 0x800F: properties.append(PropertyID.attachDataObject, PropertyType.binary, .data([data]))
    case 0x8010: text(PropertyID.attachFileName, data)
    case 0x8012: time(PropertyID.creationTime)
    case 0x8013: time(PropertyID.lastModificationTime)
    case 0x8020: time(PropertyID.lastModificationTime)
    case 0x9001: text(PropertyID.attachTransportName, data)
    default: return
    }
  }

  /// Name and address of the sender, `Ann Example` and `SMTP:ann@example.com`, behind four numbers of 16 bits.
  private static func sender(_ data: Range<Int>, _ bytes: Bytes, _ text: (UInt16, Range<Int>) -> Void) {
    guard data.count >= 8 else { return }
    let name = data.lowerBound + 8
    let nameEnd = name + Int(bytes.uint16(at: data.lowerBound + 4))
    let addressEnd = nameEnd + Int(bytes.uint16(at: data.lowerBound + 6))
    guard nameEnd <= data.upperBound else { return }
    text(PropertyID.senderName, name..<nameEnd)
    let address = nameEnd..<min(addressEnd, data.upperBound)
    guard let colon = bytes.firstIndex(of: ASCII.colon, from: address.lowerBound, to: address.upperBound) else {
      return
    }
    text(PropertyID.senderAddressType, address.lowerBound..<colon)
    text(PropertyID.senderEmailAddress, colon + 1..<address.upperBound)
  }

  /// Year, month, day, hour, minute and second in 16 bits each; the day of the week behind them says nothing new.
  private static func date(_ bytes: Bytes, _ data: Range<Int>) -> Timestamp? {
    guard data.count >= 12 else { return nil }
    func part(_ index: Int) -> Int { Int(bytes.uint16(at: data.lowerBound + 2 * index)) }
    return Timestamp(
      year: part(0), month: part(1), day: part(2), hour: part(3), minute: part(4), second: part(5), zone: 0)
  }
}
