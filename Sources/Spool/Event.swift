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
  /// Bytes of each result, in the order of `results`; empty where they are not known.
  public var sizes: [Int] = []
  /// The directory of `--into`, where results go there.
  public var into: String?
  /// The group that it is about, `ID.N`.
  public var group: String?
  /// The fate that a message was taken out of.
  public var from: Fate?
  /// The name that a file got, and the folder in which it has it.
  public var published: String?
  public var folder: String?

  public init(_ id: Int, _ severity: Severity, _ text: String, name: String? = nil) {
    self.id = id
    self.severity = severity
    self.text = text
    self.name = name
  }

  /// Numbers of the original connector where it had one (dossier 3.5), others from 20000.
  public enum ID {
    /// Conversion of a message failed, and it was put aside.
    public static let conversionFailed = 54
    /// Insufficient disk space.
    public static let noSpace = 98
    public static let done = 20000
    public static let findings = 20001
    public static let recovered = 20012
    public static let returned = 20013
    public static let renamed = 20014
    public static let systemError = 20020
    public static let notAFile = 20021
    public static let struckOut = 20022
    /// A message was taken out of its fate and put back.
    public static let replayed = 20030
    /// An audit repaired something.
    public static let repaired = 20031
    /// A message is about to be put back.
    public static let replaying = 20032
    /// It was not put back after all.
    public static let notReplayed = 20033
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
    if !results.isEmpty {
      line.add(
        "results",
        list: results.map {
          var text: [UInt8] = []
          JSONLine.append($0, to: &text)
          return text
        })
    }
    if !sizes.isEmpty { line.add("sizes", list: sizes.map { Array("\($0)".utf8) }) }
    if let into { line.add("into", into) }
    if let group { line.add("group", group) }
    if let from { line.add("from", from.rawValue) }
    if let published { line.add("published", published) }
    if let folder { line.add("folder", folder) }
    line.add("text", text)
    return line.closed + [ASCII.lf]
  }
}

/// The time of day, for events and names.
public struct Clock: Sendable {
  public let seconds: Int
  let nanoseconds: Int

  /// - Parameter seconds: since 1970, in UTC.
  public init(seconds: Int, nanoseconds: Int = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  public static var now: Clock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Clock(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  /// Seconds of the monotonic clock.
  public static var monotonic: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func text(separated: Bool) -> String {
    let calendar = Timestamp(seconds: seconds, zone: 0).calendar
    var text: [UInt8] = []
    for (index, field) in [
      calendar.year, calendar.month, calendar.day, calendar.hour, calendar.minute, calendar.second,
    ]
    .enumerated() {
      if index == 3 {
        text.append(UInt8(ascii: "T"))
      } else if separated, index > 0 {
        text.append(index < 3 ? ASCII.hyphen : ASCII.colon)
      }
      text.append(decimal: field, width: index == 0 ? 4 : 2)
    }
    if separated {
      text.append(ASCII.dot)
      text.append(decimal: nanoseconds / 1_000_000, width: 3)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// `1999-08-19T13:02:00.123Z`
  public var text: String { text(separated: true) }
  /// `19990819T130200Z`
  var compact: String { text(separated: false) }
}
