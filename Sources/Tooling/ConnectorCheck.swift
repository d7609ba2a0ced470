import CGlibc
import Formats
import Glibc
import Programs
import Spool

/// Proves a configuration before mail depends on it: one line each for what is right, what may be trouble, and what is
/// wrong, in words.
public struct ConnectorCheck {
  private let output = Output()
  private var errors = 0

  /// Checks what one side needs, and says it on standard output. Returns 0 when nothing is wrong, else 78.
  public static func run(
    _ connector: ConnectorOptions, _ side: ConnectorOptions.Side, queue: Path, into: Path?, returns: Path? = nil
  ) throws(Failure) -> ExitStatus {
    var check = ConnectorCheck()
    let program = side == .imports ? connector.imports : connector.exports
    try check.checkProgram(program, side == .imports ? "IMPORT" : "EXPORT")
    try check.checkPostOffice(program.postOffice)
    try check.checkQueue(queue, into: into, returns: returns)
    if side == .exports { try check.checkAccess(program, queue: queue) }
    try check.output.finish()
    return check.errors == 0 ? .ok : .configuration
  }

  private func say(_ kind: String, _ text: String) throws(Failure) {
    try output.write((PrintableText.bytes("\(kind)\(text)".utf8) + [ASCII.lf]).span)
  }
  private func right(_ text: String) throws(Failure) { try say("ok       ", text) }
  private func warn(_ text: String) throws(Failure) { try say("warning  ", text) }
  private mutating func wrong(_ text: String) throws(Failure) {
    errors += 1
    try say("wrong    ", text)
  }

  // MARK: The program

  /// Whether it is there and can be run, and which version it says it is (Q168465, Q190275, Q294947).
  private mutating func checkProgram(_ program: ConnectorProgram, _ name: String) throws(Failure) {
    let words = program.commandText
    guard let path = Self.find(program.command[0], program.environment) else {
      return try wrong("\(name): `\(words)` is not found, or may not be executed")
    }
    try right("\(name): \(path)")
    guard let banner = Self.banner(program) else {
      return try wrong("\(name): `\(words) /?` cannot be run")
    }
    if banner.isEmpty {
      try warn("\(name): does not say its version when asked with /?, or did not end for 20 seconds")
    } else {
      try right("\(name): says: \(banner)")
      if let warning = KnownVersions.warning(banner) { try warn("\(name): \(warning)") }
    }
  }

  private static func find(_ program: Path, _ environment: [Path]) -> Path? {
    if program.bytes.contains(ASCII.slash) { return program.isExecutable ? program : nil }
    return program.found(in: environment + ["PATH=/usr/bin:/bin"])
  }

  /// The first line with letters that the program prints when it is asked for help; nil when it cannot be started.
  private static func banner(_ program: ConnectorProgram) -> String? {
    var run = Program(arguments: program.command + ["/?"], timeLimit: 20)
    run.environment = program.environment
    run.logLimit = 1 << 16
    let output = memfd_create("output", UInt32(ccmc_memfd_cloexec))
    // What is cut off while the program goes on must not come back as zeros.
    _ = fcntl(output, F_SETFL, O_APPEND)
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { for descriptor in [output, null] where descriptor >= 0 { close(descriptor) } }
    guard output >= 0, null >= 0 else { return nil }
    switch run.run(input: null, output: output, log: output).outcome {
    case .notStarted: return nil
    case .timedOut: return ""
    case .exited, .signalled: break
    }
    var text = [UInt8](repeating: 0, count: 4096)
    let count = pread(output, &text, text.count, 0)
    let lines = text.prefix(max(0, count)).split { $0 == 10 || $0 == 13 }
    return lines.first.map { String(decoding: $0.prefix(200), as: UTF8.self) } ?? ""
  }

  // MARK: The post office

