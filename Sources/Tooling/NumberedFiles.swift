import Formats
import Glibc

/// Files of a directory, one a message, numbered in order: `P000001.eml`. Each is written under a hidden name and
/// renamed when it is complete, so that a program that watches the directory never sees half of one.
public final class NumberedFiles {
  private let directory: String
  private let prefix: String
  private let suffix: String
  public private(set) var count = 0

  public init(directory: String, prefix: String, suffix: String) throws(Failure) {
    guard !prefix.contains("/"), !prefix.hasPrefix(".") else {
      throw Failure(.usage, "`\(prefix)` cannot begin a file's name")
    }
    if mkdir(directory, 0o777) != 0, errno != EEXIST {
      throw Failure(.cannotCreate, "\(directory): \(String(cString: strerror(errno)))")
    }
    (self.directory, self.prefix, self.suffix) = (directory, prefix, suffix)
  }

  /// Writes the next file; one of that name is never replaced.
  public func write(_ bytes: Bytes) throws(Failure) {
    count += 1
    var digits: [UInt8] = []
    digits.append(decimal: count, width: 6)
    let name = "\(prefix)\(String(decoding: digits, as: UTF8.self)).\(suffix)"
    let hidden = "\(directory)/.\(name).\(getpid())"
    let descriptor = open(hidden, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw Failure(.cannotCreate, "\(directory)/\(name): \(String(cString: strerror(errno)))")
    }
    var failure: Int32 = 0
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, failure == 0 {
        let written = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if written >= 0 { done += written } else if errno != EINTR { failure = errno }
      }
    }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    // A link, unlike a rename, does not replace what is there.
    if failure == 0, link(hidden, "\(directory)/\(name)") != 0 { failure = errno }
    unlink(hidden)
    if failure != 0 {
      throw Failure(
        failure == EEXIST ? .cannotCreate : .ioError, "\(directory)/\(name): \(String(cString: strerror(failure)))")
    }
  }
}
