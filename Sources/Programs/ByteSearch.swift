import CGlibc
import Formats

extension Span where Element == UInt8 {
  /// Whether the bytes of `other` at `range` stand somewhere in these. The corresponding C function is `memmem`.
  func contains(_ other: Bytes, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty, range.count <= count else { return range.isEmpty }
    return withUnsafeBytes { all in
      other.extracting(range).withUnsafeBytes { part in
        memmem(all.baseAddress!, all.count, part.baseAddress!, part.count) != nil
      }
    }
  }
}
