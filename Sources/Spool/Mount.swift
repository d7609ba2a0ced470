import CGlibc
import Glibc

/// Whether a rename leads from one directory into another. It does within one mount only: two mounts of the same file
/// system, as bind mounts and container volumes are, have the same device number and are apart all the same.
enum Mount {
  /// Throws, in words, unless files can be renamed from `origin` into `folder`.
  static func check(
    _ folder: borrowing FileDescriptor, isReachedFrom origin: borrowing FileDescriptor
  ) throws(SystemError) {
    if try isReached(folder, from: origin) { return }
    throw SystemError(
      refusing: folder.path,
      "on another mount or file system than \(origin.path), and no rename leads from one to the other; ccm-move takes files across",
      EXDEV)
  }

  private static func isReached(
    _ folder: borrowing FileDescriptor, from origin: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    // The parts of one mount that have device numbers of their own are subvolumes.
    guard try folder.status().st_dev == origin.status().st_dev else { return false }
    if let one = try number(folder), let other = try number(origin) { return one == other }
    return try probe(folder, from: origin)
  }

  /// The number of the mount that a directory is on; nil where the system does not tell, or does not let it be asked.
  private static func number(_ directory: borrowing FileDescriptor) throws(SystemError) -> UInt64? {
    var number: UInt64 = 0
    if ccmc_mount_id(directory.number, &number) == 0 { return number }
    if [ENOSYS, EINVAL, EPERM].contains(errno) { return nil }
    throw SystemError("statx", directory.path)
  }

  /// Where the system does not tell, it is tried, with a file under a name that nobody takes.
  private static func probe(
    _ folder: borrowing FileDescriptor, from origin: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    let name = FileName(".probe-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    _ = try FileDescriptor.open(name, in: origin, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    let (from, to) = (origin.number, folder.number)
    if name.withCString({ renameat(from, $0, to, $0) }) == 0 {
      try folder.unlink(name)
      return true
    }
    let code = errno
    try origin.unlink(name)
    // Whatever else is wrong is told when a message meets it.
    return code != EXDEV
  }
}
