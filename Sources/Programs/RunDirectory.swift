import CGlibc
import Formats
import Glibc
import Spool

/// The directory of one run of a program, and its two logs. Nothing in it is shared with any other run: a program that
/// writes where it should not writes here (Q179072).
///
/// Its path is short and made of names that DOS can take, as far as the queue's is: `QUEUE/run/iAbCdEf` (Q164695, Q181186).
/// The link `iAbCdEf.owner` beside it, which comes first and goes last, says whose it is and since when: no program
/// that writes into its directory, or appends to whatever is there, can change that.
public final class RunDirectory {
  public let path: Path
  public let name: String
  private let outputLog: Path
  private let errorLog: Path
  private let processes: RunProcesses
  private let secret: String

  /// Makes a directory in `runs` for a run of `program` that belongs to the invocation `owner`; logs will be in the
  /// directory `logs`.
  ///
  /// - Parameter secret: a password, which is never shown when the program shows it.
  public init(
    of program: RunOwner.Program, in runs: Path, owner: String, logs: Path, secret: String
  ) throws(SystemError) {
    self.secret = secret
    name = try Self.make(program, in: runs, owner: owner, logs: logs)
    path = "\(runs)/\(name)"
    outputLog = "\(logs)/\(owner).\(name).out"
    errorLog = "\(logs)/\(owner).\(name).err"
    processes = RunProcesses(of: path, owner: owner, logs: logs)
  }

  /// Makes a directory with a name that is not taken, and returns the name. Directories go and logs stay: after many
  /// runs a name may be that of an earlier one.
  private static func make(
    _ program: RunOwner.Program, in runs: Path, owner: String, logs: Path
  ) throws(SystemError) -> String {
    let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    for _ in 0..<1000 {
      let name = String([program.rawValue] + (0..<6).map { _ in characters[Int.random(in: characters.indices)] })
      if ["out", "err"].contains(where: { ("\(logs)/\(owner).\(name).\($0)" as Path).exists }) { continue }
      let directory: Path = "\(runs)/\(name)"
      let link: Path = "\(directory)\(RunOwner.suffix)"
      guard link.withCString({ symlink(owner, $0) }) == 0 else {
        if errno == EEXIST { continue }
        throw SystemError("symlink", link)
      }
      if directory.withCString({ mkdir($0, 0o700) }) == 0 { return name }
      let code = errno
      link.withCString { _ = unlink($0) }
      if code != EEXIST { throw SystemError("mkdir", directory, code) }
    }
    throw SystemError("mkdir", runs, EEXIST)
  }

  /// Takes over the directory of a run that died.
  public init(adopting name: String, in runs: Path, logs: Path, secret: String) throws(SystemError) {
    self.secret = secret
    path = "\(runs)/\(name)"
    self.name = name
    let owner = try RunOwner.read(path) ?? "unknown"
    outputLog = "\(logs)/\(owner).\(name).out"
    errorLog = "\(logs)/\(owner).\(name).err"
    processes = RunProcesses(of: path, owner: owner, logs: logs)
  }

  /// Runs a program here, with nothing on its standard input, and its two outputs in logs of their own.
  ///
  /// - Parameter apart: files that no log may be the same as.
  public func run(_ program: Program, apart: [(device: UInt, inode: UInt)]) throws(SystemError) -> Program.Ending {
    let null = try FileDescriptor.open(path: "/dev/null", O_RDONLY)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW
    let output = try FileDescriptor.open(path: outputLog, flags, mode: 0o600)
    let error = try FileDescriptor.open(path: errorLog, flags, mode: 0o600)
    let (a, b) = (try output.status(), try error.status())
    let logs = [(a.st_dev, a.st_ino), (b.st_dev, b.st_ino)]
    guard logs[0] != logs[1], !apart.contains(where: { file in logs.contains { $0 == (file.device, file.inode) } })
    else { throw SystemError("log: the same file as another", outputLog, EEXIST) }
    // Whatever has inherited these holds the lock: it is how a next start sees that something still runs (isRunning).
    flock(output.number, LOCK_EX | LOCK_NB)
    var program = program
    program.directory = path
    program.temporary = path
    program.endsDescendants = true
    return program.run(input: null.number, output: output.number, log: error.number)
  }

  /// What the program said: both logs, up to `limit` bytes of each.
  public func console(limit: Int = 1 << 16) -> [UInt8] {
    var text: [UInt8] = []
    for log in [outputLog, errorLog] {
      guard let file = try? FileDescriptor.open(path: log, O_RDONLY | O_NOFOLLOW) else { continue }
      var part: [UInt8] = []
      guard (try? file.readAll(into: &part, expecting: 0)) != nil else { continue }
      text += part.prefix(limit)
    }
    return text
  }

