import Formats
import Glibc

/// Repairs what a crash left, where it is certain what the crash interrupted. A message is never removed, and never
/// moved but by recovery, as any start does it.
public struct AuditRepair: ~Copyable {
  private let queue: Queue
  private let invocation: Invocation
  public private(set) var count = 0

  /// Begins an invocation on the queue at `path` and recovers what the dead have left.
  public init(path: Path, program: String, echo: @escaping @Sendable (Event) -> Void) throws(SystemError) {
    let queue = try Queue(path: path)
    let invocation = try Invocation(queue, program: program, workers: 1, echo: echo)
    try Recovery.run(queue, strikes: Strikes(queue), for: invocation)
    self.queue = queue
    self.invocation = invocation
  }

  /// The ID of the invocation.
  public var id: String { invocation.id }

  /// Repairs what can be repaired of the damages that an audit has found since.
  public mutating func repair(_ damages: [Damage]) {
    for damage in damages {
      do throws(SystemError) {
        guard let text = try repair(damage) else { continue }
        count += 1
        var event = Event(Event.ID.repaired, .warning, text, name: damage.file.description)
        event.folder = damage.folder
        invocation.report(event)
      } catch {
        invocation.report(error, name: damage.file, doing: "repair of \(damage.name)")
      }
    }
  }

  /// Ends the invocation.
  public consuming func end() { invocation.end(queue) }

  /// What was done about a damage; nil when it is for a person.
  private func repair(_ damage: Damage) throws(SystemError) -> String? {
    switch damage.kind {
    case .orphanedReport:
      guard let folder = try queue.root.folder(FileName(damage.folder)) else { return nil }
      let final = try queue.keep(report: damage.file, of: damage.file.original, in: folder)
      return "a report without its original is now log/\(final)"
    case .missingReport: return try writeReport(damage)
    case .orphanedRun where damage.folder == "run": return try clearRun(damage.file)
    case .damagedLog where EventReader.isLog(damage.file): return try LogRepair.mend(damage.file, of: queue)
    default: return nil
    }
  }

  /// Writes a report for an original whose fate an event tells, but not why.
  private func writeReport(_ damage: Damage) throws(SystemError) -> String? {
    guard let fate = Fate(rawValue: damage.folder), let folder = try queue.root.folder(FileName(damage.folder)),
      try folder.status(of: damage.file) != nil
    else { return nil }
    var report = Report(name: damage.file.description, fate: fate, invocation: invocation.id)
    report.exit = 70
    report.text = "its report was lost; the log may say why it is here"
    var file = try Self.create(damage.file.report, in: folder)
    try file.writeAll((report.json + [ASCII.lf]).span)
    try file.closeChecked()
    return "its lost report was written anew"
  }

  /// Makes a file; its name is numbered where it is taken, as two long names may have the same one for their reports.
  private static func create(
    _ name: FileName, in folder: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor {
    var number = 1
    while true {
      do {
        return try FileDescriptor.open(name.numbered(number), in: folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      } catch {
        guard error.code == EEXIST else { throw error }
        number += 1
      }
    }
  }

  /// Removes the directory of a run in which nothing is left. One of IMPORT with files in it is put where a person finds
  /// it; what EXPORT left may be a message that is nowhere else, and is for ccm-export.
  private func clearRun(_ name: FileName) throws(SystemError) -> String? {
    guard let runs = try queue.root.folder(FileName("run")) else { return nil }
    let run = FileName(RunOwner.run(of: name.description))
    var text = "the owner of a run that never began was removed"
    if let directory = try runs.folder(run) {
      // The invocation is dead; what it ran may still live, and write there.
      let queuePath = try queue.absolutePath()
      let path: Path = "\(queuePath)/run/\(run)"
      if let owner = try RunOwner.read(path),
        try RunProcesses(of: path, owner: owner, logs: "\(queuePath)/log").areLiving()
      {
        return nil
      }
      if try Self.isEmpty(directory) {
        for entry in try DirectoryReader.names(directory) { try directory.unlink(entry) }
        try runs.unlink(run, isDirectory: true)
        text = "the directory of a run was removed; there was nothing in it"
      } else {
        if RunOwner.program(of: run.description) == .export { return nil }
        let final = try Move.publish(run, in: runs, as: FileName("run.\(run)"), in: queue.log)
        text = "the directory of a run is now log/\(final); see whether there is a message in it"
      }
    }
    try runs.unlink(FileName(run.description + RunOwner.suffix))
    return text
  }

  /// Whether there is nothing in a directory but empty files.
  private static func isEmpty(_ directory: borrowing FileDescriptor) throws(SystemError) -> Bool {
    var isEmpty = true
    try Audit.read(directory) { (_, status) throws(SystemError) in
      if !status.isFile || status.st_size > 0 { isEmpty = false }
    }
    return isEmpty
  }
}
