import CGlibc
import Formats
import Glibc

/// An open file or directory, closed when it goes. Every call is retried while signals interrupt it, and throws
/// `SystemError` with the name of the C function.
public struct FileDescriptor: ~Copyable, Sendable {
  public private(set) var number: Int32
  /// By which it was opened, or that it has got since.
  public private(set) var path: Path
  /// What only its owner may read: all that queues hold about messages, beside messages and results.
  public static let privateMode: mode_t = 0o600

  /// Takes over an open descriptor.
  public init(number: Int32, path: Path) {
    self.number = number
    self.path = path
  }

  deinit { if number >= 0 { Glibc.close(number) } }

  /// The corresponding C function is `openat`. Flags get O_CLOEXEC besides.
  public static func open(
    _ name: FileName, in directory: borrowing FileDescriptor, _ flags: Int32, mode: mode_t = 0o666
  ) throws(SystemError) -> FileDescriptor {
    let number = name.withCString { name in retrying { openat(directory.number, name, flags | O_CLOEXEC, mode) } }
    guard number >= 0 else { throw SystemError("open", "\(directory.path)/\(name)") }
    return FileDescriptor(number: number, path: "\(directory.path)/\(name)")
  }

  /// The corresponding C function is `open`.
  public static func open(path: Path, _ flags: Int32, mode: mode_t = 0o666) throws(SystemError) -> FileDescriptor {
    let number = path.withCString { path in retrying { Glibc.open(path, flags | O_CLOEXEC, mode) } }
    guard number >= 0 else { throw SystemError("open", path) }
    return FileDescriptor(number: number, path: path)
  }

  static func retrying(_ call: () -> Int32) -> Int32 {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  /// Opens the directory `name`, made if it is not there.
  public static func directory(_ name: String, in parent: borrowing FileDescriptor) throws(SystemError)
    -> FileDescriptor
  {
    try parent.makeDirectory(FileName(name), mayExist: true)
    return try open(FileName(name), in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  /// The corresponding C function is `mkdirat`.
  public func makeDirectory(_ name: FileName, mayExist: Bool = false) throws(SystemError) {
    let result = name.withCString { mkdirat(number, $0, 0o777) }
    guard result == 0 || (mayExist && errno == EEXIST) else { throw SystemError("mkdir", "\(path)/\(name)") }
  }

  /// Takes the lock on this file, unless somebody has it. The corresponding C function is `flock`.
  public func tryLock() throws(SystemError) -> Bool {
    if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw SystemError("flock", path) }
    return false
  }

  /// Removes a file, or an empty directory; that it is not there is no error. The corresponding C function is
  /// `unlinkat`.
  public func unlink(_ name: FileName, isDirectory: Bool = false) throws(SystemError) {
    let result = name.withCString { unlinkat(number, $0, isDirectory ? AT_REMOVEDIR : 0) }
    guard result == 0 || errno == ENOENT else { throw SystemError(isDirectory ? "rmdir" : "unlink", "\(path)/\(name)") }
  }

  /// Removes the files in this directory. What NFS keeps of removed ones as long as they are open stays.
  func unlinkFiles(where isMeant: (FileName) -> Bool = { _ in true }) throws(SystemError) {
    for name in try DirectoryReader.names(self) where isMeant(name) {
      do throws(SystemError) {
        try unlink(name)
      } catch {
        guard error.code == EBUSY, name.isRemoved else { throw error }
      }
    }
  }

  /// Appends everything from the present position to the end of the file to `buffer`.
  public func readAll(into buffer: inout [UInt8], expecting size: Int) throws(SystemError) {
    buffer.reserveCapacity(buffer.count + size + 1)
    var failure: SystemError?
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { room in
      while true {
        let count = Glibc.read(number, room.baseAddress!, room.count)
        if count < 0 {
          if errno == EINTR { continue }
          failure = SystemError("read", path)
          return
        }
        if count == 0 { return }
        buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[0..<count]))
        // A regular file that gave less than was asked for is at its end, unless it grows: then it says so next time.
        if count < room.count, buffer.count >= size { return }
      }
    }
    if let failure { throw failure }
  }

