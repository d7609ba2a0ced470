// Puts failed or quarantined messages back into a queue, whole or by name. Here is what the command line says; all that
// moves files is in Spool.

import Formats
import Glibc
import Spool
import Tooling

let program = "ccm-replay"

Diagnostics.main(program) { () throws(Failure) in
  var settings = ReplaySettings()
  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--from failed|quarantine|done] [--into DIR] [--reset] [--dry-run] [--list] [--quiet] [--all | NAME ...] QUEUE",
    options: [
      .value("from") { text throws(UsageError) in
        guard let fate = Fate(rawValue: text) else {
          throw UsageError("--from: failed, quarantine or done is wanted, not `\(text)`")
        }
        settings.from = fate
      },
      .path("into") { path throws(UsageError) in settings.into = path },
      .flag("reset") { settings.isReset = true },
      .flag("dry-run", "n") { settings.isDryRun = true },
      .flag("list") { settings.isList = true },
      .flag("all") { settings.isAll = true },
      .flag("quiet", "q") { settings.isQuiet = true },
    ]
  ).parse()
  guard let path = operands.last else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }
  var selection = Selection(names: Array(operands.dropLast()))
  if settings.isAll || (settings.isList && selection.isEmpty) {
    guard selection.isEmpty else { throw Failure(.usage, "--all, or names, not both") }
    selection = Selection(names: ["*"], needsAMatch: false)
  }
  guard !selection.isEmpty else { throw Failure(.usage, "names are wanted before the queue, or --all") }

  let queue: QueueView
  do throws(SystemError) { queue = try QueueView(path: path) } catch { throw Failure(error) }
  let status =
    settings.isList || settings.isDryRun
    ? try show(queue, &selection, settings) : try replay(queue, &selection, settings)
  for name in selection.unmatched {
    Diagnostics.say(program, "\(path)/\(settings.from.rawValue)/\(name): no such message")
  }
  return selection.unmatched.isEmpty ? status : .noInput
}
