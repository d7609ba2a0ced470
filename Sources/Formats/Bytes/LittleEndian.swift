/// Numbers as Intel processors and Microsoft's formats write them, the low byte first. The caller has seen that they are
/// within the bytes.
extension Span where Element == UInt8 {
  @inlinable
  func uint16(at offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }

  @inlinable
  func uint32(at offset: Int) -> UInt32 { UInt32(uint16(at: offset)) | UInt32(uint16(at: offset + 2)) << 16 }

  @inlinable
  func uint64(at offset: Int) -> UInt64 { UInt64(uint32(at: offset)) | UInt64(uint32(at: offset + 4)) << 32 }

  /// The text in UTF-16 at `range`; half characters become U+FFFD.
  public func utf16(_ range: Range<Int>) -> String {
    extracting(range).withUnsafeBytes { raw in
      let units = (0..<raw.count / 2).lazy.map {
        UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self))
      }
      return String(decoding: units, as: UTF16.self)
    }
  }
}
