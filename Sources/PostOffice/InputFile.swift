import Formats
import Glibc
import Spool

/// The input of an import: known again by its path, device and inode after a crash.
struct InputFile {
  /// The file in a transaction that tells it.
  static let note = "input"

  /// Absolute.
  let path: Path
  private let device: UInt64
  private let inode: UInt64
  /// What tells it from every file that was or will be: this one, as it is under this name.
  let identity: [UInt8]

  /// The file at `path`, which is open as `descriptor`.
  init(_ path: Path, descriptor: Int32) throws(SystemError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("stat", path) }
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    identity = Array("\(device) \(inode) \(status.st_ctim.tv_sec) \(status.st_ctim.tv_nsec)".utf8)
    self.path = try path.absolute()
  }

  /// Its directory, where the undeliverable file is.
  var directory: Path { path.directory }

  /// What is noted in the transaction. The path comes last: it may hold any byte.
  var text: [UInt8] { Array("\(device) \(inode) ".utf8) + path.bytes }

  /// Reads the note in a transaction; nil when there is none any longer.
  init?(in directory: borrowing FileDescriptor) throws(SystemError) {
    var bytes: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor.open(FileName(Self.note), in: directory, O_RDONLY)
      try file.readAll(into: &bytes, expecting: 4096)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
    let parts = bytes.split(separator: ASCII.space, maxSplits: 2)
    guard parts.count == 3, let device = UInt64(String(decoding: parts[0], as: UTF8.self)),
      let inode = UInt64(String(decoding: parts[1], as: UTF8.self))
    else { return nil }
    (self.device, self.inode) = (device, inode)
    identity = []
    path = Path(bytes: parts[2])
  }

  /// Removes the file, if it is still this one.
  func remove() throws(SystemError) {
    guard let status = try path.status(), UInt64(status.st_dev) == device, UInt64(status.st_ino) == inode else {
      return
    }
    try path.unlink()
  }
}

extension Path {
  /// The directory resolved, and the last part as it is: it means the same after a change of directory. Throws when
  /// there is no such directory.
  func absolute() throws(SystemError) -> Path {
    let directory = try directory.resolved()
    return directory == "/" ? "/\(name)" : "\(directory)/\(name)"
  }
}
