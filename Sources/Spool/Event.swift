import Formats
import Glibc

/// Something that happened in a run, one JSON object a line (ccm-events(7)).
public struct Event: Sendable {
  public enum Severity: String, Sendable { case info, warning, error }

  public var id: Int
  public var severity: Severity
  public var text: String
  /// The message that it is about.
  public var name: String?
  public var fate: Fate?
  /// Bytes of the message.
  public var size: Int?
  public var results: [String] = []
  /// Bytes of each result, in the order of `results`, or of each message, in that of `messages`; empty where they are not
  /// known.
  public var sizes: [Int] = []
  /// The messages that it is about, where it is about several.
  public var messages: [String] = []
  /// How many messages it is about, listed or not.
  public var count: Int?
  /// The directory of `--into`, where results go there.
  public var into: String?
  /// The group that it is about, `ID.N`.
  public var group: String?
  /// The fate that a message was taken out of.
  public var from: Fate?
  /// The name that a file got, and the folder in which it has it.
  public var published: String?
  public var folder: String?
  /// Bytes of the file after somebody has changed it, or has put it there.
  public var became: Int?
  /// Who has decided this.
  public var by: String?
  /// What the program that it is about returned, where there is one.
  public var resultCode: Int?

  public init(_ id: Int, _ severity: Severity, _ text: String, name: String? = nil) {
    self.id = id
    self.severity = severity
    self.text = text
    self.name = name
  }

  func line(program: String, invocation: String, queue: String) -> [UInt8] {
    var line = JSONLine()
    line.add("time", Clock.now.text)
    line.add("id", id)
    line.add("severity", severity.rawValue)
    line.add("program", program)
    line.add("invocation", invocation)
    line.add("queue", queue)
    if let name { line.add("name", name) }
    if let fate { line.add("fate", fate.rawValue) }
    if let size { line.add("size", size) }
    if !results.isEmpty { line.add("results", list: Self.texts(results)) }
    if !messages.isEmpty { line.add("messages", list: Self.texts(messages)) }
    if !sizes.isEmpty { line.add("sizes", list: sizes.map { Array("\($0)".utf8) }) }
    if let into { line.add("into", into) }
    if let group { line.add("group", group) }
    if let from { line.add("from", from.rawValue) }
    if let published { line.add("published", published) }
    if let folder { line.add("folder", folder) }
    if let became { line.add("became", became) }
    if let count { line.add("count", count) }
    if let by { line.add("by", by) }
    if let resultCode { line.add("result_code", resultCode) }
    line.add("text", text)
    return line.closed + [ASCII.lf]
  }

  private static func texts(_ texts: [String]) -> [[UInt8]] {
    texts.map {
      var text: [UInt8] = []
      JSONLine.append($0, to: &text)
      return text
    }
  }
}
