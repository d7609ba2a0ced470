import Formats
import Glibc

/// Removes messages that have had their fate for long, with their reports, and folds the logs of that time into the
/// ledger, so that an audit still knows what became of each. Or moves all of them into an archive.
///
/// Messages are announced, some hundreds at a time, before the first of them goes, and told after the last one.
public final class Prune {
  public struct Settings: Sendable {
    /// What has had its fate for at least so many seconds goes.
    public var age = 0
    public var fates: [Fate] = [.done]
    /// Results are taken by somebody: those that are gone are not looked for any more.
    public var isConsumed = false
    /// Where everything goes that goes; nil for nowhere.
    public var archive: Path?

    public init() {}
  }

  public struct Counts: Sendable {
    public internal(set) var messages = 0
    public internal(set) var bytes = 0
    /// Event logs that are in the ledger now, and other files of the log.
    public internal(set) var logs = 0
    public internal(set) var files = 0
    /// What may not be removed, or is for a person to look at; all of it was told.
    public internal(set) var passedOver = 0
  }

  /// So many messages are announced at a time.
  private static let batch = 512

  public private(set) var counts = Counts()
  private let settings: Settings
  private let queue: Queue
  private let lock: LedgerLock
  private let invocation: Invocation
  private let archive: PruneArchive?
  /// What the logs say should be there.
  private let audit: Audit
  /// The last moment, in seconds since 1970, that is old enough.
  private let limit: Int

  /// Begins an invocation on the queue at `path`, alone with it as far as other prunings and replays go: it waits for
  /// them.
  public init(
    path: Path, _ settings: Settings, program: String, echo: @escaping @Sendable (Event) -> Void
  ) throws(SystemError) {
    let queue = try Queue(path: path)
    archive = try settings.archive.map { path throws(SystemError) in try PruneArchive(path, of: queue) }
    let lock = try LedgerLock(queue)
    try lock.take()
    let invocation = try Invocation(queue, program: program, workers: 1, echo: echo)
    audit = Audit(try QueueView(path: path), isConsumed: settings.isConsumed, own: invocation.id) { _ in }
    self.queue = queue
    self.lock = lock
    self.invocation = invocation
    self.settings = settings
    limit = Clock.now.seconds - settings.age
  }

  /// Prunes, and ends the invocation.
  public func run() throws(SystemError) {
    try audit.readWork()
    try audit.readLogs()
    for fate in settings.fates { try prune(fate) }
    try pruneLogs()
    try queue.root.syncFileSystem()
    invocation.end(queue)
  }

  /// Calls `body` with the messages that would go.
  public static func forEachCandidate(
    _ queue: borrowing QueueView, _ settings: Settings, _ body: (Fate, FileName) throws(SystemError) -> Void
  ) throws(SystemError) {
    let limit = Clock.now.seconds - settings.age
    for fate in settings.fates {
      guard let folder = try queue.folder(fate.rawValue) else { continue }
      try Audit.read(folder) { (name, status) throws(SystemError) in
        if isMessage(name, status), status.st_ctim.tv_sec <= limit { try body(fate, name) }
      }
    }
  }

  /// Directories are for a person to look at, and reports go with their messages.
  private static func isMessage(_ name: FileName, _ status: stat) -> Bool {
    !status.isDirectory && !(status.isFile && name.isReport)
  }

  // MARK: Messages

  private struct Message {
    var name: FileName
    var bytes: Int
    /// The size that the logs know; nil for a message that is older than they are.
    var expected: Int?
  }

  private func prune(_ fate: Fate) throws(SystemError) {
    let folder = try FileDescriptor.directory(fate.rawValue, in: queue.root)
    var messages: [Message] = []
    try Audit.read(folder) { (name, status) throws(SystemError) in
      // The time of the last rename, which brought it here; the time of its text is that of its writing.
      // What came since the logs were read is for the next time.
      guard Self.isMessage(name, status), status.st_ctim.tv_sec <= limit, audit.isBefore(status) else { return }
      var message = Message(name: name, bytes: status.isFile ? status.st_size : 0)
      let file = AuditFile(AuditFolder(fate), name, size: status.isFile ? status.st_size : AuditFile.unknownSize)
      if audit.ledger.take(file.key) {
        message.expected = file.size
      } else if audit.ledger.take(file.withoutSize.key) {
        message.expected = AuditFile.unknownSize
      } else if audit.isInLog(status) {
        return passOver("\(fate.rawValue)/\(name): no event gives it this fate; see ccm-audit; it stays", name)
      }
      messages.append(message)
      if messages.count == Self.batch {
        try remove(messages, fate, folder)
        messages = []
      }
    }
    if !messages.isEmpty { try remove(messages, fate, folder) }
  }

