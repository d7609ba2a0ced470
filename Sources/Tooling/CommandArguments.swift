import Spool

/// The command line as the system gives it: bytes, not text.
public enum CommandArguments {
  /// All arguments but the program's own name.
  public static var all: [Path] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0].map { Path(cString: $0) } }
  }
}
