import Glibc

/// How far the run of a program came that takes the messages of a group.
extension Group {
  /// Writes `text` to a file of the group, on the disk when this returns.
  func mark(_ name: RunMark, _ text: [UInt8], isDurable: Bool) throws(SystemError) {
    var file = try FileDescriptor.open(
      FileName(name.rawValue), in: directory, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    do {
      try file.writeAll(text.span)
      if isDurable { try file.sync() }
      try file.closeChecked()
    } catch {
      file.close()
      // Half a mark would be believed by a next start.
      try unmark(name, isDurable: isDurable)
      throw error
    }
    if isDurable {
      try directory.sync()
      // The claims, too: by them a next start knows which deliveries these are.
      try source.sync()
      try parent.sync()
    }
  }

  /// Removes a mark, on the disk as well when this returns.
  func unmark(_ name: RunMark, isDurable: Bool) throws(SystemError) {
    try directory.unlink(FileName(name.rawValue))
    if isDurable { try directory.sync() }
  }

  /// What a mark says; nil when it was not made.
  func mark(_ name: RunMark) throws(SystemError) -> [UInt8]? {
    do {
      let file = try FileDescriptor.open(FileName(name.rawValue), in: directory, O_RDONLY | O_NOFOLLOW)
      var text: [UInt8] = []
      try file.readAll(into: &text, expecting: 0)
      return text
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }
}

/// The files in a group that tell how far the run of a program came, which takes the group's messages.
enum RunMark: String, CaseIterable {
  /// The program may have begun, in the directory whose name this is: from here on it is evidence that tells what it
  /// did. Without a name it has not begun: the name is on the disk before.
  case started
  /// The program has ended, and how.
  case ended
}
