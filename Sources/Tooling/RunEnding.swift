import Formats
import Spool

/// How the programs that own a queue end: with a summary, and with an exit status that says whether they could work, not
/// what became of the messages, unless that is asked for (--strict).
public struct RunEnding: Sendable {
  public var isStrict = false
  public var isJSON = false
  public var isQuiet = false

  public init() {}

  /// Says that a queue was made: whoever mistyped its name would look for his messages elsewhere.
  public func say(_ queue: borrowing Queue, program: String) {
    if queue.isNew, !isQuiet { Diagnostics.say(program, "\(queue.path): a new queue") }
  }

  /// Ends a run that began at `start` of the monotonic clock. Returns what the program ends with.
  ///
  /// - Parameter isStopped: whether a signal ended it, so that messages may be left.
  public func end(
    _ run: Run, program: String, status: Int, since start: Double, isStopped: Bool
  ) throws(Failure) -> ExitStatus {
    let summary = Summary(run.statistics, seconds: Clock.monotonic - start)
    if isJSON {
      let output = Output()
      try output.write((summary.json + [ASCII.lf]).span)
      try output.finish()
    } else if !isQuiet {
      Diagnostics.say(program, summary.text)
    }
    if status != 0 { return ExitStatus(rawValue: Int32(status)) ?? .osError }
    if isStopped, run.isWaiting { return .temporaryFailure }
    let hadTrouble =
      [
        run.statistics.failed.load(ordering: .relaxed), run.statistics.quarantine.load(ordering: .relaxed),
        run.statistics.unclaimed.load(ordering: .relaxed),
      ].contains { $0 > 0 }
    return isStrict && hadTrouble ? .dataError : .ok
  }
}
