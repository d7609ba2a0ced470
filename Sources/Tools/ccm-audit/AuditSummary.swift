import Formats
import Spool
import Tooling

/// What the command line of ccm-audit says.
struct AuditSettings: Sendable {
  var isRepair = false
  var isConsumed = false
  var isJSON = false
  var isQuiet = false
  /// The damages that somebody knows of, `FOLDER/FILE`, and those of them that are none.
  var acknowledged: [Path] = []
  var unmatched: [Path] = []
}

/// Audits the queue at `path`; returns what was counted.
func audit(_ path: Path, _ settings: AuditSettings, _ say: @escaping (Damage) -> Void) throws(Failure) -> Audit.Counts {
  do throws(SystemError) {
    let audit = Audit(try QueueView(path: path), isConsumed: settings.isConsumed, say: say)
    try audit.run()
    return audit.counts
  } catch { throw Failure(error) }
}

/// Recovers what the dead have left, and repairs what an audit finds after that; returns how many things it repaired.
func repair(_ path: Path, _ settings: AuditSettings) throws(Failure) -> Int {
  do throws(SystemError) {
    _ = try QueueView(path: path)
    let isQuiet = settings.isQuiet
    var repair = try AuditRepair(path: path, program: program) { event in
      guard event.severity == .error || (event.severity == .warning && !isQuiet) else { return }
      Diagnostics.say(program, (event.name.map { "\($0): " } ?? "") + event.text)
    }
    var damages: [Damage] = []
    let audit = Audit(try QueueView(path: path), isConsumed: settings.isConsumed, own: repair.id) { damages.append($0) }
    try audit.run()
    repair.repair(damages)
    let count = repair.count
    repair.end()
    return count
  } catch { throw Failure(error) }
}

/// Acknowledges the damages that are named; what is none is told.
func acknowledge(_ path: Path, _ settings: inout AuditSettings) throws(Failure) {
  var unmatched: [Path] = []
  do throws(SystemError) {
    _ = try QueueView(path: path)
    var acknowledgement = try Acknowledgement(path: path, program: program) { event in
      if event.severity == .error { Diagnostics.say(program, (event.name.map { "\($0): " } ?? "") + event.text) }
    }
    var damages: [Damage] = []
    let audit = Audit(try QueueView(path: path), isConsumed: settings.isConsumed, own: acknowledgement.id) {
      damages.append($0)
    }
    try audit.run()
    for name in settings.acknowledged
    where try !acknowledgement.acknowledge(name, among: damages, by: Person.name) { unmatched.append(name) }
    try acknowledgement.end()
  } catch { throw Failure(error) }
  for name in unmatched {
    Diagnostics.say(program, "\(path)/\(name): no damage that could be acknowledged; nothing was noted of it")
  }
  settings.unmatched = unmatched
}

/// What an audit proved, for people and for scripts.
struct AuditSummary {
  private let queue: String
  private let counts: [(name: StaticString, value: Int)]
  private let damages: Int

  init(queue: String, _ audit: Audit.Counts, repairs: Int?) {
    self.queue = queue
    damages = audit.damages
    var counts: [(name: StaticString, value: Int)] = [
      ("events", audit.events), ("waiting", audit.waiting), ("claimed", audit.claimed), ("done", audit.done),
      ("failed", audit.failed), ("quarantine", audit.quarantine), ("results", audit.results),
      ("pruned", audit.pruned), ("discarded", audit.discarded), ("unproved", audit.unproved),
    ]
    if let repairs { counts.append(("repaired", repairs)) }
    self.counts = counts + [("damages", audit.damages)]
  }

  var json: [UInt8] {
    var line = JSONLine()
    line.add("queue", queue)
    for count in counts { line.add(count.name, count.value) }
    return line.closed
  }

  var text: String {
    "\(queue): \(damages == 0 ? "sound" : "damaged"): "
      + counts.map { "\($0.value) \($0.name)" }.joined(separator: ", ")
  }
}

/// Proves one queue, and repairs it before where that is wanted. False when there is damage.
func prove(_ path: Path, _ settings: inout AuditSettings, _ output: Output) throws(Failure) -> Bool {
  let repairs = settings.isRepair ? try repair(path, settings) : 0
  if !settings.acknowledged.isEmpty { try acknowledge(path, &settings) }
  let isJSON = settings.isJSON
  var writeFailure: Failure?
  let counts = try audit(path, settings) { damage in
    var text: [UInt8]
    if isJSON {
      text = damage.json(queue: path.description)
    } else {
      text = PrintableText.bytes(
        "\(path): \(damage.name): \(damage.text) (\(damage.evidence))".utf8)
    }
    text.append(ASCII.lf)
    do throws(Failure) { try output.write(text.span) } catch { writeFailure = error }
  }
  if let writeFailure { throw writeFailure }
  let summary = AuditSummary(queue: path.description, counts, repairs: settings.isRepair ? repairs : nil)
  if settings.isJSON { try output.write((summary.json + [ASCII.lf]).span) }
  if !settings.isJSON, !settings.isQuiet {
    try output.flush()
    Diagnostics.say(program, summary.text)
  }
  return counts.damages == 0
}
