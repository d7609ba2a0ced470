import Formats
import Glibc

/// Messages that are known by what they are, not by their names: files `work/known/KEY`, whose text says why.
///
/// EXPORT delivers a message that it cannot get rid of again and again (Q212759, Q202240), each time in another file.
/// One process at a time may use what it has read of them: the one that holds their lock.
public final class KnownMessages: Sendable {
  static let folder = "known"
  private let directory: FileDescriptor

  public init(_ queue: borrowing Queue) throws(SystemError) {
    directory = try FileDescriptor.directory(Self.folder, in: queue.work)
  }

  /// Why the message with this key is known; nil when it is not.
  public func reason(_ key: String) throws(SystemError) -> String? {
    do {
      let file = try FileDescriptor.open(FileName(key), in: directory, O_RDONLY | O_NOFOLLOW)
      var text: [UInt8] = []
      try file.readAll(into: &text, expecting: 0)
      return String(decoding: text.prefix(16 << 20), as: UTF8.self)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// Remembers a message. One that is known already keeps its first reason.
  public func add(_ key: String, reason: String) throws(SystemError) {
    if try !directory.has(FileName(key)) { try replace(key, reason: reason) }
  }

  /// Remembers something else under this key: as a whole, or not at all; on the disk when this returns, if it is to be
  /// durable.
  public func replace(_ key: String, reason: String, isDurable: Bool = false) throws(SystemError) {
    let new = FileName("\(key)\(Self.unfinished)")
    do throws(SystemError) {
      var file = try FileDescriptor.open(
        new, in: directory, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
      try file.writeAll(Array(reason.utf8).span)
      if isDurable { try file.sync() }
      try file.closeChecked()
      guard renameat(directory.number, new.description, directory.number, key) == 0 else {
        throw SystemError("rename", "\(directory.path)/\(new)")
      }
      if isDurable { try directory.sync() }
    } catch {
      unlinkat(directory.number, new.description, 0)
      throw error
    }
  }

  public func remove(_ key: String) throws(SystemError) { try directory.unlink(FileName(key)) }

  /// The keys of all that is known; none of what was not finished.
  public func keys() throws(SystemError) -> [String] {
    try DirectoryReader.names(directory).map(\.description)
      .filter { $0 != Self.lockName && !$0.hasSuffix(Self.unfinished) }
  }

  private static let unfinished = ".new"
  private static let lockName = "lock"

  /// Takes the lock of all this, held as long as what is returned is; nil while another process has it.
  public func lock() throws(SystemError) -> FileDescriptor? {
    let lock = try FileDescriptor.open(
      FileName(Self.lockName), in: directory, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    guard try lock.tryLock() else { return nil }
    return lock
  }
}
