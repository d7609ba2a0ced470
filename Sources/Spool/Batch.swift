import Formats
import Glibc

/// Messages that one run of a program takes together, and what is decided about each.
public final class Batch {
  let group: Group
  private let run: Run
  /// Whether the program refuses a second copy of a delivery: then each message stays the same one.
  public var refusesSecondCopies = false
  /// Those that are not decided yet, in the order in which they were claimed.
  public private(set) var messages: [FileName]
  private let attempts: Strikes
  private let deaths: Strikes
  private let deliveries: Deliveries
  /// Whether the program may have begun: from then on, messages go back only where it is known that it took none.
  private(set) var hasStarted: Bool

  init(_ group: Group, _ messages: [FileName], _ run: Run, _ marks: Marks, hasStarted: Bool = false) {
    self.hasStarted = hasStarted
    (self.group, self.messages, self.run) = (group, messages, run)
    (attempts, deaths, deliveries) = (marks.attempts, marks.deaths, marks.deliveries)
  }

  /// How often it went wrong with messages before.
  struct Marks {
    let attempts: Strikes
    let deaths: Strikes
    let deliveries: Deliveries

    init(_ queue: borrowing Queue) throws(SystemError) {
      attempts = try Strikes(queue, folder: Strikes.attempts)
      deaths = try Strikes(queue, folder: Strikes.deaths)
      deliveries = try Deliveries(queue)
    }
  }

  /// Opens a message.
  public func open(_ message: FileName) throws(SystemError) -> FileDescriptor {
    try FileDescriptor.open(message, in: group.source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  }

  /// Notes a message as being in hand while `body` reads it in this process: what kills us then was this message.
  public func withHand<Result>(
    on message: FileName, _ body: () throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    run.invocation.setHand(message, worker: 0)
    defer { run.invocation.setHand(nil, worker: 0) }
    return try body()
  }

  /// The delivery that a message is, however often it is handed over until it has its fate: 64 hexadecimal digits.
  public func delivery(of message: FileName) throws(SystemError) -> String {
    try deliveries.identity(of: message, in: group)
  }

  /// Whether the program may have had a message in an attempt before, whatever becomes of it now.
  public func mayHaveBeenTaken(_ message: FileName) throws(SystemError) -> Bool {
    try deliveries.isKept(message, of: group)
  }

  /// Whoever has a message next hands over the same delivery, if the program may have had it already.
  func keepDelivery(of message: FileName) throws(SystemError) {
    if hasStarted, refusesSecondCopies { try deliveries.keep(message, of: group, isDurable: run.isDurable) }
  }

  // MARK: The run

  /// Writes down, before a program can begin, in which directory it runs; after this, only `settle` of the processor
  /// decides about the messages when this process dies.
  public func markStarted(run directory: String) throws(SystemError) {
    try group.mark(.started, Array(directory.utf8), isDurable: run.isDurable)
    hasStarted = true
  }

  /// Takes that back: the program could not be begun.
  public func markNotStarted() throws(SystemError) {
    try group.unmark(.started, isDurable: run.isDurable)
    hasStarted = false
  }

  /// Writes down how the program ended.
  public func markEnded(_ text: String) throws(SystemError) {
    try group.mark(.ended, Array(text.utf8), isDurable: false)
  }

  /// The run's directory, as it was written down; nil when none was.
  public func runDirectory() throws(SystemError) -> String? {
    try group.mark(.started).map { String(decoding: $0, as: UTF8.self) }
  }

  /// How the program ended; nil when nobody saw it.
  public func ended() throws(SystemError) -> String? {
    try group.mark(.ended).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Decisions

  /// Stages a result of a message, named after it. Returns its name.
  public func stage(_ result: Bytes, for message: FileName, suffix: String) throws(SystemError) -> FileName {
    try group.stage(result, as: message.result(number: nil, suffix: suffix))
  }

  /// Decides about a message: done, failed or quarantine.
  ///
  /// - Parameter text: what the event says of one that is done.
  public func decide(
    _ message: FileName, _ verdict: Verdict, results: [FileName] = [], event: Int, text: String? = nil, resultCode: Int?
  ) throws(SystemError) {
    attempts.remove(message, in: group.source)
    deaths.remove(message, in: group.source)
    // Put back from quarantine, it is the same delivery: nobody knows who has it. From elsewhere it is another one.
    if case .quarantine = verdict {
      try keepDelivery(of: message)
    } else {
      try deliveries.forget(message, of: group)
    }
    try run.decide(message, verdict, group, results: results, event: event, text: text, resultCode: resultCode)
    messages.removeAll { $0 == message }
  }

  /// Counts an attempt that failed with this message alone. Returns how many there were.
  public func addAttempt(_ message: FileName) throws(SystemError) -> Int {
    try attempts.add(message, in: group.source)
  }

  /// The messages are another batch's now.
  func forget() { messages = [] }

  /// Counts a death of this process while a program had this message. Returns how many there were.
  public func addDeath(_ message: FileName) throws(SystemError) -> Int {
    try deaths.add(message, in: group.source)
  }

  /// Counts that a message met an error that any other would meet. Returns why it goes to `failed`, when that happened
  /// too often while others passed; else it is the last one of the next run.
  public func setBack(_ message: FileName, by error: SystemError) -> String? {
    run.setBack(message, in: group, by: error)
  }

  /// Puts a message back into the queue.
  public func giveBack(_ message: FileName) throws(SystemError) {
    try keepDelivery(of: message)
    try run.giveBack(message, group)
    messages.removeAll { $0 == message }
  }
}

/// What is to be done with the messages of a batch that it did not decide about.
public enum BatchOutcome: Sendable {
  /// They wait again.
  case wait
  /// The program took none of them: it is tried with each half, to find the one that it failed for.
  case divide
  /// They wait again, and the run ends with an exit status.
  case stop(exit: Int)
  /// Nobody can decide yet: they stay claimed. For `settle` only.
  case leave
}

/// Hands messages to a program, several at a time.
public protocol BatchProcessor: AnyObject {
  /// How many messages it takes at a time.
  var batchSize: Int { get }

  /// Runs the program with a batch, and decides about its messages by what the program did.
  func process(_ batch: Batch) throws(SystemError) -> BatchOutcome

  /// Decides about the messages of a batch whose invocation died after `markStarted`, by the evidence that is left.
  func settle(_ batch: Batch) throws(SystemError) -> BatchOutcome

  /// The batch is committed: what was kept of its run for the case of a crash may go.
  func isCommitted(run directory: String)
}
