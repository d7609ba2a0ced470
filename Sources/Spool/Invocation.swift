import Formats
import Glibc
import Synchronization

/// One running invocation on a queue: its directory `work/ID`, whose lock it holds for its life, and its event log.
public final class Invocation: Sendable {
  /// Time, host and process: no two are the same.
  public let id: String
  public let program: String
  let queuePath: Path
  /// Where results go, if not to the queue's own folder.
  let into: String?
  private let own: OwnedDirectory
  private let log: EventLog
  private let hand: Hand
  private let groups = Atomic<Int>(0)
  /// Where events go besides the log: standard error, by default for warnings and errors.
  let echo: @Sendable (Event) -> Void
  /// Where events go that tell the fate of a message, besides the log, once it is committed; nil for nowhere.
  let tell: (@Sendable (Event) -> Void)?

  /// Makes a directory in `queue`'s `work`, which it owns.
  public init(
    _ queue: borrowing Queue, program: String, workers: Int, tell: (@Sendable (Event) -> Void)? = nil,
    echo: @escaping @Sendable (Event) -> Void
  ) throws(SystemError) {
    self.program = program
    self.echo = echo
    self.tell = tell
    queuePath = queue.path
    into = queue.into?.description
    let own = try OwnedDirectory.make(in: queue.work, Self.makeID)
    id = own.name.description
    hand = try Hand(own.directory, workers: workers)
    log = try EventLog(FileName("\(id).jsonl"), in: queue.log)
    self.own = own
  }

  /// Its own directory, locked.
  var directory: FileDescriptor { _read { yield own.directory } }

  private static func makeID(_ attempt: Int) -> String {
    var name = utsname()
    uname(&name)
    let host = withUnsafePointer(to: &name.nodename) {
      $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
    }
    let plain = host.prefix { $0 != "." }.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return "\(Clock.now.compact)-\(plain.prefix(20))-\(getpid())" + (attempt > 1 ? "-\(attempt)" : "")
  }

  func nextGroup() -> Int { groups.add(1, ordering: .relaxed).newValue }

  /// Records what a worker has in hand; whoever finds the invocation dead reads it.
  func setHand(_ name: FileName?, worker: Int) { hand.set(name, worker: worker) }

  /// Writes an event to the log, and wherever else events go.
  public func report(_ event: Event) {
    do throws(SystemError) {
      try record(event)
    } catch {
      echo(Event(Event.ID.systemError, .error, "the event log cannot be written: \(error)"))
      echo(event)
    }
  }

  /// The same for an event without which an audit could not understand what comes after it: what it announces must not
  /// be done when this throws.
  func record(_ event: Event) throws(SystemError) {
    if let error = log.append(event.line(program: program, invocation: id, queue: queuePath.description)) {
      throw error
    }
    echo(event)
  }

  /// Makes the events that were reported durable.
  func sync() throws(SystemError) { try log.sync() }

  func report(_ error: SystemError, name: FileName? = nil, doing: String) {
    report(
      Event(
        error.code == ENOSPC ? Event.ID.noSpace : Event.ID.systemError, .error, "\(doing): \(error)",
        name: name?.description))
  }

  /// Removes the directory, when nothing is left in it.
  func end(_ queue: borrowing Queue) {
    do throws(SystemError) {
      hand.close()
      try directory.unlink(Hand.fileName)
      try own.removeEmpty(from: queue.work)
    } catch {
      // A directory that still holds something is for the next start to look at.
      if error.code != ENOTEMPTY { report(error, doing: "clearing up") }
    }
  }
}

/// The log of an invocation, made with its first event.
private final class EventLog: Sendable {
  private struct State: ~Copyable {
    var file: FileDescriptor?
  }

  private let name: FileName
  private let folder: FileDescriptor
  private let state = Mutex(State(file: nil))

  init(_ name: FileName, in log: borrowing FileDescriptor) throws(SystemError) {
    self.name = name
    folder = try log.reopened()
  }

