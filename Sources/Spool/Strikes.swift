import Formats
import Glibc

/// How often a message was in hand when its process died: one byte a time in a file `work/strikes/INODE-MTIME`. The
/// name stays the same through every rename, and is another one for another message of the same name.
final class Strikes: Sendable {
  /// The connector's threads died 25 times before it gave up (events 82 to 87); here, three times are enough.
  static let maximum = 3

  private let directory: FileDescriptor
  /// Whether there were any when the invocation began; without one, nobody has to look.
  let isEmpty: Bool

  init(_ queue: borrowing Queue) throws(SystemError) {
    directory = try FileDescriptor.directory("strikes", in: queue.work)
    isEmpty = try DirectoryReader.names(directory).isEmpty
  }

  /// What the files of a message are named here; nil when it is gone.
  static func key(_ message: FileName, in folder: borrowing FileDescriptor) -> String? {
    var status = stat()
    let number = folder.number
    guard message.withCString({ fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return nil }
    return "\(status.st_ino)-\(status.st_mtim.tv_sec)"
  }

  /// Whether a message has a strike.
  func has(_ message: FileName, in folder: borrowing FileDescriptor) -> Bool {
    guard !isEmpty, let key = Self.key(message, in: folder) else { return false }
    return faccessat(directory.number, key, F_OK, 0) == 0
  }

  /// Adds a strike; returns how many there are now.
  func add(_ message: FileName, in folder: borrowing FileDescriptor) throws(SystemError) -> Int {
    guard let key = Self.key(message, in: folder) else { return 0 }
    let file = try FileDescriptor.open(FileName(key), in: directory, O_WRONLY | O_CREAT | O_APPEND)
    try file.writeAll([UInt8(ascii: "x")].span)
    return try file.status().st_size
  }

  /// Forgets the strikes of a message that has its fate.
  func forget(_ message: FileName, in folder: borrowing FileDescriptor) {
    if !isEmpty { remove(message, in: folder) }
  }

  /// Forgets strikes that may be of this invocation's own recovery.
  func remove(_ message: FileName, in folder: borrowing FileDescriptor) {
    guard let key = Self.key(message, in: folder) else { return }
    unlinkat(directory.number, key, 0)
  }
}
