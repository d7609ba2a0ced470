// Says what is in queues: how many messages wait, since when, who works on them, what became of them. Nothing is
// changed; what is read is in Spool, how it is written in the files beside this one.

import Formats
import Glibc
import Spool
import Tooling

let program = "ccm-status"

Diagnostics.main(program) { () throws(Failure) in
  enum Form { case table, json, prometheus }
  var form = Form.table
  var limits = Limits()
  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--json | --prometheus] [--warn-age SECONDS] [--warn-count N] [--warn-failed N] [--warn-quarantine N] QUEUE ...",
    options: [
      .flag("json") { form = .json },
      .flag("prometheus") { form = .prometheus },
      .number("warn-age", in: 0...1_000_000_000) { limits.age = $0 },
      .number("warn-count", in: 0...1_000_000_000) { limits.waiting = $0 },
      .number("warn-failed", in: 0...1_000_000_000) { limits.failed = $0 },
      .number("warn-quarantine", in: 0...1_000_000_000) { limits.quarantine = $0 },
    ]
  ).parse()
  guard !operands.isEmpty else { throw Failure(.usage, "a queue is wanted; see \(program) --help") }

  var status = ExitStatus.ok
  var reports: [QueueReport] = []
  for (index, path) in operands.enumerated() where !operands[..<index].contains(path) {
    do throws(SystemError) {
      let report = try QueueReport(path)
      reports.append(report)
      if limits.areExceeded(by: report), status == .ok { status = .dataError }
    } catch {
      let failure = Failure(error)
      Diagnostics.say(program, failure.text ?? path.description)
      status = failure.status
    }
  }
  let output = Output()
  switch form {
  case .table: for report in reports { try output.write(report.table.span) }
  case .json: for report in reports { try output.write((report.json + [ASCII.lf]).span) }
  case .prometheus: try output.write(Metrics(reports).text.span)
  }
  try output.finish()
  return status
}
