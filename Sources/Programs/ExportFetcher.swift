import Formats
import Glibc
import Spool

/// Runs EXPORT, and renames the file that it made into the queue (ccm-export(1)): from then on the queue keeps it.
public final class ExportFetcher {
  private let program: ConnectorProgram
  private let run: Run
  private let queue: Path
  private let noteUnfinished: (String) throws(SystemError) -> Void
  private var runs: Path { "\(queue)/run" }
  private var logs: Path { "\(queue)/log" }

  /// What a run of EXPORT brought.
  public enum Result: Sendable, Equatable {
    /// A file of this name in the queue.
    case fetched(String)
    case nothing
    /// Nothing, and asking again makes no sense now.
    case stop
  }

  static let fileName = "EXPORT.CCM"

  /// - Parameters:
  ///   - queue: the absolute path of the queue that `run` works on.
  ///   - noteUnfinished: called with the name that a file is to have in the queue, before it has it, when the run that
  ///     made it did not come to its end: the file may be cut off, and EXPORT may bring its messages again.
  public init(
    _ program: ConnectorProgram, run: Run, queue: Path,
    noteUnfinished: @escaping (String) throws(SystemError) -> Void
  ) {
    (self.program, self.run, self.queue, self.noteUnfinished) = (program, run, queue, noteUnfinished)
  }

  /// Runs EXPORT once.
  public func fetch() throws(SystemError) -> Result {
    let directory = try RunDirectory(
      of: .export, in: runs, owner: run.id, logs: logs, secret: program.password)
    let ending = try directory.run(program.program(file: Self.fileName), apart: [])
    run.report(ending, of: "EXPORT", in: directory)
    let words = directory.lastWords
    let said = words.isEmpty ? "" : " (\(words))"
    var isSound = false
    var result = Result.stop
    switch ending.outcome {
    case .exited(ResultCode.completed.rawValue):
      isSound = true
      result = .nothing
    case .exited(ResultCode.configuration.rawValue), .exited(ResultCode.commandLine.rawValue):
      stop(
        Event.ID.exportConfiguration, .error,
        "EXPORT: \(ending.outcome.resultText). It is not configured, or the post office cannot be reached\(said)",
        ending, exit: 78)
    case .exited(ResultCode.locked.rawValue):
      stop(
        Event.ID.exportLocked, .warning,
        "EXPORT: result code 4. The post office is locked by another process\(said)", ending, exit: 75)
    case .notStarted, .exited(126), .exited(127):
      stop(
        Event.ID.exportNotRun, .error,
        "EXPORT failed to run: \(program.commandText): \(ending.outcome.text)", ending, exit: 69)
    default:
      stop(
        Event.ID.exportFailed, .warning, "EXPORT: \(ending.outcome.resultText). It could not do its work\(said)",
        ending,
        exit: 75)
    }
    // It may have taken messages out of the mailbox all the same; what it left is the evidence.
    if !isSound, program.isReliable, try !directory.files().isEmpty, try !settlePostOffice() { return .stop }
    if let name = try enter(directory, isFinished: isSound) { result = isSound ? .fetched(name) : .stop }
    if isSound {
      var event = Event(
        Event.ID.exported, .info,
        result == .nothing ? "EXPORT: completed successfully; nothing to fetch" : "EXPORT: completed successfully",
        name: nil)
      event.resultCode = 0
      if case .fetched(let name) = result { event.name = name }
      run.report(event)
    }
    // A look that found nothing is not worth a log, four times a minute.
    if result == .nothing { directory.removeLogs() }
    directory.remove()
    return result
  }

  /// Renames what EXPORT made into the queue. Returns its name there, nil when there is nothing.
  private func enter(_ directory: RunDirectory, isFinished: Bool) throws(SystemError) -> String? {
    try Self.makeLegible(directory.path, S_IFDIR)
    let found = try directory.files().filter { $0.uppercased() == Self.fileName }
    if found.count > 1 { return try enterWhole(directory) }
    var entered: String?
    if let name = found.first {
      guard try Self.makeLegible("\(directory.path)/\(name)", S_IFREG) else { return try enterWhole(directory) }
      entered = try enter(name, of: directory, isFinished)
    }
    // A reliable one knows what counts of what it left.
    if !program.isReliable, try Self.holdsMessage(directory.path) {
      let whole = try enterWhole(directory)
      entered = entered ?? whole
    }
    return entered
  }

