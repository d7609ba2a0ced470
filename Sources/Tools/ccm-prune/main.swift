// Removes messages that have had their fate for long, with their reports and the logs of that time. Here is what the
// command line says; all that removes or moves files is in Spool.

import Formats
import Spool
import Tooling

let program = "ccm-prune"

Diagnostics.main(program) { () throws(Failure) in
  var settings = Prune.Settings()
  var age: Int?
  var fates: [Fate] = []
  var (isDryRun, isQuiet) = (false, false)
  let operands = try OptionParser(
    program: program,
    synopsis:
      "--older-than AGE [--from done|failed|quarantine] [--to DIR] [--consumed] [--dry-run] [--quiet] QUEUE ...",
    options: [
      .value("older-than") { text throws(UsageError) in
        guard let seconds = Age.seconds(text) else {
          throw UsageError("--older-than: a number with s, m, h, d or w is wanted, as in 30d, not `\(text)`")
        }
        age = seconds
      },
      .value("from") { text throws(UsageError) in
        guard let fate = Fate(rawValue: text) else {
          throw UsageError("--from: failed, quarantine or done is wanted, not `\(text)`")
        }
        if !fates.contains(fate) { fates.append(fate) }
      },
      .path("to") { path throws(UsageError) in settings.archive = path },
      .flag("consumed") { settings.isConsumed = true },
      .flag("dry-run", "n") { isDryRun = true },
      .flag("quiet", "q") { isQuiet = true },
    ]
  ).parse()
  guard let age else { throw Failure(.usage, "--older-than is wanted; see \(program) --help") }
  guard !operands.isEmpty else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }
  settings.age = age
  if !fates.isEmpty { settings.fates = fates }

  var status = ExitStatus.ok
  for path in operands {
    do throws(Failure) {
      let isWhole = isDryRun ? try show(path, settings) : try prune(path, settings, isQuiet: isQuiet)
      if !isWhole, status == .ok { status = .ioError }
    } catch {
      // The other queues have their turn.
      if let text = error.text { Diagnostics.say(program, text) }
      status = error.status
    }
  }
  return status
}
