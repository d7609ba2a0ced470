import Formats

/// One entry of the directory, in the form of a directory export (the sample of Mail::Addressbook::Convert):
///
///     Name: Doe, John
///     Locn: L
///     Addr: HUB
///     Cmts: Networking SIG
///
/// All values are in the code page of the post office. What `Addr` holds for each kind is decided in ccpo(5).
public struct DirectoryRecord: Sendable, Equatable {
  /// What the letter of `Locn:` stands for (README of Import/Export 5.1).
  public enum Kind: Sendable, Equatable {
    /// L, l, R and r: users, local ones and those of other post offices.
    case user
    /// P: a post office reached directly; p: through another one.
    case postOffice
    /// A and a: another name for an entry.
    case alias
    case mailingList
    case bulletinBoard
  }

  public var name: [UInt8]
  public var location: UInt8
  public var address: [UInt8]
  public var comment: [UInt8]

  public init(name: [UInt8], location: UInt8, address: [UInt8] = [], comment: [UInt8] = []) {
    (self.name, self.location, self.address, self.comment) = (name, location, address, comment)
  }

  /// Nil for a letter that nobody knows.
  public var kind: Kind? {
    switch location {
    case UInt8(ascii: "L"), UInt8(ascii: "l"), UInt8(ascii: "R"), UInt8(ascii: "r"): .user
    case UInt8(ascii: "P"), UInt8(ascii: "p"): .postOffice
    case UInt8(ascii: "A"), UInt8(ascii: "a"): .alias
    case UInt8(ascii: "M"), UInt8(ascii: "m"): .mailingList
    case UInt8(ascii: "B"), UInt8(ascii: "b"): .bulletinBoard
    default: nil
    }
  }

  /// Appends the record's lines and an empty one.
  public func append(to output: inout [UInt8]) {
    for (keyword, value) in [
      ("Name: ", name), ("Locn: ", [location]), ("Addr: ", address), ("Cmts: ", comment),
    ] as [(StaticString, [UInt8])] {
      output.append(keyword)
      output.append(contentsOf: value)
      output.appendLineEnd()
    }
    output.appendLineEnd()
  }

  /// The members of a mailing list, which `Addr` has with semicolons between.
  public var members: [[UInt8]] {
    address.split(separator: ASCII.semicolon).map { part in
      let part = Array(part)
      return part.span.array(part.span.trimmed(0..<part.count))
    }.filter { !$0.isEmpty }
  }

  /// The records in `bytes`: keywords in any case, empty lines or none between records, unknown lines left out. A
  /// record begins with its `Name:`; one without a name is none.
  public static func read(_ bytes: Bytes) -> [DirectoryRecord] {
    var records: [DirectoryRecord] = []
    var record: DirectoryRecord?
    var position = 0
    func value(_ line: Range<Int>, _ keyword: StaticString) -> [UInt8]? {
      guard bytes.hasPrefixIgnoringCase(at: line.lowerBound, to: line.upperBound, keyword) else { return nil }
      let start = line.lowerBound + keyword.utf8CodeUnitCount
      return bytes.array(bytes.trimmed(start..<line.upperBound)).map { ASCII.isControl($0) ? ASCII.space : $0 }
    }
    func add() { if let record, !record.name.isEmpty { records.append(record) } }
    while position < bytes.count {
      let line = bytes.line(at: position, to: bytes.count)
      let range = position..<line.end
      if let name = value(range, "Name:") {
        add()
        record = DirectoryRecord(name: name, location: UInt8(ascii: "L"))
      } else if let location = value(range, "Locn:") {
        record?.location = location.first ?? UInt8(ascii: "L")
      } else if let address = value(range, "Addr:") {
        record?.address = address
      } else if let comment = value(range, "Cmts:") {
        record?.comment = comment
      }
      position = line.next
    }
    add()
    return records
  }
}
