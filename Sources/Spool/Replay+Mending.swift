import Formats
import Glibc

/// Mends a message that a person has to look at: the person gets a private copy, and what becomes of it takes the place
/// of the message and is put back. The message as it was is kept in the log.
extension Replay {
  /// What became of a message that somebody was to mend.
  public enum Mending: Sendable {
    case mended(Outcome)
    /// It was not changed, and stays where it is.
    case unchanged
    /// The editor did not end well; it stays where it is.
    case abandoned
    /// Somebody has moved or changed it meanwhile; what was made of it is kept in the log under this name.
    case overtaken(FileName)
  }

  private static let folder = FileName("tmp-mend")

  /// Lets `edit` change a copy of a message, and puts that back.
  ///
  /// - Parameter edit: gets the path of the copy; false when nothing shall be done with it.
  /// - Parameter by: who has mended it.
  public mutating func mend(
    _ candidate: Candidate, by: String, _ edit: (Path) throws(SystemError) -> Bool
  ) throws(SystemError) -> Mending {
    // What is left in it after a crash is removed by the next start.
    let made = Self.folder.withCString { mkdirat(invocation.directory.number, $0, 0o700) }
    guard made == 0 || errno == EEXIST else {
      throw SystemError("mkdir", "\(invocation.directory.path)/\(Self.folder)")
    }
    defer { Tree.remove(Self.folder, in: invocation.directory) }
    let copies = try FileDescriptor.open(Self.folder, in: invocation.directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    let name = candidate.name
    guard let before = try source.status(of: name), before.isFile else { return .mended(.gone) }
    try FileCopy.make(name, in: source, as: name, in: copies)
    guard try edit("\(copies.path)/\(name)") else { return .abandoned }
    guard let after = try copies.status(of: name), after.isFile else { return .abandoned }

    try lock.take()
    defer { lock.release() }
    guard let now = try source.status(of: name), now.isSameContent(as: before) else {
      return .overtaken(try keep(name, in: copies, suffix: "mended"))
    }
    if try FileCopy.areEqual(name, in: source, name, in: copies) { return .unchanged }
    try FileCopy.makeDurable(name, in: copies, like: before)
    do throws(SystemError) {
      try replace(candidate, in: copies, became: after.st_size, by: by)
    } catch {
      let kept = try keep(name, in: copies, suffix: "mended")
      throw SystemError("\(error.call) (what was made of it is log/\(kept))", error.subject, error.code)
    }
    var mended = candidate
    mended.size = after.st_size
    return .mended(try putBack(mended))
  }

  /// Puts the copy in the place of the message. The only rename that replaces a file: what it replaces has another name
  /// in the log by then.
  private func replace(
    _ candidate: Candidate, in copies: borrowing FileDescriptor, became: Int, by: String
  ) throws(SystemError) {
    let name = candidate.name
    let original = try FileCopy.link(
      name, in: source, as: FileName.joined(name.bytes, Array(".original.\(Clock.now.compact)".utf8)), in: queue.log)
    do throws(SystemError) {
      try announce(
        Event.ID.mending, "is mended by hand; as it was, it is log/\(original)", candidate, became: became, by: by)
      try invocation.sync()
    } catch {
      try? queue.log.unlink(original)
      throw error
    }
    let (from, to) = (copies.number, source.number)
    guard name.withCString({ renameat(from, $0, to, $0) }) == 0 else {
      throw SystemError("rename", "\(source.path)/\(name)")
    }
    // It is the same file as the message was until now: in the log nobody may read it.
    _ = original.withCString { fchmodat(queue.log.number, $0, FileDescriptor.privateMode, AT_SYMLINK_NOFOLLOW) }
    try source.sync()
  }

  private func keep(
    _ name: FileName, in copies: borrowing FileDescriptor, suffix: String
  ) throws(SystemError) -> FileName {
    let number = copies.number
    _ = name.withCString { fchmodat(number, $0, FileDescriptor.privateMode, AT_SYMLINK_NOFOLLOW) }
    return try Move.publish(
      name, in: copies, as: FileName.joined(name.bytes, Array(".\(suffix).\(Clock.now.compact)".utf8)), in: queue.log)
  }
}

extension stat {
  /// Whether nobody has written to a file since it was so.
  fileprivate func isSameContent(as other: stat) -> Bool {
    st_ino == other.st_ino && st_size == other.st_size
      && (st_mtim.tv_sec, st_mtim.tv_nsec) == (other.st_mtim.tv_sec, other.st_mtim.tv_nsec)
  }
}