  /// Reads up to `count` bytes from the present position; none at the end. The corresponding C function is `read`.
  public func read(upTo count: Int) throws(SystemError) -> [UInt8] {
    var filled = 0
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
      while filled < count {
        let got = Glibc.read(number, room.baseAddress! + filled, count - filled)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = SystemError("read", path) }
        if got <= 0 { break }
        filled += got
      }
      initialized = filled
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all of `bytes`. The corresponding C function is `write`.
  public func writeAll(_ bytes: Bytes) throws(SystemError) {
    var failure: SystemError?
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(number, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          failure = SystemError("write", path)
          return
        }
        done += count
      }
    }
    if let failure { throw failure }
  }

  /// Closes the file, if it is still open.
  public mutating func close() {
    if number >= 0 { Glibc.close(number) }
    number = -1
  }

  /// Closes the file and says whether that went well: a full disk may be told here only.
  public mutating func closeChecked() throws(SystemError) {
    let open = number
    number = -1
    if Glibc.close(open) != 0, errno != EINTR { throw SystemError("close", path) }
  }

  /// Back to the beginning of the file. The corresponding C function is `lseek`.
  public func rewind() { lseek(number, 0, SEEK_SET) }

  /// Notes that it has another name now.
  mutating func moved(to path: Path) { self.path = path }

  /// Whether it is what has the name `name` in `directory`.
  public func isStill(_ name: FileName, in directory: borrowing FileDescriptor) throws(SystemError) -> Bool {
    guard let now = try directory.status(of: name) else { return false }
    let own = try status()
    return now.st_ino == own.st_ino && now.st_dev == own.st_dev
  }

  /// The corresponding C function is `fstat`.
  public func status() throws(SystemError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw SystemError("stat", path) }
    return status
  }

  /// Makes everything written to this file system durable. The corresponding C function is `syncfs`.
  public func syncFileSystem() throws(SystemError) {
    guard syncfs(number) == 0 else { throw SystemError("syncfs", path) }
  }

  /// The corresponding C function is `fsync`.
  public func sync() throws(SystemError) {
    guard fsync(number) == 0 else { throw SystemError("fsync", path) }
  }
}

/// A name within a directory: bytes, whatever they are. Never a path: it has no slash.
public struct FileName: Sendable, Hashable, CustomStringConvertible {
  public let bytes: [UInt8]

  public init(_ name: String) { bytes = Array(name.utf8) }

  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  public init(cString: UnsafePointer<CChar>) {
    bytes = Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
  }

  public var count: Int { bytes.count }
  public var isHidden: Bool { bytes.first == ASCII.dot }

  /// Whether this is what NFS or FUSE call a file that is removed and still open.
  var isRemoved: Bool { bytes.starts(with: ".nfs".utf8) || bytes.starts(with: ".fuse_hidden".utf8) }

  /// For people: what is not UTF-8 becomes U+FFFD.
  public var description: String { String(decoding: bytes, as: UTF8.self) }

  public func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { room in
      for (i, byte) in bytes.enumerated() { room[i] = CChar(bitPattern: byte) }
      room[bytes.count] = 0
      return body(room.baseAddress!)
    }
  }

  /// The longest name that file systems here take.
  public static let maximum = 255

  /// What stands before the last dot, and the dot with what follows; a name that begins with its only dot has no suffix.
  var parts: (stem: [UInt8], suffix: [UInt8]) {
    guard let dot = bytes.lastIndex(of: ASCII.dot), dot > 0, bytes.count - dot <= 32 else { return (bytes, []) }
    return (Array(bytes[..<dot]), Array(bytes[dot...]))
  }

  /// The longest name of an original in its fate: that of its report fits as well.
  static let maximumInFate = maximum - reportSuffix.count
  private static let reportSuffix = Array(".report".utf8)

  /// `X.eml` as `X~2.eml`: the name for the second, third ... of a name.
  func numbered(_ number: Int, maximum: Int = maximum) -> FileName {
    if number < 2 { return self }
    let (stem, suffix) = parts
    return Self.joined(stem, Array("~\(number)".utf8) + suffix, maximum: maximum)
  }

  /// A stem and what comes behind it; the stem is cut, at a whole character, where both are too long for a name.
  static func joined(_ stem: [UInt8], _ suffix: [UInt8], maximum: Int = maximum) -> FileName {
    var end = min(stem.count, max(1, maximum - suffix.count))
    if end < stem.count { while end > 1, stem[end] & 0xC0 == 0x80 { end -= 1 } }
    return FileName(bytes: stem[..<end] + suffix)
  }

  /// The name of what this file is converted to: control characters, which scripts choke on, are written as `_`.
  public func result(number: Int?, suffix: String) -> FileName {
    let stem = parts.stem.map { ASCII.isControl($0) ? ASCII.underscore : $0 }
    return Self.joined(stem, Array((number.map { ".\($0)" } ?? "").utf8) + Array(".\(suffix)".utf8))
  }

  /// `X.eml.report`, beside `X.eml`.
  var report: FileName { Self.joined(bytes, Self.reportSuffix) }

  /// The name of that report in the log, where it goes without its original.
  func oldReport(_ time: Clock) -> FileName { Self.joined(bytes, Self.reportSuffix + Array(".\(time.compact)".utf8)) }

  /// The name of an original in its fate. What is named `X.report` there is the report on `X`, so an original of that
  /// name becomes `X.report~2`; and a name is cut where that of its report would not fit.
  var inFate: FileName {
    let (stem, suffix) = parts
    return Self.joined(stem, isReport ? suffix + Array("~2".utf8) : suffix, maximum: Self.maximumInFate)
  }
}
