import Formats
import Glibc
import Synchronization

/// One run over a queue: recovery, then workers that claim, convert, commit and publish until `in` is empty or
/// somebody wants them to stop.
public final class Run: Sendable {
  let queue: Queue
  let invocation: Invocation
  let strikes: Strikes
  let setbacks: Strikes
  /// Marks of what waits and cannot be claimed, and what of it has been told in this run.
  let unclaimed: Strikes
  let toldUnclaimed = Mutex<Set<FileName>>([])
  /// Messages that reached a fate in this run.
  let passed = Atomic<Int>(0)
  public let isDurable: Bool
  public let statistics = Statistics()
  let waiting: Waiting
  /// Set from a signal handler or another thread: nothing new is claimed.
  private let shouldStop: @Sendable () -> Bool
  /// The exit status for what went wrong with the system, 0 while nothing did.
  let status = Atomic<Int>(0)
  /// The exit status for what the dead have left and nobody could finish: it does not end the run.
  private let unfinished = Atomic<Int>(0)

  /// A group is committed at this many messages, or bytes of results.
  private static let maximumCount = 4096
  private static let maximumSize = 64 << 20

  /// Begins an invocation, after recovering what dead ones left.
  ///
  /// - Parameters:
  ///   - isDue: whether the time of a message in the folder has come; nil when every message's has.
  ///   - tell: gets the events that tell the fate of a message, once it is committed.
  ///   - echo: gets all others.
  public init(
    _ queue: consuming Queue, program: String, workers: Int, isDurable: Bool,
    isDue: (@Sendable (FileName, borrowing FileDescriptor) -> Bool)? = nil,
    shouldStop: @escaping @Sendable () -> Bool, tell: (@Sendable (Event) -> Void)? = nil,
    echo: @escaping @Sendable (Event) -> Void
  ) throws(SystemError) {
    try queue.checkTargets()
    invocation = try Invocation(queue, program: program, workers: workers, tell: tell, echo: echo)
    let failure = try Recovery.run(queue, strikes: Strikes(queue), for: invocation)
    strikes = try Strikes(queue)
    setbacks = try Strikes.setbacks(queue)
    unclaimed = try Strikes.unclaimed(queue)
    waiting = try Waiting(queue, strikes: strikes, setbacks: setbacks, isDue: isDue)
    self.queue = queue
    self.isDurable = isDurable
    self.shouldStop = shouldStop
    if let failure { isUnfinished(failure) }
  }

  public var id: String { invocation.id }

  /// A directory for the programs that this run starts, and the queue's log directory, both as paths.
  public var paths: (work: Path, log: Path) { ("\(queue.work.path)/\(invocation.id)", queue.log.path) }

  /// Whether a message still waits.
  public var isWaiting: Bool { (try? queue.isWaiting()) ?? true }

  /// Writes an event to the log, and wherever else events go.
  public func report(_ event: Event) { invocation.report(event) }

  /// Processes what is in the queue, and ends. Returns an exit status of sysexits.h.
  ///
  /// - Parameter makeProcessor: called once in each worker's thread, with its number.
  public func run(workers: Int, makeProcessor: @escaping @Sendable (Int) -> any Processor) -> Int {
    process(workers: workers, makeProcessor: makeProcessor)
    return end()
  }

  /// Processes what is in the queue now, in this thread.
  public func process(with processor: any Processor) {
    waiting.beginPass()
    work(0, processor)
    workOnStruck(processor)
  }

  /// Processes what is in the queue now.
  private func process(workers: Int, makeProcessor: @escaping @Sendable (Int) -> any Processor) {
    if workers <= 1 { return process(with: makeProcessor(0)) }
    Threads.run(workers) { self.work($0, makeProcessor($0)) }
    workOnStruck(makeProcessor(0))
  }

  /// Ends the invocation. Returns an exit status of sysexits.h.
  public func end() -> Int {
    if isDurable {
      do { try queue.root.syncFileSystem() } catch { stop(error, doing: "the last sync") }
    }
    do { try unclaimed.forgetGone(from: queue.input) } catch { stop(error, doing: "the marks of what is unclaimed") }
    invocation.end(queue)
    let status = status.load(ordering: .relaxed)
    return status != 0 ? status : unfinished.load(ordering: .relaxed)
  }

