import Formats
import Glibc

/// Takes messages out of their fate again. They are put back, so that they are processed again (KB Q168680: the `.ccm`
/// files, not the `.und`), as they are or mended; or they are discarded. Each step is announced before and told after
/// it, so that an audit knows what a crash left.
public struct Replay: ~Copyable {
  /// What may be put back.
  public struct Candidate: Sendable {
    public var name: FileName
    /// Bytes; nil for what is no file.
    public var size: Int?
    /// When it got its fate, in seconds since 1970.
    public var time: Int
  }

  /// What became of a message.
  public enum Outcome: Sendable {
    /// It is back, under this name.
    case replayed(FileName)
    /// It is no more.
    case discarded
    /// Somebody else has taken it meanwhile.
    case gone
    /// It is where it was: it may not be moved, as all has been told.
    case passedOver
  }

  let queue: Queue
  let invocation: Invocation
  let lock: LedgerLock
  let from: Fate
  let source: FileDescriptor
  private let target: FileDescriptor
  private let into: Path?
  private let forgetsStrikes: Bool
  var moved = 0

  /// Begins an invocation on the queue at `path`, whose folder of a fate the messages come out of.
  ///
  /// - Parameter into: a directory on the same file system; nil for the queue's own `in`.
  /// - Parameter forgetsStrikes: strikes and attempts that went wrong do not count any more.
  public init(
    path: Path, from: Fate, into: Path?, forgetsStrikes: Bool, program: String,
    echo: @escaping @Sendable (Event) -> Void
  ) throws(SystemError) {
    // Checked as --into of a conversion is.
    let queue = try Queue(path: path, into: into)
    let source = try FileDescriptor.directory(from.rawValue, in: queue.root)
    let target = try Self.target(queue, into)
    let lock = try LedgerLock(queue)
    let invocation = try Invocation(queue, program: program, workers: 1, echo: echo)
    self.lock = lock
    self.into = queue.into
    self.queue = queue
    self.source = source
    self.target = target
    self.invocation = invocation
    self.from = from
    self.forgetsStrikes = forgetsStrikes
  }

  private static func target(_ queue: borrowing Queue, _ into: Path?) throws(SystemError) -> FileDescriptor {
    guard let into else { return try FileDescriptor.directory("in", in: queue.root) }
    let target = try FileDescriptor.open(path: into, O_RDONLY | O_DIRECTORY)
    let status = try target.status()
    for folder in ["results", "done", "failed", "quarantine", "log", "work"] {
      guard let other = try queue.root.folder(FileName(folder)) else { continue }
      if try other.status().st_ino == status.st_ino {
        throw SystemError("--into: a folder of the queue that nothing is taken from", into, EINVAL)
      }
    }
    return target
  }

  /// Calls `body` with each message that may be put back: files, but for reports and `.und` files.
  ///
  /// - Parameter includesAll: what else is there but directories and reports, which may be discarded.
  public static func forEachCandidate(
    _ queue: borrowing QueueView, from: Fate, includesAll: Bool = false, _ body: (Candidate) throws(SystemError) -> Void
  ) throws(SystemError) {
    guard let folder = try queue.folder(from.rawValue) else { return }
    try Audit.read(folder) { (name, status) throws(SystemError) in
      guard includesAll ? !status.isDirectory : status.isFile && !isUndeliverableFile(name), !name.isReport else {
        return
      }
      try body(
        Candidate(name: name, size: status.isFile ? status.st_size : nil, time: status.st_ctim.tv_sec))
    }
  }

  /// What IMPORT could not deliver is in `.und` files, with its reasons: not to be imported again.
  private static func isUndeliverableFile(_ name: FileName) -> Bool {
    let bytes = name.bytes
    return bytes.count > 4 && bytes.span.equalsIgnoringCase((bytes.count - 4)..<bytes.count, ".und")
  }

