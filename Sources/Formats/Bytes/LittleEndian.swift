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
    var utf8: [UInt8] = []
    appendUTF8(fromUTF16: range, to: &utf8)
    return String(decoding: utf8, as: UTF8.self)
  }

  /// Appends the text in UTF-16 at `range` to `output` in UTF-8; half characters become U+FFFD.
  public func appendUTF8(fromUTF16 range: Range<Int>, to output: inout [UInt8]) {
    guard range.lowerBound >= 0, range.upperBound <= count else { return }
    output.reserve(range.count)
    let end = range.lowerBound + range.count / 2 * 2
    var position = range.lowerBound
    while position < end {
      let unit = UInt32(uint16(at: position))
      position += 2
      if unit < 0x80 {
        output.append(UInt8(unit))
        continue
      }
      var value = unit
      if unit >= 0xD800, unit < 0xE000 {
        let next = position < end ? UInt32(uint16(at: position)) : 0
        if unit < 0xDC00, next >= 0xDC00, next < 0xE000 {
          value = 0x10000 + (unit - 0xD800) << 10 + (next - 0xDC00)
          position += 2
        } else {
          value = 0xFFFD
        }
      }
      if value < 0x800 {
        output.append(UInt8(0xC0 | value >> 6))
      } else {
        if value < 0x10000 {
          output.append(UInt8(0xE0 | value >> 12))
        } else {
          output.append(UInt8(0xF0 | value >> 18))
          output.append(UInt8(0x80 | value >> 12 & 0x3F))
        }
        output.append(UInt8(0x80 | value >> 6 & 0x3F))
      }
      output.append(UInt8(0x80 | value & 0x3F))
    }
  }
}
