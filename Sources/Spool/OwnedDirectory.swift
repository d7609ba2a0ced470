import Formats
import Glibc
import Synchronization

/// A directory that a process owns as long as it lives: it holds the lock on the file `lock` in it. Whoever can take
/// the lock sees the dead.
public struct OwnedDirectory: ~Copyable, Sendable {
  public private(set) var name: FileName
  public private(set) var directory: FileDescriptor
  private let lock: Lock
  public static let lockName = FileName("lock")
  /// What the names begin with of those in which nothing is left.
  private static let gone = Array(".gone-".utf8)

  /// Held until it is given up, or the process ends.
  private final class Lock: Sendable {
    private let file: Mutex<FileDescriptor>
    init(_ file: consuming FileDescriptor) { self.file = Mutex(file) }
    func giveUp() { file.withLock { $0.close() } }
  }

  private init(_ name: FileName, _ directory: consuming FileDescriptor, _ lock: consuming FileDescriptor) {
    self.name = name
    self.directory = directory
    self.lock = Lock(lock)
  }

  /// Makes one in `parent`. It is made under a hidden name, locked, and then renamed, so that it never is without its
  /// lock.
  ///
  /// - Parameter makeName: its name, for the first, second ... attempt.
  public static func make(
    in parent: borrowing FileDescriptor, _ makeName: (Int) -> String
  ) throws(SystemError) -> OwnedDirectory {
    for attempt in 1...1000 {
      let name = FileName(makeName(attempt))
      let hidden = FileName(bytes: [ASCII.dot] + name.bytes)
      try parent.makeDirectory(hidden, mayExist: true)
      do throws(SystemError) {
        let directory = try FileDescriptor.open(hidden, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let lock = try FileDescriptor.open(
          lockName, in: directory, O_RDWR | O_CREAT | O_NOFOLLOW, mode: FileDescriptor.privateMode)
        guard try lock.tryLock(), try lock.isStill(lockName, in: directory) else { continue }
        var own = OwnedDirectory(hidden, directory, lock)
        if try own.rename(to: name, in: parent) { return own }
      } catch {
        // Somebody who cleaned up took it away before it was locked.
        if error.code != ENOENT || attempt > 100 { throw error }
      }
    }
    throw SystemError("mkdir", parent.path, EEXIST)
  }

  /// Takes over the directory `name` of a dead owner. Throws EWOULDBLOCK when the owner lives, ENOENT when the
  /// directory is gone, or has another name now.
  public static func adopt(
    _ name: FileName, in parent: borrowing FileDescriptor
  ) throws(SystemError) -> OwnedDirectory {
    let directory = try FileDescriptor.open(name, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    let lock = try openLock(directory, name, parent)
    guard try lock.tryLock() else { throw SystemError("flock", lock.path, EWOULDBLOCK) }
    // Another one that adopted it may have done away with it, or with the lock, between the opening and the locking.
    guard try directory.isStill(name, in: parent), try lock.isStill(lockName, in: directory) else {
      throw SystemError("open", lock.path, ENOENT)
    }
    return OwnedDirectory(name, directory, lock)
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
    return try FileDescriptor.open(
      lockName, in: directory, O_RDWR | O_CREAT | O_NOFOLLOW, mode: FileDescriptor.privateMode)
  }

  /// Gives it another name in `parent`; false when something has that.
  public mutating func rename(to newName: FileName, in parent: borrowing FileDescriptor) throws(SystemError) -> Bool {
    guard try Move.take(name, in: parent, to: newName, in: parent) else { return false }
    isNamed(newName, in: parent)
    return true
  }

  /// Notes the name that it has in `parent` now: what is said of it from here on names what is there.
  public mutating func isNamed(_ newName: FileName, in parent: borrowing FileDescriptor) {
    name = newName
    directory.moved(to: "\(parent.path)/\(newName)")
  }

  /// Removes it from `parent`; throws ENOTEMPTY when there is more in it than its lock.
  ///
  /// NFS and FUSE keep a file that is removed while it is open, under another name, and with it the directory. So it is
  /// renamed to `.gone-NAME` while it is locked, that nobody makes or takes over anything in it, and the lock is removed
  /// when it is closed. Where somebody else has a file in it open, it stays under that name for the next one that looks.
  public func removeEmpty(from parent: borrowing FileDescriptor) throws(SystemError) {
    guard try DirectoryReader.names(directory).allSatisfy(Self.isNothing) else {
      throw SystemError("rmdir", directory.path, ENOTEMPTY)
    }
    var last = name
    if !name.bytes.starts(with: Self.gone) {
      last = FileName(bytes: Self.gone + name.bytes)
      guard try Move.take(name, in: parent, to: last, in: parent) else {
        throw SystemError("rename", "\(parent.path)/\(last)", EEXIST)
      }
    }
    lock.giveUp()
    for attempt in 0..<10 {
      try directory.unlinkFiles(where: Self.isNothing)
      do throws(SystemError) {
        return try parent.unlink(last, isDirectory: true)
      } catch {
        guard error.code == ENOTEMPTY || error.code == EEXIST else { throw error }
      }
      // FUSE is told late that a file was closed.
      usleep(UInt32(attempt) * 500)
    }
  }

  /// Whether a name in it stands for nothing that anybody wants.
  private static func isNothing(_ name: FileName) -> Bool { name == lockName || name.isRemoved }

  /// Removes it from `parent`, with all files in it, and in directories in it; `first` before all others, the lock
  /// last.
  public func remove(from parent: borrowing FileDescriptor, first: [String] = []) throws(SystemError) {
    for name in first { try directory.unlink(FileName(name)) }
    let reader = try DirectoryReader(directory)
    while let entry = try reader.next() {
      if entry.name == Self.lockName { continue }
      if entry.type == DT_DIR {
        let inner = try FileDescriptor.open(entry.name, in: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let files = try DirectoryReader(inner)
        while let file = try files.next() { try inner.unlink(file.name) }
        try directory.unlink(entry.name, isDirectory: true)
      } else {
        try directory.unlink(entry.name)
      }
    }
    try removeEmpty(from: parent)
  }
}
