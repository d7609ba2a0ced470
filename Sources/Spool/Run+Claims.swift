import Glibc

/// Claiming what waits.
extension Run {
  /// Claims an entry for a group; false when somebody else was faster, or when it cannot be claimed at all: then it is
  /// passed over, and the rest of the queue goes on.
  func claim(_ name: FileName, for group: Group) throws(SystemError) -> Bool {
    do {
      guard try group.claim(name, from: queue) else { return false }
    } catch {
      guard try error.isOfEntry(of: queue.input) else { throw error }
      try passOver(name, error)
      return false
    }
    unclaimed.forget(name, in: group.source)
    statistics.taken.add(1, ordering: .relaxed)
    return true
  }

  /// Leaves an entry where it is, with a mark by which it is counted, and says so once in this run.
  private func passOver(_ name: FileName, _ error: SystemError) throws(SystemError) {
    waiting.passOver(name)
    _ = try unclaimed.add(name, in: queue.input)
    guard toldUnclaimed.withLock({ $0.insert(name).inserted }) else { return }
    statistics.unclaimed.add(1, ordering: .relaxed)
    invocation.report(
      Event(
        Event.ID.unclaimed, .warning,
        "cannot be claimed, and is passed over: \(SystemError.text(error.code))", name: name.description))
  }
}

extension FileDescriptor {
  /// Whether this process may make and remove names in this directory.
  func isWritable() throws(SystemError) -> Bool {
    if faccessat(number, ".", W_OK | X_OK, AT_EACCESS) == 0 { return true }
    if [EACCES, EPERM, EROFS].contains(errno) { return false }
    throw SystemError("access", path)
  }
}
