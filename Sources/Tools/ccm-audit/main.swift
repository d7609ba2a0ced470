// Proves that every message of a queue is in one place, whole, and its results published once; names each that is not.
// The proof is in Spool; here is what the command line says, and how the answer is written.

import Formats
import Spool
import Tooling

let program = "ccm-audit"

Diagnostics.main(program) { () throws(Failure) in
  var settings = AuditSettings()
  let operands = try OptionParser(
    program: program, synopsis: "[--repair] [--consumed] [--acknowledge NAME] [--json] [--quiet] QUEUE ...",
    options: [
      .flag("repair") { settings.isRepair = true },
      .flag("consumed") { settings.isConsumed = true },
      .path("acknowledge") { name throws(UsageError) in settings.acknowledged.append(name) },
      .flag("json") { settings.isJSON = true },
      .flag("quiet", "q") { settings.isQuiet = true },
    ]
  ).parse()
  guard !operands.isEmpty else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }

  guard settings.acknowledged.isEmpty || operands.count == 1 else {
    throw Failure(.usage, "--acknowledge is about a file of one queue")
  }

  let output = Output()
  var isSound = true
  for path in operands { if try !prove(path, &settings, output) { isSound = false } }
  try output.finish()
  if !settings.unmatched.isEmpty { return .noInput }
  return isSound ? .ok : .dataError
}
