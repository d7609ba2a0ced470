/// One JSON object, RFC 8259, as it stands in a line of a log or in a report. Its members are ranges of the line, which
/// the caller keeps; values inside values are checked and passed over.
///
/// Any bytes may come: the nesting is bounded, the first of two members of one name counts, and a line that is cut off
/// is no object.
public struct JSONObject: Sendable {
  private struct Member {
    var key: Range<Int>
    var value: Range<Int>
  }

  /// More members than any event has; the others are checked, and not kept.
  private static let maximumMembers = 64
  private static let maximumDepth = 64

  private var members: [Member] = []

  public init() {}

  /// Reads a line; false when it is no object, and then it has no members.
  public mutating func read(_ line: Bytes) -> Bool {
    members.removeAll(keepingCapacity: true)
    var scanner = JSONScanner(position: 0, depth: Self.maximumDepth)
    let isObject = readMembers(line, &scanner)
    if !isObject { members.removeAll(keepingCapacity: true) }
    return isObject
  }

  private mutating func readMembers(_ line: Bytes, _ scanner: inout JSONScanner) -> Bool {
    guard scanner.take(UInt8(ascii: "{"), line) else { return false }
    if !scanner.take(UInt8(ascii: "}"), line) {
      repeat {
        guard let key = scanner.string(line), scanner.take(ASCII.colon, line), let value = scanner.value(line) else {
          return false
        }
        if members.count < Self.maximumMembers { members.append(Member(key: key, value: value)) }
      } while scanner.take(ASCII.comma, line)
      guard scanner.take(UInt8(ascii: "}"), line) else { return false }
    }
    return scanner.isAtEnd(line)
  }

  private func value(_ key: StaticString, _ line: Bytes) -> Range<Int>? {
    members.first {
      $0.key.count == key.utf8CodeUnitCount + 2 && line.hasPrefix(at: $0.key.lowerBound + 1, to: $0.key.upperBound, key)
    }?
    .value
  }

  /// The text of a member, in UTF-8; nil when there is none of that name, or it is no string.
  public func string(_ key: StaticString, in line: Bytes) -> [UInt8]? {
    guard let range = value(key, line), line[range.lowerBound] == ASCII.quote else { return nil }
    return JSONScanner.text(range, line)
  }

  /// A whole number of at most 18 digits; nil for anything else.
  public func integer(_ key: StaticString, in line: Bytes) -> Int? {
    value(key, line).flatMap { JSONScanner.integer($0, line) }
  }

  /// The texts of a list; nil when the member is no list of strings.
  public func strings(_ key: StaticString, in line: Bytes) -> [[UInt8]]? {
    guard let elements = elements(key, line) else { return nil }
    var texts: [[UInt8]] = []
    for element in elements {
      guard line[element.lowerBound] == ASCII.quote else { return nil }
      texts.append(JSONScanner.text(element, line))
    }
    return texts
  }

  /// The numbers of a list; nil when the member is no list of whole numbers.
  public func integers(_ key: StaticString, in line: Bytes) -> [Int]? {
    guard let elements = elements(key, line) else { return nil }
    var numbers: [Int] = []
    for element in elements {
      guard let number = JSONScanner.integer(element, line) else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  private func elements(_ key: StaticString, _ line: Bytes) -> [Range<Int>]? {
    guard let range = value(key, line) else { return nil }
    var scanner = JSONScanner(position: range.lowerBound, depth: Self.maximumDepth)
    guard scanner.take(UInt8(ascii: "["), line) else { return nil }
    var elements: [Range<Int>] = []
    if scanner.take(UInt8(ascii: "]"), line) { return elements }
    repeat {
      guard let element = scanner.value(line) else { return nil }
      elements.append(element)
    } while scanner.take(ASCII.comma, line)
    return elements
  }
}
