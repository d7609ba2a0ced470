import Formats
import Glibc
import Mail
import Spool

/// Hands .ccm files to the IMPORT program, and decides about each by what became of it (ccm-import(1)).
public final class ImportProcessor: BatchProcessor {
  private let settings: ImportSettings
  private let run: Run
  private let runs: Path
  private let logs: Path
  private let reports: ImportReports

  /// - Parameter queue: the absolute path of the queue that `run` works on.
  public init(_ settings: ImportSettings, run: Run, queue: Path) {
    (self.settings, self.run) = (settings, run)
    (runs, logs) = ("\(queue)/run", "\(queue)/log")
    reports = ImportReports(settings, run: run)
  }

  /// Whether a message's time has come: one that was not taken waits `retry` seconds, then twice as long, and so on.
  public static func isDue(
    _ queue: borrowing Queue, retry: Int
  ) throws(SystemError) -> @Sendable (FileName, borrowing FileDescriptor) -> Bool {
    let attempts = try Strikes(queue, folder: Strikes.attempts)
    return { name, folder in
      let (count, last) = attempts.count(name, in: folder)
      let waited = time(nil) - last
      // An attempt in the future was made before the clock was set back: nobody waits until then.
      return count == 0 || waited < 0 || waited >= retry << min(count - 1, 10)
    }
  }

  public var batchSize: Int { settings.program.batch }

  // MARK: A run

  public func process(_ batch: Batch) throws(SystemError) -> BatchOutcome {
    batch.refusesSecondCopies = settings.program.isReliable
    let directory = try RunDirectory(
      of: .import, in: runs, owner: run.id, logs: logs, secret: settings.program.password)
    var isCommitted = false
    // A run that came to nothing leaves nothing.
    defer { if !isCommitted { directory.remove() } }
    let input = try ImportInput(batch, in: directory.path, isDurable: run.isDurable)
    for message in input.unreadable {
      if try batch.mayHaveBeenTaken(message.name) {
        let text = "\(message.why); IMPORT may have had it in an attempt before; look into the post office"
        try batch.decide(message.name, .quarantine(text, exit: 74, []), event: Event.ID.uncertain, resultCode: nil)
        continue
      }
      try batch.decide(message.name, .failed(message.why, exit: 74, []), event: Event.ID.systemError, resultCode: nil)
    }
    for message in input.strange {
      try batch.decide(
        message.name, .quarantine(message.why, exit: 65, []), event: Event.ID.conversionFailed, resultCode: nil)
    }
    guard !input.parts.isEmpty else { return .wait }
    // One that does not end where it says is handed over alone, so that no other one suffers.
    if input.isDamaged, batch.messages.count > 1 { return .divide }
    if settings.program.isReliable { try input.writeDeliveries(of: batch, in: directory.path) }
    if settings.isVerbose { for part in input.parts { reportSent(part) } }
    try batch.markStarted(run: directory.name)
    isCommitted = true
    let ending: Program.Ending
    do throws(SystemError) {
      ending = try directory.run(program(), apart: input.files)
    } catch {
      // It was not begun: what failed is what had to be made for it, its logs for one.
      isCommitted = false
      try batch.markNotStarted()
      throw error
    }
    run.report(ending, of: "IMPORT", in: directory)
    let code: Int? = if case .exited(let code) = ending.outcome { code } else { nil }
    do throws(SystemError) {
      // A run of which a part was killed is for a next start as one that nobody saw end.
      try batch.markEnded(code.flatMap { ending.leftBehind == 0 ? "exited \($0)" : nil } ?? ending.outcome.text)
    } catch {
      // This is for the next start, should we die; we know it.
      run.stop(error, doing: "how IMPORT ended")
    }
    return try judge(batch, input, directory, ending.outcome, wasCutShort: ending.leftBehind > 0)
  }

  private func program() -> Program {
    var program = settings.program.program(file: ImportInput.name)
    if settings.program.isReliable { program.environment?.append("CCM_DELIVERIES=\(ImportInput.listName)") }
    return program
  }

