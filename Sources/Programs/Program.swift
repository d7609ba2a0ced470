import CGlibc
import Glibc

/// Runs a program once, with nothing of ours but what it is given: its input, its output, its own log, its own
/// directory for temporary files. Every other descriptor is closed, it leads a process group of its own, and a time
/// limit ends the whole group.
public struct Program: Sendable {
  public let arguments: [String]
  /// Seconds; nil for no limit.
  public var timeLimit: Double?
  /// Seconds between SIGTERM and SIGKILL.
  public static let grace = 5.0

  public init(arguments: [String], timeLimit: Double? = nil) {
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
  }

  /// Runs the program with these descriptors as its standard input, output and error. `temporary` is what TMPDIR, TEMP
  /// and TMP name for it.
  public func run(input: Int32, output: Int32, log: Int32, temporary: String?) -> Outcome {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, log, 2)
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)

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

    let argv = arguments.map { strdup($0) } + [nil]
    let environment = environment(temporary).map { strdup($0) } + [nil]
    defer { for text in argv + environment { free(text) } }
    var process = pid_t()
    let result = posix_spawnp(&process, arguments[0], &actions, &attributes, argv, environment)
    guard result == 0 else { return .notStarted(result) }
    return wait(process)
  }

  private func environment(_ temporary: String?) -> [String] {
    var variables: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      let name = text.prefix { $0 != "=" }
      if temporary == nil || !["TMPDIR", "TEMP", "TMP"].contains(name) { variables.append(text) }
      next += 1
    }
    if let temporary { for name in ["TMPDIR", "TEMP", "TMP"] { variables.append("\(name)=\(temporary)") } }
    return variables
  }

  private func wait(_ process: pid_t) -> Outcome {
    let start = Self.now
    var status: Int32 = 0
    var pause = 0.0005
    var terminatedAt: Double?
    while true {
      let result = waitpid(process, &status, timeLimit == nil ? 0 : WNOHANG)
      if result == process { break }
      if result < 0, errno != EINTR { return .notStarted(errno) }
      if let timeLimit {
        if let since = terminatedAt {
          if Self.now - since > Self.grace { kill(-process, SIGKILL) }
        } else if Self.now - start > timeLimit {
          kill(-process, SIGTERM)
          terminatedAt = Self.now
        }
        var rest = timespec(tv_sec: 0, tv_nsec: Int(pause * 1e9))
        nanosleep(&rest, nil)
        pause = min(pause * 1.5, 0.05)
      }
    }
    // Children that it left behind end with it.
    kill(-process, SIGKILL)
    if terminatedAt != nil { return .timedOut }
    let signal = Int(status & 0x7F)
    return signal == 0 ? .exited(Int(status >> 8 & 0xFF)) : .signalled(signal)
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
