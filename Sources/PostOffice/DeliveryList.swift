import Formats
import Spool

/// Which delivery each message of an input is: two deliveries may have the same words, and one may come twice, after a
/// crash of whoever asked for it.
///
/// The file that CCM_DELIVERIES names has a line for each part of the input: the offset in bytes where it begins, a
/// blank, and what it is called, whatever that is. The messages of a part are told apart by their order. Without such a
/// file, the input itself is the one part, as long as it is not changed, renamed or copied.
public struct DeliveryList: Sendable {
  private struct Part: Sendable {
    var start: Int
    var identity: [UInt8]
  }

  private let parts: [Part]
  private var current = 0
  private var number = 0

  /// One part.
  init(_ input: InputFile) { parts = [Part(start: 0, identity: input.identity)] }

  /// Reads a list. Throws when it is none.
  public init(_ bytes: Bytes) throws(PostOfficeError) {
    var parts: [Part] = []
    var position = 0
    while position < bytes.count {
      let line = bytes.line(at: position, to: bytes.count)
      if let blank = bytes.firstIndex(of: ASCII.space, from: position, to: line.end), blank + 1 < line.end,
        blank - position < 18, let start = Int(bytes.string(position..<blank)), start >= parts.last?.start ?? 0
      {
        parts.append(Part(start: start, identity: bytes.array((blank + 1)..<line.end)))
      } else {
        throw PostOfficeError(.incomplete, "The list of deliveries is damaged at offset \(position).")
      }
      position = line.next
    }
    guard parts.first?.start == 0 else { throw PostOfficeError(.incomplete, "The list of deliveries is empty.") }
    self.parts = parts
  }

  /// The digest of the delivery that the next message is, which begins at `offset` of the input.
  mutating func next(at offset: Int) -> [UInt8] {
    while current + 1 < parts.count, parts[current + 1].start <= offset {
      current += 1
      number = 0
    }
    number += 1
    return SHA256.digest((parts[current].identity + Array("\n\(number)".utf8)).span)
  }
}
