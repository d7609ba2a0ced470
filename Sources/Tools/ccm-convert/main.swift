// Converts every file of a queue. All that moves files is in Spool, all that converts is in Mail; here is what the
// command line says of both.

import Formats
import Glibc
import Mail
import Spool
import Tooling

let program = "ccm-convert"

Diagnostics.main(program) { () throws(Failure) in
  let mapping = MappingOptions()
  var settings = ConvertSettings()
  var into: String?
  var workers = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  var isDurable = true
  var isStrict = false
  var isJSON = false
  var isQuiet = false
  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--from KIND] [--to KIND] [--into DIR] [--workers N] [--timeout SECONDS] [--no-sync] [--strict] [--json] [--quiet] [mapping options] QUEUE [-- COMMAND ...]",
    options: mapping.options + [
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
      .value("into") { text throws(UsageError) in into = text },
      .number("workers", in: 1...1024) { workers = $0 },
      .number("timeout", in: 1...86_400) { settings.timeLimit = Double($0) },
      .flag("no-sync") { isDurable = false },
      .flag("strict") { isStrict = true },
      .flag("json") { isJSON = true },
      .flag("quiet", "q") { isQuiet = true },
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
  settings.options = try mapping.finished()

  StopRequest.install()

  let showsWarnings = !isQuiet
  let start = Clock.monotonic
  let run: Run
  do throws(SystemError) {
    let queue = try Queue(path: path, into: into)
    run = try Run(
      queue, program: program, workers: workers, isDurable: isDurable, shouldStop: { StopRequest.isSet },
      echo: { event in
        guard event.severity == .error || (event.severity == .warning && showsWarnings) else { return }
        Diagnostics.say(program, (event.name.map { "\($0): " } ?? "") + event.text)
      })
  } catch {
    throw Failure(error.isTemporary ? .temporaryFailure : .cannotCreate, "\(error)")
  }
  let progress = isatty(2) == 1 && !isJSON && !isQuiet ? Progress(run.statistics, queue: path) : nil
  let chosen = settings
  let paths = run.paths
  let id = run.id
  let status = run.run(workers: workers) { worker in
    chosen.command.isEmpty
      ? MessageProcessor(chosen) as any Processor
      : CommandProcessor(chosen, workPath: paths.work, logPath: paths.log, invocation: id, worker: worker)
  }
  progress?.end()
  let summary = Summary(run.statistics, seconds: Clock.monotonic - start)
  if isJSON {
    let output = Output()
    try output.write((summary.json + [ASCII.lf]).span)
    try output.finish()
  } else if !isQuiet {
    Diagnostics.say(program, summary.text)
  }
  if status != 0 { return ExitStatus(rawValue: Int32(status)) ?? .osError }
  if StopRequest.isSet, run.isWaiting { return .temporaryFailure }
  let hadTrouble =
    run.statistics.failed.load(ordering: .relaxed) + run.statistics.quarantine.load(ordering: .relaxed) > 0
  return isStrict && hadTrouble ? .dataError : .ok
}