  private mutating func checkPostOffice(_ path: Path) throws(Failure) {
    guard let directory = path.withCString({ opendir($0) }) else {
      return try wrong("post office: \(path): \(String(cString: strerror(errno)))")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      names.append(name.uppercased())
    }
    if names.contains(where: { $0.hasPrefix("CCPOMBOX.") }) {
      try right("post office: \(path)")
    } else {
      // The original's own test (Q170011).
      try wrong("post office: \(path): no file CCPOMBOX.*, so this is none")
    }
    if names.contains("CCPODOWN") {
      try warn("post office: CCPODOWN is there: it is shut down for maintenance (Q282172)")
    }
    if path.withCString({ access($0, R_OK | W_OK | X_OK) }) != 0 {
      try wrong("post office: \(path): may not be written: \(String(cString: strerror(errno))) (Q168670)")
    }
    try checkSpace(path, "post office")
    try checkNames(path, "post office")
  }

  /// Programs of DOS take no blanks in a path, and no names longer than 8.3 (Q164695, Q181186).
  private func checkNames(_ path: Path, _ what: String) throws(Failure) {
    let long = path.description.split(separator: "/").first { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      return name.contains(" ") || parts.count > 2 || parts[0].utf8.count > 8
        || (parts.count == 2 && parts[1].utf8.count > 3)
    }
    if let long {
      try warn("\(what): `\(long)` in its path is no name for DOS: of no concern to a program that runs here")
    }
  }

  private mutating func checkSpace(_ path: Path, _ what: String) throws(Failure) {
    var status = statvfs()
    guard path.withCString({ statvfs($0, &status) }) == 0 else {
      return try wrong("\(what): \(path): \(String(cString: strerror(errno)))")
    }
    // 64 bits: the original told of a full disk when there were more than 4 GB (Q178758).
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    if status.f_flag & UInt(ST_RDONLY) != 0 { return try wrong("\(what): its file system is read-only") }
    if free < 64 << 20 { return try wrong("\(what): \(free >> 20) MB free, 64 are wanted") }
    if status.f_files > 0, status.f_favail < 1000 { return try wrong("\(what): only \(status.f_favail) inodes free") }
    try right("\(what): \(free >> 20) MB free")
  }

  // MARK: The queue

  private mutating func checkQueue(_ path: Path, into: Path?, returns: Path?) throws(Failure) {
    do throws(SystemError) {
      let queue = try Queue(path: path, into: into, returns: returns)
      let runs = try queue.openRuns()
      let absolute = try queue.absolutePath()
      do throws(Failure) {
        try right("queue: \(absolute): all folders on one mount")
        try checkSpace(absolute, "queue")
        try checkNames(absolute, "queue")
        try checkClock(runs.path)
      } catch { throw SystemError("write", "standard output", EIO) }
    } catch { try wrong("queue: \(error)") }
  }

  /// Whether the file system's clock agrees with ours: attempts and ages are told by it.
  private mutating func checkClock(_ folder: Path) throws(Failure) {
    let name: Path = "\(folder)/.clock.\(getpid())"
    let file = name.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
    guard file >= 0 else { return try wrong("queue: \(name): \(String(cString: strerror(errno)))") }
    var status = stat()
    fstat(file, &status)
    close(file)
    name.withCString { _ = unlink($0) }
    let difference = abs(status.st_mtim.tv_sec - time(nil))
    if difference > 2 {
      try wrong("clocks: the queue's file system is \(difference) seconds apart from this machine")
    } else {
      try right("clocks: they agree")
    }
  }

  // MARK: The mailbox

  /// Whether the post office lets us in: it is asked for the list of messages, which changes nothing (Q212759).
  private mutating func checkAccess(_ program: ConnectorProgram, queue: Path) throws(Failure) {
    let result: Program.Outcome
    let words: String
    do throws(SystemError) {
      let absolute = try Queue(path: queue).absolutePath()
      let directory = try RunDirectory(
        of: .export, in: "\(absolute)/run", owner: "check-\(getpid())", logs: "\(absolute)/log",
        secret: program.password)
      defer { directory.remove() }
      result = try directory.run(program.listing(file: "LIST.TXT"), apart: []).outcome
      words = directory.lastWords
      directory.removeLogs()
    } catch { return try wrong("mailbox: \(error)") }
    switch result {
    case .exited(0): try right("mailbox: \(program.mailbox) can be opened")
    case .exited(4): try warn("mailbox: the post office is locked just now; not tried")
    case .exited(3): try wrong("mailbox: \(program.mailbox): name, password or path are wrong (\(words))")
    default: try wrong("mailbox: \(program.mailbox): \(result.text) (\(words))")
    }
  }
}
