/// The properties of a message, a recipient or an attachment, [MS-OXCMSG]; the same ones whether they come from a .msg
/// file or from TNEF. Values stay where they are: ranges of the input.
public struct MAPIProperties: Sendable {
  public struct Property: Sendable {
    public var id: UInt16
    public var type: UInt16
    /// Where its name is among the names; -1 for a property that needs none.
    fileprivate var nameIndex: Int32
    public var value: Value
  }

  public enum Value: Sendable {
    /// The bits of a value of fixed size.
    case number(UInt64)
    /// Where the bytes of a text or of data are, in order.
    case data([Range<Int>])
    case numbers([UInt64])
    case list([[Range<Int>]])
  }

  public private(set) var all: [Property] = []
  private var names: [PropertyName] = []

  public init() {}

  /// Values of one list, and properties of one thing; what is more of them is left out.
  static let maximumList = 1 << 16

  public mutating func append(_ id: UInt16, _ type: UInt16, name: PropertyName? = nil, _ value: Value) {
    guard all.count < Self.maximumList else { return }
    all.append(Property(id: id, type: type, nameIndex: name == nil ? -1 : Int32(names.count), value: value))
    if let name { names.append(name) }
  }

  /// The name of a property whose number means something in its own message only; nil for any other.
  public func name(of property: Property) -> PropertyName? {
    property.nameIndex < 0 ? nil : names[Int(property.nameIndex)]
  }

  /// The first property of that number; Outlook's own have numbers below 0x8000.
  public func first(_ id: UInt16) -> Property? {
    all.first { $0.id == id && $0.nameIndex < 0 }
  }

  public func first(_ name: PropertyName) -> Property? {
    guard let index = names.firstIndex(of: name) else { return nil }
    return all.first { $0.nameIndex == index }
  }

  // MARK: Values

  /// A number of up to 32 bits with its sign, or 1 and 0 for a truth value.
  public func integer(_ id: UInt16) -> Int? { first(id).flatMap(Self.integer) }
  public func integer(_ name: PropertyName) -> Int? { first(name).flatMap(Self.integer) }

  private static func integer(_ property: Property) -> Int? {
    guard case .number(let bits) = property.value else { return nil }
    switch property.type {
    case PropertyType.integer16: return Int(Int16(truncatingIfNeeded: bits))
    case PropertyType.integer32, PropertyType.error: return Int(Int32(truncatingIfNeeded: bits))
    case PropertyType.boolean: return bits & 0xFFFF != 0 ? 1 : 0
    case PropertyType.integer64, PropertyType.currency: return Int(Int64(bitPattern: bits))
    case PropertyType.floating64:
      let number = Double(bitPattern: bits)
      return number.isFinite && abs(number) < 1e15 ? Int(number) : nil
    default: return nil
    }
  }

  public func flag(_ id: UInt16) -> Bool { integer(id).map { $0 != 0 } ?? false }
  public func flag(_ name: PropertyName) -> Bool { integer(name).map { $0 != 0 } ?? false }

  public func double(_ name: PropertyName) -> Double? {
    guard let property = first(name), property.type == PropertyType.floating64, case .number(let bits) = property.value
    else { return nil }
    return Double(bitPattern: bits)
  }

  /// A point in time, in UTC; nil for the values that mean none.
  public func time(_ id: UInt16) -> Timestamp? { first(id).flatMap(Self.time) }
  public func time(_ name: PropertyName) -> Timestamp? { first(name).flatMap(Self.time) }

  /// Tenths of microseconds between 1601 and 1970.
  private static let epoch: UInt64 = 116_444_736_000_000_000

  private static func time(_ property: Property) -> Timestamp? {
    // 1601 itself and the far future stand for no time.
    guard property.type == PropertyType.time, case .number(let ticks) = property.value, ticks > 0,
      ticks < 0x0CB3_4557_A3DD_4000
    else { return nil }
    let seconds = (Int(ticks) - Int(epoch)) / 10_000_000
    return Timestamp(seconds: seconds, zone: 0)
  }

  /// The time as FILETIME counts it.
  static func ticks(_ time: Timestamp) -> UInt64 {
    let ticks = (time.seconds + Int(epoch / 10_000_000)) * 10_000_000
    return UInt64(max(0, ticks))
  }

  /// Where the bytes of a value are; nil when there is none, or not of such a type.
  public func data(_ id: UInt16) -> [Range<Int>]? { first(id).flatMap(Self.data) }
  public func data(_ name: PropertyName) -> [Range<Int>]? { first(name).flatMap(Self.data) }

  private static func data(_ property: Property) -> [Range<Int>]? {
    if case .data(let ranges) = property.value { return ranges }
    return nil
  }
}

extension [Range<Int>] {
  /// The bytes at these ranges, one after the other, at most `limit`.
  public func bytes(of input: Bytes, limit: Int = .max) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(Swift.min(limit, size))
    for range in self {
      let rest = limit - output.count
      if rest <= 0 { break }
      output.append(input, range.lowerBound..<(range.lowerBound + Swift.min(rest, range.count)))
    }
    return output
  }

  /// How many bytes there are.
  public var size: Int { reduce(0) { $0 + $1.count } }
}
