import Formats
import Glibc

/// A message that a worker has in hand.
public struct ClaimedMessage: ~Copyable {
  public let name: FileName
  public let file: FileDescriptor
  /// Bytes of the file.
  public let size: Int
}

/// Takes the results of the message in hand.
public struct Staging: ~Copyable {
  let group: Group
  let message: FileName
  public private(set) var results: [FileName] = []
  private var returns: [FileName] = []
  /// Parts that are put aside, and why, for the events of a message that is done.
  private(set) var aside: [(name: FileName, why: String)] = []

  init(_ group: Group, _ message: FileName) {
    self.group = group
    self.message = message
  }

  /// Stages a result; the first one gets the message's name with another suffix, further ones are numbered.
  public mutating func add(_ result: Bytes, suffix: String) throws(SystemError) {
    if results.count == 1 {
      results[0] = try group.rename(result: results[0], to: message.result(number: 1, suffix: suffix))
    }
    let name = message.result(number: results.isEmpty ? nil : results.count + 1, suffix: suffix)
    results.append(try group.stage(result, as: name))
  }

  /// Stages a result that `body` writes, or lets a program write.
  public mutating func add(
    suffix: String, _ body: (borrowing FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    results.append(try group.create(message.result(number: nil, suffix: suffix), body))
  }

  /// Stages a report to the side that the message came from.
  public mutating func addReturn(_ report: Bytes, suffix: String) throws(SystemError) {
    returns.append(try group.stageReturn(report, as: message.result(number: nil, suffix: suffix)))
  }

  /// Puts a part of the message, the `number`th, into quarantine by itself: it could not be understood, and why.
  ///
  /// - Parameter suffix: of its name, `NAME.NUMBER.SUFFIX`. Returns the name.
  public mutating func putAside(
    _ part: Bytes, number: Int, suffix: String, why: String, findings: [Finding], invocation: String
  ) throws(SystemError) -> FileName {
    let name = try group.putAside(part, as: message.result(number: number, suffix: suffix)) { name in
      var report = Report(name: name.description, fate: .quarantine, invocation: invocation)
      report.exit = 65
      report.text = why
      report.findings = findings
      return report
    }
    aside.append((name, why))
    return name
  }

  mutating func discard() {
    for name in results { group.unstage(name) }
    for name in returns { group.unstage(name, from: .returns) }
    for part in aside { group.takeBack(aside: part.name) }
    results = []
    returns = []
    aside = []
  }
}

/// What became of a message in its processor's hands.
public enum Verdict: Sendable {
  case done([Finding])
  /// Understood, but it could not be converted.
  case failed(String, exit: Int, [Finding])
  /// Not understood.
  case quarantine(String, exit: Int, [Finding])
  /// Not now: it waits again, and this run passes it over.
  case later(String)
  /// Neither this one nor any other: it waits again, and the run ends with an exit status.
  case stop(String, exit: Int)
}

extension Verdict {
  var isDone: Bool { if case .done = self { true } else { false } }

  /// Where the message goes in its group; nil when it waits again.
  var place: Group.Place? {
    switch self {
    case .done: .source
    case .failed: .failed
    case .quarantine: .quarantine
    case .later, .stop: nil
    }
  }

  var findings: [Finding] {
    switch self {
    case .done(let findings), .failed(_, _, let findings), .quarantine(_, _, let findings): findings
    case .later, .stop: []
    }
  }

  var reason: (text: String, exit: Int) {
    switch self {
    case .done: ("", 0)
    case .failed(let text, let exit, _), .quarantine(let text, let exit, _), .stop(let text, let exit): (text, exit)
    case .later(let text): (text, 75)
    }
  }

  /// The event of a conversion.
  var event: Int { isDone ? findings.isEmpty ? Event.ID.done : Event.ID.findings : Event.ID.conversionFailed }
}

/// Turns a message into results. One for each worker.
public protocol Processor: AnyObject {
  func process(_ message: borrowing ClaimedMessage, _ staging: inout Staging) throws(SystemError) -> Verdict
}