  /// Appends a line, or nothing: half a line would take the next one with it.
  private static func appendWhole(_ line: [UInt8], to file: borrowing FileDescriptor) throws(SystemError) {
    let size = try file.status().st_size
    do throws(SystemError) {
      try file.writeAll(line.span)
    } catch {
      ftruncate(file.number, size)
      throw error
    }
  }

  /// Appends a line; returns what went wrong.
  func append(_ line: [UInt8]) -> SystemError? {
    state.withLock { state -> SystemError? in
      do throws(SystemError) {
        if state.file == nil {
          state.file = try FileDescriptor.open(
            name, in: folder, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: FileDescriptor.privateMode)
        }
        try Self.appendWhole(line, to: state.file!)
        return nil
      } catch { return error }
    }
  }

  /// Makes what was appended durable, and the name of the log.
  func sync() throws(SystemError) {
    let failure = state.withLock { state -> SystemError? in
      do throws(SystemError) {
        try state.file?.sync()
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    try folder.sync()
  }
}

/// The names that workers have in hand, in a shared mapping of the file `hand`: a store to memory, no system call, and
/// still there when the process is killed. Some file systems have no such mappings, FUSE without a cache for one: there
/// they are written.
final class Hand: @unchecked Sendable {
  static let fileName = FileName("hand")
  /// More workers than any run has.
  private static let mostWorkers = 1024
  /// A length of two bytes, and a name.
  static let slot = 512
  /// The mapping, or where there is none the file; both are nil once nothing is in hand any more.
  private var memory: UnsafeMutableRawPointer?
  private var file: FileDescriptor?
  private let size: Int

  init(_ directory: borrowing FileDescriptor, workers: Int) throws(SystemError) {
    size = workers * Self.slot
    let file = try FileDescriptor.open(
      Self.fileName, in: directory, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: FileDescriptor.privateMode)
    // Written, not only sized: a store to a page that the disk has no room for would be fatal.
    try file.writeAll([UInt8](repeating: 0, count: size).span)
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
    if let memory, memory != MAP_FAILED {
      self.memory = memory
    } else if errno == ENODEV {
      self.file = consume file
    } else {
      throw SystemError("mmap", file.path)
    }
  }

  deinit { close() }

  /// Nothing will be in hand any more.
  func close() {
    if let memory { munmap(memory, size) }
    memory = nil
    file = nil
  }

  func set(_ name: FileName?, worker: Int) {
    guard let memory else { return write(name, worker: worker) }
    let slot = memory + worker * Self.slot
    // Empty while it changes, so that a half-written name is never read.
    slot.storeBytes(of: 0, as: UInt16.self)
    guard let name else { return }
    let bytes = name.bytes
    for (i, byte) in bytes.enumerated() { slot.storeBytes(of: byte, toByteOffset: 2 + i, as: UInt8.self) }
    slot.storeBytes(of: UInt16(bytes.count), as: UInt16.self)
  }

  /// Where this goes wrong, on a full disk for one, a message that kills its converter gets no strike for it.
  private func write(_ name: FileName?, worker: Int) {
    guard let number = file?.number else { return }
    let bytes = name?.bytes ?? []
    let slot = [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)] + bytes
    _ = slot.withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, off_t(worker * Self.slot)) }
  }

  /// The names in the `hand` file of a dead invocation; none in what is no such file.
  static func names(_ directory: borrowing FileDescriptor) -> [FileName] {
    var bytes: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor.open(fileName, in: directory, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      let status = try file.status()
      guard status.isFile, status.st_size % slot == 0, status.st_size <= mostWorkers * slot else { return [] }
      try file.readAll(into: &bytes, expecting: status.st_size)
    } catch { return [] }
    return stride(from: 0, to: bytes.count - slot + 1, by: slot).compactMap { start in
      let count = Int(bytes[start]) | Int(bytes[start + 1]) << 8
      return (1...FileName.maximum).contains(count) ? FileName(bytes: bytes[(start + 2)..<(start + 2 + count)]) : nil
    }
  }
}
