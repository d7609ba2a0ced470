import CGlibc
import Glibc
import Spool

/// An option of a program. Its manual page says what it does.
public struct Option {
  public let name: String
  let letter: Character?
  let takesArgument: Bool
  /// Throws a text that says what is wrong with the argument.
  let apply: (Path) throws(UsageError) -> Void

  public static func flag(_ name: String, _ letter: Character? = nil, _ apply: @escaping () -> Void) -> Option {
    Option(name: name, letter: letter, takesArgument: false) { _ throws(UsageError) in apply() }
  }

  public static func value(
    _ name: String, _ letter: Character? = nil, _ apply: @escaping (String) throws(UsageError) -> Void
  ) -> Option {
    Option(name: name, letter: letter, takesArgument: true) { argument throws(UsageError) in
      guard let text = argument.text else { throw UsageError("--\(name): `\(argument)` is not UTF-8") }
      try apply(text)
    }
  }

  /// An option whose argument is the path of a file: bytes, whatever they are.
  public static func path(
    _ name: String, _ letter: Character? = nil, _ apply: @escaping (Path) throws(UsageError) -> Void
  ) -> Option {
    Option(name: name, letter: letter, takesArgument: true, apply: apply)
  }

  /// An option whose argument is a number.
  public static func number(_ name: String, in range: ClosedRange<Int>, _ apply: @escaping (Int) -> Void) -> Option {
    .value(name) { text throws(UsageError) in
      guard let number = Int(text), range.contains(number) else {
        throw UsageError("--\(name): a number from \(range.lowerBound) to \(range.upperBound) is wanted, not `\(text)`")
      }
      apply(number)
    }
  }
}

/// What is wrong with a command line, or with a configuration that it names.
public struct UsageError: Error {
  let text: String
  let status: ExitStatus
  public init(_ text: String, _ status: ExitStatus = .usage) { (self.text, self.status) = (text, status) }
}

/// Reads a command line with getopt_long(3), so that options may be abbreviated, joined and mixed with operands as
/// everywhere.
public struct OptionParser {
  public static let version = "1.0"

  let program: String
  let synopsis: String
  let options: [Option]

  public init(program: String, synopsis: String, options: [Option]) {
    self.program = program
    self.synopsis = synopsis
    self.options = options
  }

  /// Applies the options and returns the operands, as the bytes that they are. `--help`, `--version` and `--options`
  /// end the program here.
  public func parse() throws(Failure) -> [Path] {
    let longNames = options.map(\.name) + ["help", "version", "options"]
    var long = longNames.enumerated().map { index, name in
      option(
        name: UnsafePointer(strdup(name)),
        has_arg: index < options.count && options[index].takesArgument ? 1 : 0, flag: nil, val: Int32(1000 + index))
    }
    long.append(option())
    let short = options.reduce("") {
      $0 + ($1.letter.map { String($0) } ?? "") + ($1.letter != nil && $1.takesArgument ? ":" : "")
    }
    let argc = CommandLine.argc
    let argv = CommandLine.unsafeArgv
    ccmc_getopt_silent()
    while true {
      let given = getopt_long(argc, argv, short, long, nil)
      if given == -1 { break }
      if given == 1000 + Int32(options.count) {
        try finish("Usage: \(program) \(synopsis)\nThe manual page \(program)(1) describes the options.\n")
      }
      if given == 1001 + Int32(options.count) { try finish("\(program) (ccmc) \(Self.version)\n") }
      if given == 1002 + Int32(options.count) { try finish(optionList) }
      let index =
        given >= 1000
        ? Int(given - 1000) : options.firstIndex { $0.letter?.asciiValue == UInt8(truncatingIfNeeded: given) }
      guard given != Int32(UInt8(ascii: "?")), let index else {
        let word = argv[Int(ccmc_getopt_next()) - 1].map { String(cString: $0) } ?? ""
        throw Failure(.usage, "`\(word)` is no option of this program, or its argument is wrong; see \(program) --help")
      }
      do throws(UsageError) { try options[index].apply(ccmc_getopt_argument().map { Path(cString: $0) } ?? "") } catch {
        throw Failure(error.status, error.text)
      }
    }
    return (Int(ccmc_getopt_next())..<Int(argc)).compactMap { argv[$0].map { Path(cString: $0) } }
  }

  /// Names and letters of all options, one a line, with a colon behind those that take an argument: for scripts that
  /// pass options on.
  private var optionList: String {
    options.map { option in
      let end = option.takesArgument ? ":\n" : "\n"
      return option.name + end + (option.letter.map { "\($0)\(end)" } ?? "")
    }.joined()
  }

  private func finish(_ text: String) throws(Failure) -> Never {
    let output = Output()
    try output.write(Array(text.utf8).span)
    try output.finish()
    exit(0)
  }
}
