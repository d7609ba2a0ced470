import Formats
import Glibc

/// The folder `.ccm-move` in the directory that messages are moved to, on another file system than they come from: each
/// copy is made there, under a name that only its source has, and becomes visible by a rename when it is complete.
final class StagingArea {
  static let folderName = FileName(".ccm-move")

  let record: TargetRecord
  private let target: FileDescriptor
  private let folder: FileDescriptor

  private init(
    _ target: consuming FileDescriptor, _ folder: consuming FileDescriptor, _ record: TargetRecord
  ) {
    self.target = target
    self.folder = folder
    self.record = record
  }

  /// Opens that of the directory at `path`, which is from the root and without links. It is made, and gets its mark,
  /// where it is not there.
  static func make(in path: Path) throws(SystemError) -> StagingArea {
    let target = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    let folder = try FileDescriptor.directory(folderName.description, in: target)
    let prefix = Array("id.".utf8)
    if let mark = try folder.fileNames().first(where: { $0.bytes.starts(with: prefix) }) {
      return StagingArea(target, folder, TargetRecord(mark: mark, path: path))
    }
    // Of two that make one at once, each has its own; both stay.
    let mark = FileName("id.\(Move.uniqueText())")
    _ = try FileDescriptor.open(mark, in: folder, O_WRONLY | O_CREAT | O_EXCL)
    try folder.syncDirectory()
    try target.syncDirectory()
    return StagingArea(target, folder, TargetRecord(mark: mark, path: path))
  }

  /// Opens one that was made before. Throws when it is not there: another directory is in its place, or its file system
  /// is not mounted.
  static func find(_ record: TargetRecord) throws(SystemError) -> StagingArea {
    do throws(SystemError) {
      let target = try FileDescriptor.open(path: record.path, O_RDONLY | O_DIRECTORY)
      let folder = try FileDescriptor.open(folderName, in: target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      let area = StagingArea(target, folder, record)
      if try area.isThere() { return area }
    } catch {
      guard [ENOENT, ENOTDIR, ELOOP].contains(error.code) else { throw error }
    }
    throw SystemError("not the directory that it was; is it mounted?", record.path, ESTALE)
  }

  /// Whether the folder is what it was: with its mark it keeps all that was staged.
  private func isThere() throws(SystemError) -> Bool { try folder.status(of: record.mark) != nil }

  /// What went wrong with a copy: with the message alone, or with the place where all copies go.
  enum CopyFailure: Error {
    case source(SystemError)
    case target(SystemError)

    static func ofSource<Result: ~Copyable>(
      _ body: () throws(SystemError) -> Result
    ) throws(CopyFailure) -> Result {
      do throws(SystemError) { return try body() } catch { throw .source(error) }
    }

    static func ofTarget<Result: ~Copyable>(
      _ body: () throws(SystemError) -> Result
    ) throws(CopyFailure) -> Result {
      do throws(SystemError) { return try body() } catch { throw .target(error) }
    }
  }

  /// Copies the file `name` in `claims`, as `copy`, with its times and mode and, where that is allowed, its owner. It is
  /// on the disk when this returns.
  func stage(_ name: FileName, in claims: borrowing FileDescriptor, as copy: FileName) throws(CopyFailure) {
    let source = try CopyFailure.ofSource { () throws(SystemError) in
      try FileDescriptor.open(name, in: claims, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }
    let before = try CopyFailure.ofSource { () throws(SystemError) in
      let status = try source.status()
      guard status.isFile else { throw SystemError("not a regular file", source.path, EINVAL) }
      return status
    }
    var target = try CopyFailure.ofTarget { () throws(SystemError) in
      try FileDescriptor.open(copy, in: folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    }
    var size = 0
    while true {
      let bytes = try CopyFailure.ofSource { () throws(SystemError) in try source.read(upTo: 1 << 18) }
      if bytes.isEmpty { break }
      size += bytes.count
      try CopyFailure.ofTarget { () throws(SystemError) in try target.writeAll(bytes.span) }
    }
    try CopyFailure.ofSource { () throws(SystemError) in
      let after = try source.status()
      guard after.st_size == size, after.st_size == before.st_size, after.st_mtim.tv_sec == before.st_mtim.tv_sec,
        after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
      else { throw SystemError("changed while it was copied", source.path, EBUSY) }
    }
    // What a file system has no room for, FAT or CIFS, is left out.
    _ = fchown(target.number, before.st_uid, before.st_gid)
    _ = fchmod(target.number, before.st_mode & 0o777)
    _ = futimens(target.number, [before.st_atim, before.st_mtim])
    do throws(SystemError) {
      try target.sync()
      try target.closeChecked()
    } catch { throw .target(error) }
  }

  /// Removes a copy that will not be published.
  func discard(_ copy: FileName) throws(SystemError) { try folder.unlink(copy) }

  /// Removes all copies of a run, none of which will be published.
  func discardAll(of run: FileName) throws(SystemError) {
    let prefix = run.bytes + [ASCII.dot]
    for name in try folder.fileNames() where name.bytes.starts(with: prefix) { try folder.unlink(name) }
  }

  /// Makes the names of all copies durable.
  func sync() throws(SystemError) { try folder.syncDirectory() }

  /// Gives a complete copy its name; false when it has got it before.
  func publish(_ copy: FileName, as name: FileName) throws(SystemError) -> Bool {
    guard try folder.status(of: copy) != nil else {
      // Only with its mark there does the folder say that a copy has left it.
      guard try isThere() else { throw SystemError("not the directory that it was", folder.path, ESTALE) }
      return false
    }
    _ = try Move.deliver(copy, in: folder, as: name, in: target)
    return true
  }

  /// Makes what was published durable.
  func syncPublished() throws(SystemError) {
    try target.syncDirectory()
    try folder.syncDirectory()
  }
}

extension FileDescriptor {
  /// Makes the names in this directory durable, where the file system has a way to.
  func syncDirectory() throws(SystemError) {
    guard fsync(number) == 0 || errno == EINVAL else { throw SystemError("fsync", path) }
  }
}
