import Formats
import Glibc
import Spool

/// The undeliverable file that IMPORT left in its directory: read, kept beside the logs, and never given to IMPORT again
/// (Q168680, Q212788).
struct UndeliverableText {
  let bytes: [UInt8]
  /// Where it is kept; empty when there is none.
  let savedAs: String
  let hasReasons: Bool

  /// Bytes of such a file that are read; no batch fills as many.
  private static let limit = 256 << 20

  init(_ directory: RunDirectory, savedAs path: String) throws(SystemError) {
    var bytes: [UInt8] = []
    var savedAs = ""
    let folder: FileDescriptor
    do {
      folder = try FileDescriptor.open(path: directory.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch {
      // The directory of a run that died may be gone.
      guard error.code == ENOENT else { throw error }
      (self.bytes, self.savedAs, hasReasons) = ([], "", false)
      return
    }
    for name in try folder.names() where name.lowercased().hasSuffix(".und") {
      let file = try FileDescriptor.open(FileName(name), in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      guard try file.status().st_mode & S_IFMT == S_IFREG, try file.status().st_size <= Self.limit else { continue }
      try file.readAll(into: &bytes, expecting: 0)
      if link("\(directory.path)/\(name)", path) == 0 || errno == EEXIST { savedAs = path }
    }
    self.bytes = bytes
    self.savedAs = savedAs
    hasReasons = bytes.contains { !ASCII.isSpace($0) && $0 != ASCII.substitute }
  }
}
