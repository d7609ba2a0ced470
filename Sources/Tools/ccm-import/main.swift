// Hands the .ccm files of a queue to the IMPORT program. What moves files is in Spool, what runs the program and judges
// it is in Programs; here is what the command line says of both.

import Programs
import Spool
import Tooling

let program = "ccm-import"

Diagnostics.main(program) { () throws(Failure) in
  let command = try ConnectorCommand(program, .imports)
  if command.isCheck { return try command.check() }
  let settings = command.connector.settings
  let run: Run
  let processor: ImportProcessor
  do throws(SystemError) {
    let queue = try Queue(path: command.path, into: command.into)
    let absolute = try queue.absolutePath()
    let isDue = try ImportProcessor.isDue(queue, retry: settings.retry)
    run = try command.begin(queue, isDue: isDue)
    processor = ImportProcessor(settings, run: run, queue: absolute)
    try processor.sweep()
  } catch { throw Failure(opening: error) }
  return try command.work(run) { run.process(processor) }
}
