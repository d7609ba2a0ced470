import Formats
import Glibc
import Spool
import Tooling

/// Prints the messages that are meant, a line each: with --list when, how large and why, too.
func show(
  _ queue: borrowing QueueView, _ selection: inout Selection, _ settings: ReplaySettings
) throws(Failure) -> ExitStatus {
  let output = Output()
  var failure: Failure?
  do throws(SystemError) {
    try Replay.forEachCandidate(queue, from: settings.from) { candidate throws(SystemError) in
      guard selection.takes(candidate.name), failure == nil else { return }
      var line = PrintableText.bytes(candidate.name.bytes)
      if settings.isList {
        let reason = Replay.reason(candidate.name, in: queue, from: settings.from)
        let more = "\t\(Clock(seconds: candidate.time).text)\t\(candidate.size)\t\(reason)"
        line += PrintableText.bytes(more.utf8, keeping: ASCII.tab)
      }
      line.append(ASCII.lf)
      do throws(Failure) { try output.write(line.span) } catch { failure = error }
    }
  } catch { throw Failure(error) }
  if let failure { throw failure }
  try output.finish()
  return .ok
}

/// Puts the messages that are meant back.
func replay(
  _ queue: borrowing QueueView, _ selection: inout Selection, _ settings: ReplaySettings
) throws(Failure) -> ExitStatus {
  var replay: Replay
  do throws(SystemError) {
    replay = try Replay(
      path: queue.path, from: settings.from, into: settings.into,
      // With its strikes, a message that was put aside for them would be put aside again at the next death.
      forgetsStrikes: settings.isReset || settings.from == .quarantine, program: program
    ) { event in
      if event.severity == .error { Diagnostics.say(program, event.text) }
    }
  } catch { throw Failure(error.isTemporary ? .temporaryFailure : .cannotCreate, "\(error)") }
  if settings.from == .done, !settings.isQuiet {
    Diagnostics.say(program, "\(queue.path): what is done will be done again: each of its results is sent once more")
  }
  var count = 0
  do throws(SystemError) {
    try Replay.forEachCandidate(queue, from: settings.from) { candidate throws(SystemError) in
      guard selection.takes(candidate.name) else { return }
      if case .replayed = try replay.replay(candidate) { count += 1 }
    }
    try replay.end()
  } catch { throw Failure(error.isTemporary ? .temporaryFailure : .ioError, "\(error)") }
  if !settings.isQuiet { Diagnostics.say(program, "\(queue.path): \(count) put back from \(settings.from.rawValue)") }
  return .ok
}
