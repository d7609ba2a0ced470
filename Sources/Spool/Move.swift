import CGlibc
import Formats
import Glibc

/// Moves within one file system that never replace a file. The only code that moves a user's files.
public enum Move {
  /// Renames `name` to `newName` in a directory that nobody else writes to; false when there is a file of that name.
  ///
  /// The corresponding C function is `renameat2` with RENAME_NOREPLACE. A file system that refuses it (NFS) has a plain
  /// rename, which one of several processes wins all the same; that it replaces nothing has to be seen before.
  public static func take(
    _ name: FileName, in from: borrowing FileDescriptor, to newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    let (source, target) = (from.number, to.number)
    let result = renameWithoutReplacing(source, name, target, newName) { name, newName in
      renamedIfFree(source, name, target, newName)
    }
    return try isDone(result, name, in: from, to: newName, in: to)
  }

  /// Renames `name`, in a directory that nobody else writes to, to `newName` in one that others write to as well; false
  /// when there is a file of that name.
  ///
  /// Where RENAME_NOREPLACE is refused, `link` and then `unlink` do its work: between them the file has two names, and
  /// whoever finds it so finishes with the `unlink`.
  public static func rename(
    _ name: FileName, in from: borrowing FileDescriptor, to newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    let (source, target) = (from.number, to.number)
    let result = renameWithoutReplacing(source, name, target, newName) { name, newName in
      if linkat(source, name, target, newName, 0) != 0 {
        if errno == EEXIST, isSameFile(source, name, target, newName) { return unlinked(source, name) }
        // A directory has no second name.
        guard errno == EPERM else { return errno }
        return renamedIfFree(source, name, target, newName)
      }
      return unlinked(source, name)
    }
    return try isDone(result, name, in: from, to: newName, in: to)
  }

  private static func isDone(
    _ result: Int32, _ name: FileName, in from: borrowing FileDescriptor, to newName: FileName,
    in to: borrowing FileDescriptor
  ) throws(SystemError) -> Bool {
    switch result {
    case 0: return true
    case EEXIST: return false
    case ENOENT:
      // Not that the file is gone, but the directory that it should go to.
      if try to.status().st_nlink == 0 { throw SystemError("rename", "\(to.path)/\(newName)", ESTALE) }
      fallthrough
    default: throw SystemError("rename", "\(from.path)/\(name)", result)
    }
  }

  private static func renameWithoutReplacing(
    _ source: Int32, _ name: FileName, _ target: Int32, _ newName: FileName,
    otherwise: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
  ) -> Int32 {
    name.withCString { name in
      newName.withCString { newName in
        if renameat2(source, name, target, newName, UInt32(ccmc_rename_noreplace)) == 0 { return 0 }
        return errno == EINVAL || errno == ENOSYS ? otherwise(name, newName) : errno
      }
    }
  }

  private static func renamedIfFree(
    _ source: Int32, _ name: UnsafePointer<CChar>, _ target: Int32, _ newName: UnsafePointer<CChar>
  ) -> Int32 {
    var status = stat()
    if fstatat(target, newName, &status, AT_SYMLINK_NOFOLLOW) == 0 { return EEXIST }
    guard errno == ENOENT else { return errno }
    return renameat(source, name, target, newName) == 0 ? 0 : errno
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
  ///
  /// - Parameter maximum: how many bytes a name with a number may have.
  static func publish(
    _ name: FileName, in from: borrowing FileDescriptor, as newName: FileName, in to: borrowing FileDescriptor,
    maximum: Int = FileName.maximum
  ) throws(SystemError) -> FileName {
    var number = 1
    while true {
      let candidate = newName.numbered(number, maximum: maximum)
      if try rename(name, in: from, to: candidate, in: to) { return candidate }
      number = try next(number, newName, in: to)
    }
  }

  /// Renames `name` into a directory from which others take files at once, as `newName` or, where that is taken,
  /// `newName~2` and so on. Returns the name that it got.
  ///
  /// It is one step whatever the file system can do, so that a file that is not in `from` any more has been delivered.
  /// Where RENAME_NOREPLACE is refused, and where the name is, it gets one that no other file has.
  static func deliver(
    _ name: FileName, in from: borrowing FileDescriptor, as newName: FileName, in to: borrowing FileDescriptor
  ) throws(SystemError) -> FileName {
    let (source, target) = (from.number, to.number)
    var number = 1
    while true {
      let candidate = newName.numbered(number)
      var isRefused = false
      let result = renameWithoutReplacing(source, name, target, candidate) { _, _ in
        isRefused = true
        return 0
      }
      if isRefused || isNameRefused(result) { break }
      if try isDone(result, name, in: from, to: candidate, in: to) { return candidate }
      number = try next(number, newName, in: to)
    }
    let own = uniqueText()
    let (stem, suffix) = newName.parts
    var candidate = FileName.joined(stem, Array("~\(own)".utf8) + suffix)
    var result = renameReplacing(source, name, target, candidate)
    if isNameRefused(result) {
      candidate = FileName(bytes: Array(own.utf8) + suffix)
      result = renameReplacing(source, name, target, candidate)
    }
    _ = try isDone(result, name, in: from, to: candidate, in: to)
    return candidate
  }

  /// 16 hexadecimal digits that nobody else has.
  static func uniqueText() -> String {
    var random = SystemRandomNumberGenerator()
    let digits = String(random.next(), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func renameReplacing(_ source: Int32, _ name: FileName, _ target: Int32, _ newName: FileName) -> Int32
  {
    name.withCString { name in
      newName.withCString { newName in renameat(source, name, target, newName) == 0 ? 0 : errno }
    }
  }

  /// Whether a file system takes no file of such a name: a character that it does not have, or too many of them.
  private static func isNameRefused(_ result: Int32) -> Bool { [EINVAL, EILSEQ, ENAMETOOLONG].contains(result) }

  /// The number to try after one that is taken; of many, larger steps look for a free one.
  private static func next(
    _ number: Int, _ name: FileName, in directory: borrowing FileDescriptor
  ) throws(SystemError) -> Int {
    let next = number < 64 ? number + 1 : number + number / 2
    guard next <= 1 << 40 else { throw SystemError("rename", "\(directory.path)/\(name)", EEXIST) }
    return next
  }
}
