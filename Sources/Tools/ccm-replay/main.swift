// Puts failed or quarantined messages back into a queue, all or by name, as they are or mended; or discards them. Here
// is what the command line says; all that moves files is in Spool.

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
      "[--from failed|quarantine|done] [--into DIR] [--edit | --discard REASON] [--reset] [--dry-run] [--list] [--quiet] "
      + "[--all | NAME ...] QUEUE",
    options: [
      .value("from") { text throws(UsageError) in
        guard let fate = Fate(rawValue: text) else {
          throw UsageError("--from: failed, quarantine or done is wanted, not `\(text)`")
        }
        settings.from = fate
      },
      .path("into") { path throws(UsageError) in settings.into = path },
      .flag("edit") { settings.isEdit = true },
      .value("discard") { text throws(UsageError) in
        guard text.contains(where: { !$0.isWhitespace }) else { throw UsageError("--discard: a reason is wanted") }
        settings.discard = text
      },
      .flag("reset") { settings.isReset = true },
      .flag("dry-run", "n") { settings.isDryRun = true },
      .flag("list") { settings.isList = true },
      .flag("all") { settings.isAll = true },
      .flag("quiet", "q") { settings.isQuiet = true },
    ]
  ).parse()
  guard let path = operands.last else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }
  if settings.discard != nil, settings.isEdit || settings.into != nil || settings.isReset {
    throw Failure(.usage, "what is discarded goes nowhere: --discard goes with none of --edit, --into and --reset")
  }
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
    ? try show(queue, &selection, settings) : try take(queue, &selection, settings)
  for name in selection.unmatched {
    Diagnostics.say(program, "\(path)/\(settings.from.rawValue)/\(name): no such message")
  }
  return selection.unmatched.isEmpty ? status : .noInput
}
