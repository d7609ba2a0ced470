import Formats
import Glibc

/// Standard output, whose errors are never passed over: a full disk or a closed pipe ends a filter with 74.
public struct Output {
  public init() {}

  /// Writes all of `bytes`.
  public func write(_ bytes: Bytes) throws(Failure) {
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

  /// Closes standard output, where a network file system may tell of an error only now.
  public func finish() throws(Failure) {
    if close(1) != 0, errno != EBADF, errno != EINTR {
      throw Failure(.ioError, "standard output: \(String(cString: strerror(errno)))")
    }
  }
}
