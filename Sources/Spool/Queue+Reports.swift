import Glibc

extension Queue {
  /// Puts the report of a message that leaves its fate into the log, as evidence; returns the name that it has there.
  /// Beside its message anybody may read it, in the log nobody.
  func keep(
    report: FileName, of original: FileName, in folder: borrowing FileDescriptor
  ) throws(SystemError) -> FileName {
    let number = folder.number
    _ = report.withCString { fchmodat(number, $0, FileDescriptor.privateMode, AT_SYMLINK_NOFOLLOW) }
    return try Move.publish(report, in: folder, as: original.oldReport(.now), in: log)
  }
}
