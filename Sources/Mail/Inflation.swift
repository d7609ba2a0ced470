import CZlib
import Formats

/// Undoes the compression of zlib, RFC 1950.
enum Inflation {
  /// What `packed` unpacks to; nil where it is damaged, and where it is more than `limit` bytes.
  static func inflate(_ packed: Bytes, limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = packed.array(0..<packed.count)
    var output: [UInt8] = []
    var result = Z_OK
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(truncatingIfNeeded: input.count)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { room in
        while result == Z_OK, output.count <= limit {
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          result = CZlib.inflate(&stream, Z_NO_FLUSH)
          output.append(contentsOf: room[..<(room.count - Int(stream.avail_out))])
          if result == Z_BUF_ERROR { break }
        }
      }
    }
    return result == Z_STREAM_END && output.count <= limit ? output : nil
  }
}
