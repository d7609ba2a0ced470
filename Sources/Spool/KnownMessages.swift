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
      return String(decoding: text.prefix(16 << 20), as: UTF8.self)
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

  /// Remembers something else under this key.
  public func replace(_ key: String, reason: String) throws(SystemError) {
    let new = FileName("\(key).new")
    do {
      let file = try FileDescriptor.open(new, in: directory, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
      try file.writeAll(Array(reason.utf8).span)
    }
    guard renameat(directory.number, new.description, directory.number, key) == 0 else {
      throw SystemError("rename", "\(directory.path)/\(new)")
    }
  }

  public func remove(_ key: String) throws(SystemError) { try directory.unlink(FileName(key)) }

  /// Whether no message is known.
  public func isEmpty() throws(SystemError) -> Bool {
    try DirectoryReader.names(directory).allSatisfy { $0.description.hasPrefix("last") }
  }
}
