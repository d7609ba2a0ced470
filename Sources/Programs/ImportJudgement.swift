import Spool

/// What a run of IMPORT did, by its result code and by what it left: neither is believed alone.
public enum ImportJudgement: Equatable, Sendable {
  /// It took all messages.
  case taken
  /// It took them, but for what the undeliverable file says.
  case undeliverable
  /// It took none of them.
  case failed(String)
  /// Nobody saw how it ended; asking again does no harm.
  case unseen
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
    /// Whether processes that it had left behind had to be killed: they may have done its work.
    public var wasCutShort: Bool

    public init(outcome: Program.Outcome?, hasInput: Bool, hasReasons: Bool, wasCutShort: Bool = false) {
      (self.outcome, self.hasInput, self.hasReasons) = (outcome, hasInput, hasReasons)
      self.wasCutShort = wasCutShort
    }
  }

  /// - Parameter isReliable: whether IMPORT refuses a second copy of a message, so that asking again does no harm, and
  ///   removes its input when everything else is done.
  public init(_ evidence: Evidence, isReliable: Bool) {
    let outcome = evidence.outcome
    if evidence.hasInput, evidence.wasCutShort, let outcome, !isReliable {
      self = Self.unfinished("\(outcome.resultText), and processes that it left behind were killed", isReliable)
    } else if evidence.hasInput {
      self = Self.withInput(outcome, isReliable)
    } else if evidence.hasReasons {
      self = .undeliverable
    } else if let outcome, !isReliable, outcome != .exited(0), outcome != .exited(5) {
      self = .uncertain("\(outcome.resultText), but its input is gone")
    } else {
      self = outcome == .exited(5) ? .undeliverable : .taken
    }
  }

  /// IMPORT has left its input.
  private static func withInput(_ outcome: Program.Outcome?, _ isReliable: Bool) -> ImportJudgement {
    switch outcome {
    case nil:
      isReliable
        ? .unseen
        : .uncertain("the run was not seen to end, and its input is still there: taken or not, nothing tells")
    case .notStarted(_)?: .notStarted(outcome?.text ?? "")
    case .signalled(_)?, .timedOut?: unfinished(outcome?.text ?? "", isReliable)
    // A shell's words for a signal are 128 and its number.
    case .exited(129...192)?: unfinished(outcome?.resultText ?? "", isReliable)
    case .exited(let code)?: withInput(code, isReliable)
    }
  }

  /// It was ended before it could remove its input: that is there whether its messages were taken or not.
  private static func unfinished(_ why: String, _ isReliable: Bool) -> ImportJudgement {
    isReliable ? .failed(why) : .uncertain("\(why), and its input is still there: taken or not, nothing tells")
  }

  private static func withInput(_ code: Int, _ isReliable: Bool) -> ImportJudgement {
    switch ResultCode(rawValue: code) {
    case .completed:
      isReliable
        ? .failed("result code 0, but its input is still there")
        : .uncertain("result code 0, but its input is still there")
    case .didNotComplete: .failed("result code 1. Program did not complete successfully")
    case .commandLine: .configuration("result code 2. The command line is not understood")
    case .configuration:
      .configuration("result code 3. It is not configured, or the post office cannot be reached")
    case .locked: .locked
    case .undeliverable: .undeliverable
    // A shell's words for a command that it cannot run are 126 and 127.
    case nil where code == 126 || code == 127: .notStarted("exit status \(code): it cannot be executed")
    case nil: .failed("result code \(code)")
    }
  }
}
