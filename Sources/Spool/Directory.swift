import Glibc

/// Reads the names in a directory, one after the other.
public final class DirectoryReader {
  /// An entry's name and kind: DT_REG, DT_DIR and so on; DT_UNKNOWN where the file system does not tell.
  public struct Entry {
    public var name: FileName
    public var type: Int32
  }

  private let stream: OpaquePointer
  private let path: Path

  public init(_ directory: borrowing FileDescriptor) throws(SystemError) {
    path = directory.path
    let copy = try directory.reopened()
    let number = dup(copy.number)
    guard number >= 0 else { throw SystemError("dup", path) }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    guard let stream = fdopendir(number) else {
      close(number)
      throw SystemError("opendir", path)
    }
    self.stream = stream
  }

  deinit { closedir(stream) }

  /// The next entry but for `.` and `..`; nil at the end.
  public func next() throws(SystemError) -> Entry? {
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError("readdir", path) }
        return nil
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { FileName(cString: $0) }
      }
      if name == FileName(".") || name == FileName("..") { continue }
      return Entry(name: name, type: Int32(entry.pointee.d_type))
    }
  }

  func rewind() { rewinddir(stream) }

  /// All names in `directory`, in its own order.
  public static func names(_ directory: borrowing FileDescriptor) throws(SystemError) -> [FileName] {
    let reader = try DirectoryReader(directory)
    var names: [FileName] = []
    while let entry = try reader.next() { names.append(entry.name) }
    return names
  }
}

extension FileDescriptor {
  /// Opens this directory once more. It keeps its path: nothing is said of `./`.
  func reopened() throws(SystemError) -> FileDescriptor {
    var again = try Self.open(FileName("."), in: self, O_RDONLY | O_DIRECTORY)
    again.moved(to: path)
    return again
  }

  /// The names in this directory, in its own order, as the bytes that they are.
  public func fileNames() throws(SystemError) -> [FileName] { try DirectoryReader.names(self) }

  /// The names in this directory, in its own order, for people.
  public func names() throws(SystemError) -> [String] { try DirectoryReader.names(self).map(\.description) }
}
