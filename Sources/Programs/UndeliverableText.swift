import Formats
import Glibc
import Spool

/// The undeliverable file that IMPORT left in its directory: read, kept beside the logs, and never given to IMPORT again
/// (Q168680, Q212788).
struct UndeliverableText {
  let bytes: [UInt8]
  /// Where it is kept; empty when there is none.
  let savedAs: Path
  let hasReasons: Bool

  /// Bytes of such a file that are read; no batch fills as many.
  private static let limit = 256 << 20

  init(_ directory: RunDirectory, savedAs path: Path) throws(SystemError) {
    var bytes: [UInt8] = []
    var savedAs: Path = ""
    let folder: FileDescriptor
    do {
      folder = try FileDescriptor.open(path: directory.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch {
      // The directory of a run that died may be gone.
      guard error.code == ENOENT else { throw error }
      self = Self()
      return
    }
    for name in try folder.fileNames() where name.description.lowercased().hasSuffix(".und") {
      guard let file = try Self.open(name, in: folder) else { continue }
      try file.readAll(into: &bytes, expecting: 0)
      // There is mail in it, and the program made it for whoever may look into the directory of its run.
      fchmod(file.number, FileDescriptor.privateMode)
      let number = folder.number
      let result = name.withCString { name in path.withCString { linkat(number, name, AT_FDCWD, $0, 0) } }
      if result == 0 || errno == EEXIST { savedAs = path }
    }
    self = Self(bytes, savedAs)
  }

  /// By default, that of a run which left none.
  init(_ bytes: [UInt8] = [], _ savedAs: Path = "") {
    (self.bytes, self.savedAs) = (bytes, savedAs)
    hasReasons = bytes.contains { !ASCII.isSpace($0) && $0 != ASCII.substitute }
  }

  /// Nil for what is no regular file, a link for one, and for what no batch can have filled.
  private static func open(
    _ name: FileName, in folder: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor? {
    do throws(SystemError) {
      let file = try FileDescriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      let status = try file.status()
      guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else { return nil }
      return file
    } catch {
      if error.code == ELOOP || error.code == ENXIO { return nil }
      throw error
    }
  }
}
