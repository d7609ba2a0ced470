import Formats
import Glibc
import Spool

/// A directory that messages are moved out of: all of them, or those that the command line names.
final class MoveSource {
  let directory: FileDescriptor
  /// The messages to be moved.
  private(set) var names: [FileName] = []
  /// Whether what dead runs have left in it is finished, and what became of that.
  var isRecovered = false
  var fates: [FileName: FileName?] = [:]

  private init(_ directory: consuming FileDescriptor) { self.directory = directory }

  /// The source that an operand belongs to, a directory or a file in it; it is added where it is not there yet.
  static func find(_ operand: Path, in sources: inout [MoveSource]) throws(SystemError) -> MoveSource {
    let path = isDirectory(operand) ? operand : operand.directory
    let source = MoveSource(try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY))
    let status = try source.directory.status()
    for known in sources {
      let other = try known.directory.status()
      if other.st_dev == status.st_dev, other.st_ino == status.st_ino { return known }
    }
    sources.append(source)
    return source
  }

  private static func isDirectory(_ path: Path) -> Bool {
    var status = stat()
    return path.withCString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Adds what an operand stands for. Returns false when it is a file that is not there, nor was it moved by a run that
  /// died.
  func want(_ operand: Path) throws(SystemError) -> Bool {
    var wanted: [FileName] = []
    if Self.isDirectory(operand) {
      wanted = try directory.fileNames().filter { Self.isMessage($0) && status($0) != nil }
    } else {
      let name = operand.name
      if status(name) != nil {
        wanted = [name]
      } else {
        guard let fate = fates[name] else { return false }
        if let fate { wanted = [fate] }
      }
    }
    let known = Set(names)
    names += wanted.filter { !known.contains($0) }
    return true
  }

  /// Whether a file of a directory is taken by its name: what begins with a dot is not finished, or somebody's own.
  private static func isMessage(_ name: FileName) -> Bool {
    let end = name.bytes.suffix(4).map { ASCII.lowercased($0) }
    return !name.isHidden && (end == Array(".eml".utf8) || end == Array(".ccm".utf8))
  }

  /// The status of a regular file; nil when it is none, or gone.
  func status(_ name: FileName) -> stat? {
    var status = stat()
    let number = directory.number
    guard name.withCString({ fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
      status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    return status
  }

  /// Leaves out the messages for which `isComplete` is false.
  func keep(_ isComplete: (FileName) -> Bool) { names.removeAll { !isComplete($0) } }
}
