// Fetches messages with the EXPORT program and turns them into Internet messages. What runs the program is in Programs,
// what moves files in Spool; here is what the command line says of both.

import Programs
import Spool
import Tooling

let program = "ccm-export"

Diagnostics.main(program) { () throws(Failure) in
  var returns: Path?
  var fetches = true
  let command = try ConnectorCommand(
    program, .exports, synopsis: "[--returns DIR] [--no-fetch] ",
    further: [
      .path("returns") { path throws(UsageError) in returns = path },
      .flag("no-fetch") { fetches = false },
    ])
  if command.isCheck { return try command.check(returns: returns) }
  let connector = command.connector
  let run: Run
  let session: ExportSession
  do throws(SystemError) {
    let queue = try Queue(path: command.path, into: command.into, returns: returns)
    let absolute = try queue.absolutePath()
    let memory = try ExportMemory(KnownMessages(queue), isReliable: connector.exports.isReliable, queue: absolute)
    run = try command.begin(queue)
    session = ExportSession(
      run: run,
      fetcher: ExportFetcher(connector.exports, run: run, queue: absolute) { (file) throws(SystemError) in
        try memory.noteUnfinished(file)
      },
      processor: ExportProcessor(connector.settings, run: run, queue: absolute, known: memory), memory: memory)
  } catch { throw Failure(opening: error) }
  return try command.work(run) { session.pass(fetches: fetches) }
}
