import CGlibc
import Glibc

/// Removes directories with all that is in them: those of programs that ran, never those that hold messages.
public enum Tree {
  /// Removes the directory at `path`; links in it are removed, not followed.
  public static func remove(path: Path) {
    let name = path.withCString { strdup($0) }
    defer { free(name) }
    var roots = [name, nil]
    guard let tree = fts_open(&roots, FTS_PHYSICAL | FTS_NOCHDIR, nil) else { return }
    defer { fts_close(tree) }
    while let entry = fts_read(tree) {
      if Int32(entry.pointee.fts_info) != FTS_D {
        Glibc.remove(entry.pointee.fts_accpath)
      } else if entry.pointee.fts_statp.pointee.st_mode & S_IRWXU != S_IRWXU {
        // A program may have made it illegible.
        chmod(entry.pointee.fts_accpath, S_IRWXU)
      }
    }
  }

  public static func remove(_ name: FileName, in directory: borrowing FileDescriptor) {
    remove(path: "\(directory.path)/\(name)")
  }
}
