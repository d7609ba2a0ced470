import Formats

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
