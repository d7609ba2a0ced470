import Formats
import Glibc
import Spool

/// Which messages came before: EXPORT may deliver one again that it cannot get rid of (Q212759, Q202240), or that it took
/// out of the mailbox in a run that died.
///
/// What each exported file brought is remembered until EXPORT says that the mailbox is empty: from then on nothing of it
/// can come again. A reliable EXPORT has its own memory.
final class ExportMemory {
  private let known: KnownMessages
  let isReliable: Bool
  private let quarantine: String
  /// The file that passed on each message, by the message's digest.
  private var passedOn: [String: String] = [:]
  /// The keys of what is remembered of files, by the names of the files.
  private var files: [String: String] = [:]
  private var hasKnown = false
  private var lock: Lock?

  private final class Lock {
    let file: FileDescriptor
    init(_ file: consuming FileDescriptor) { self.file = file }
  }

  /// What the keys of files begin with. Digests alone are those of messages in quarantine.
  private static let ofFiles = "last"
  private static let ofCut = "cut."
  /// Files that are remembered while the mailbox is never empty.
  private static let mostFiles = 1000

  init(_ known: KnownMessages, isReliable: Bool, queue: Path) throws(SystemError) {
    (self.known, self.isReliable) = (known, isReliable)
    quarantine = "\(queue)/quarantine"
  }

  /// Reads what is remembered. For an EXPORT without a memory of its own, no other process may fetch or convert
  /// meanwhile: false when one does.
  func begin() throws(SystemError) -> Bool {
    if !isReliable {
      guard let lock = try known.lock() else { return false }
      self.lock = Lock(lock)
    }
    (passedOn, files, hasKnown) = ([:], [:], false)
    for key in try known.keys() {
      guard key.hasPrefix(Self.ofFiles) else {
        if Self.isDigest(key) { hasKnown = true }
        continue
      }
      guard let lines = try known.reason(key)?.split(separator: "\n").map(String.init), let name = lines.first else {
        continue
      }
      files[name] = key
      for digest in lines.dropFirst() { passedOn[digest] = name }
    }
    return true
  }

  /// Lets others begin.
  func end() { lock = nil }

  /// Whether messages have to be recognised at all.
  var isWanted: Bool { hasKnown || !isReliable }

  /// What a message is recognised by: its bytes, without what fills up the file behind it.
  static func digest(_ bytes: Bytes, _ whole: Range<Int>) -> String {
    SHA256.hexadecimal(bytes.extracting(bytes.trimmed(whole)))
  }

  /// Why a message of `file` is not taken again: it is in quarantine. Nil when it is not, or no longer, or when this file
  /// was to pass it on before somebody died.
  func reason(_ digest: String, in file: String) throws(SystemError) -> String? {
    guard hasKnown, !digest.isEmpty, passedOn[digest] != file, let name = try known.reason(digest) else { return nil }
    if try ("\(quarantine)/\(name)" as Path).status() != nil { return "came again; it is in quarantine as \(name)" }
    try known.remove(digest)
    return nil
  }

  func add(_ digest: String, _ name: String) throws(SystemError) {
    try known.add(digest, reason: name)
    hasKnown = true
  }

  /// Whether another file than this one passed this message on.
  func isRepeated(_ digest: String, in file: String) -> Bool {
    guard !isReliable, let other = passedOn[digest] else { return false }
    return other != file
  }

  /// Remembers the messages that a file passed on.
  func remember(_ digests: [String], of file: String) throws(SystemError) {
    guard !isReliable else { return }
    let key = files[file] ?? "\(Self.ofFiles).\(Self.key(file))"
    try known.replace(key, reason: ([file] + digests).joined(separator: "\n"))
    files[file] = key
    for digest in digests { passedOn[digest] = file }
    try known.remove(Self.ofCut + Self.key(file))
    // The names of exported files begin with a time.
    if files.count > Self.mostFiles, let oldest = files.keys.min() { try forget(oldest) }
  }

  /// Forgets all messages: the mailbox is empty, and none of them can come again.
  func forget() throws(SystemError) {
    for key in try known.keys() where Self.isDigest(key) || key.hasPrefix(Self.ofFiles) { try known.remove(key) }
    (passedOn, files, hasKnown) = ([:], [:], false)
  }

  private func forget(_ file: String) throws(SystemError) {
    guard let key = files.removeValue(forKey: file) else { return }
    try known.remove(key)
    passedOn = passedOn.filter { $0.value != file }
  }

  /// Notes that the run which made `file` did not come to its end: its last message may be cut off.
  func noteUnfinished(_ file: String) throws(SystemError) {
    guard !isReliable else { return }
    try known.replace(Self.ofCut + Self.key(file), reason: file)
  }

  /// Whether the run that made `file` did not come to its end.
  func isUnfinished(_ file: String) throws(SystemError) -> Bool {
    guard !isReliable else { return false }
    return try known.reason(Self.ofCut + Self.key(file)) != nil
  }

  private static func isDigest(_ key: String) -> Bool { key.utf8.count == 64 && !key.utf8.contains(ASCII.dot) }

  private static func key(_ file: String) -> String { SHA256.hexadecimal(Array(file.utf8).span) }
}
