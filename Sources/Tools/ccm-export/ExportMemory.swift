import Formats
import Glibc
import Spool

/// Which messages came before: EXPORT may deliver one again that it cannot get rid of (Q212759, Q202240), or that it took
/// out of the mailbox in a run that died.
final class ExportMemory {
  private let known: KnownMessages
  private let isReliable: Bool
  private let quarantine: String
  /// The messages of the last export, and the file that they were in.
  private var last: (name: String, digests: Set<String>) = ("", [])
  private var hasKnown: Bool

  init(_ known: KnownMessages, isReliable: Bool, queue: String) throws(SystemError) {
    (self.known, self.isReliable) = (known, isReliable)
    quarantine = "\(queue)/quarantine"
    hasKnown = try !known.isEmpty()
    if let lines = try known.reason(Self.lastKey)?.split(separator: "\n").map(String.init), let name = lines.first {
      last = (name, Set(lines.dropFirst()))
    }
  }

  private static let lastKey = "last"

  /// Whether messages have to be recognised at all.
  var isWanted: Bool { hasKnown || !isReliable }

  /// What a message is recognised by: its bytes, without what fills up the file behind it.
  static func digest(_ bytes: Bytes, _ whole: Range<Int>) -> String {
    SHA256.hexadecimal(bytes.extracting(bytes.trimmed(whole)))
  }

  /// Why a message is not taken again: it is in quarantine. Nil when it is not, or no longer.
  func reason(_ digest: String) throws(SystemError) -> String? {
    guard hasKnown, !digest.isEmpty, let name = try known.reason(digest) else { return nil }
    if access("\(quarantine)/\(name)", F_OK) == 0 { return "came again; it is in quarantine as \(name)" }
    try known.remove(digest)
    return nil
  }

  func add(_ digest: String, _ name: String) throws(SystemError) {
    try known.add(digest, reason: name)
    hasKnown = true
  }

  /// Whether the export before `file` had this message too. A reliable EXPORT has its own memory.
  func isRepeated(_ digest: String, in file: String) -> Bool {
    !isReliable && last.name != file && last.digests.contains(digest)
  }

  /// Remembers the messages of a file, instead of those of the one before.
  func remember(_ digests: [String], of file: String) throws(SystemError) {
    guard !isReliable else { return }
    last = (file, Set(digests))
    try known.replace(Self.lastKey, reason: ([file] + digests).joined(separator: "\n"))
  }
}
