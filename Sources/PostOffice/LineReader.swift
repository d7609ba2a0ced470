import Formats
import Glibc
import Spool

/// Reads the lines of a file of any length, one after the other.
struct LineReader: ~Copyable {
  private let file: FileDescriptor
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  init(_ file: consuming FileDescriptor) { self.file = file }

  /// The next line without its line end; nil at the end of the file. A last line without a line end is none: it was
  /// not written to its end.
  mutating func next() throws(SystemError) -> [UInt8]? {
    while true {
      if let feed = buffer[position...].firstIndex(of: ASCII.lf) {
        let line = Array(buffer[position..<feed])
        position = feed + 1
        return line
      }
      if isAtEnd { return nil }
      buffer.removeSubrange(..<position)
      position = 0
      try readMore()
    }
  }

  private mutating func readMore() throws(SystemError) {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let number = file.number
    var count = -1
    repeat {
      count = piece.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
    } while count < 0
      && errno == EINTR
    if count < 0 { throw SystemError("read", file.path) }
    isAtEnd = count == 0
    buffer += piece[..<count]
  }
}
