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
    try Replay.forEachCandidate(
      queue, from: settings.from, includesAll: settings.discard != nil
    ) { candidate throws(SystemError) in
      guard selection.takes(candidate.name), failure == nil else { return }
      var line = PrintableText.bytes(candidate.name.bytes)
      if settings.isList {
        let reason = Replay.reason(candidate.name, in: queue, from: settings.from)
        let more = "\t\(Clock(seconds: candidate.time).text)\t\(candidate.size ?? 0)\t\(reason)"
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

/// Puts the messages that are meant back, as they are or mended, or discards them.
func take(
  _ queue: borrowing QueueView, _ selection: inout Selection, _ settings: ReplaySettings
) throws(Failure) -> ExitStatus {
  var replay: Replay
  do throws(SystemError) {
    replay = try Replay(
      path: queue.path, from: settings.from, into: settings.into,
      // With its strikes, a message that was put aside for them would be put aside again at the next death.
      forgetsStrikes: settings.isReset || settings.from == .quarantine, program: program
    ) { event in
      if event.severity == .error { Diagnostics.say(program, (event.name.map { "\($0): " } ?? "") + event.text) }
    }
  } catch { throw Failure(error.isTemporary ? .temporaryFailure : .cannotCreate, "\(error)") }
  if settings.from == .done, settings.discard == nil, !settings.isQuiet {
    Diagnostics.say(program, "\(queue.path): what is done will be done again: each of its results is sent once more")
  }
  var counts = Counts()
  var failure: SystemError?
  do throws(SystemError) {
    let folder = "\(queue.path)/\(settings.from.rawValue)"
    try Replay.forEachCandidate(
      queue, from: settings.from, includesAll: settings.discard != nil
    ) { candidate throws(SystemError) in
      guard selection.takes(candidate.name) else { return }
      if let reason = settings.discard {
        counts.add(try replay.discard(candidate, because: reason, by: Person.name))
      } else if settings.isEdit {
        let mending = try replay.mend(candidate, by: Person.name) { path in edit(path) }
        counts.add(mending, "\(folder)/\(candidate.name)")
      } else {
        counts.add(try replay.replay(candidate))
      }
    }
  } catch { failure = error }
  // Whatever kept it from the others, what it did is done.
  do throws(SystemError) {
    try replay.end()
    if let failure { throw failure }
  } catch { throw Failure(error.isTemporary ? .temporaryFailure : .ioError, "\(error)") }
  if !settings.isQuiet {
    let what = settings.discard == nil ? "put back" : "discarded"
    Diagnostics.say(program, "\(queue.path): \(counts.taken) \(what) from \(settings.from.rawValue)")
  }
  return counts.left > 0 ? .ioError : .ok
}

/// How many messages were taken out of their fate, and how many could not be.
private struct Counts {
  var taken = 0
  var left = 0

  mutating func add(_ outcome: Replay.Outcome) {
    switch outcome {
    case .replayed, .discarded: taken += 1
    case .passedOver: left += 1
    case .gone: break
    }
  }

  /// What a person did with a message, and what became of it, is told where it is not put back.
  mutating func add(_ mending: Replay.Mending, _ file: String) {
    switch mending {
    case .mended(let outcome): add(outcome)
    case .unchanged: Diagnostics.say(program, "\(file): not changed; it stays")
    case .abandoned:
      Diagnostics.say(program, "\(file): the editor did not end well; it stays as it was")
      left += 1
    case .overtaken(let kept):
      Diagnostics.say(
        program, "\(file): somebody has changed or moved it meanwhile; what was made of it is log/\(kept)")
      left += 1
    }
  }
}
