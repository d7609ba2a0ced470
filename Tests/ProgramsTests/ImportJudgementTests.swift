import Glibc
import Testing

@testable import Programs

/// The table of ccm-import(1) and that of ccm-spool(7), row by row.
@Suite struct ImportJudgementTests {
  /// What a judgement comes down to, without its words.
  enum Kind: String, Sendable {
    case taken, undeliverable, failed, unseen, configuration, locked, notStarted, uncertain

    init(_ judgement: ImportJudgement) {
      self =
        switch judgement {
        case .taken: .taken
        case .undeliverable: .undeliverable
        case .failed: .failed
        case .unseen: .unseen
        case .configuration: .configuration
        case .locked: .locked
        case .notStarted: .notStarted
        case .uncertain: .uncertain
        }
    }
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var outcome: Program.Outcome?
    /// Its input is there; gone, with reasons; gone, without any.
    var there: Kind
    var withReasons: Kind
    var gone: Kind
    /// The same for an IMPORT that refuses a second copy.
    var reliableThere: Kind
    var reliableGone: Kind
    var testDescription: String { outcome?.resultText ?? "not seen" }
  }

  static let rows: [Row] = [
    row(.exited(0), .uncertain, .taken, reliable: .failed, .taken),
    row(.exited(1), .failed, .uncertain, reliable: .failed, .taken),
    row(.exited(2), .configuration, .uncertain, reliable: .configuration, .taken),
    row(.exited(3), .configuration, .uncertain, reliable: .configuration, .taken),
    row(.exited(4), .locked, .uncertain, reliable: .locked, .taken),
    row(.exited(5), .undeliverable, .undeliverable, reliable: .undeliverable, .undeliverable),
    row(.exited(6), .failed, .uncertain, reliable: .failed, .taken),
    row(.exited(255), .failed, .uncertain, reliable: .failed, .taken),
    row(.exited(126), .notStarted, .uncertain, reliable: .notStarted, .taken),
    row(.exited(127), .notStarted, .uncertain, reliable: .notStarted, .taken),
    row(.exited(128), .failed, .uncertain, reliable: .failed, .taken),
    row(.exited(128 + 9), .uncertain, .uncertain, reliable: .failed, .taken),
    row(.exited(192), .uncertain, .uncertain, reliable: .failed, .taken),
    row(.signalled(Int(SIGSEGV)), .uncertain, .uncertain, reliable: .failed, .taken),
    row(.timedOut, .uncertain, .uncertain, reliable: .failed, .taken),
    row(nil, .uncertain, .taken, reliable: .unseen, .taken),
  ]

  private static func row(
    _ outcome: Program.Outcome?, _ there: Kind, _ gone: Kind, reliable reliableThere: Kind, _ reliableGone: Kind
  ) -> Row {
    Row(
      outcome: outcome, there: there, withReasons: .undeliverable, gone: gone, reliableThere: reliableThere,
      reliableGone: reliableGone)
  }

  private func judge(_ outcome: Program.Outcome?, input: Bool, reasons: Bool, reliable: Bool = false) -> Kind {
    Kind(ImportJudgement(.init(outcome: outcome, hasInput: input, hasReasons: reasons), isReliable: reliable))
  }

  @Test(arguments: rows) func row(_ row: Row) {
    #expect(judge(row.outcome, input: true, reasons: false) == row.there)
    #expect(judge(row.outcome, input: false, reasons: true) == row.withReasons)
    #expect(judge(row.outcome, input: false, reasons: false) == row.gone)
    #expect(judge(row.outcome, input: true, reasons: false, reliable: true) == row.reliableThere)
    #expect(judge(row.outcome, input: false, reasons: true, reliable: true) == row.withReasons)
    #expect(judge(row.outcome, input: false, reasons: false, reliable: true) == row.reliableGone)
  }

  /// While its input is there, reasons change nothing: they may be of another message, and are told with code 5.
  @Test(arguments: rows) func reasonsBesideTheInput(_ row: Row) {
    #expect(judge(row.outcome, input: true, reasons: true) == row.there)
    #expect(judge(row.outcome, input: true, reasons: true, reliable: true) == row.reliableThere)
  }

  /// Processes that it left behind may have had its messages, whatever code it ended with.
  @Test(arguments: rows) func cutShort(_ row: Row) {
    for reliable in [false, true] {
      let evidence = ImportJudgement.Evidence(
        outcome: row.outcome, hasInput: true, hasReasons: false, wasCutShort: true)
      let judgement = Kind(ImportJudgement(evidence, isReliable: reliable))
      #expect(judgement == (reliable ? row.reliableThere : .uncertain))
    }
    let gone = ImportJudgement.Evidence(outcome: row.outcome, hasInput: false, hasReasons: false, wasCutShort: true)
    #expect(Kind(ImportJudgement(gone, isReliable: false)) == row.gone)
  }

  @Test func notStarted() {
    for reliable in [false, true] {
      #expect(judge(.notStarted(ENOENT), input: true, reasons: false, reliable: reliable) == .notStarted)
    }
  }

  /// No message is ever given back when its input is gone, and none is done while it is there: neither twice nor lost.
  @Test func nothingIsGivenBackThatMayBeTaken() {
    let givesBack: Set<Kind> = [.failed, .unseen, .configuration, .locked, .notStarted]
    for code in -1...300 {
      for reasons in [false, true] {
        for reliable in [false, true] {
          #expect(!givesBack.contains(judge(.exited(code), input: false, reasons: reasons, reliable: reliable)))
          #expect(judge(.exited(code), input: true, reasons: reasons, reliable: reliable) != .taken)
        }
      }
    }
  }

  /// The words of the original's events.
  @Test func words() {
    func judgement(_ outcome: Program.Outcome) -> ImportJudgement {
      ImportJudgement(.init(outcome: outcome, hasInput: true, hasReasons: false), isReliable: false)
    }
    #expect(judgement(.exited(1)) == .failed("result code 1. Program did not complete successfully"))
    #expect(judgement(.exited(9)) == .failed("result code 9"))
    #expect(
      judgement(.timedOut)
        == .uncertain("stopped at its time limit, and its input is still there: taken or not, nothing tells"))
  }
}
