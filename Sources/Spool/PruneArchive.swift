import Formats
import Glibc

/// Where pruned messages and logs of one queue go: `DIR/QUEUE/done/X` and so on. It may be on another file system.
final class PruneArchive {
  let path: Path
  private let root: FileDescriptor

  /// Opens the place of a queue in the directory at `path`; both are made where they are missing.
  init(_ path: Path, of queue: borrowing Queue) throws(SystemError) {
    if path.withCString({ mkdir($0, 0o777) }) != 0, errno != EEXIST { throw SystemError("mkdir", path) }
    let own = try queue.path.resolved()
    let parent = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    let name = own.name
    let place: Path = "\(try path.resolved())/\(name)"
    guard place != own, !place.bytes.starts(with: own.bytes + [ASCII.slash]) else {
      throw SystemError("--to: it is in the queue", path, EINVAL)
    }
    try parent.makeDirectory(name, mayExist: true)
    root = try FileDescriptor.open(name, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    self.path = place
  }

  /// Moves a file of the queue into a folder of the archive. Where it has to be copied, the copy is whole and durable
  /// before the original goes; a crash between the two leaves both.
  func take(
    _ name: FileName, from folder: borrowing FileDescriptor, _ folderName: String
  ) throws(SystemError) {
    let target = try FileDescriptor.directory(folderName, in: root)
    do throws(SystemError) {
      _ = try Move.publish(name, in: folder, as: name, in: target)
      return
    } catch {
      if error.code != EXDEV { throw error }
    }
    guard let status = try folder.status(of: name) else {
      throw SystemError("stat", "\(folder.path)/\(name)", ENOENT)
    }
    // What is no file has nothing in it that could be copied.
    if status.isFile {
      let hidden = FileName(".new")
      try target.unlink(hidden)
      try FileCopy.make(name, in: folder, as: hidden, in: target)
      try FileCopy.makeDurable(hidden, in: target, like: status, keepsTime: true)
      _ = try Move.publish(hidden, in: target, as: name, in: target)
      try target.sync()
    }
    try folder.unlink(name)
  }
}
