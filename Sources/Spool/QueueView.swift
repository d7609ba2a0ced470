import Formats
import Glibc

/// A queue as it is, for programs that look at it and change nothing: a folder that is missing has nothing in it.
public struct QueueView: ~Copyable, Sendable {
  public let path: Path
  let root: FileDescriptor

  /// Opens the queue at `path`, of which nothing is made. Throws an error that `isNoQueue` for another directory.
  public init(path: Path) throws(SystemError) {
    let root = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    try QueueDirectory.check(root, mayBecome: false)
    self.root = root
    self.path = path
  }

  /// The folder `name`; nil where there is none, or no folder.
  func folder(_ name: String) throws(SystemError) -> FileDescriptor? { try root.folder(FileName(name)) }

  /// A directory in `work`, and whether its invocation lives.
  struct Invocation {
    var name: FileName
    var isLiving: Bool
  }

  /// The invocations that have a directory in `work`, in no order; not those that are just beginning.
  func invocations() throws(SystemError) -> [Invocation] {
    guard let work = try folder("work") else { return [] }
    var found: [Invocation] = []
    let reader = try DirectoryReader(work)
    while let entry = try reader.next() {
      if entry.name.isHidden || Queue.shared.contains(entry.name.description) { continue }
      guard let directory = try work.folder(entry.name) else { continue }
      found.append(Invocation(name: entry.name, isLiving: Self.isLocked(directory)))
    }
    return found
  }

  /// Whether somebody holds the lock of an invocation. It is asked for a shared lock, which is given back at once.
  private static func isLocked(_ directory: borrowing FileDescriptor) -> Bool {
    let lock: FileDescriptor
    do throws(SystemError) {
      lock = try FileDescriptor.open(OwnedDirectory.lockName, in: directory, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      // Without a lock it is dead; with one that may not be seen, nobody here can tell.
      return error.code != ENOENT
    }
    guard flock(lock.number, LOCK_SH | LOCK_NB) == 0 else { return true }
    flock(lock.number, LOCK_UN)
    return false
  }
}

extension FileDescriptor {
  /// The directory `name` in this one; nil where there is none, or no directory.
  func folder(_ name: FileName) throws(SystemError) -> FileDescriptor? {
    do throws(SystemError) {
      return try Self.open(name, in: self, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch {
      if [ENOENT, ENOTDIR, ELOOP].contains(error.code) { return nil }
      throw error
    }
  }

  /// What `name` is, not followed where it is a link; nil when it is not there. The corresponding C function is
  /// `fstatat`.
  ///
  /// An error of looking is not that it is not there: what is decided by that would be lost, or done twice.
  public func status(of name: FileName) throws(SystemError) -> stat? {
    var status = stat()
    let folder = number
    if name.withCString({ fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 { return status }
    if errno == ENOENT { return nil }
    throw SystemError("stat", "\(path)/\(name)")
  }

  /// Whether `name` is there.
  public func has(_ name: FileName) throws(SystemError) -> Bool { try status(of: name) != nil }
}

extension stat {
  var isFile: Bool { st_mode & S_IFMT == S_IFREG }
  var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
}
