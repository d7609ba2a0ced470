import Formats
import Glibc
import Spool

/// Files of a directory, one a message, numbered in order: `P000001.eml`. Each is written under a hidden name and
/// renamed when it is complete, so that a program that watches the directory never sees half of one.
public final class NumberedFiles {
  private let directory: Path
  private let prefix: FileName
  private let suffix: String
  public private(set) var count = 0

  public init(directory: Path, prefix: FileName, suffix: String) throws(Failure) {
    guard !prefix.bytes.contains(ASCII.slash), !prefix.isHidden else {
      throw Failure(.usage, "`\(prefix)` cannot begin a file's name")
    }
    if directory.withCString({ mkdir($0, 0o777) }) != 0, errno != EEXIST {
      throw Failure(.cannotCreate, "\(directory): \(String(cString: strerror(errno)))")
    }
    (self.directory, self.prefix, self.suffix) = (directory, prefix, suffix)
  }

  /// Writes the next file; one of that name is never replaced.
  public func write(_ bytes: Bytes) throws(Failure) {
    count += 1
    var digits: [UInt8] = []
    digits.append(decimal: count, width: 6)
    let name = FileName(bytes: prefix.bytes + digits + Array(".\(suffix)".utf8))
    let hidden: Path = "\(directory)/.\(name).\(getpid())"
    let path: Path = "\(directory)/\(name)"
    let descriptor = hidden.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else {
      throw Failure(.cannotCreate, "\(path): \(String(cString: strerror(errno)))")
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
    if failure == 0, hidden.withCString({ hidden in path.withCString { link(hidden, $0) } }) != 0 { failure = errno }
    hidden.withCString { _ = unlink($0) }
    if failure != 0 {
      throw Failure(
        failure == EEXIST ? .cannotCreate : .ioError, "\(path): \(String(cString: strerror(failure)))")
    }
  }
}
