import Formats
import Glibc
import Synchronization

/// A message that a worker has in hand.
public struct ClaimedMessage: ~Copyable {
  public let name: FileName
  public let file: FileDescriptor
  /// Bytes of the file.
  public let size: Int
}

/// Takes the results of the message in hand.
public struct Staging: ~Copyable {
  let group: Group
  let message: FileName
  public private(set) var results: [FileName] = []

  init(_ group: Group, _ message: FileName) {
    self.group = group
    self.message = message
  }

  /// Stages a result; the first one gets the message's name with another suffix, further ones are numbered.
  public mutating func add(_ result: Bytes, suffix: String) throws(SystemError) {
    if results.count == 1 {
      results[0] = try group.rename(result: results[0], to: message.result(number: 1, suffix: suffix))
    }
    let name = message.result(number: results.isEmpty ? nil : results.count + 1, suffix: suffix)
    results.append(try group.stage(result, as: name))
  }

  /// Stages a result that `body` writes, or lets a program write.
  public mutating func add(
    suffix: String, _ body: (borrowing FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    results.append(try group.create(message.result(number: nil, suffix: suffix), body))
  }

  mutating func discard() {
    for name in results { group.unstage(name) }
    results = []
  }
}

/// What became of a message in its processor's hands.
public enum Verdict: Sendable {
  case done([Finding])
  /// Understood, but it could not be converted.
  case failed(String, exit: Int, [Finding])
  /// Not understood.
  case quarantine(String, exit: Int, [Finding])
  /// Not now: it waits again, and this run passes it over.
  case later(String)
  /// Neither this one nor any other: it waits again, and the run ends with an exit status.
  case stop(String, exit: Int)
}

/// Turns a message into results. One for each worker.
public protocol Processor: AnyObject {
  func process(_ message: borrowing ClaimedMessage, _ staging: inout Staging) throws(SystemError) -> Verdict
}

/// Counts of a run, read while it goes on.
public final class Statistics: Sendable {
  public let taken = Atomic<Int>(0)
  public let done = Atomic<Int>(0)
  public let failed = Atomic<Int>(0)
  public let quarantine = Atomic<Int>(0)
  public let results = Atomic<Int>(0)
  public let returned = Atomic<Int>(0)
  public let bytes = Atomic<Int>(0)
  public let findings = Atomic<Int>(0)
}

/// One run over a queue: recovery, then workers that claim, convert, commit and publish until `in` is empty or
/// somebody wants them to stop.
public final class Run: Sendable {
  private let queue: Queue
  private let invocation: Invocation
  private let strikes: Strikes
  private let isDurable: Bool
  public let statistics = Statistics()
  private let names: Mutex<Names>
  /// Set from a signal handler or another thread: nothing new is claimed.
  private let shouldStop: @Sendable () -> Bool
  /// The exit status for what went wrong with the system, 0 while nothing did.
  private let status = Atomic<Int>(0)

  /// A group is committed at this many messages, or bytes of results.
  private static let maximumCount = 4096
  private static let maximumSize = 64 << 20

  private struct Names {
    var reader: DirectoryReader
    var claimedInPass = 0
    /// Messages that this run passes over: they had to wait.
    var passedOver: Set<FileName> = []
    /// Messages with a strike: taken alone, when all the others are through.
    var struck: [FileName] = []
  }

  public init(
    _ queue: consuming Queue, program: String, workers: Int, isDurable: Bool,
    shouldStop: @escaping @Sendable () -> Bool, echo: @escaping @Sendable (Event) -> Void
  ) throws(SystemError) {
    invocation = try Invocation(queue, program: program, workers: workers, echo: echo)
    try Recovery.run(queue, strikes: Strikes(queue), for: invocation)
    strikes = try Strikes(queue)
    names = Mutex(Names(reader: try DirectoryReader(queue.input)))
    self.queue = queue
    self.isDurable = isDurable
    self.shouldStop = shouldStop
  }

  public var id: String { invocation.id }

  /// A directory for the programs that this run starts, and the queue's log directory, both as paths.
  public var paths: (work: String, log: String) { ("\(queue.work.path)/\(invocation.id)", queue.log.path) }

  /// Whether a message still waits.
  public var isWaiting: Bool { (try? queue.isWaiting()) ?? true }

  /// Processes what is in the queue. Returns an exit status of sysexits.h.
  ///
  /// - Parameter makeProcessor: called once in each worker's thread, with its number.
  public func run(workers: Int, makeProcessor: @escaping @Sendable (Int) -> any Processor) -> Int {
    if workers <= 1 {
      work(0, makeProcessor(0))
    } else {
      Threads.run(workers) { self.work($0, makeProcessor($0)) }
    }
    workOnStruck(makeProcessor(0))
    if isDurable {
      do { try queue.root.syncFileSystem() } catch { stop(error, doing: "the last sync") }
    }
    invocation.end(queue)
    return status.load(ordering: .relaxed)
  }

  private func stop(_ error: SystemError, name: FileName? = nil, doing: String) {
    invocation.report(error, name: name, doing: doing)
    let code = error.code == ENOSPC || error.code == EDQUOT || error.isTemporary ? 75 : 74
    _ = status.compareExchange(expected: 0, desired: code, ordering: .relaxed)
  }

  private var isStopping: Bool { status.load(ordering: .relaxed) != 0 || shouldStop() }