  /// The last line that the program said, for people.
  public var lastWords: String {
    let lines = console().split { $0 == ASCII.lf || $0 == ASCII.cr }
      .filter { !$0.allSatisfy { ASCII.isSpace($0) || ASCII.isControl($0) } }
    guard let last = lines.last else { return "" }
    let text = String(decoding: last, as: UTF8.self)
    return String((secret.isEmpty ? text : text.replacing(secret, with: "****")).prefix(200))
  }

  /// The directories of runs of `program` whose invocations are dead, and those that nobody owns since an hour.
  ///
  /// - Parameter keepingUnsettled: whether those are left out of which the invocation still has something to settle.
  static func dead(
    _ program: RunOwner.Program, in runs: Path, logs: Path, run: Run, keepingUnsettled: Bool, secret: String = ""
  ) throws(SystemError) -> [RunDirectory] {
    let folder = try FileDescriptor.open(path: runs, O_RDONLY | O_DIRECTORY)
    var dead: [RunDirectory] = []
    // A link whose directory was not made yet, or is gone already, stands for a run as well.
    for name in Set(try folder.names().map(RunOwner.run)).sorted()
    where RunOwner.program(of: name) == program {
      let directory = try RunDirectory(adopting: name, in: runs, logs: logs, secret: secret)
      if let owner = try RunOwner.read(directory.path) {
        if owner == run.id { continue }
        if try run.isAlive(owner) { continue }
        if keepingUnsettled, try run.exists(owner) { continue }
      } else if directory.age < 3600 {
        continue
      }
      dead.append(directory)
    }
    return dead
  }

  /// Whether another invocation that lives has a run of `program`.
  static func isAnyAlive(_ program: RunOwner.Program, in runs: Path, run: Run) throws(SystemError) -> Bool {
    for name in Set(try FileDescriptor.open(path: runs, O_RDONLY | O_DIRECTORY).names().map(RunOwner.run))
    where RunOwner.program(of: name) == program {
      if let owner = try RunOwner.read("\(runs)/\(name)"), owner != run.id, try run.isAlive(owner) { return true }
    }
    return false
  }

  /// The names in it; none when it was never made.
  public func files() throws(SystemError) -> [String] {
    do {
      return try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).names()
    } catch {
      if error.code == ENOENT { return [] }
      throw error
    }
  }

  /// Whether something of this run still lives.
  func isRunning() throws(SystemError) -> Bool { try processes.areLiving() }

  /// Kills what still lives of this run.
  public func endProcesses() throws(SystemError) {
    for _ in 0..<1000 {
      let processes = try processes.living()
      if processes.isEmpty { return }
      for process in processes { kill(process, SIGKILL) }
      usleep(1000)
    }
  }

  /// Seconds since the run began; very many where the clock was set back since.
  public var age: Double {
    var status = stat()
    let link: Path = "\(path)\(RunOwner.suffix)"
    guard link.withCString({ lstat($0, &status) }) == 0 || path.withCString({ lstat($0, &status) }) == 0 else {
      return 0
    }
    let age = Double(time(nil) - status.st_mtim.tv_sec)
    return age < 0 ? .infinity : age
  }

  /// Cuts off what the program said beyond `limit` while nobody watched it.
  public func cutLogs(to limit: Int) {
    for log in [outputLog, errorLog] {
      var status = stat()
      log.withCString { log in
        if lstat(log, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > limit { truncate(log, limit) }
      }
    }
  }

  /// Removes what the program said, when nobody needs it.
  public func removeLogs() { for log in [outputLog, errorLog] { log.withCString { _ = unlink($0) } } }

  /// Removes it, and logs in which nothing is.
  public func remove() {
    for log in [outputLog, errorLog] {
      var status = stat()
      log.withCString { log in if stat(log, &status) == 0, status.st_size == 0 { unlink(log) } }
    }
    Tree.remove(path: path)
    // As long as something of it is left, it has an owner: the next start tries again.
    if !path.exists, errno == ENOENT { ("\(path)\(RunOwner.suffix)" as Path).withCString { _ = unlink($0) } }
  }
}

extension Run {
  /// Tells what a program did to its surroundings.
  func report(_ ending: Program.Ending, of program: String, in directory: RunDirectory) {
    if ending.leftBehind > 0 {
      report(
        Event(
          Event.ID.programTrouble, .warning, "\(program) left \(ending.leftBehind) processes behind, which were killed")
      )
    }
    if ending.isLogCut {
      report(
        Event(
          Event.ID.programTrouble, .warning,
          "\(program) said more than its logs may have; log/\(id).\(directory.name).out or .err is cut"))
    }
  }
}
