import Formats
import Glibc

/// A queue: a directory with the folders of ccm-spool(7). All of them have to be on one mount.
public struct Queue: ~Copyable, Sendable {
  public let path: Path
  /// Whether its directory was made when it was opened.
  public let isNew: Bool
  /// The directory of `--into`, from the root; nil where results go to `results`.
  let into: Path?
  let root: FileDescriptor
  let input: FileDescriptor
  let work: FileDescriptor
  let results: FileDescriptor
  let done: FileDescriptor
  let failed: FileDescriptor
  let quarantine: FileDescriptor
  let log: FileDescriptor
  let returnsPath: Path?

  /// The directories in `work` that belong to no invocation.
  static let shared = Set(Strikes.folders + [KnownMessages.folder])

  /// Opens the queue at `path`, its folders made where they are missing. Results go to `into`, by default to
  /// `results`; reports to the side that the messages came from go to `returns`, by default a folder of that name.
  /// Throws an error that `isNoQueue` for a directory that is neither empty nor a queue, and EXDEV where no rename leads
  /// from one of them to another.
  public init(path: Path, into: Path? = nil, returns: Path? = nil) throws(SystemError) {
    isNew = path.withCString { mkdir($0, 0o777) } == 0
    if !isNew, errno != EEXIST { throw SystemError("mkdir", path) }
    let root = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    try QueueDirectory.check(root, mayBecome: true)
    let input = try FileDescriptor.directory("in", in: root)
    let work = try FileDescriptor.directory("work", in: root)
    let results = try Self.folder(into, orOwn: "results", in: root)
    let target = try into?.resolved()
    let done = try FileDescriptor.directory("done", in: root)
    let failed = try FileDescriptor.directory("failed", in: root)
    let quarantine = try FileDescriptor.directory("quarantine", in: root)
    let log = try FileDescriptor.directory("log", in: root)
    try Mount.check(input, isReachedFrom: work)
    try Mount.check(results, isReachedFrom: work)
    try Mount.check(done, isReachedFrom: work)
    try Mount.check(failed, isReachedFrom: work)
    try Mount.check(quarantine, isReachedFrom: work)
    try Mount.check(log, isReachedFrom: work)
    // This folder is made when a report is to go there, and what others have committed may go there as well.
    let isReturning = try root.status(of: FileName("returns")) != nil
    if isReturning || returns != nil {
      try Mount.check(Self.folder(returns, orOwn: "returns", in: root), isReachedFrom: work)
    }
    self.path = path
    self.into = target
    self.root = root
    self.input = input
    self.work = work
    self.results = results
    self.done = done
    self.failed = failed
    self.quarantine = quarantine
    self.log = log
    returnsPath = returns
  }

  private static func folder(
    _ path: Path?, orOwn name: String, in root: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor {
    guard let path else { return try FileDescriptor.directory(name, in: root) }
    return try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
  }

  /// Opens the directory for reports to the side that the messages came from.
  func openReturns() throws(SystemError) -> FileDescriptor { try Self.folder(returnsPath, orOwn: "returns", in: root) }

  /// The queue's path from the root, without links: for programs that run elsewhere.
  public func absolutePath() throws(SystemError) -> Path { try path.resolved() }

  /// Opens the folder in which programs run, each in a directory of its own.
  public func openRuns() throws(SystemError) -> FileDescriptor {
    let runs = try FileDescriptor.directory("run", in: root)
    try Mount.check(runs, isReachedFrom: work)
    return runs
  }

  /// Whether a message waits in `in`.
  public func isWaiting() throws(SystemError) -> Bool {
    let reader = try DirectoryReader(input)
    while let entry = try reader.next() { if !entry.name.isHidden { return true } }
    return false
  }
}

/// Where a message that has been through ends.
public enum Fate: String, Sendable, CaseIterable {
  case done
  /// Understood, but it could not be delivered or written; may be replayed as it is.
  case failed
  /// The message itself is the trouble; a person has to look.
  case quarantine
}
