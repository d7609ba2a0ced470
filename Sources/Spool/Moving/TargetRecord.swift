import Formats
import Glibc

/// Where messages are moved to: a directory by its path from the root, and a mark in it, the name of an empty file, by
/// which it is known again. A path alone does not tell whether its file system is mounted.
struct TargetRecord: Equatable {
  let mark: FileName
  let path: Path

  /// Reads the file `name` in `folder`; nil when it is not there, or is not whole.
  static func read(_ name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) -> TargetRecord? {
    guard let status = try folder.status(of: name), status.isFile, status.st_size < 1 << 16 else { return nil }
    let file = try FileDescriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW)
    var bytes: [UInt8] = []
    try file.readAll(into: &bytes, expecting: Int(status.st_size))
    // The mark, a line end, the path, a NUL.
    guard let end = bytes.firstIndex(of: ASCII.lf), end > 0, bytes.last == 0, bytes.count > end + 2 else { return nil }
    return TargetRecord(
      mark: FileName(bytes: bytes[..<end]), path: Path(bytes: bytes[(end + 1)..<(bytes.count - 1)]))
  }

  /// Writes it as the file `name`, which is not there yet, durably but for its name.
  func write(_ name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) {
    var file = try FileDescriptor.open(name, in: folder, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    try file.writeAll((mark.bytes + [ASCII.lf] + path.bytes + [0]).span)
    try file.sync()
    try file.closeChecked()
  }
}

extension FileDescriptor {
  /// Renames a file to one of another directory, which is replaced where it is there. The corresponding C function is
  /// `renameat`.
  func renameReplacing(_ name: FileName, to newName: FileName, in to: borrowing FileDescriptor) throws(SystemError) {
    let (source, target) = (number, to.number)
    let result = name.withCString { name in
      newName.withCString { newName in renameat(source, name, target, newName) }
    }
    guard result == 0 else { throw SystemError("rename", "\(path)/\(name)") }
  }
}
