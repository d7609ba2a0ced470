import Formats
import Glibc
import Spool

/// What a program printed, to be sought where it must not be: in a message (Q179072).
public struct ConsoleText: Sendable {
  private let lines: [[UInt8]]
  /// Shorter lines may stand in any message.
  private static let shortest = 20
  private static let mostLines = 64

  /// The console text of the run that made a file of this name, `msg-ID.rXXXXXX.ccm`; empty for any other name.
  public init(of file: String, logs: String) {
    guard file.hasPrefix("msg-"), let end = file.lastIndex(of: "."), !file.contains("/") else {
      lines = []
      return
    }
    let run = file[..<end].dropFirst(4)
    var text: [UInt8] = []
    for suffix in ["out", "err"] {
      guard let log = try? FileDescriptor.open(path: "\(logs)/\(run).\(suffix)", O_RDONLY | O_NOFOLLOW),
        let part = try? log.read(upTo: 1 << 16)
      else { continue }
      text += part
    }
    lines = text.split { $0 == ASCII.lf || $0 == ASCII.cr }.map(Array.init).filter { $0.count >= Self.shortest }
      .prefix(Self.mostLines).map { $0 }
  }

  /// A line of it that stands in a message; nil when none does.
  public func found(in bytes: Bytes, _ message: Range<Int>) -> String? {
    let window = bytes.extracting(message)
    return lines.first { window.contains($0.span, 0..<$0.count) }.map {
      String(decoding: $0.prefix(200), as: UTF8.self)
    }
  }
}