  // MARK: Workers

  private func work(_ worker: Int, _ processor: any Processor) {
    var group: Group?
    do throws(SystemError) {
      while !isStopping, let entry = try nextEntry() {
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
    let struck = names.withLock { $0.struck }
    for name in struck where !isStopping {
      do {
        let group = try Group(invocation)
        try take(DirectoryReader.Entry(name: name, type: Int32(DT_UNKNOWN)), into: group, 0, processor)
        try commit(group)
      } catch { stop(error, name: name, doing: "work") }
    }
  }

  /// The next name in the queue; after the last one, the queue is read again as long as that brings new ones.
  private func nextEntry() throws(SystemError) -> DirectoryReader.Entry? {
    var failure: SystemError?
    let entry = names.withLock { names -> DirectoryReader.Entry? in
      do {
        while true {
          guard let entry = try names.reader.next() else {
            if names.claimedInPass == 0 { return nil }
            names.claimedInPass = 0
            names.reader.rewind()
            continue
          }
          if entry.name.isHidden || names.passedOver.contains(entry.name) { continue }
          if strikes.has(entry.name, in: queue.input) {
            names.struck.append(entry.name)
            names.passedOver.insert(entry.name)
            continue
          }
          names.claimedInPass += 1
          return entry
        }
      } catch let error as SystemError {
        failure = error
      } catch {}
      return nil
    }
    if let failure { throw failure }
    return entry
  }

  private func take(
    _ entry: DirectoryReader.Entry, into group: Group, _ worker: Int, _ processor: any Processor
  ) throws(SystemError) {
    let name = entry.name
    guard try group.claim(name, from: queue) else { return }
    statistics.taken.add(1, ordering: .relaxed)
    invocation.setHand(name, worker: worker)
    defer { invocation.setHand(nil, worker: worker) }
    var staging = Staging(group, name)
    do {
      guard let message = try open(entry, in: group) else {
        let text = "not a file: \(Self.kind(entry.type)); never opened"
        try decide(name, .quarantine(text, exit: 65, []), group, &staging, event: Event.ID.notAFile)
        return
      }
      statistics.bytes.add(message.size, ordering: .relaxed)
      let verdict = try processor.process(message, &staging)
      try decide(name, verdict, group, &staging, event: nil)
    } catch {
      staging.discard()
      if error.isTemporary || error.subject.hasPrefix(group.out.path) {
        // The message is not to blame: it waits again, and the run ends.
        try giveBack(name, group)
        throw error
      }
      invocation.report(error, name: name, doing: "conversion")
      try decide(name, .failed("\(error)", exit: 74, []), group, &staging, event: Event.ID.systemError)
    }
  }

  /// Opens a claimed message; nil for what is no regular file, which is not opened.
  private func open(_ entry: DirectoryReader.Entry, in group: Group) throws(SystemError) -> ClaimedMessage? {
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

  private static func kind(_ type: Int32) -> String {
    switch type {
    case Int32(DT_DIR): "a directory"
    case Int32(DT_LNK): "a symbolic link"
    case Int32(DT_FIFO): "a FIFO"
    case Int32(DT_SOCK): "a socket"
    case Int32(DT_CHR), Int32(DT_BLK): "a device"
    default: "something else"
    }
  }

  private func giveBack(_ name: FileName, _ group: Group) throws(SystemError) {
    let back = try group.giveBack(name, to: queue)
    names.withLock { _ = $0.passedOver.insert(back) }
    statistics.returned.add(1, ordering: .relaxed)
  }

  private func decide(
    _ name: FileName, _ verdict: Verdict, _ group: Group, _ staging: inout Staging, event id: Int?
  ) throws(SystemError) {
    var report = Report(name: name.description, fate: .done, invocation: invocation.id)
    let place: Group.Place
    switch verdict {
    case .done(let findings):
      place = .source
      report.findings = findings
    case .failed(let text, let exit, let findings):
      place = .failed
      (report.text, report.exit, report.findings) = (text, exit, findings)
    case .quarantine(let text, let exit, let findings):
      place = .quarantine
      (report.text, report.exit, report.findings) = (text, exit, findings)
    case .later(let text):
      staging.discard()
      invocation.report(Event(Event.ID.returned, .warning, text, name: name.description))
      return try giveBack(name, group)
    case .stop(let text, let exit):
      staging.discard()
      invocation.report(Event(Event.ID.systemError, .error, text, name: name.description))
      _ = status.compareExchange(expected: 0, desired: exit, ordering: .relaxed)
      return try giveBack(name, group)
    }
    if place != .source { staging.discard() }
    report.fate = place.fate
    report.results = staging.results.map(\.description)
    let hasReport = place != .source || !report.findings.isEmpty
    statistics.findings.add(report.findings.count, ordering: .relaxed)
    var event = Event(
      id
        ?? (place == .source ? report.findings.isEmpty ? Event.ID.done : Event.ID.findings : Event.ID.conversionFailed),
      place == .source ? .info : .warning,
      place == .source ? "converted, \(report.findings.count) findings" : report.text, name: report.name)
    event.fate = place.fate
    try group.decide(
      name, place, report: hasReport ? report.json : nil, results: staging.results, event: event)
  }

  private func commit(_ group: Group) throws(SystemError) {
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
