/// Base64, RFC 2045, 6.8.
public enum Base64 {
  /// Decodes the base64 text at `range` and appends what it says to `output`. White space is passed over, and so is
  /// any other byte; padding in the middle ends a run of characters, after which another one may follow, if it is one.
  ///
  /// Returns the offset of the first byte that does not belong there, or of the end when the last group is cut off.
  public static func decode(_ bytes: Bytes, _ range: Range<Int>, into output: inout [UInt8]) -> Int? {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
    output.reserve(range.count / 4 * 3 + 3)
    return bytes.withUnsafeBufferPointer { input in
      tables.withUnsafeBufferPointer { tables in
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockSize) { block in
          decode(input.baseAddress!, range, tables.baseAddress!, block, into: &output)
        }
      }
    }
  }

  private static let blockSize = 16 * 1024

  private static func decode(
    _ input: UnsafePointer<UInt8>, _ range: Range<Int>, _ table: UnsafePointer<UInt32>,
    _ block: UnsafeMutableBufferPointer<UInt8>, into output: inout [UInt8]
  ) -> Int? {
    let room = block.baseAddress!
    var written = 0
    var firstDefect: Int?
    var i = range.lowerBound
    let end = range.upperBound
    var pending: UInt32 = 0
    var count = 0
    func flush(_ output: inout [UInt8]) {
      output.append(contentsOf: UnsafeBufferPointer(start: room, count: written))
      written = 0
    }
    while i < end {
      // Whole groups of four characters, four groups at a time: a line of 76 has 19.
      if count == 0 {
        while i + 16 <= end, written + 16 <= blockSize {
          let a = group(input + i, table)
          let b = group(input + i + 4, table)
          let c = group(input + i + 8, table)
          let d = group(input + i + 12, table)
          if (a | b | c | d) & invalid != 0 { break }
          store(a, room + written)
          store(b, room + written + 3)
          store(c, room + written + 6)
          store(d, room + written + 9)
          i += 16
          written += 12
        }
        while i + 4 <= end, written + 4 <= blockSize {
          let a = group(input + i, table)
          if a & invalid != 0 { break }
          store(a, room + written)
          i += 4
          written += 3
        }
        if i >= end { break }
      }
      if written + 8 > blockSize { flush(&output) }
      let byte = input[i]
      let value = table[Int(byte)]
      if value & invalid == 0 {
        pending = pending << 6 | value >> 18
        count += 1
        if count == 4 {
          store(pending, room + written)
          written += 3
          count = 0
          pending = 0
        }
      } else if byte == ASCII.equals {
        if count == 2 {
          room[written] = UInt8(truncatingIfNeeded: pending >> 4)
          written += 1
        } else if count == 3 {
          room[written] = UInt8(truncatingIfNeeded: pending >> 10)
          room[written + 1] = UInt8(truncatingIfNeeded: pending >> 2)
          written += 2
        } else if count == 1, firstDefect == nil {
          firstDefect = i
        }
        if count > 1, !goesOn(input, i, end, table) {
          count = 0
          firstDefect = firstDefect ?? i
          break
        }
        count = 0
        pending = 0
      } else if !ASCII.isSpace(byte), firstDefect == nil {
        firstDefect = i
      }
      i += 1
    }
    // A last group without its padding says what it can.
    if count >= 2 {
      room[written] = UInt8(truncatingIfNeeded: count == 2 ? pending >> 4 : pending >> 10)
      written += 1
      if count == 3 {
        room[written] = UInt8(truncatingIfNeeded: pending >> 2)
        written += 1
      }
    }
    if count > 0, firstDefect == nil { firstDefect = end }
    flush(&output)
    return firstDefect
  }

  /// Whether what stands behind the padding at `padding` is base64 again, or nothing: programs that handle mailing lists
  /// put lines of text there, and `=` is the end of the data, RFC 2045, 6.8.
  private static func goesOn(
    _ input: UnsafePointer<UInt8>, _ padding: Int, _ end: Int, _ table: UnsafePointer<UInt32>
  ) -> Bool {
    var i = padding
    while i < end, ASCII.isSpace(input[i]) || input[i] == ASCII.equals { i += 1 }
    // No line of base64 is longer than that; one look is enough.
    let last = min(end, i + 76)
    while i < last, input[i] != ASCII.cr, input[i] != ASCII.lf {
      guard table[Int(input[i])] & invalid == 0 || input[i] == ASCII.equals else { return false }
      i += 1
    }
    return true
  }

  private static let invalid: UInt32 = 0x8000_0000

  /// The 24 bits of four characters, or a value with the `invalid` bit.
  @inline(__always)
  private static func group(_ p: UnsafePointer<UInt8>, _ table: UnsafePointer<UInt32>) -> UInt32 {
    table[Int(p[0])] | table[256 + Int(p[1])] | table[512 + Int(p[2])] | table[768 + Int(p[3])]
  }

  @inline(__always)
  private static func store(_ group: UInt32, _ p: UnsafeMutablePointer<UInt8>) {
    p[0] = UInt8(truncatingIfNeeded: group >> 16)
    p[1] = UInt8(truncatingIfNeeded: group >> 8)
    p[2] = UInt8(truncatingIfNeeded: group)
  }

  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// The value of a character at each of the four places of a group, shifted to where it belongs.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: invalid, count: 1024)
    for value in 0..<64 {
      let character = Int(alphabet.utf8Start[value])
      for place in 0..<4 { tables[place * 256 + character] = UInt32(value) << (18 - 6 * place) }
    }
    return tables
  }()

  /// Appends `data` in base64, in lines of 76 characters with CR LF after each.
  public static func encode(_ data: Bytes, into output: inout [UInt8]) {
    output.reserve(data.count / 57 * 78 + 80)
    data.withUnsafeBufferPointer { input in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 78) { line in
        var i = 0
        while i < input.count {
          let length = min(57, input.count - i)
          var o = 0
          var next = i
          let end = i + length
          while next + 3 <= end {
            let bits = UInt32(input[next]) << 16 | UInt32(input[next + 1]) << 8 | UInt32(input[next + 2])
            line[o] = character(bits >> 18)
            line[o + 1] = character(bits >> 12 & 63)
            line[o + 2] = character(bits >> 6 & 63)
            line[o + 3] = character(bits & 63)
            o += 4
            next += 3
          }
          if next < end {
            let hasTwo = next + 1 < end
            let bits = UInt32(input[next]) << 16 | (hasTwo ? UInt32(input[next + 1]) << 8 : 0)
            line[o] = character(bits >> 18)
            line[o + 1] = character(bits >> 12 & 63)
            line[o + 2] = hasTwo ? character(bits >> 6 & 63) : ASCII.equals
            line[o + 3] = ASCII.equals
            o += 4
          }
          line[o] = ASCII.cr
          line[o + 1] = ASCII.lf
          output.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(line)[0..<(o + 2)]))
          i += length
        }
      }
    }
  }

  @inline(__always)
  static func character(_ value: UInt32) -> UInt8 { alphabet.utf8Start[Int(value)] }
}
