import Formats
import Glibc

/// What a person knows of a queue and no event tells: a file was removed, changed or put there by hand. It is told once,
/// with who says so, and is no damage from then on.
public struct Acknowledgement: ~Copyable {
  private let queue: Queue
  private let invocation: Invocation
  private let lock: LedgerLock
  public private(set) var count = 0

  /// Begins an invocation on the queue at `path`.
  public init(path: Path, program: String, echo: @escaping @Sendable (Event) -> Void) throws(SystemError) {
    let queue = try Queue(path: path)
    let lock = try LedgerLock(queue)
    let invocation = try Invocation(queue, program: program, workers: 1, echo: echo)
    self.queue = queue
    self.lock = lock
    self.invocation = invocation
  }

  /// The ID of the invocation.
  public var id: String { invocation.id }

  /// Acknowledges the damages of one name, `FOLDER/FILE`; false when there is none that this can be said of.
  public mutating func acknowledge(_ name: Path, among damages: [Damage], by: String) throws(SystemError) -> Bool {
    try lock.share()
    defer { lock.release() }
    let before = count
    for damage in damages where damage.isNamed(name) && (damage.expected != nil || damage.present != nil) {
      var event = Event(Event.ID.acknowledged, .info, "acknowledged: \(damage.text)", name: damage.file.description)
      event.folder = damage.folder
      event.size = damage.expected
      event.became = damage.present
      event.by = by
      invocation.report(event)
      count += 1
      if damage.kind == .originalMissing { try keepReport(of: damage) }
    }
    return count > before
  }

  /// The report of an original that was removed is evidence, and goes into the log.
  private func keepReport(of damage: Damage) throws(SystemError) {
    guard let folder = try queue.root.folder(FileName(damage.folder)), try folder.status(of: damage.file) == nil else {
      return
    }
    do throws(SystemError) { _ = try queue.keep(report: damage.file.report, of: damage.file, in: folder) } catch {
      if error.code != ENOENT { throw error }
    }
  }

  /// Makes what was told durable, and ends the invocation.
  public consuming func end() throws(SystemError) {
    if count > 0 { try invocation.sync() }
    invocation.end(queue)
  }
}

extension Damage {
  /// Whether this is the name of the file, as it is or as people see it.
  func isNamed(_ name: Path) -> Bool { name == ("\(folder)/\(file)" as Path) || name.bytes == Array(self.name.utf8) }
}
