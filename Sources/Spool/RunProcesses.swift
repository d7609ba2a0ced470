import Glibc

/// The processes of a run of a program: they have its path in their environment, or, when they lost that on their way
/// through sudo or env, still write its logs.
public struct RunProcesses: Sendable {
  private let directory: Path
  private let output: Path
  private let error: Path

  /// Those of the run in `directory`, a path from the root, which belongs to the invocation `owner`; `logs` is the
  /// folder with its logs.
  public init(of directory: Path, owner: String, logs: Path) {
    self.directory = directory
    output = "\(logs)/\(owner).\(directory.name).out"
    error = "\(logs)/\(owner).\(directory.name).err"
  }

  /// Those that still live, as far as they are to be seen.
  public func living() throws(SystemError) -> Set<pid_t> {
    try ProcessTable.processes(withEnvironment: "TMPDIR=\(directory)")
      .union(ProcessTable.processes(writing: output))
      .union(ProcessTable.processes(writing: error))
  }

  /// Whether something of this run still lives. Of another user's processes nothing is to be seen but the lock on the
  /// log that they hold.
  public func areLiving() throws(SystemError) -> Bool {
    if try !living().isEmpty { return true }
    do throws(SystemError) {
      return try !FileDescriptor.open(path: output, O_RDONLY | O_NOFOLLOW).tryLock()
    } catch {
      // Without its log it did not begin.
      if error.code == ENOENT { return false }
      throw error
    }
  }
}
