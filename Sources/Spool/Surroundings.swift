import Glibc

/// What a program has from its parent and cannot work with.
public enum Surroundings {
  /// Puts it right; to be called before anything else is. Returns what is missing, without which no program can work.
  public static func settle() -> String? {
    keepStandardDescriptors()
    // A closed pipe, and a file that becomes larger than the limit of ulimit(1), are errors of writing, not the silent
    // end of the program.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    // With this ignored, as a parent may have left it, nobody learns how a program ended.
    signal(SIGCHLD, SIG_DFL)
    // The command line is read there, and whatever runs is sought there.
    let commandLine: Path = "/proc/self/cmdline"
    return commandLine.exists ? nil : "\(SystemError("access", commandLine)); no program works without proc(5)"
  }

  /// Takes the places of standard descriptors that are closed, so that no file of ours gets their numbers, and what is
  /// said on them. Reading from the first one and writing to the others fails, as it does where they are closed.
  private static func keepStandardDescriptors() {
    for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 {
      // It gets the lowest number that is free, which is this one.
      _ = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
    }
  }
}
