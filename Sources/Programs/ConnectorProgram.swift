import Glibc
import Spool

/// IMPORT or EXPORT, as a site has it: how it is started, and what may be believed of it.
public struct ConnectorProgram: Sendable {
  /// The program and the words before its switches: `sh`, `/usr/local/lib/ccmc/dosbox/import`.
  public var command: [Path] = []
  /// Its switches besides `/N`, `/P`, `/D` and `/@`.
  public var options: [String] = []
  /// The mailbox to open: the post office that stands for the other side.
  public var mailbox = "INTERNET"
  /// The post office's directory.
  public var postOffice: Path = ""
  public var password = ""
  /// Whether the password is given as `/P`, where everybody on this machine can read it, besides in CCM_PASSWORD.
  public var passwordIsArgument = false
  /// Messages of one run.
  public var batch = 1
  /// Seconds.
  public var timeLimit = 300.0
  /// Bytes of a log, and of any file that it writes.
  public var logLimit = 1 << 20
  public var fileLimit = 4 << 30
  /// What it gets of the environment, `NAME=VALUE`.
  public var environment: [Path] = []
  /// Whether a crash at any point leaves it to be asked: IMPORT refuses a second copy of a message; EXPORT, asked for
  /// its list, first makes up its mind about a run that died.
  public var isReliable = false

  public init() {}

  /// How it is started, for people.
  public var commandText: String { command.map(\.description).joined(separator: " ") }

  /// EXPORT, asked for the list of messages, which changes nothing in the mailbox (Q212759).
  public func listing(file: String) -> Program { program(file: file, options: ["/MSG#", "/BATCH"]) }

  /// What it is run as, with `file` as its input or output: a name in its directory.
  func program(file: String, options: [String]? = nil) -> Program {
    var arguments = command + ["/N\(mailbox)"]
    if passwordIsArgument, !password.isEmpty { arguments.append("/P\(password)") }
    arguments += ["/D\(postOffice)", "/@\(file)"]
    arguments += (options ?? self.options).map { Path($0.replacing("{batch}", with: "\(batch)")) }
    var program = Program(arguments: arguments, timeLimit: timeLimit)
    program.environment = environment + (password.isEmpty ? [] : ["CCM_PASSWORD=\(password)"])
    program.logLimit = logLimit
    program.fileLimit = fileLimit
    return program
  }
}

/// The result codes of IMPORT and EXPORT.
public enum ResultCode: Int, Sendable {
  case completed = 0
  case didNotComplete = 1
  /// Not attested; taken for a command line that the program does not understand.
  case commandLine = 2
  case configuration = 3
  case locked = 4
  case undeliverable = 5
}
