import Formats
import Glibc
import Mail
import Programs
import Spool

/// The options that ccm-import and ccm-export share with their configuration, ccm.conf(5): which programs of cc:Mail are
/// run, how, and where their mail goes. Defaults are those of the original connector.
public final class ConnectorOptions {
  public enum Side: Sendable { case imports, exports }

  public private(set) var imports = ConnectorProgram()
  public private(set) var exports = ConnectorProgram()
  public private(set) var settings = ImportSettings()
  /// Seconds between two looks, with `--watch`.
  public private(set) var importInterval = 15
  public private(set) var exportInterval = 15
  /// Where queues are, where results go; nil unless configured.
  public private(set) var importQueue: Path?
  public private(set) var exportQueue: Path?
  public private(set) var pickup: Path?
  public private(set) var syslog = false
  private var passwordFile: Path?
  private var importReliable: Bool?
  private var exportReliable: Bool?
  private var environment: [String] = []
  /// How messages are mapped.
  public let mapping = MappingOptions()

  public init() {
    imports.command = [Self.embeddedImport]
    exports.command = [Self.embeddedExport]
    // What the original gave them (Q294947).
    imports.options = ["/ITEMSIZE", "/PARTIAL", "/BATCH", "/FILES/MACBIN2"]
    exports.options = ["/ITEMSIZE", "/FORMAT/FAN", "/BATCH", "/FILES/MACBIN2", "/MSGS/{batch}"]
    (imports.batch, exports.batch) = (5, 16)
    settings.host = Self.hostName
    settings.postmaster = Mailbox(name: "", address: "postmaster@\(Self.hostName)")
  }

  private static let embeddedImport: Path = "ccpo-import"
  private static let embeddedExport: Path = "ccpo-export"

  private static var hostName: String {
    var name = utsname()
    uname(&name)
    let text = withUnsafePointer(to: &name.nodename) {
      $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
    }
    return text.isEmpty ? "localhost" : text
  }

  private func program(_ side: Side, _ change: (inout ConnectorProgram) -> Void) {
    switch side {
    case .imports: change(&imports)
    case .exports: change(&exports)
    }
  }

  private func both(_ change: (inout ConnectorProgram) -> Void) {
    change(&imports)
    change(&exports)
  }

  public var options: [Option] {
    options(of: .imports, "import") + options(of: .exports, "export") + [
      .path("post-office") { path throws(UsageError) in self.both { $0.postOffice = path } },
      .value("mailbox") { text throws(UsageError) in
        guard !text.isEmpty, text.utf8.count <= 256 else { throw UsageError("--mailbox: 1 to 256 characters") }
        self.both { $0.mailbox = text }
      },
      .path("password-file") { path throws(UsageError) in self.passwordFile = path },
      .flag("password-argument") { self.both { $0.passwordIsArgument = true } },
      .value("environment") { text throws(UsageError) in self.environment.append(text) },
      .number("log-limit", in: 1024...1 << 40) { number in self.both { $0.logLimit = number } },
      .number("file-limit", in: 1024...1 << 50) { number in self.both { $0.fileLimit = number } },
      .number("attempts", in: 1...1000) { self.settings.attempts = $0 },
      .number("retry", in: 0...86_400) { self.settings.retry = $0 },
      .value("postmaster") { text throws(UsageError) in
        let list = AddressList(
          Array(text.utf8).span, 0..<text.utf8.count, charset: "utf-8", converter: CharsetConverter())
        guard list.mailboxes.count == 1, list.mailboxes[0].address.contains("@") else {
          throw UsageError("--postmaster: `\(text)` is no address")
        }
        self.settings.postmaster = list.mailboxes[0]
      },
      .value("host") { text throws(UsageError) in self.settings.host = text },
      .value("diagnostics") { text throws(UsageError) in
        guard ["none", "minimum", "medium", "maximum"].contains(text) else {
          throw UsageError("--diagnostics: none, minimum, medium or maximum is wanted, not `\(text)`")
        }
        self.settings.isVerbose = text == "maximum"
        self.level = text
      },
      .flag("syslog") { self.syslog = true },
      .path("import-queue") { path throws(UsageError) in self.importQueue = path },
      .path("export-queue") { path throws(UsageError) in self.exportQueue = path },
      .path("pickup") { path throws(UsageError) in self.pickup = path },
      // For the scripts that bring mail here.
      .path("drop") { _ throws(UsageError) in },
      .path("convert-queue") { _ throws(UsageError) in },
    ] + mapping.options
  }

  /// Which events are said on standard error.
  public private(set) var level = "minimum"