  /// Forgets that something has to be tried again later (75), or may be configured by now (78: before the first
  /// directory synchronisation, EXPORT says so each time; Q166045). Returns whether there was such a thing.
  public func tryAgain() -> Bool {
    status.compareExchange(expected: 75, desired: 0, ordering: .relaxed).exchanged
      || status.compareExchange(expected: 78, desired: 0, ordering: .relaxed).exchanged
  }

  /// Ends the run with an exit status, unless it ends with another one already.
  public func stop(exit: Int) { _ = status.compareExchange(expected: 0, desired: exit, ordering: .relaxed) }

  /// Ends the run for an error of the system: 75 when the same may go well later, else 74.
  public func stop(_ error: SystemError, name: FileName? = nil, doing: String) {
    invocation.report(error, name: name, doing: doing)
    stop(exit: Self.exit(error))
  }

  private static func exit(_ error: SystemError) -> Int { error.isTemporary ? 75 : 74 }

  /// Something of the dead could not be finished, and was told: the run goes on, and ends with this.
  func isUnfinished(_ error: SystemError) { unfinished.store(Self.exit(error), ordering: .relaxed) }

  public var isStopping: Bool { status.load(ordering: .relaxed) != 0 || shouldStop() }

  // MARK: Workers

  private func work(_ worker: Int, _ processor: any Processor) {
    var group: Group?
    do throws(SystemError) {
      while !isStopping, let entry = try waiting.next() {
        if let full = group, full.hasHad(entry.name) {
          // Another message under the name of one that is still here: it waits for the next group.
          group = nil
          try commit(full)
          if isStopping { break }
        }
        if group == nil { group = try Group(invocation) }
        guard let current = group else { break }
        try take(entry, into: current, worker, processor)
        if current.count >= Self.maximumCount || current.size >= Self.maximumSize {
          group = nil
          try commit(current)
        }
      }
    } catch { stop(error, doing: "work") }
    do throws(SystemError) {
      if let group { try commit(group) }
    } catch { stop(error, doing: "commit") }
  }

  /// Messages that were in hand when a process died are taken one at a time, so that nobody suffers from another one.
  private func workOnStruck(_ processor: any Processor) {
    for name in waiting.takeStruck() where !isStopping {
      do {
        let group = try Group(invocation)
        try take(DirectoryReader.Entry(name: name, type: Int32(DT_UNKNOWN)), into: group, 0, processor)
        try commit(group)
      } catch { stop(error, name: name, doing: "work") }
    }
  }

  private func take(
    _ entry: DirectoryReader.Entry, into group: Group, _ worker: Int, _ processor: any Processor
  ) throws(SystemError) {
    let name = entry.name
    guard try claim(name, for: group) else { return }
    invocation.setHand(name, worker: worker)
    defer { invocation.setHand(nil, worker: worker) }
    var staging = Staging(group, name)
    do {
      guard let message = try open(entry, in: group) else {
        let text = "not a file: \(Self.kind(entry.type)); never opened"
        try decide(name, .quarantine(text, exit: 65, []), group, &staging, size: nil, event: Event.ID.notAFile)
        return
      }
      statistics.bytes.add(message.size, ordering: .relaxed)
      let verdict = try processor.process(message, &staging)
      try decide(name, verdict, group, &staging, size: message.size, event: nil)
    } catch {
      staging.discard()
      // Only for what is wrong with its own file, or with the size of its result, is a message to blame.
      let isMessages = error.subject.hasPrefix(group.source.path.description) || error.code == EFBIG
      if error.isTemporary || !isMessages {
        guard let why = setBack(name, in: group, by: error) else {
          // Any other one would meet the same: it waits again, and the run ends.
          try giveBack(name, group)
          throw error
        }
        try decide(name, .failed(why, exit: 75, []), group, &staging, size: nil, event: Event.ID.systemError)
        return
      }
      invocation.report(error, name: name, doing: "conversion")
      try decide(name, .failed("\(error)", exit: 74, []), group, &staging, size: nil, event: Event.ID.systemError)
    }
  }

