import Formats
import Glibc

/// Where a queue sends what it makes.
extension Queue {
  /// Throws an error that `isNoQueue` when results or reports would go to a queue itself, where nobody takes them, or to
  /// a folder of this one that is kept for something else: results in its `in` would be processed again for ever.
  func checkTargets() throws(SystemError) {
    if into != nil { try check(results) }
    if let returnsPath { try check(FileDescriptor.open(path: returnsPath, O_RDONLY | O_DIRECTORY)) }
  }

  private func check(_ target: borrowing FileDescriptor) throws(SystemError) {
    if case .queue = try QueueDirectory(target) {
      throw SystemError(refusing: target.path, "a queue: what goes there has to go to its folder `in`", ENOTDIR)
    }
    let status = try target.status()
    for name in ["in", "work", "done", "failed", "quarantine", "log", "run"] {
      if let own = try root.status(of: FileName(name)), own.st_ino == status.st_ino, own.st_dev == status.st_dev {
        throw SystemError(
          refusing: target.path, "the folder `\(name)` of this queue: neither results nor reports can go there", ENOTDIR
        )
      }
    }
  }
}
