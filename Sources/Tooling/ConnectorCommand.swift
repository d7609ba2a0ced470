import Programs
import Spool

/// The command line of ccm-import and ccm-export, and what they do with it alike: check, run once, or watch.
public final class ConnectorCommand {
  public let program: String
  public let connector = ConnectorOptions()
  /// Where results go.
  public private(set) var into: Path?
  /// The queue.
  public private(set) var path: Path = ""
  public private(set) var isDurable = true
  public private(set) var isCheck = false
  private var isWatching = false
  private var ending = RunEnding()
  private let side: ConnectorOptions.Side

  /// Reads the command line.
  ///
  /// - Parameter further: options of this program alone; `synopsis` is how they are written.
  public init(
    _ program: String, _ side: ConnectorOptions.Side, synopsis: String = "", further: [Option] = []
  ) throws(Failure) {
    (self.program, self.side) = (program, side)
    let own: [Option] = [
      Configuration.option(connector.options),
      .path("into") { path throws(UsageError) in self.into = path },
      .flag("watch") { self.isWatching = true },
      .flag("check") { self.isCheck = true },
      .flag("no-sync") { self.isDurable = false },
      .flag("strict") { self.ending.isStrict = true },
      .flag("json") { self.ending.isJSON = true },
      .flag("quiet", "q") { self.ending.isQuiet = true },
    ]
    let operands = try OptionParser(
      program: program,
      synopsis:
        "[--config FILE] [--into DIR] \(synopsis)[--watch] [--check] [--no-sync] [--strict] [--json] [--quiet] [configuration options] [QUEUE]",
      options: own + further + connector.options
    ).parse()
    guard operands.count <= 1 else { throw Failure(.usage, "one queue at a time") }
    try connector.finish()
    guard let path = operands.first ?? (side == .imports ? connector.importQueue : connector.exportQueue) else {
      throw Failure(.usage, "a queue is wanted; see \(program) --help")
    }
    self.path = path
    into = into ?? connector.pickup
  }

  /// Proves the configuration instead of running.
  public func check(returns: Path? = nil) throws(Failure) -> ExitStatus {
    try ConnectorCheck.run(connector, side, queue: path, into: into, returns: returns)
  }

  /// Begins a run on the queue, in which programs will run.
  public func begin(
    _ queue: consuming Queue, isDue: (@Sendable (FileName, borrowing FileDescriptor) -> Bool)? = nil
  ) throws(SystemError) -> Run {
    StopRequest.install()
    ending.say(queue, program: program)
    _ = try queue.openRuns()
    let voice = EventVoice(
      program: program, level: ending.isQuiet ? "errors" : connector.level, usesSyslog: connector.syslog)
    return try Run(
      queue, program: program, workers: 1, isDurable: isDurable, isDue: isDue, shouldStop: { StopRequest.isSet },
      tell: voice.fates, echo: { voice.say($0) })
  }

  /// Calls `pass` once, or with --watch again and again until a signal comes, and ends the run.
  public func work(_ run: Run, _ pass: () -> Void) throws(Failure) -> ExitStatus {
    let start = Clock.monotonic
    let interval = side == .imports ? connector.importInterval : connector.exportInterval
    var pause = interval
    while true {
      pass()
      guard isWatching, !StopRequest.isSet else { break }
      // A post office that is locked is asked again, less often each time (Q150097, Q282172).
      pause = run.tryAgain() ? min(pause * 2, interval * 16) : interval
      if run.isStopping { break }
      StopRequest.sleep(pause)
      if StopRequest.isSet { break }
    }
    return try ending.end(
      run, program: program, status: run.end(), since: start, isStopped: StopRequest.isSet && !isWatching)
  }
}

extension Failure {
  /// A queue that cannot be opened, or a directory that is none.
  public init(opening error: SystemError) {
    self.init(error.isTemporary ? .temporaryFailure : error.isNoQueue ? .usage : .cannotCreate, "\(error)")
  }
}
