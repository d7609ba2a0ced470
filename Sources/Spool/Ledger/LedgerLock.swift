import Glibc

/// The lock `log/.ledger.lock`: whoever takes messages out of their fates, or logs away, is alone with those who read
/// both and compare them.
///
/// Prunings, audits and mending have it for themselves; replays share it, message by message. It is made by the first one
/// that changes something: where it is not there, nothing was ever taken out of its fate.
struct LedgerLock: ~Copyable {
  static let name = FileName(".ledger.lock")
  private let file: FileDescriptor

  /// Opens the lock of a queue, made where it is not there.
  init(_ queue: borrowing Queue) throws(SystemError) {
    file = try FileDescriptor.open(
      Self.name, in: queue.log, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: FileDescriptor.privateMode)
  }

  /// Has the lock of a queue for as long as what is returned lives; nil where there is none.
  static func taken(_ queue: borrowing QueueView) throws(SystemError) -> FileDescriptor? {
    guard let log = try queue.folder("log"), try log.status(of: name) != nil else { return nil }
    let file = try FileDescriptor.open(name, in: log, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
    try lock(file, LOCK_EX)
    return file
  }

  /// Waits for the lock, to share it.
  func share() throws(SystemError) { try Self.lock(file, LOCK_SH) }

  /// Waits for the lock, to have it alone.
  func take() throws(SystemError) { try Self.lock(file, LOCK_EX) }

  func release() { flock(file.number, LOCK_UN) }

  private static func lock(_ file: borrowing FileDescriptor, _ kind: Int32) throws(SystemError) {
    let number = file.number
    guard FileDescriptor.retrying({ flock(number, kind) }) == 0 else { throw SystemError("flock", file.path) }
  }
}