  private func remove(
    _ messages: [Message], _ fate: Fate, _ folder: borrowing FileDescriptor
  ) throws(SystemError) {
    try invocation.record(event(Event.ID.pruning, "are about to be pruned", messages, fate))
    // They go only when the log is sure to say where they are.
    try invocation.sync()
    var (gone, kept): ([Message], [Message]) = ([], [])
    var failure: SystemError?
    for message in messages {
      if failure != nil {
        kept.append(message)
        continue
      }
      do throws(SystemError) {
        try remove(message.name, in: folder, fate.rawValue)
        gone.append(message)
      } catch {
        kept.append(message)
        if error.code == ENOENT { continue }
        if try error.isOfEntry(of: folder) {
          passOver("\(fate.rawValue)/\(message.name): \(error); it stays", message.name)
        } else {
          failure = error
        }
        continue
      }
      // A name that leaves no room for that of a report may share it with others.
      guard message.name.count <= FileName.maximumInFate else { continue }
      do throws(SystemError) { try remove(message.name.report, in: folder, fate.rawValue) } catch {
        if error.code != ENOENT { invocation.report(error, name: message.name, doing: "its report") }
      }
    }
    if !gone.isEmpty { invocation.report(event(Event.ID.pruned, "were pruned", gone, fate)) }
    if !kept.isEmpty { invocation.report(event(Event.ID.notPruned, "were not pruned", kept, fate)) }
    counts.messages += gone.count
    counts.bytes += gone.reduce(0) { $0 + $1.bytes }
    if let failure { throw failure }
  }

  private func event(_ id: Int, _ text: String, _ messages: [Message], _ fate: Fate) -> Event {
    var event = Event(id, .info, "\(messages.count) messages \(text)")
    event.from = fate
    event.count = messages.count
    // The logs have never told of the others, and need not tell that they are gone.
    let known = messages.filter { $0.expected != nil }
    event.messages = known.map(\.name.description)
    event.sizes = known.compactMap(\.expected)
    event.into = archive?.path.description
    return event
  }

  private func passOver(_ text: String, _ name: FileName) {
    counts.passedOver += 1
    invocation.report(Event(Event.ID.systemError, .error, text, name: name.description))
  }

  /// Removes a file of the queue, or moves it into the folder of that name in the archive.
  private func remove(
    _ name: FileName, in folder: borrowing FileDescriptor, _ folderName: String
  ) throws(SystemError) {
    if let archive { return try archive.take(name, from: folder, folderName) }
    let number = folder.number
    guard name.withCString({ unlinkat(number, $0, 0) }) == 0 else {
      throw SystemError("unlink", "\(folder.path)/\(name)")
    }
  }

  // MARK: Logs

  private func pruneLogs() throws(SystemError) {
    var events: [FileName] = []
    var others: [FileName] = []
    let folded = audit.folded
    var left: [FileName] = []
    try Audit.read(queue.log) { (name, status) throws(SystemError) in
      guard status.isFile, name != Ledger.name else { return }
      if folded.contains(name.bytes) {
        left.append(name)
      } else if max(status.st_ctim.tv_sec, status.st_mtim.tv_sec) <= limit {
        if EventReader.isLog(name) { events.append(name) } else { others.append(name) }
      }
    }
    // Asked for after the logs: whoever began since has none of them.
    let busy = try PruneOwners(QueueView(path: queue.path))
    let fold = try LedgerFold(QueueView(path: queue.path), isConsumed: settings.isConsumed)
    // Those that a crash has left are in the ledger already.
    for name in left { try removeLog(name) }
    for name in try fold.run(events.filter { !busy.mayWrite($0) }) { try removeLog(name) }
    for (name, line) in fold.damaged {
      passOver("log/\(name): line \(line) is no event; the log is kept; see ccm-audit", name)
    }
    for name in others where !busy.mayNeed(name) {
      do throws(SystemError) {
        try remove(name, in: queue.log, "log")
        counts.files += 1
      } catch {
        guard try error.isOfEntry(of: queue.log) else { throw error }
        passOver("log/\(name): \(error); it stays", name)
      }
    }
  }

  private func removeLog(_ name: FileName) throws(SystemError) {
    try remove(name, in: queue.log, "log")
    counts.logs += 1
  }
}

/// Whose logs are not to be touched.
struct PruneOwners {
  private var living: Set<[UInt8]> = []
  private var unsettled: Set<[UInt8]> = []

  init(_ queue: borrowing QueueView) throws(SystemError) {
    for invocation in try queue.invocations() {
      if invocation.isLiving { living.insert(invocation.name.bytes) }
      unsettled.insert(invocation.name.bytes)
    }
    guard let runs = try queue.folder("run") else { return }
    for name in try DirectoryReader.names(runs) {
      let run = RunOwner.run(of: name.description)
      if let owner = try RunOwner.read("\(run)", in: runs.number) { unsettled.insert(Array(owner.utf8)) }
    }
  }

  /// The ID of the invocation that a file of the log belongs to, by its name.
  private func owner(_ name: FileName) -> [UInt8] { Array(name.bytes.prefix { $0 != ASCII.dot }) }

  /// Whether events may still be added to this log.
  func mayWrite(_ name: FileName) -> Bool { EventReader.group(name) == nil && living.contains(owner(name)) }

  /// Whether what a program printed may still be wanted, to settle what it did.
  func mayNeed(_ name: FileName) -> Bool { unsettled.contains(owner(name)) }
}
