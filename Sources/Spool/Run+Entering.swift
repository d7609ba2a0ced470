import Glibc

/// What a run brings into its own queue.
extension Run {
  /// Renames a file, or a directory with all that is in it, into the queue's `in`, on the disk when this returns. Returns its name there.
  ///
  /// - Parameter directory: the path of a directory on the queue's file system that nobody else writes to.
  public func enter(_ name: FileName, in directory: Path, as newName: FileName) throws(SystemError) -> FileName {
    let folder = try FileDescriptor.open(path: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    let entered = try Move.publish(name, in: folder, as: newName, in: queue.input)
    if isDurable { try queue.input.sync() }
    return entered
  }

  /// Whether no other invocation has anything in `work`.
  public func isAlone() throws(SystemError) -> Bool {
    try DirectoryReader.names(queue.work)
      .allSatisfy { Queue.shared.contains($0.description) || $0.description == invocation.id }
  }

  /// Whether an invocation with this ID has left anything in `work`.
  public func exists(_ id: String) throws(SystemError) -> Bool {
    try queue.work.has(FileName(id))
  }

  /// Whether the invocation with this ID still lives: its lock is held, or it has just ended.
  public func isAlive(_ id: String) throws(SystemError) -> Bool {
    do {
      let directory = try FileDescriptor.open(FileName(id), in: queue.work, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      let lock = try FileDescriptor.open(OwnedDirectory.lockName, in: directory, O_RDWR | O_NOFOLLOW)
      return try !lock.tryLock()
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
  }
}