  private func enter(_ name: String, of directory: RunDirectory, _ isFinished: Bool) throws(SystemError) -> String? {
    let file = try FileDescriptor.open(path: "\(directory.path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard try file.status().st_size > 0 else {
      run.report(Event(Event.ID.programTrouble, .warning, "EXPORT made an empty file"))
      return nil
    }
    let wanted = "msg-\(run.id).\(directory.name).ccm"
    if !isFinished { try noteUnfinished(wanted) }
    if run.isDurable { try file.sync() }
    return try run.enter(FileName(name), in: directory.path, as: FileName(wanted)).description
  }

  /// Renames the directory of a run into the queue: as everything there that is no file, it will be put aside with its
  /// report.
  private func enterWhole(_ directory: RunDirectory) throws(SystemError) -> String {
    let entered = try run.enter(
      FileName(directory.name), in: runs, as: FileName("msg-\(run.id).\(directory.name)")
    ).description
    run.report(
      Event(
        Event.ID.programTrouble, .error, "EXPORT made something that is no file, or several; a person has to look",
        name: entered))
    return entered
  }

  /// Whether there is something of this type at `path`, which can be read now even if the program did not want that.
  @discardableResult
  private static func makeLegible(_ path: Path, _ type: mode_t) throws(SystemError) -> Bool {
    guard let status = try path.status(), status.st_mode & S_IFMT == type else { return false }
    let wanted = type == S_IFDIR ? S_IRWXU : S_IRUSR | S_IWUSR
    if status.st_mode & wanted != wanted { path.withCString { _ = chmod($0, wanted) } }
    return true
  }

  /// Whether a file in a directory begins with a message.
  private static func holdsMessage(_ path: Path) throws(SystemError) -> Bool {
    let folder: FileDescriptor
    do throws(SystemError) {
      folder = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch {
      // Of a run that died, nothing but the link to its owner may be left: there it was removed, or not made yet.
      if error.code == ENOENT { return false }
      throw error
    }
    for name in try folder.fileNames() {
      guard try makeLegible("\(path)/\(name)", S_IFREG) else { continue }
      let file = try FileDescriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      let beginning = try file.read(upTo: 1 << 16)
      var scanner = CCScanner()
      if case .message(let message, _) = scanner.next(in: beginning.span, isFinal: true),
        !message.header.isEmpty || !message.items.isEmpty
      {
        return true
      }
    }
    return false
  }

  // MARK: After a crash

  /// Takes over what runs of dead invocations left. False when EXPORT may not be run now: what was left cannot be
  /// settled, or one still runs of which nothing tells what it does to the mailbox.
  public func settle() throws(SystemError) -> Bool {
    var isSettled = false
    var isBusy = false
    if !program.isReliable, try RunDirectory.isAnyAlive(.export, in: runs, run: run) { isBusy = true }
    let dead = try RunDirectory.dead(
      .export, in: runs, logs: logs, run: run, keepingUnsettled: false, secret: program.password)
    for directory in dead {
      defer { directory.cutLogs(to: program.logLimit) }
      if try directory.isRunning() {
        guard directory.age > program.timeLimit + Program.grace else {
          if !program.isReliable { isBusy = true }
          run.report(
            Event(Event.ID.uncertain, .warning, "EXPORT still runs, of an invocation that died; left for the next run"))
          continue
        }
        try directory.endProcesses()
      }
      if program.isReliable, !isSettled {
        guard try settlePostOffice() else { return false }
        isSettled = true
      }
      if let entered = try enter(directory, isFinished: false) {
        run.report(
          Event(Event.ID.recovered, .info, "took over what EXPORT had made for an invocation that died", name: entered)
        )
      }
      directory.remove()
    }
    return !isBusy
  }

  /// Has a reliable EXPORT make up its mind about runs that died: whether their file counts, or the mailbox.
  private func settlePostOffice() throws(SystemError) -> Bool {
    let directory = try RunDirectory(
      of: .export, in: runs, owner: run.id, logs: logs, secret: program.password)
    let ending = try directory.run(program.listing(file: "LIST.TXT"), apart: [])
    defer {
      directory.removeLogs()
      directory.remove()
    }
    if ending.outcome == .exited(0) { return true }
    stop(
      Event.ID.exportFailed, .warning,
      "EXPORT /MSG#: \(ending.outcome.text); what a run that died left has to wait (\(directory.lastWords))", ending,
      exit: 75)
    return false
  }

  // MARK: Events

  private func stop(_ id: Int, _ severity: Event.Severity, _ text: String, _ ending: Program.Ending, exit: Int) {
    var event = Event(id, severity, text)
    if case .exited(let code) = ending.outcome { event.resultCode = code }
    run.report(event)
    run.stop(exit: exit)
  }
}
