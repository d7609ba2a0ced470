// Proves that every message of a queue is in one place, whole, and its results published once; names each that is not.
// The proof is in Spool; here is what the command line says, and how the answer is written.

import Formats
import Spool
import Tooling

let program = "ccm-audit"

Diagnostics.main(program) { () throws(Failure) in
  var settings = AuditSettings()
  let operands = try OptionParser(
    program: program, synopsis: "[--repair] [--consumed] [--json] [--quiet] QUEUE",
    options: [
      .flag("repair") { settings.isRepair = true },
      .flag("consumed") { settings.isConsumed = true },
      .flag("json") { settings.isJSON = true },
      .flag("quiet", "q") { settings.isQuiet = true },
    ]
  ).parse()
  guard let path = operands.first else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }
  guard operands.count == 1 else { throw Failure(.usage, "one queue at a time") }

  let output = Output()
  let repairs = settings.isRepair ? try repair(path, settings) : 0
  var writeFailure: Failure?
  let counts = try audit(path, settings) { damage in
    var text: [UInt8]
    if settings.isJSON {
      text = damage.json(queue: path)
    } else {
      text = "\(path): \(damage.name): \(damage.text) (\(damage.evidence))".utf8.map {
        ASCII.isControl($0) ? ASCII.question : $0
      }
    }
    text.append(ASCII.lf)
    do throws(Failure) { try output.write(text.span) } catch { writeFailure = error }
  }
  if let writeFailure { throw writeFailure }
  let summary = AuditSummary(queue: path, counts, repairs: settings.isRepair ? repairs : nil)
  if settings.isJSON { try output.write((summary.json + [ASCII.lf]).span) }
  try output.finish()
  if !settings.isJSON, !settings.isQuiet { Diagnostics.say(program, summary.text) }
  return counts.damages == 0 ? .ok : .dataError
}
