import Formats
import Spool
import Tooling

/// Prunes one queue; false when something could not be removed.
func prune(_ path: Path, _ settings: Prune.Settings, isQuiet: Bool) throws(Failure) -> Bool {
  do throws(SystemError) { _ = try QueueView(path: path) } catch { throw Failure(error) }
  let prune: Prune
  do throws(SystemError) {
    prune = try Prune(path: path, settings, program: program) { event in
      if event.severity == .error { Diagnostics.say(program, "\(path): \(event.text)") }
    }
  } catch { throw Failure(error.isTemporary ? .temporaryFailure : .cannotCreate, "\(error)") }
  do throws(SystemError) { try prune.run() } catch {
    throw Failure(error.isTemporary ? .temporaryFailure : .ioError, "\(error)")
  }
  let counts = prune.counts
  if !isQuiet {
    Diagnostics.say(
      program,
      "\(path): \(counts.messages) messages, \(counts.bytes) bytes, \(counts.logs) event logs, \(counts.files) other logs"
        + (counts.passedOver > 0 ? "; \(counts.passedOver) passed over" : ""))
  }
  return counts.passedOver == 0
}

/// Prints the names of the messages that would go.
func show(_ path: Path, _ settings: Prune.Settings) throws(Failure) -> Bool {
  let output = Output()
  var failure: Failure?
  do throws(SystemError) {
    try Prune.forEachCandidate(try QueueView(path: path), settings) { fate, name in
      var line = PrintableText.bytes(Array("\(path)/\(fate.rawValue)/".utf8) + name.bytes)
      line.append(ASCII.lf)
      do throws(Failure) { try output.write(line.span) } catch { failure = failure ?? error }
    }
  } catch { throw Failure(error) }
  if let failure { throw failure }
  try output.flush()
  return true
}
