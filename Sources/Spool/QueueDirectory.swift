import Formats
import Glibc

/// What a directory is to programs that work on queues. It is a queue when it has a folder `in`, or has lost that one
/// and still has `work` and `log`: so one is made with `mkdir -p QUEUE/in`, and one of any earlier version is one.
enum QueueDirectory {
  case queue
  /// There is nothing in it, and it may become one.
  case empty
  /// A folder of the queue that it lies in.
  case folder(FileName)
  /// Something else, as this file in it shows.
  case other(FileName)

  /// The folders that a queue may have.
  private static let folders = [
    "in", "work", "results", "done", "failed", "quarantine", "log", "returns", "run",
  ].map { FileName($0) }

  /// What file systems and desktops put into a directory by themselves.
  private static let foreign = ["lost+found", ".snapshot", ".DS_Store"].map { FileName($0) }

  init(_ directory: borrowing FileDescriptor) throws(SystemError) {
    if try Self.isQueue(directory) {
      self = .queue
    } else if let name = try Self.folder(directory) {
      self = .folder(name)
    } else if let name = try Self.content(directory) {
      self = .other(name)
    } else {
      self = .empty
    }
  }

  private static func isQueue(_ directory: borrowing FileDescriptor) throws(SystemError) -> Bool {
    if try has("in", directory) { return true }
    guard try has("work", directory) else { return false }
    return try has("log", directory)
  }

  private static func has(_ name: String, _ directory: borrowing FileDescriptor) throws(SystemError) -> Bool {
    try directory.status(of: FileName(name))?.isDirectory ?? false
  }

  /// The name of the directory where it is one of the folders of a queue: what works on a queue would fill it with
  /// folders, which the other one then takes for messages.
  private static func folder(_ directory: borrowing FileDescriptor) throws(SystemError) -> FileName? {
    do throws(SystemError) {
      let parent = try FileDescriptor.open(FileName(".."), in: directory, O_RDONLY | O_DIRECTORY)
      guard try isQueue(parent) else { return nil }
      let own = try directory.status()
      for name in folders {
        if let status = try parent.status(of: name), status.st_ino == own.st_ino, status.st_dev == own.st_dev {
          return name
        }
      }
      return nil
    } catch {
      // What may not be looked into shows no queue.
      if error.code == EACCES || error.code == EPERM { return nil }
      throw error
    }
  }

  /// Something in the directory that shows what it is used for; nil when there is nothing. Folders of a queue are
  /// nothing: another program may be making it just now.
  private static func content(_ directory: borrowing FileDescriptor) throws(SystemError) -> FileName? {
    let reader = try DirectoryReader(directory)
    while let entry = try reader.next() {
      if foreign.contains(entry.name) { continue }
      if folders.contains(entry.name), try directory.status(of: entry.name)?.isDirectory != false { continue }
      return entry.name
    }
    return nil
  }

  /// Throws, in words, when the directory is no queue, and cannot become one either if that is enough.
  ///
  /// - Parameter mayBecome: whether an empty directory will do.
  static func check(_ directory: borrowing FileDescriptor, mayBecome: Bool) throws(SystemError) {
    let words: String
    switch try QueueDirectory(directory) {
    case .queue: return
    case .empty:
      if mayBecome { return }
      words = "not a queue: it has no folder `in`"
    case .folder(let name):
      words = "not a queue, but the folder `\(name)` of one: the directory that it is in is wanted"
    case .other(let name):
      words =
        mayBecome
        ? "neither empty nor a queue: there is `\(name)` in it; `mkdir -p QUEUE/in` makes a queue"
        : "not a queue: it has no folder `in`"
    }
    throw SystemError(refusing: directory.path, words, ENOTDIR)
  }
}

extension SystemError {
  /// Whether a directory was refused because it is no queue.
  public var isNoQueue: Bool { isRefusal && code == ENOTDIR }
}