  /// Opens a claimed message; nil for what is no regular file, which is not opened.
  func open(_ entry: DirectoryReader.Entry, in group: Group) throws(SystemError) -> ClaimedMessage? {
    guard entry.type == Int32(DT_REG) || entry.type == Int32(DT_UNKNOWN) else { return nil }
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(entry.name, in: group.source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    } catch {
      // A link, a socket: it is something else than the directory said.
      if error.code == ELOOP || error.code == ENXIO { return nil }
      throw error
    }
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    return ClaimedMessage(name: entry.name, file: file, size: status.st_size)
  }

  static func kind(_ type: Int32) -> String {
    switch type {
    case Int32(DT_DIR): "a directory"
    case Int32(DT_LNK): "a symbolic link"
    case Int32(DT_FIFO): "a FIFO"
    case Int32(DT_SOCK): "a socket"
    case Int32(DT_CHR), Int32(DT_BLK): "a device"
    default: "something else"
    }
  }

  func giveBack(_ name: FileName, _ group: Group) throws(SystemError) {
    let back = try group.giveBack(name, to: queue)
    waiting.passOver(back)
    statistics.returned.add(1, ordering: .relaxed)
  }

  private func decide(
    _ name: FileName, _ verdict: Verdict, _ group: Group, _ staging: inout Staging, size: Int?, event id: Int?
  ) throws(SystemError) {
    switch verdict {
    case .done, .failed, .quarantine:
      if case .done = verdict {} else { staging.discard() }
      try decide(name, verdict, group, results: staging.results, size: size, event: id ?? verdict.event)
      for part in staging.aside {
        var event = Event(Event.ID.conversionFailed, .warning, part.why, name: part.name.description)
        event.fate = .quarantine
        group.log(event)
      }
    case .later(let text):
      staging.discard()
      invocation.report(Event(Event.ID.returned, .warning, text, name: name.description))
      try giveBack(name, group)
    case .stop(let text, let exit):
      staging.discard()
      invocation.report(Event(Event.ID.systemError, .error, text, name: name.description))
      stop(exit: exit)
      try giveBack(name, group)
    }
  }

  /// Decides about a message that has reached a fate, with its report and its event.
  func decide(
    _ name: FileName, _ verdict: Verdict, _ group: Group, results: [FileName], size: Int? = nil, event id: Int,
    text: String? = nil,
    resultCode: Int? = nil
  ) throws(SystemError) {
    guard let place = verdict.place else { return }
    var report = Report(name: name.description, fate: place.fate, invocation: invocation.id)
    report.findings = verdict.findings
    (report.text, report.exit) = verdict.reason
    report.results = results.map(\.description)
    statistics.findings.add(report.findings.count, ordering: .relaxed)
    let hasReport = !verdict.isDone || !report.findings.isEmpty
    var event = Event(
      id, verdict.isDone ? .info : .warning,
      verdict.isDone ? text ?? "converted, \(report.findings.count) findings" : report.text,
      name: report.name)
    event.fate = place.fate
    event.resultCode = resultCode
    setbacks.forget(name, in: group.source)
    try group.decide(name, place, report: hasReport ? report.json : nil, results: results, size: size, event: event)
    passed.add(1, ordering: .relaxed)
  }

  func commit(_ group: Group) throws(SystemError) {
    guard group.count > 0 else { return group.discard() }
    do {
      try group.commit(isDurable: isDurable)
    } catch {
      // Nothing of it has happened; the next start gives its messages back.
      stop(error, doing: "commit of \(group.count) messages, which stay claimed until the next start")
      return
    }
    let tally = try group.finish(queue, strikes: strikes)
    statistics.done.add(tally.fates[.done] ?? 0, ordering: .relaxed)
    statistics.failed.add(tally.fates[.failed] ?? 0, ordering: .relaxed)
    statistics.quarantine.add(tally.fates[.quarantine] ?? 0, ordering: .relaxed)
    statistics.results.add(tally.results, ordering: .relaxed)
  }
}
