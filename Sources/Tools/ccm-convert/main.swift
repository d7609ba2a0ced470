// Converts every file of a queue. All that moves files is in Spool, all that converts is in Mail; here is what the
// command line says of both.

import Formats
import Glibc
import Mail
import Spool
import Tooling

let program = "ccm-convert"

Diagnostics.main(program) { () throws(Failure) in
  // One configuration serves a whole bridge: what it says of the mapping is of interest here.
  let connector = ConnectorOptions()
  let mapping = connector.mapping
  var settings = ConvertSettings()
  var into: Path?
  var workers = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  var isDurable = true
  var ending = RunEnding()
  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--config FILE] [--from KIND] [--to KIND] [--into DIR] [--workers N] [--timeout SECONDS] [--no-sync] [--strict] [--json] [--quiet] [mapping options] QUEUE [-- COMMAND ...]",
    options: mapping.options + [
      Configuration.option(connector.options),
      .value("from") { text throws(UsageError) in
        let kind = MessageKind(rawValue: text)
        guard kind != nil || text == "auto" else {
          throw UsageError("--from: eml, mbox, ccm, msg, tnef or auto is wanted, not `\(text)`")
        }
        settings.from = kind
      },
      .value("to") { text throws(UsageError) in
        guard !text.isEmpty, text.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) }), text.utf8.count <= 16
        else {
          throw UsageError("--to: `\(text)` is no kind")
        }
        settings.to = text
      },
      .path("into") { path throws(UsageError) in into = path },
      .number("workers", in: 1...1024) { workers = $0 },
      .number("timeout", in: 1...86_400) { settings.timeLimit = Double($0) },
      .flag("no-sync") { isDurable = false },
      .flag("strict") { ending.isStrict = true },
      .flag("json") { ending.isJSON = true },
      .flag("quiet", "q") { ending.isQuiet = true },
    ]
  ).parse()
  guard let path = operands.first else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }
  guard operands.count == 1 || CommandLine.arguments.contains("--") else {
    throw Failure(.usage, "one queue at a time; a command stands behind --")
  }
  settings.command = Array(operands.dropFirst())
  if settings.command.isEmpty, let to = settings.to, to != "eml", to != "ccm" {
    throw Failure(.usage, "--to: eml or ccm is wanted, not `\(to)`")
  }
  settings.options = try connector.finishedMapping()

  StopRequest.install()

  let voice = EventVoice(program: program, level: ending.isQuiet ? "errors" : "minimum")
  let start = Clock.monotonic
  let run: Run
  do throws(SystemError) {
    let queue = try Queue(path: path, into: into)
    ending.say(queue, program: program)
    run = try Run(
      queue, program: program, workers: workers, isDurable: isDurable, shouldStop: { StopRequest.isSet },
      echo: { voice.say($0) })
  } catch { throw Failure(opening: error) }
  let progress = isatty(2) == 1 && !ending.isJSON && !ending.isQuiet ? Progress(run.statistics, queue: path) : nil
  let chosen = settings
  let paths = run.paths
  let id = run.id
  let status = run.run(workers: workers) { worker in
    chosen.command.isEmpty
      ? MessageProcessor(chosen) as any Processor
      : CommandProcessor(chosen, workPath: paths.work, logPath: paths.log, invocation: id, worker: worker)
  }
  progress?.end()
  return try ending.end(run, program: program, status: status, since: start, isStopped: StopRequest.isSet)
}
