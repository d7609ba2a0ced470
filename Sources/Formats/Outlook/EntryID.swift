/// Entry identifiers, [MS-OXCDATA] 2.2: addresses as Outlook stores them.
public enum EntryID {
  /// Somebody's address: its kind, `SMTP` or `EX`, the address, and the name in a one-off identifier.
  public struct Address: Sendable, Equatable {
    public var type: String
    public var address: String
    public var name: String
  }

  /// The provider of addresses that are written out, {A41F2B81-A3BE-1910-9D6E-00DD010F5402}.
  private static let oneOff = PropertySet(first: 0x1910_A3BE_A41F_2B81, last: 0x0254_0F01_DD00_6E9D)
  /// The provider of addresses in Exchange's directory, {C840A7DC-42C0-1A10-B4B9-08002B2FE182}.
  private static let directory = PropertySet(first: 0x1A10_42C0_C840_A7DC, last: 0x82E1_2F2B_0008_B9B4)
  /// A member of a distribution list, {D3AD91C0-9D51-11CF-A4A9-00AA0047FAA4}, around an identifier of another kind,
  /// [MS-OXOCNTC] 2.2.2.2.1.
  private static let member = PropertySet(first: 0x11CF_9D51_D3AD_91C0, last: 0xA4FA_4700_AA00_A9A4)

  /// The address in an identifier; nil for one of another kind. `string8` decodes text of eight bits.
  public static func address(_ bytes: Bytes, string8: ([UInt8]) -> String) -> Address? {
    guard bytes.count >= 24 else { return nil }
    let provider = PropertySet(bytes, at: 4)
    if provider == oneOff { return oneOff(bytes, string8) }
    if provider == directory, bytes.count > 28 {
      let end = bytes.firstIndex(of: 0, from: 28, to: bytes.count) ?? bytes.count
      return Address(type: "EX", address: string8(bytes.array(28..<end)), name: "")
    }
    if provider == member, bytes.count >= 21 + 24 {
      let inner = bytes.extracting(21..<bytes.count)
      // A wrapping of a wrapping is none.
      return PropertySet(inner, at: 4) == member ? nil : address(inner, string8: string8)
    }
    return nil
  }

  private static func oneOff(_ bytes: Bytes, _ string8: ([UInt8]) -> String) -> Address? {
    let isUnicode = bytes.uint16(at: 22) & 0x8000 != 0
    var position = 24
    func text() -> String? {
      let start = position
      if isUnicode {
        while position + 2 <= bytes.count {
          defer { position += 2 }
          if bytes.uint16(at: position) == 0 { return bytes.utf16(start..<position) }
        }
        return position > start ? bytes.utf16(start..<position) : nil
      }
      guard start < bytes.count else { return nil }
      let end = bytes.firstIndex(of: 0, from: start, to: bytes.count) ?? bytes.count
      position = end + 1
      return string8(bytes.array(start..<end))
    }
    guard let name = text() else { return nil }
    let type = text() ?? ""
    let address = text() ?? ""
    // A member of a list may have a name alone.
    return name.isEmpty && address.isEmpty ? nil : Address(type: type, address: address, name: name)
  }

  /// The identifiers in a list of them, [MS-OXCDATA] 2.3.3: their number and size, then each with its size before it.
  public static func list(_ bytes: Bytes) -> [Range<Int>] {
    var result: [Range<Int>] = []
    guard bytes.count >= 8 else { return result }
    let count = Int(bytes.uint32(at: 0))
    var position = 8
    while result.count < count, position + 4 <= bytes.count {
      let size = Int(bytes.uint32(at: position))
      guard size <= bytes.count - position - 4 else { break }
      result.append(position + 4..<position + 4 + size)
      position = min(bytes.count, position + 4 + (size + 3) & ~3)
    }
    return result
  }
}
