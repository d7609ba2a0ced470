import Glibc
import Programs
import Spool

/// Hands messages to a filter, one file at a time: the message on its standard input, the result from its standard
/// output, what it says on standard error in a log of its own. The result never shares a descriptor with a log (Q179072).
final class CommandProcessor: Processor {
  private let settings: ConvertSettings
  private let workPath: Path
  private let logPath: Path
  private let invocation: String
  private let worker: Int
  private var runs = 0

  init(_ settings: ConvertSettings, workPath: Path, logPath: Path, invocation: String, worker: Int) {
    (self.settings, self.workPath, self.logPath) = (settings, workPath, logPath)
    (self.invocation, self.worker) = (invocation, worker)
  }

  func process(_ message: borrowing ClaimedMessage, _ staging: inout Staging) throws(SystemError) -> Verdict {
    let temporary = try makeTemporary()
    defer { Tree.remove(path: temporary) }
    runs += 1
    let name = "\(invocation).\(worker)-\(runs).stderr"
    let logFile: Path = "\(logPath)/\(name)"
    let log = try FileDescriptor.open(
      path: logFile, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: FileDescriptor.privateMode)
    var program = Program(arguments: settings.command)
    program.timeLimit = settings.timeLimit
    program.temporary = temporary
    let input = message.file.number
    var outcome = Program.Outcome.exited(70)
    try staging.add(suffix: settings.to ?? "out") { file throws(SystemError) in
      outcome = program.run(input: input, output: file.number, log: log.number).outcome
    }
    // One that nothing was printed into is not kept.
    let isSilent = (try? log.status().st_size) == 0
    if isSilent { logFile.withCString { _ = unlink($0) } }
    let seeLog = isSilent ? "" : "; the log is log/\(name)"
    switch outcome {
    case .exited(0): return .done([])
    case .exited(75): return .later("\(settings.command[0]) asks to try again later\(seeLog)")
    case .exited(65): return .quarantine("\(settings.command[0]): \(outcome.text)\(seeLog)", exit: 65, [])
    case .exited(let status):
      return .failed("\(settings.command[0]): \(outcome.text)\(seeLog)", exit: status, [])
    case .notStarted(let code):
      let error = SystemError("start", settings.command[0], code)
      if error.isTemporary { throw error }
      return .stop("\(settings.command[0]): \(outcome.text)", exit: 69)
    case .signalled, .timedOut:
      return .failed("\(settings.command[0]): \(outcome.text)\(seeLog)", exit: 70, [])
    }
  }

  private func makeTemporary() throws(SystemError) -> Path {
    var template = ("\(workPath)/tmpXXXXXX" as Path).bytes.map { CChar(bitPattern: $0) } + [0]
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", workPath) }
    return Path(cString: template)
  }
}
