import Formats
import Glibc

/// Messages that are known by what they are, not by their names: files `work/known/KEY`, whose text says why.
///
/// EXPORT delivers a message that it cannot get rid of again and again (Q212759, Q202240), each time in another file.
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
      return String(decoding: text.prefix(4096), as: UTF8.self)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// Remembers a message. One that is known already keeps its first reason.
  public func add(_ key: String, reason: String) throws(SystemError) {
    do {
      let file = try FileDescriptor.open(FileName(key), in: directory, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      try file.writeAll(Array(reason.utf8).span)
    } catch {
      if error.code != EEXIST { throw error }
    }
  }

  public func remove(_ key: String) throws(SystemError) { try directory.unlink(FileName(key)) }

  /// All keys.
  public func keys() throws(SystemError) -> [String] { try DirectoryReader.names(directory).map(\.description) }
}
