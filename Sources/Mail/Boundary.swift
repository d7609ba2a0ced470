import CGlibc
import Formats

extension BodyWriter {
  /// The next boundary after the `number`th that does not stand in `source`: parts in it may go into a message as they
  /// are.
  static func boundary(after number: inout Int, seed: UInt32, absentFrom source: Bytes) -> [UInt8] {
    while true {
      number += 1
      let boundary = boundary(number, seed: seed)
      let isFound = source.withUnsafeBytes { haystack in
        boundary.withUnsafeBytes { needle in
          guard let start = haystack.baseAddress, let wanted = needle.baseAddress else { return false }
          return memmem(start, haystack.count, wanted, needle.count) != nil
        }
      }
      if !isFound || number > 1000 { return boundary }
    }
  }
}