  private func options(of side: Side, _ prefix: String) -> [Option] {
    [
      .path("\(prefix)-program") { line throws(UsageError) in
        let words = line.bytes.split(separator: ASCII.space).map { Path(bytes: $0) }
        guard !words.isEmpty else { throw UsageError("--\(prefix)-program: no program") }
        self.program(side) { $0.command = words }
      },
      .value("\(prefix)-options") { text throws(UsageError) in
        self.program(side) { $0.options = text.split(separator: " ").map(String.init) }
      },
      .number("\(prefix)-batch", in: 1...100_000) { number in self.program(side) { $0.batch = number } },
      .number("\(prefix)-time-limit", in: 1...86_400) { number in self.program(side) { $0.timeLimit = Double(number) }
      },
      .number("\(prefix)-interval", in: 1...86_400) { number in
        if side == .imports { self.importInterval = number } else { self.exportInterval = number }
      },
      .value("\(prefix)-reliable") { text throws(UsageError) in
        guard text == "yes" || text == "no" else {
          throw UsageError("--\(prefix)-reliable: yes or no is wanted, not `\(text)`")
        }
        if side == .imports { self.importReliable = text == "yes" } else { self.exportReliable = text == "yes" }
      },
    ]
  }

  /// The options once all have been read: the password, the environment, the programs beside this one.
  public func finish() throws(Failure) {
    settings.conversion = try finishedMapping()
    imports.isReliable = importReliable ?? (imports.command == [Self.embeddedImport])
    exports.isReliable = exportReliable ?? (exports.command == [Self.embeddedExport])
    guard !imports.postOffice.isEmpty else { throw Failure(.configuration, "post-office: none is configured") }
    if let absolute = try? imports.postOffice.resolved() { both { $0.postOffice = absolute } }
    let password = try readPassword()
    let variables = Self.variables(environment)
    both {
      $0.password = password
      $0.environment = variables
      $0.command[0] = Self.found($0.command[0], variables)
    }
    settings.program = imports
  }

  /// How messages are mapped. Users of the post office that Exchange is in cc:Mail live on its side.
  public func finishedMapping() throws(Failure) -> ConversionOptions {
    var finished = try mapping.finished()
    finished.addresses.outsidePostOffices.insert(imports.mailbox.lowercased())
    return finished
  }

  private func readPassword() throws(Failure) -> String {
    guard let passwordFile else { return getenv("CCM_PASSWORD").map { String(cString: $0) } ?? "" }
    let text = try Input.readFile(passwordFile)
    let line = text.span.line(at: 0, to: text.count)
    return text.span.string(0..<line.end)
  }

  /// `NAME=VALUE` as it stands, `NAME` with the value that it has here; a few that programs want, in any case.
  private static func variables(_ configured: [String]) -> [Path] {
    let assigned = configured.filter { $0.contains("=") }
    var variables = assigned.map { Path($0) }
    let given = Set(assigned.map { String($0.prefix { $0 != "=" }) })
    let names = ["PATH", "HOME", "LANG", "LC_ALL", "TZ"] + configured.filter { !$0.contains("=") }
    for name in Set(names).subtracting(given).sorted() {
      if let value = getenv(name) { variables.append("\(name)=\(Path(cString: value))") }
    }
    return variables
  }

  /// A program without a path is taken from the directory that this one is in, where it is there: what belongs together
  /// is installed together. Else it is sought in the PATH that it will have itself.
  private static func found(_ program: Path, _ environment: [Path]) -> Path {
    if program.bytes.contains(ASCII.slash) {
      // It runs elsewhere. A link stays one: a program may go by the name that it is called.
      guard program.bytes.first != ASCII.slash, let directory = getcwd(nil, 0) else { return program }
      defer { free(directory) }
      return "\(Path(cString: directory))/\(program)"
    }
    let path = program.found(in: environment) ?? program
    var room = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &room, room.count - 1)
    guard count > 0 else { return path }
    let own = Path(bytes: room[..<count].map { UInt8(bitPattern: $0) })
    let beside: Path = "\(own.directory)/\(program)"
    return beside.isExecutable ? beside : path
  }
}

extension Path {
  var isExecutable: Bool { withCString { access($0, X_OK) } == 0 }

  /// The program of this name in the directories that PATH names in an environment.
  func found(in environment: [Path]) -> Path? {
    let variable = Array("PATH=".utf8)
    guard let path = environment.first(where: { $0.bytes.starts(with: variable) }) else { return nil }
    return path.bytes.dropFirst(variable.count).split(separator: UInt8(ascii: ":"))
      .lazy.map { "\(Path(bytes: $0))/\(self)" }.first(where: \.isExecutable)
  }
}