  /// The text of a message's report; empty when there is none.
  public static func reason(_ name: FileName, in queue: borrowing QueueView, from: Fate) -> String {
    var bytes: [UInt8] = []
    guard let folder = (try? queue.folder(from.rawValue)) ?? nil,
      let file = try? FileDescriptor.open(name.report, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
      let status = try? file.status(), status.isFile, status.st_size < 1 << 24,
      (try? file.readAll(into: &bytes, expecting: status.st_size)) != nil
    else { return "" }
    var object = JSONObject()
    guard object.read(bytes.span), let text = object.string("text", in: bytes.span) else { return "" }
    return String(decoding: text, as: UTF8.self)
  }

  /// Puts a message back, and its report into the log.
  public mutating func replay(_ candidate: Candidate) throws(SystemError) -> Outcome {
    try lock.share()
    defer { lock.release() }
    return try putBack(candidate)
  }

  /// Puts a message back, under the lock.
  mutating func putBack(_ candidate: Candidate) throws(SystemError) -> Outcome {
    let name = candidate.name
    try announce(Event.ID.replaying, "is about to be put back", candidate)
    let back: FileName
    do throws(SystemError) {
      back = try Move.publish(name, in: source, as: name, in: target)
    } catch { return try isNotTaken(candidate, error, "put back") }
    moved += 1
    if forgetsStrikes { forgetStrikes(back) }
    report(Event.ID.replayed, "was put back as \(back)", candidate, published: back)
    keepReport(of: candidate)
    return .replayed(back)
  }

  /// Removes a message for good, as somebody has decided, and puts its report into the log.
  public mutating func discard(_ candidate: Candidate, because reason: String, by: String) throws(SystemError)
    -> Outcome
  {
    try lock.share()
    defer { lock.release() }
    try announce(Event.ID.discarding, "is about to be discarded", candidate, by: by)
    // It is gone only when the log is sure to say why.
    try invocation.sync()
    let directory = source.number
    guard candidate.name.withCString({ unlinkat(directory, $0, 0) }) == 0 else {
      return try isNotTaken(candidate, SystemError("unlink", "\(source.path)/\(candidate.name)"), "discarded")
    }
    moved += 1
    keepReport(of: candidate)
    report(Event.ID.discarded, "was discarded: \(reason)", candidate, by: by)
    return .discarded
  }

  /// Tells that a message stays in its fate; throws what any other message would have met.
  private func isNotTaken(_ candidate: Candidate, _ error: SystemError, _ what: String) throws(SystemError) -> Outcome {
    var isAlone = try error.isOfEntry(of: source)
    if isAlone { isAlone = try target.isWritable() }
    report(
      Event.ID.notReplayed, "was not \(what): \(error)", candidate, severity: error.code == ENOENT ? .info : .error)
    if error.code == ENOENT { return .gone }
    if isAlone { return .passedOver }
    throw error
  }

  /// Puts the report of a message into the log, if it has one: one that is done may have none.
  private func keepReport(of candidate: Candidate) {
    do throws(SystemError) {
      _ = try queue.keep(report: candidate.name.report, of: candidate.name, in: source)
    } catch {
      if error.code != ENOENT { invocation.report(error, name: candidate.name, doing: "its report") }
    }
  }

  func report(
    _ id: Int, _ text: String, _ candidate: Candidate, published: FileName? = nil, severity: Event.Severity = .info,
    by: String? = nil
  ) {
    invocation.report(event(id, text, candidate, published: published, severity: severity, by: by))
  }

  /// Tells what is about to be done. It must not be done when this throws: no audit would understand it.
  func announce(
    _ id: Int, _ text: String, _ candidate: Candidate, became: Int? = nil, by: String? = nil
  ) throws(SystemError) {
    try invocation.record(event(id, text, candidate, became: became, by: by))
  }

  private func event(
    _ id: Int, _ text: String, _ candidate: Candidate, published: FileName? = nil, became: Int? = nil,
    severity: Event.Severity = .info, by: String? = nil
  ) -> Event {
    var event = Event(id, severity, text, name: candidate.name.description)
    event.size = candidate.size
    event.from = from
    event.into = into?.description
    event.published = published?.description
    if published != nil { event.folder = "in" }
    event.became = became
    event.by = by
    return event
  }

  /// Forgets what is remembered of a message by its inode.
  private func forgetStrikes(_ message: FileName) {
    guard let key = Strikes.key(message, in: target) else { return }
    for memory in Strikes.folders {
      guard let folder = (try? queue.work.folder(FileName(memory))) ?? nil else { continue }
      for name in [key, Strikes.setback + key] { unlinkat(folder.number, name, 0) }
    }
  }

  /// Makes what was moved durable, and ends the invocation.
  public consuming func end() throws(SystemError) {
    if moved > 0 { try queue.root.syncFileSystem() }
    invocation.end(queue)
  }
}
