import Formats
import Glibc
import Spool

/// A directory that a process owns as long as it lives: it holds the lock on the file `lock` in it. Whoever can take
/// the lock sees the dead.
struct OwnedDirectory: ~Copyable {
  let name: String
  let directory: FileDescriptor
  private let lock: FileDescriptor
  private static let lockName = FileName("lock")

  private init(name: String, directory: consuming FileDescriptor, lock: consuming FileDescriptor) {
    self.name = name
    self.directory = directory
    self.lock = lock
  }

  /// Makes one in `parent`. It is made under a hidden name, locked, and then renamed, so that it never is without its
  /// lock.
  static func make(in parent: borrowing FileDescriptor) throws(SystemError) -> OwnedDirectory {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    for attempt in 1...1000 {
      let name = "\(now.tv_sec)-\(now.tv_nsec)-\(getpid())-\(attempt)"
      let hidden = FileName("." + name)
      try parent.makeDirectory(hidden, mayExist: true)
      do throws(SystemError) {
        let directory = try FileDescriptor.open(hidden, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let lock = try FileDescriptor.open(lockName, in: directory, O_RDWR | O_CREAT, mode: 0o600)
        if try lock.tryLock(), try Move.take(hidden, in: parent, to: FileName(name), in: parent) {
          return OwnedDirectory(name: name, directory: directory, lock: lock)
        }
      } catch {
        // Somebody who cleaned up took it away before it was locked.
        if error.code != ENOENT { throw error }
      }
    }
    throw SystemError("mkdir", parent.path, EEXIST)
  }

  /// Takes over the directory `name` of a dead owner. Throws EWOULDBLOCK when the owner lives, ENOENT when the
  /// directory is gone, or has another name now.
  static func adopt(_ name: FileName, in parent: borrowing FileDescriptor) throws(SystemError) -> OwnedDirectory {
    let directory = try FileDescriptor.open(name, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    let lock = try openLock(directory, name, parent)
    guard try lock.tryLock() else { throw SystemError("flock", lock.path, EWOULDBLOCK) }
    var status = stat()
    let number = parent.number
    guard name.withCString({ fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
      try status.st_ino == directory.status().st_ino
    else { throw SystemError("stat", directory.path, ENOENT) }
    return OwnedDirectory(name: name.description, directory: directory, lock: lock)
  }

  private static func openLock(
    _ directory: borrowing FileDescriptor, _ name: FileName, _ parent: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor {
    do throws(SystemError) {
      return try FileDescriptor.open(lockName, in: directory, O_RDWR | O_NOFOLLOW)
    } catch {
      guard error.code == ENOENT else { throw error }
    }
    // Without a lock it is not made yet, or nearly removed: then it is empty.
    let number = parent.number
    if name.withCString({ unlinkat(number, $0, AT_REMOVEDIR) }) == 0 {
      throw SystemError("open", directory.path, ENOENT)
    }
    return try FileDescriptor.open(lockName, in: directory, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
  }

  /// Removes an owned directory, called `name` now, from `parent`, with all files in it, and in directories in it;
  /// `first` before all others, the lock last.
  static func remove(
    _ name: String, _ directory: borrowing FileDescriptor, from parent: borrowing FileDescriptor, first: [String] = []
  ) throws(SystemError) {
    for name in first { try directory.unlink(FileName(name)) }
    let reader = try DirectoryReader(directory)
    while let entry = try reader.next() {
      if entry.name == lockName { continue }
      if entry.type == DT_DIR {
        let inner = try FileDescriptor.open(entry.name, in: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let files = try DirectoryReader(inner)
        while let file = try files.next() { try inner.unlink(file.name) }
        try directory.unlink(entry.name, isDirectory: true)
      } else {
        try directory.unlink(entry.name)
      }
    }
    try directory.unlink(lockName)
    try parent.unlink(FileName(name), isDirectory: true)
  }
}
