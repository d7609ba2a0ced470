import CGlibc
import Glibc
import Spool

/// Runs a program once, with nothing of ours but what it is given: its input, its output, its own log, its own
/// directory. Every other descriptor is closed, it leads a process group of its own, and a time limit ends the whole
/// group.
public struct Program: Sendable {
  /// Its path or its name, and what it is given: bytes.
  public let arguments: [Path]
  /// Seconds; nil for no limit.
  public var timeLimit: Double?
  /// Where it runs; nil for where this process does.
  public var directory: Path?
  /// What TMPDIR, TEMP and TMP name for it; nil for what they name here.
  public var temporary: Path?
  /// `NAME=VALUE`; nil for ours.
  public var environment: [Path]?
  /// Bytes that each of its outputs may have; what it writes beyond is cut off while it runs.
  public var logLimit: Int?
  /// Bytes of the largest file that it may write; more ends it by SIGXFSZ.
  public var fileLimit: Int?
  /// Whether processes that it leaves behind are sought and ended, wherever they have gone. Only for a program beside
  /// which this process runs no other.
  public var endsDescendants = false
  /// Seconds between SIGTERM and SIGKILL.
  public static let grace = 5.0

  public init(arguments: [Path], timeLimit: Double? = nil) {
    self.arguments = arguments
    self.timeLimit = timeLimit
  }

  public enum Outcome: Sendable, Equatable {
    case exited(Int)
    case signalled(Int)
    case timedOut
    /// It could not be started; an error number of errno(3).
    case notStarted(Int32)

    public var text: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .signalled(let signal): "killed by signal \(signal), \(String(cString: strsignal(Int32(signal))))"
      case .timedOut: "stopped at its time limit"
      case .notStarted(let code): "could not be started: \(String(cString: strerror(code)))"
      }
    }

    /// The same in the words of cc:Mail: the exit status of IMPORT or EXPORT is its result code.
    public var resultText: String { if case .exited(let code) = self { "result code \(code)" } else { text } }
  }

  /// How a run ended, and what it left.
  public struct Ending: Sendable {
    public var outcome: Outcome
    /// Processes that were still there and had to be killed.
    public var leftBehind = 0
    /// Whether an output was cut off at the limit.
    public var isLogCut = false
  }

  /// Runs the program with these descriptors as its standard input, output and error.
  public func run(input: Int32, output: Int32, log: Int32) -> Ending {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, log, 2)
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    if let directory { directory.withCString { _ = posix_spawn_file_actions_addchdir_np(&actions, $0) } }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    if endsDescendants { _ = ccmc_adopt_orphans() }
    // Ignored, as some parents leave it to us, it would keep from us how the program ended.
    _ = signal(SIGCHLD, SIG_DFL)
    let argv = arguments.map { $0.withCString { strdup($0) } } + [nil]
    let variables = variables.map { $0.withCString { strdup($0) } } + [nil]
    defer { for text in argv + variables { free(text) } }
    var process = pid_t()
    let result = arguments[0].withCString { posix_spawnp(&process, $0, &actions, &attributes, argv, variables) }
    guard result == 0 else { return Ending(outcome: .notStarted(result)) }
    if let fileLimit { _ = ccmc_limit_files(process, UInt(max(0, fileLimit))) }
    return wait(process, outputs: [output, log])
  }

  private var variables: [Path] {
    var variables = environment ?? Self.inherited
    if let temporary {
      let own = ["TMPDIR", "TEMP", "TMP"]
      variables.removeAll { variable in own.contains { variable.bytes.starts(with: "\($0)=".utf8) } }
      variables += own.map { "\($0)=\(temporary)" as Path }
    }
    return variables
  }

  private static var inherited: [Path] {
    var variables: [Path] = []
    var next = environ
    while let entry = next.pointee {
      variables.append(Path(cString: entry))
      next += 1
    }
    return variables
  }

  private func wait(_ process: pid_t, outputs: [Int32]) -> Ending {
    let start = Self.now
    var ending = Ending(outcome: .exited(0))
    var status: Int32 = 0
    var pause = 0.0002
    var terminatedAt: Double?
    let isWatched = timeLimit != nil || logLimit != nil
    while true {
      let result = waitpid(process, &status, isWatched ? WNOHANG : 0)
      if result == process { break }
      if result < 0, errno != EINTR {
        // It was started, and nobody will hear how it ends: so it ends here.
        Self.send(SIGKILL, to: process)
        status = SIGKILL
        break
      }
      guard isWatched else { continue }
      if let since = terminatedAt {
        if Self.now - since > Self.grace { Self.send(SIGKILL, to: process) }
      } else if let timeLimit, Self.now - start > timeLimit {
        Self.send(SIGTERM, to: process)
        terminatedAt = Self.now
      }
      if cut(outputs) { ending.isLogCut = true }
      Self.sleep(pause)
      pause = min(pause * 1.25, 0.05)
    }
    // Children that it left behind end with it.
    if kill(-process, SIGKILL) == 0 { ending.leftBehind += 1 }
    if endsDescendants { ending.leftBehind = Self.endChildren() }
    if cut(outputs) { ending.isLogCut = true }
    let signal = Int(status & 0x7F)
    ending.outcome =
      terminatedAt != nil ? .timedOut : signal == 0 ? .exited(Int(status >> 8 & 0xFF)) : .signalled(signal)
    return ending
  }

  /// Signals the program and its group: it may have left the group for another one.
  private static func send(_ signal: Int32, to process: pid_t) {
    kill(process, signal)
    kill(-process, signal)
  }

  /// Cuts off what the outputs have beyond the limit. They are open for appending: the program goes on at the new end.
  private func cut(_ outputs: [Int32]) -> Bool {
    guard let logLimit else { return false }
    var isCut = false
    for output in outputs {
      var status = stat()
      guard fstat(output, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > logLimit else { continue }
      ftruncate(output, logLimit)
      isCut = true
    }
    return isCut
  }

  /// Kills the children of this process until it has none. Returns how many did not end by themselves.
  private static func endChildren() -> Int {
    var count = 0
    let start = now
    while now - start < grace {
      var status: Int32 = 0
      let result = waitpid(-1, &status, WNOHANG)
      if result > 0 {
        if status & 0x7F == SIGKILL { count += 1 }
        continue
      }
      if result < 0 { return count }
      for child in (try? ProcessTable.children(of: getpid())) ?? [] { kill(child, SIGKILL) }
      sleep(0.001)
    }
    return count
  }

  private static func sleep(_ seconds: Double) {
    var rest = timespec(tv_sec: 0, tv_nsec: Int(seconds * 1e9))
    nanosleep(&rest, nil)
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
