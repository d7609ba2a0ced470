import Spool

/// What a run of IMPORT did, by its result code and by what it left: neither is believed alone.
public enum ImportJudgement: Equatable, Sendable {
  /// It took all messages.
  case taken
  /// It took them, but for what the undeliverable file says.
  case undeliverable
  /// It took none of them.
  case failed(String)
  /// It was not asked right, or cannot reach its post office.
  case configuration(String)
  case locked
  case notStarted(String)
  /// Result code and evidence contradict each other, or there is none.
  case uncertain(String)

  /// What there is to go by.
  public struct Evidence: Sendable {
    /// How the program ended; nil when nobody saw it.
    public var outcome: Program.Outcome?
    /// Whether its input is still there: IMPORT deletes what it has imported.
    public var hasInput: Bool
    /// Whether it wrote reasons into an undeliverable file.
    public var hasReasons: Bool

    public init(outcome: Program.Outcome?, hasInput: Bool, hasReasons: Bool) {
      (self.outcome, self.hasInput, self.hasReasons) = (outcome, hasInput, hasReasons)
    }
  }

  /// - Parameter isReliable: whether IMPORT refuses a second copy of a message, so that asking again does no harm.
  public init(_ evidence: Evidence, isReliable: Bool) {
    guard let outcome = evidence.outcome else {
      if isReliable, evidence.hasInput {
        self = .failed("nobody saw how the run ended")
      } else if evidence.hasInput {
        self = .uncertain("the run was not seen to end, and its input is still there: taken or not, nothing tells")
      } else {
        self = evidence.hasReasons ? .undeliverable : .taken
      }
      return
    }
    switch outcome {
    case .notStarted: self = .notStarted(outcome.text)
    case .exited(ResultCode.completed.rawValue):
      if evidence.hasInput, isReliable {
        self = .failed("result code 0, but its input is still there")
      } else if evidence.hasInput {
        self = .uncertain("result code 0, but its input is still there")
      } else {
        self = evidence.hasReasons ? .undeliverable : .taken
      }
    case .exited(ResultCode.commandLine.rawValue):
      self = .configuration("result code 2. The command line is not understood")
    case .exited(ResultCode.configuration.rawValue):
      self = .configuration("result code 3. It is not configured, or the post office cannot be reached")
    case .exited(ResultCode.locked.rawValue): self = .locked
    case .exited(ResultCode.undeliverable.rawValue): self = .undeliverable
    case .exited(let code) where code == 126 || code == 127:
      // A shell's words for a command that it cannot run.
      self = .notStarted("exit status \(code): it cannot be executed")
    case .exited(let code):
      self = Self.afterTrouble(
        code == 1 ? "result code 1. Program did not complete successfully" : "result code \(code)", evidence)
    case .signalled, .timedOut: self = Self.afterTrouble(outcome.text, evidence)
    }
  }

  private static func afterTrouble(_ text: String, _ evidence: Evidence) -> ImportJudgement {
    if evidence.hasInput { return .failed(text) }
    return evidence.hasReasons ? .undeliverable : .uncertain("\(text), but its input is gone")
  }
}