  private func judge(
    _ batch: Batch, _ input: ImportInput, _ directory: RunDirectory, _ outcome: Program.Outcome?,
    wasCutShort: Bool = false
  ) throws(SystemError) -> BatchOutcome {
    var undeliverable = UndeliverableText()
    let judgement: ImportJudgement
    do throws(SystemError) {
      // In this order: whoever finishes the work of an IMPORT that died writes the undeliverable file, and removes the
      // input last.
      let hasInput = try input.isThere(in: directory.path)
      undeliverable = try UndeliverableText(directory, savedAs: "\(logs)/\(run.id).\(directory.name).und")
      judgement = ImportJudgement(
        .init(
          outcome: outcome, hasInput: hasInput, hasReasons: undeliverable.hasReasons, wasCutShort: wasCutShort),
        isReliable: settings.program.isReliable)
    } catch {
      if error.isTemporary { throw error }
      // It will not be any more legible at the next start.
      judgement = .uncertain("what it left cannot be read: \(error)")
    }
    let code: Int? = if case .exited(let code) = outcome { code } else { nil }
    let words = directory.lastWords
    let said = words.isEmpty ? "" : " (\(words))"
    switch judgement {
    case .taken:
      for message in batch.messages {
        try batch.decide(message, .done([]), event: Event.ID.imported, text: "imported", resultCode: code)
      }
      return .wait
    case .undeliverable:
      return try reports.file(undeliverable, of: input, in: batch, resultCode: code, said: said)
    case .unseen: return try unseen(batch)
    case .failed(let why):
      if batch.messages.count > 1 {
        var event = Event(Event.ID.divided, .warning, "\(why)\(said); \(batch.messages.count) messages are tried apart")
        event.resultCode = code
        run.report(event)
        return .divide
      }
      return try attempted(batch, input, why + said, code)
    case .configuration(let why):
      return stop(Event.ID.importConfiguration, .error, "IMPORT: \(why)\(said)", code, exit: 78)
    case .locked:
      let text = "IMPORT: result code 4. The post office is locked by another process\(said)"
      return stop(Event.ID.importLocked, .warning, text, code, exit: 75)
    case .notStarted(let why):
      let text = "IMPORT could not be executed: \(settings.program.commandText): \(why)"
      return stop(Event.ID.notExecuted, .error, text, code, exit: 69)
    case .uncertain(let why):
      for message in batch.messages {
        try batch.decide(
          message,
          .quarantine("IMPORT: \(why)\(said); look into the post office before it is sent again", exit: 70, []),
          event: Event.ID.uncertain, resultCode: code)
      }
      return .wait
    }
  }

  private func stop(_ id: Int, _ severity: Event.Severity, _ text: String, _ code: Int?, exit: Int) -> BatchOutcome {
    var event = Event(id, severity, text)
    event.resultCode = code
    run.report(event)
    return .stop(exit: exit)
  }

  /// A message that IMPORT did not take though it was alone: it has its attempts, and then a person has to look (Q223772).
  private func attempted(
    _ batch: Batch, _ input: ImportInput, _ why: String, _ code: Int?
  ) throws(SystemError) -> BatchOutcome {
    for message in batch.messages {
      let attempts = try batch.addAttempt(message)
      if attempts < settings.attempts {
        var event = Event(
          Event.ID.importFailed, .warning, "IMPORT: \(why); attempt \(attempts) of \(settings.attempts)",
          name: message.description)
        event.resultCode = code
        run.report(event)
        continue
      }
      let results = try reports.reportAll(message, in: batch, of: input, reason: why)
      try batch.decide(
        message, .quarantine("IMPORT: \(why); \(attempts) attempts", exit: 70, []), results: results,
        event: Event.ID.importFailed, resultCode: code)
    }
    return .wait
  }

  /// Nobody saw how the run ended. That may happen to any message now and then, but not to the same one always: the
  /// original's threads died 25 times before it gave up (events 82 to 87).
  private func unseen(_ batch: Batch) throws(SystemError) -> BatchOutcome {
    for message in batch.messages {
      guard try batch.addDeath(message) >= settings.deaths else { continue }
      try batch.decide(
        message,
        .quarantine(
          "IMPORT had it \(settings.deaths) times when this program, or the whole system, died", exit: 70, []),
        event: Event.ID.struckOut, resultCode: nil)
    }
    return .wait
  }

  // MARK: After a crash

  /// Removes what runs of dead invocations left, of which nothing is to be settled any more.
  public func sweep() throws(SystemError) {
    for directory in try RunDirectory.dead(.import, in: runs, logs: logs, run: run, keepingUnsettled: true) {
      directory.remove()
    }
  }

  public func settle(_ batch: Batch) throws(SystemError) -> BatchOutcome {
    batch.refusesSecondCopies = settings.program.isReliable
    guard let name = try batch.runDirectory(), RunOwner.program(of: name) == .import else { return .wait }
    let directory = try RunDirectory(adopting: name, in: runs, logs: logs, secret: settings.program.password)
    defer { directory.cutLogs(to: settings.program.logLimit) }
    if try directory.isRunning() {
      guard directory.age > settings.program.timeLimit + Program.grace else {
        run.report(
          Event(Event.ID.uncertain, .warning, "IMPORT still runs, of an invocation that died; left for the next run"))
        return .leave
      }
      try directory.endProcesses()
    }
    var outcome: Program.Outcome?
    if let ended = try batch.ended(), ended.hasPrefix("exited "), let code = Int(ended.dropFirst(7)) {
      outcome = .exited(code)
    }
    let input = ImportInput(found: batch.messages)
    let result = try judge(batch, input, directory, outcome)
    // Whoever takes them next finds out which one it was.
    if case .divide = result { return .wait }
    return result
  }

  public func isCommitted(run directory: String) {
    guard RunOwner.program(of: directory) == .import else { return }
    // What cannot be found now is swept by the next start.
    (try? RunDirectory(adopting: directory, in: runs, logs: logs, secret: ""))?.remove()
  }

  // MARK: Events

  /// Event 11001, of the original's highest level of logging (Q181186).
  private func reportSent(_ part: ImportInput.Part) {
    run.report(Event(Event.ID.sent, .info, "handed to IMPORT: \(part.header)", name: part.message.description))
  }
}
