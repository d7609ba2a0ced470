import Formats
import Glibc

/// Standard output, whose errors are never passed over: a full disk or a closed pipe ends a filter with 74.
///
/// What is written is held back up to a megabyte, and not written at all when the program fails before.
public final class Output {
  private var buffer: [UInt8] = []
  private static let limit = 1 << 20

  public init() {}

  /// Writes all of `bytes`, now or later.
  public func write(_ bytes: Bytes) throws(Failure) {
    if buffer.count + bytes.count <= Self.limit {
      // More than a few messages: room for all that is held back.
      if buffer.count > Self.limit / 16, buffer.capacity < Self.limit { buffer.reserveCapacity(Self.limit) }
      return buffer.append(bytes)
    }
    try flush()
    try put(bytes)
  }

  /// Writes what was held back.
  public func flush() throws(Failure) {
    var held: [UInt8] = []
    swap(&held, &buffer)
    try put(held.span)
    // Its room is kept: most of what a filter writes goes through it.
    held.removeAll(keepingCapacity: true)
    buffer = held
  }

  /// Writes what was held back and closes standard output, where a network file system may tell of an error only now.
  public func finish() throws(Failure) {
    try flush()
    if close(1) != 0, errno != EBADF, errno != EINTR {
      throw Failure(.ioError, "standard output: \(String(cString: strerror(errno)))")
    }
  }

  private func put(_ bytes: Bytes) throws(Failure) {
    var failure: Int32 = 0
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(1, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        done += count
      }
    }
    if failure != 0 { throw Failure(.ioError, "standard output: \(String(cString: strerror(failure)))") }
  }
}
