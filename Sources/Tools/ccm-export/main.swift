// Fetches messages with the EXPORT program and turns them into Internet messages. What runs the program is in Programs,
// what moves files in Spool; here is what the command line says of both.

import Formats
import Glibc
import Programs
import Spool
import Tooling

let program = "ccm-export"

Diagnostics.main(program) { () throws(Failure) in
  let connector = ConnectorOptions()
  var into: String?
  var returns: String?
  var isDurable = true
  var isStrict = false
  var isJSON = false
  var isQuiet = false
  var isWatching = false
  var isCheck = false
  var fetches = true
  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--config FILE] [--into DIR] [--returns DIR] [--watch] [--check] [--no-fetch] [--no-sync] [--strict] [--json] [--quiet] [configuration options] [QUEUE]",
    options: [
      Configuration.option(connector.options),
      .value("into") { text throws(UsageError) in into = text },
      .value("returns") { text throws(UsageError) in returns = text },
      .flag("watch") { isWatching = true },
      .flag("check") { isCheck = true },
      .flag("no-fetch") { fetches = false },
      .flag("no-sync") { isDurable = false },
      .flag("strict") { isStrict = true },
      .flag("json") { isJSON = true },
      .flag("quiet", "q") { isQuiet = true },
    ] + connector.options
  ).parse()
  guard operands.count <= 1 else { throw Failure(.usage, "one queue at a time") }
  try connector.finish()
  guard let path = operands.first ?? connector.exportQueue else {
    throw Failure(.usage, "a queue is wanted; see \(program) --help")
  }
  into = into ?? connector.pickup
  if isCheck { return try ConnectorCheck.run(connector, .exports, queue: path, into: into, returns: returns) }

  StopRequest.install()
  let start = Clock.monotonic
  let voice = EventVoice(program: program, level: isQuiet ? "errors" : connector.level, usesSyslog: connector.syslog)
  let run: Run
  let absolute: String
  let memory: ExportMemory
  do throws(SystemError) {
    let queue = try Queue(path: path, into: into, returns: returns)
    _ = try queue.openRuns()
    absolute = try queue.absolutePath()
    memory = try ExportMemory(KnownMessages(queue), isReliable: connector.exports.isReliable, queue: absolute)
    run = try Run(
      queue, program: program, workers: 1, isDurable: isDurable, shouldStop: { StopRequest.isSet },
      tell: voice.fates, echo: { voice.say($0) })
  } catch {
    throw Failure(error.isTemporary ? .temporaryFailure : .cannotCreate, "\(error)")
  }
  let processor = ExportProcessor(connector.settings, run: run, queue: absolute, known: memory)
  let fetcher = ExportFetcher(connector.exports, run: run, queue: absolute)
  let session = ExportSession(run: run, fetcher: fetcher, processor: processor)
  var pause = connector.exportInterval
  while true {
    session.pass(fetches: fetches)
    guard isWatching, !StopRequest.isSet else { break }
    // A post office that is locked is asked again, less often each time (Q150097, Q282172).
    pause = run.tryAgain() ? min(pause * 2, connector.exportInterval * 16) : connector.exportInterval
    if run.isStopping { break }
    StopRequest.sleep(pause)
    if StopRequest.isSet { break }
  }
  let status = run.end()
  let summary = Summary(run.statistics, seconds: Clock.monotonic - start)
  if isJSON {
    let output = Output()
    try output.write((summary.json + [ASCII.lf]).span)
    try output.finish()
  } else if !isQuiet {
    Diagnostics.say(program, summary.text)
  }
  if status != 0 { return ExitStatus(rawValue: Int32(status)) ?? .osError }
  if StopRequest.isSet, run.isWaiting, !isWatching { return .temporaryFailure }
  let hadTrouble =
    run.statistics.failed.load(ordering: .relaxed) + run.statistics.quarantine.load(ordering: .relaxed) > 0
  return isStrict && hadTrouble ? .dataError : .ok
}
