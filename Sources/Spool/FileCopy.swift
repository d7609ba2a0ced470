import Glibc

/// Copies of files, where a rename will not do: for an editor, or on another file system.
enum FileCopy {
  private static let step = 1 << 18

  /// Copies a file; there must be none of the new name.
  static func make(
    _ name: FileName, in from: borrowing FileDescriptor, as newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) {
    let source = try FileDescriptor.open(name, in: from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard try source.status().isFile else { throw SystemError("no file", source.path, EINVAL) }
    var copy = try FileDescriptor.open(
      newName, in: to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: FileDescriptor.privateMode)
    do throws(SystemError) {
      while true {
        let bytes = try source.read(upTo: step)
        if bytes.isEmpty { break }
        try copy.writeAll(bytes.span)
      }
      try copy.closeChecked()
    } catch {
      try? to.unlink(newName)
      throw error
    }
  }

  /// Gives a file another name, or a number behind it where that is taken; a copy, where the file system has no links.
  /// Returns the name that it got.
  static func link(
    _ name: FileName, in from: borrowing FileDescriptor, as newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) -> FileName {
    let (source, target) = (from.number, to.number)
    for number in 1...1000 {
      let candidate = newName.numbered(number)
      let result = name.withCString { name in candidate.withCString { linkat(source, name, target, $0, 0) } }
      if result == 0 { return candidate }
      if errno == EEXIST { continue }
      guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { break }
      do throws(SystemError) {
        try make(name, in: from, as: candidate, in: to)
        try makeDurable(candidate, in: to, like: nil)
        return candidate
      } catch {
        if error.code != EEXIST { throw error }
      }
    }
    throw SystemError("link", "\(to.path)/\(newName)")
  }

  /// Makes what is in a file durable, and gives it the mode, and where that is allowed the owner, of another one.
  ///
  /// - Parameter keepsTime: it gets the times of the other one as well.
  static func makeDurable(
    _ name: FileName, in folder: borrowing FileDescriptor, like other: stat?, keepsTime: Bool = false
  ) throws(SystemError) {
    let file = try FileDescriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if let other {
      // Whoever processes the original has to be able to read this one, too.
      _ = fchown(file.number, other.st_uid, other.st_gid)
      if keepsTime { futimens(file.number, [other.st_atim, other.st_mtim]) }
      guard fchmod(file.number, other.st_mode & 0o7777) == 0 else { throw SystemError("chmod", file.path) }
    }
    try file.sync()
  }

  /// Whether two files have the same bytes.
  static func areEqual(
    _ name: FileName, in folder: borrowing FileDescriptor, _ other: FileName, in otherFolder: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    let one = try FileDescriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    let two = try FileDescriptor.open(other, in: otherFolder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard try one.status().st_size == two.status().st_size else { return false }
    while true {
      let bytes = try one.read(upTo: step)
      if try bytes != two.read(upTo: step) { return false }
      if bytes.isEmpty { return true }
    }
  }
}
