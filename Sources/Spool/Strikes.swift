import Formats
import Glibc
import Synchronization

/// How often something went wrong with a message, one byte a time in a file `work/FOLDER/INODE-MTIME`. The name stays
/// the same through every rename, and is another one for another message of the same name.
public final class Strikes: Sendable {
  /// The folder for messages that were in hand when their process died.
  public static let folder = "strikes"
  /// The folder for messages that a program was given and did not take.
  public static let attempts = "attempts"
  /// The folder for messages that a program had when the process died that ran it.
  public static let deaths = "deaths"
  /// The connector's threads died 25 times before it gave up (events 82 to 87); here, three times are enough.
  static let maximum = 3

  static let folders = [folder, attempts, deaths]
  /// What names in the folder of strikes begin with for messages that met what any message would have met, no space for
  /// one, while others passed.
  static let setback = ".setback-"
  /// What they begin with for entries that wait and cannot be claimed.
  static let unclaimed = ".unclaimed-"

  private let directory: FileDescriptor
  private let prefix: String
  private let hasAny: Atomic<Bool>
  /// Whether there were none when the invocation began, and none since: then nobody has to look.
  var isEmpty: Bool { !hasAny.load(ordering: .relaxed) }

  public convenience init(_ queue: borrowing Queue, folder: String = folder) throws(SystemError) {
    try self.init(queue, folder: folder, prefix: "")
  }

  private init(_ queue: borrowing Queue, folder: String, prefix: String) throws(SystemError) {
    directory = try FileDescriptor.directory(folder, in: queue.work)
    self.prefix = prefix
    // Setbacks and unclaimed entries lie beside the strikes, and are none.
    hasAny = Atomic(
      try DirectoryReader.names(directory).contains {
        prefix.isEmpty ? !$0.isHidden : $0.description.hasPrefix(prefix)
      })
  }

  static func setbacks(_ queue: borrowing Queue) throws(SystemError) -> Strikes {
    try Strikes(queue, folder: folder, prefix: setback)
  }

  static func unclaimed(_ queue: borrowing Queue) throws(SystemError) -> Strikes {
    try Strikes(queue, folder: folder, prefix: unclaimed)
  }

  private func name(_ message: FileName, in folder: borrowing FileDescriptor) -> String? {
    Self.key(message, in: folder).map { prefix + $0 }
  }

  /// What the files of a message are named here; nil when it is gone.
  static func key(_ message: FileName, in folder: borrowing FileDescriptor) -> String? {
    var status = stat()
    let number = folder.number
    guard message.withCString({ fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return nil }
    return "\(status.st_ino)-\(status.st_mtim.tv_sec)"
  }

  /// Whether a message has a strike.
  func has(_ message: FileName, in folder: borrowing FileDescriptor) -> Bool {
    guard !isEmpty, let key = name(message, in: folder) else { return false }
    return faccessat(directory.number, key, F_OK, 0) == 0
  }

  /// How many a message has, and when it got the last one, in seconds since 1970.
  public func count(_ message: FileName, in folder: borrowing FileDescriptor) -> (count: Int, last: Int) {
    guard let key = name(message, in: folder) else { return (0, 0) }
    var status = stat()
    guard fstatat(directory.number, key, &status, 0) == 0 else { return (0, 0) }
    return (status.st_size, status.st_mtim.tv_sec)
  }

  /// Adds a strike; returns how many there are now.
  ///
  /// - Parameter counts: false for a message that is to be taken last from now on, without a strike.
  func add(
    _ message: FileName, in folder: borrowing FileDescriptor, counts: Bool = true
  ) throws(SystemError) -> Int {
    guard let key = name(message, in: folder) else { return 0 }
    let file = try FileDescriptor.open(FileName(key), in: directory, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    hasAny.store(true, ordering: .relaxed)
    if counts { try file.writeAll([UInt8(ascii: "x")].span) }
    return try file.status().st_size
  }

  /// Forgets the strikes of a message that has its fate.
  func forget(_ message: FileName, in folder: borrowing FileDescriptor) {
    if !isEmpty { remove(message, in: folder) }
  }

  /// Forgets the messages that are not in `folder` any more.
  func forgetGone(from folder: borrowing FileDescriptor) throws(SystemError) {
    if isEmpty { return }
    // What was noted before the folder is read, and is in it, is met there.
    let noted = try DirectoryReader.names(directory).filter { $0.description.hasPrefix(prefix) }
    var present: Set<String> = []
    for message in try DirectoryReader.names(folder) {
      if let key = name(message, in: folder) { present.insert(key) }
    }
    for key in noted where !present.contains(key.description) { try directory.unlink(key) }
  }

  /// Forgets strikes that may be of this invocation's own recovery.
  func remove(_ message: FileName, in folder: borrowing FileDescriptor) {
    guard let key = name(message, in: folder) else { return }
    unlinkat(directory.number, key, 0)
  }
}
