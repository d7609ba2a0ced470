import CGlibc
import Formats
import Glibc

/// Moves within one file system that never replace a file. The only code that moves a user's files.
enum Move {
  /// Renames `name` in one directory to `newName` in another one; false when there is a file of that name.
  ///
  /// The corresponding C function is `renameat2` with RENAME_NOREPLACE; where a file system refuses that (NFS), `link`
  /// and then `unlink` do its work: between them the file has two names, and either of the two calls finishes it.
  static func rename(
    _ name: FileName, in from: borrowing FileDescriptor, to newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    let source = from.number
    let target = to.number
    let result = name.withCString { name in
      newName.withCString { newName -> Int32 in
        if renameat2(source, name, target, newName, UInt32(ccmc_rename_noreplace)) == 0 { return 0 }
        guard errno == EINVAL || errno == ENOSYS else { return errno }
        if linkat(source, name, target, newName, 0) != 0 {
          return errno == EEXIST && isSameFile(source, name, target, newName) ? unlinked(source, name) : errno
        }
        return unlinked(source, name)
      }
    }
    switch result {
    case 0: return true
    case EEXIST: return false
    default: throw SystemError("rename", "\(from.path)/\(name)", result)
    }
  }

  private static func unlinked(_ directory: Int32, _ name: UnsafePointer<CChar>) -> Int32 {
    unlinkat(directory, name, 0) == 0 ? 0 : errno
  }

  private static func isSameFile(
    _ source: Int32, _ name: UnsafePointer<CChar>, _ target: Int32, _ newName: UnsafePointer<CChar>
  ) -> Bool {
    var (a, b) = (stat(), stat())
    return fstatat(source, name, &a, AT_SYMLINK_NOFOLLOW) == 0 && fstatat(target, newName, &b, AT_SYMLINK_NOFOLLOW) == 0
      && a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  /// Renames `name` into another directory, as `newName` or, where that is taken, `newName~2` and so on. Returns the
  /// name that it got.
  static func publish(
    _ name: FileName, in from: borrowing FileDescriptor, as newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) -> FileName {
    var number = 1
    while true {
      let candidate = newName.numbered(number)
      if try rename(name, in: from, to: candidate, in: to) { return candidate }
      number += 1
      if number > 64 {
        // Many of one name: look for a free number in larger steps.
        number += number / 2
      }
      if number > 1 << 40 { throw SystemError("rename", "\(to.path)/\(newName)", EEXIST) }
    }
  }
}
