// Hands the .ccm files of a queue to the IMPORT program. What moves files is in Spool, what runs the program and judges
// it is in Programs; here is what the command line says of both.

import Formats
import Glibc
import Programs
import Spool
import Tooling

let program = "ccm-import"

Diagnostics.main(program) { () throws(Failure) in
  let connector = ConnectorOptions()
  var into: String?
  var isDurable = true
  var isStrict = false
  var isJSON = false
  var isQuiet = false
  var isWatching = false
  var isCheck = false
  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--config FILE] [--into DIR] [--watch] [--check] [--no-sync] [--strict] [--json] [--quiet] [configuration options] [QUEUE]",
    options: [
      Configuration.option(connector.options),
      .value("into") { text throws(UsageError) in into = text },
      .flag("watch") { isWatching = true },
      .flag("check") { isCheck = true },
      .flag("no-sync") { isDurable = false },
      .flag("strict") { isStrict = true },
      .flag("json") { isJSON = true },
      .flag("quiet", "q") { isQuiet = true },
    ] + connector.options
  ).parse()
  guard operands.count <= 1 else { throw Failure(.usage, "one queue at a time") }
  try connector.finish()
  guard let path = operands.first ?? connector.importQueue else {
    throw Failure(.usage, "a queue is wanted; see \(program) --help")
  }
  into = into ?? connector.pickup
  if isCheck { return try ConnectorCheck.run(connector, .imports, queue: path, into: into) }

  StopRequest.install()
  let start = Clock.monotonic
  let settings = connector.settings
  let voice = EventVoice(program: program, level: isQuiet ? "errors" : connector.level, usesSyslog: connector.syslog)
  let run: Run
  let absolute: String
  do throws(SystemError) {
    let queue = try Queue(path: path, into: into)
    _ = try queue.openRuns()
    absolute = try queue.absolutePath()
    let isDue = try ImportProcessor.isDue(queue, retry: settings.retry)
    run = try Run(
      queue, program: program, workers: 1, isDurable: isDurable, isDue: isDue,
      shouldStop: { StopRequest.isSet }, tell: voice.fates, echo: { voice.say($0) })
  } catch {
    throw Failure(error.isTemporary ? .temporaryFailure : .cannotCreate, "\(error)")
  }
  let processor = ImportProcessor(settings, run: run, queue: absolute)
  do throws(SystemError) { try processor.sweep() } catch { run.stop(error, doing: "clearing up") }
  var pause = connector.importInterval
  while true {
    run.process(processor)
    guard isWatching, !StopRequest.isSet else { break }
    // A post office that is locked is asked again, less often each time (Q150097, Q282172).
    pause = run.tryAgain() ? min(pause * 2, connector.importInterval * 16) : connector.importInterval
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
