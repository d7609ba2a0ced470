import CGlibc
import Glibc
import Spool
import Tooling

/// Runs the editor of the person who called this program on a file: `$VISUAL`, else `$EDITOR`, else vi. As everywhere,
/// the variable may have arguments in it. False when it did not end with 0.
func edit(_ file: Path) -> Bool {
  let variables: [String] = ["VISUAL", "EDITOR"].compactMap { (name: String) in getenv(name).map { String(cString: $0) }
  }
  let command = variables.first { !$0.isEmpty } ?? "vi"
  let words: [Path] = ["/bin/sh", "-c", "\(command) \"$@\"", "sh", file.asOperand]
  var arguments = words.map { word in word.withCString { strdup($0) } } + [nil]
  defer { for argument in arguments { free(argument) } }

  // An interrupt is for the editor: what it has done is judged when it has ended.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var usual = sigset_t()
  sigemptyset(&usual)
  for number in [SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ] { sigaddset(&usual, number) }
  posix_spawnattr_setsigdefault(&attributes, &usual)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
  let before = [SIGINT, SIGQUIT].map { ($0, signal($0, SIG_IGN)) }
  defer { for (number, action) in before { signal(number, action) } }

  var child = pid_t()
  let failure = posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ)
  guard failure == 0 else {
    Diagnostics.say(program, "/bin/sh: \(SystemError.text(failure))")
    return false
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 { if errno != EINTR { return false } }
  return status == 0
}

extension Path {
  /// The same, so that no program takes it for an option.
  fileprivate var asOperand: Path { bytes.first == UInt8(ascii: "-") ? "./\(self)" : self }
}
