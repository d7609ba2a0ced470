import Formats
import Glibc
import Spool

/// What a program printed, to be sought where it must not be: in a message (Q179072).
public struct ConsoleText: Sendable {
  /// Beginnings of lines, each once.
  private let lines: [[UInt8]]
  /// As much of a line as has to stand in a message. Shorter lines may stand in any message, and of a longer one only a
  /// part may be there.
  private static let shortest = 20
  private static let longest = 32
  private static let mostLines = 64

  /// What EXPORT says in each of its runs, also when its log was cut before.
  private static let attested = [
    "Exporting messages in mailbox", "EXPORT process ended with error", "Post office is temporarily shut down.",
    "Resource file not found:",
  ]

  /// Why a log could not be read; what the program printed is not known then.
  public let failure: SystemError?

  /// The console text of the run that made a file of this name, `msg-ID.eXXXXXX.ccm`; empty for any other name.
  public init(of file: String, logs: Path) {
    guard file.hasPrefix("msg-"), let end = file.lastIndex(of: "."), !file.contains("/") else {
      lines = []
      failure = nil
      return
    }
    let run = file[..<end].dropFirst(4)
    var lines = Self.attested.map { Array($0.utf8) }
    var failure: SystemError?
    for suffix in ["out", "err"] {
      do throws(SystemError) {
        let log = try FileDescriptor.open(path: "\(logs)/\(run).\(suffix)", O_RDONLY | O_NOFOLLOW)
        let text = try log.read(upTo: 1 << 16)
        lines += text.split { $0 == ASCII.lf || $0 == ASCII.cr }.filter { $0.count >= Self.shortest }
          .prefix(Self.mostLines).map { Array($0.prefix(Self.longest)) }
      } catch {
        // One that nothing was printed into is not kept.
        if error.code != ENOENT { failure = error }
      }
    }
    self.lines = lines
    self.failure = failure
  }

  /// The beginning of a line of it that stands in a message; nil when none does.
  public func found(in bytes: Bytes, _ message: Range<Int>) -> String? {
    let window = bytes.extracting(message)
    return lines.first { window.contains($0.span, 0..<$0.count) }.map { String(decoding: $0, as: UTF8.self) }
  }
}
