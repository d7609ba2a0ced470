import CZlib

/// Compressed RTF, [MS-OXRTFCP]: a body of a message in the form `LZFu`, or `MELA`, which is not compressed.
public enum CompressedRTF {
  /// What the window holds before the first byte: words that most RTF begins with.
  private static let preset: StaticString =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

  /// The RTF, and what is wrong with it: a checksum, data that end too early. Two bytes of it make 17 at most.
  ///
  /// Throws `Unreadable` when `data` are in neither form.
  public static func decode(_ data: Bytes) throws(Unreadable) -> (rtf: [UInt8], defect: String?) {
    guard data.count >= 16 else { throw Unreadable(offset: 0, text: "compressed RTF without its header") }
    let size = Int(data.uint32(at: 0))
    let rawSize = Int(data.uint32(at: 4))
    let end = min(data.count, max(16, size + 4))
    let defect = size + 4 > data.count ? "compressed RTF that ends too early" : nil
    switch data.uint32(at: 8) {
    case 0x414C_454D: return (data.array(16..<min(data.count, 16 + min(rawSize, data.count))), defect)
    case 0x7546_5A4C:
      let checksum = data.extracting(16..<end).withUnsafeBufferPointer {
        // Neither turned around before nor after, as zlib does it.
        ~UInt32(truncatingIfNeeded: crc32(0xFFFF_FFFF, $0.baseAddress, uInt($0.count)))
      }
      let isSound = checksum == data.uint32(at: 12)
      let rtf = decompress(data, 16..<end, rawSize)
      return (rtf, defect ?? (isSound ? nil : "the checksum of compressed RTF is wrong"))
    default: throw Unreadable(offset: 8, text: "compressed RTF in an unknown form")
    }
  }

  private static func decompress(_ data: Bytes, _ range: Range<Int>, _ rawSize: Int) -> [UInt8] {
    var window = [UInt8](repeating: 0, count: 4096)
    var write = preset.utf8CodeUnitCount
    for i in 0..<write { window[i] = preset.utf8Start[i] }
    var output: [UInt8] = []
    output.reserveCapacity(min(rawSize, range.count * 9))
    var position = range.lowerBound
    while position < range.upperBound {
      var control = data[position]
      position += 1
      for _ in 0..<8 {
        defer { control >>= 1 }
        if control & 1 == 0 {
          guard position < range.upperBound else { return output }
          output.append(data[position])
          window[write] = data[position]
          write = (write + 1) & 4095
          position += 1
          continue
        }
        guard position + 2 <= range.upperBound else { return output }
        var read = Int(data[position]) << 4 | Int(data[position + 1]) >> 4
        let length = Int(data[position + 1] & 15) + 2
        position += 2
        // A reference to where the next byte goes is the end.
        if read == write { return output }
        for _ in 0..<length {
          output.append(window[read])
          window[write] = window[read]
          read = (read + 1) & 4095
          write = (write + 1) & 4095
        }
      }
    }
    return output
  }
}
