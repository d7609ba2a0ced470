import Formats
import Glibc

/// What `NAME.report` says of a message, one JSON object.
public struct Report: Sendable {
  public var name: String
  public var fate: Fate
  public var invocation: String
  /// Results as they were staged.
  public var results: [String] = []
  /// The exit status that a filter would have had, of sysexits.h.
  public var exit = 0
  /// Why a message failed or was put aside.
  public var text = ""
  public var findings: [Finding] = []

  public init(name: String, fate: Fate, invocation: String) {
    self.name = name
    self.fate = fate
    self.invocation = invocation
  }

  /// Writes the report beside its original, under the first name that is free.
  func write(beside original: FileName, in folder: borrowing FileDescriptor) throws(SystemError) {
    var number = 1
    while true {
      do throws(SystemError) {
        var file = try FileDescriptor.open(
          original.report.numbered(number), in: folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        try file.writeAll((json + [ASCII.lf]).span)
        return try file.closeChecked()
      } catch {
        guard error.code == EEXIST else { throw error }
        number += 1
      }
    }
  }

  var json: [UInt8] {
    var line = JSONLine()
    line.add("name", name)
    line.add("fate", fate.rawValue)
    line.add("exit", exit)
    if !text.isEmpty { line.add("text", text) }
    line.add(
      "results",
      list: results.map {
        var text: [UInt8] = []
        JSONLine.append($0, to: &text)
        return text
      })
    line.add("findings", list: findings.map(\.json))
    line.add("invocation", invocation)
    line.add("time", Clock.now.text)
    return line.closed
  }
}
