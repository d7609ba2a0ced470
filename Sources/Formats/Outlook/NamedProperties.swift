/// The names of the properties from 0x8000 on in a .msg file, which its storage `__nameid_version1.0` holds,
/// [MS-OXMSG] 2.2.3.
struct NamedProperties {
  private var names: [PropertyName?] = []

  init() {}

  /// Reads the names of the file in `bytes` from that storage.
  init(_ file: CompoundFile, _ storage: Int, _ bytes: Bytes) {
    guard let entry = file.child("__substg1.0_00030102", of: storage) else { return }
    func stream(_ name: String) -> [UInt8] { file.child(name, of: storage).map { file.read($0, from: bytes) } ?? [] }
    let entries = stream("__substg1.0_00030102")
    let sets = stream("__substg1.0_00020102")
    let texts = stream("__substg1.0_00040102")
    // A property has a number of 16 bits, and those from 0x8000 on are named.
    let count = min(file.entries[entry].size / 8, 0x8000, entries.count / 8)
    names = [PropertyName?](repeating: nil, count: count)
    for i in 0..<count {
      let id = entries.span.uint32(at: 8 * i)
      let kind = entries.span.uint16(at: 8 * i + 4)
      let index = Int(entries.span.uint16(at: 8 * i + 6))
      guard index < names.count, let set = Self.set(Int(kind >> 1), sets.span) else { continue }
      names[index] =
        kind & 1 == 0 ? PropertyName(set, id) : Self.text(Int(id), texts.span).map { PropertyName(set, $0) }
    }
  }

  /// The name of a property; nil for one that has none.
  subscript(_ id: UInt16) -> PropertyName? {
    let index = Int(id) - 0x8000
    return names.indices.contains(index) ? names[index] : nil
  }

  private static func set(_ index: Int, _ sets: Bytes) -> PropertySet? {
    switch index {
    case 1: .mapi
    case 2: .publicStrings
    case 3...: (index - 2) * 16 <= sets.count ? PropertySet(sets, at: (index - 3) * 16) : nil
    default: nil
    }
  }

  private static func text(_ offset: Int, _ texts: Bytes) -> String? {
    guard offset + 4 <= texts.count else { return nil }
    let length = Int(texts.uint32(at: offset))
    guard length <= 1024, offset + 4 + length <= texts.count else { return nil }
    return texts.utf16(offset + 4..<offset + 4 + length)
  }
}
