import Formats
import Glibc

/// Which delivery a message is, for a program that refuses a second copy of one: the claim by which it was first handed
/// over. It stays the same until the message is done or failed; put back after that, it is another
/// delivery.
///
/// While a message is in the group that claimed it, the name of that group says it. What is known of one that goes back,
/// or to another group, is kept in `work/known/delivery.KEY` before it goes.
struct Deliveries {
  private let known: KnownMessages

  init(_ queue: borrowing Queue) throws(SystemError) { known = try KnownMessages(queue) }

  /// The delivery that a claimed message is: 64 hexadecimal digits.
  func identity(of message: FileName, in group: Group) throws(SystemError) -> String {
    if let key = try Self.key(message, in: group.source), let kept = try known.reason(key) { return kept }
    return SHA256.hexadecimal(Array("\(group.id)/\(message)".utf8).span)
  }

  /// Whether a program may have had a claimed message already.
  func isKept(_ message: FileName, of group: Group) throws(SystemError) -> Bool {
    guard let key = try Self.key(message, in: group.source) else { return false }
    return try known.reason(key) != nil
  }

  /// Keeps the delivery that a claimed message is, for whoever claims it next.
  func keep(_ message: FileName, of group: Group, isDurable: Bool) throws(SystemError) {
    guard let key = try Self.key(message, in: group.source) else { return }
    try known.replace(key, reason: identity(of: message, in: group), isDurable: isDurable)
  }

  /// Forgets a message that has its fate.
  func forget(_ message: FileName, of group: Group) throws(SystemError) {
    if let key = try Self.key(message, in: group.source) { try known.remove(key) }
  }

  /// The name under which a message is known whatever it is called; nil when it is gone.
  private static func key(
    _ message: FileName, in folder: borrowing FileDescriptor
  ) throws(SystemError) -> String? {
    guard let status = try folder.status(of: message) else { return nil }
    return "delivery.\(status.st_ino)-\(status.st_mtim.tv_sec)-\(status.st_mtim.tv_nsec)-\(status.st_size)"
  }
}
