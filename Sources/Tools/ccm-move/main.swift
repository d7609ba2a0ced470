// Moves messages into a directory, each once and whole. Here is what the command line says, and which files are
// complete; all that moves files is in Spool.

import Formats
import Glibc
import Spool
import Tooling

let program = "ccm-move"

Diagnostics.main(program) { () throws(Failure) in
  var settle: Int?
  var isQuiet = false
  let operands = try OptionParser(
    program: program, synopsis: "[--settle SECONDS] [--quiet] SOURCE ... DIRECTORY",
    options: [
      .value("settle", "s") { text throws(UsageError) in
        guard let seconds = Int(text), (0...86_400).contains(seconds) else {
          throw UsageError("--settle: a number of seconds up to 86400 is wanted, not `\(text)`")
        }
        settle = seconds
      },
      .flag("quiet", "q") { isQuiet = true },
    ]
  ).parse()
  guard operands.count >= 2, let target = operands.last else {
    throw Failure(.usage, "files or directories are wanted, and the directory to move to; see \(program) --help")
  }
  StopRequest.install()

  var status = ExitStatus.ok
  func trouble(_ failure: ExitStatus, _ text: String) {
    if status == .ok { status = failure }
    Diagnostics.say(program, text)
  }
  let mover: Mover
  do throws(SystemError) {
    mover = try Mover(
      to: target, shouldStop: { StopRequest.isSet },
      say: { error, fate in trouble(error.isTemporary ? .temporaryFailure : .ioError, "\(error); \(fate)") })
  } catch { throw Failure(opening: error) }

  var sources: [MoveSource] = []
  for operand in operands.dropLast() {
    do throws(SystemError) {
      let source = try MoveSource.find(operand, in: &sources)
      if try mover.isTarget(source.directory) {
        trouble(.usage, "\(operand): is the directory to move to, or in it; it stays")
        sources.removeAll { $0 === source }
        continue
      }
      if !source.isRecovered {
        source.isRecovered = true
        source.fates = try mover.recover(source.directory)
      }
      if try !source.want(operand) { trouble(.noInput, "\(operand): no such file") }
    } catch { trouble(Failure(error).status, "\(error)") }
  }
  do throws(SystemError) {
    if let settle { try Settling.keepComplete(sources, seconds: settle) }
  } catch { throw Failure(.osError, "\(error); nothing is moved") }
  for source in sources where !StopRequest.isSet {
    do throws(SystemError) { try mover.move(source.names, from: source.directory) } catch {
      trouble(
        error.isTemporary ? .temporaryFailure : .ioError,
        "\(error); what is not moved stays in \(source.directory.path)")
    }
  }
  if !isQuiet { Diagnostics.say(program, "\(mover.moved) moved to \(mover.path)") }
  if status == .ok, StopRequest.isSet { status = .temporaryFailure }
  return status
}
