import Formats
import Glibc

/// How many files are in a folder, and since when.
public struct FolderCount: Sendable {
  /// Files and whatever else is there, reports and hidden names not counted.
  public internal(set) var count = 0
  public internal(set) var bytes = 0
  /// When the one that came first came, and the one that came last, in seconds since 1970. A rename sets the time of
  /// the last change of a file's status, and nothing but that one tells when it came here.
  public internal(set) var oldest: Int?
  public internal(set) var newest: Int?

  mutating func add(_ status: stat) {
    count += 1
    if status.isFile { bytes += status.st_size }
    let time = status.st_ctim.tv_sec
    oldest = min(oldest ?? time, time)
    newest = max(newest ?? time, time)
  }

  mutating func add(_ other: FolderCount) {
    count += other.count
    bytes += other.bytes
    oldest = [oldest, other.oldest].compactMap { $0 }.min()
    newest = [newest, other.newest].compactMap { $0 }.max()
  }
}

/// What is in a queue at this moment. Nothing is changed, and nothing is remembered but counts.
public struct Inventory: Sendable {
  public private(set) var waiting = FolderCount()
  /// Claimed by invocations that live.
  public private(set) var living = FolderCount()
  /// Claimed by invocations that died; the next start takes care of them.
  public private(set) var dead = FolderCount()
  public private(set) var done = FolderCount()
  public private(set) var failed = FolderCount()
  public private(set) var quarantine = FolderCount()
  public private(set) var results = FolderCount()
  public private(set) var returns = FolderCount()
  public private(set) var livingInvocations = 0
  public private(set) var deadInvocations = 0
  /// Directories of programs that run.
  public private(set) var runs = 0
  /// Messages with a strike, and with a failed attempt.
  public private(set) var strikes = 0
  public private(set) var attempts = 0
  /// What waits and could not be claimed when it was tried last.
  public private(set) var unclaimed = 0

  public init(_ queue: borrowing QueueView) throws(SystemError) {
    waiting = try Self.count("in", queue)
    results = try Self.count("results", queue)
    returns = try Self.count("returns", queue)
    done = try Self.count("done", queue)
    failed = try Self.count("failed", queue)
    quarantine = try Self.count("quarantine", queue)
    runs = try Self.runs(queue)
    for invocation in try queue.invocations() {
      if invocation.isLiving { livingInvocations += 1 } else { deadInvocations += 1 }
      let claimed = try Self.claimed(invocation.name, queue)
      if invocation.isLiving { living.add(claimed) } else { dead.add(claimed) }
    }
    guard let work = try queue.folder("work") else { return }
    strikes = try Self.count(FileName("strikes"), in: work).count
    attempts = try Self.count(FileName("attempts"), in: work).count
    unclaimed = try Self.countUnclaimed(queue)
  }

  private static func countUnclaimed(_ queue: borrowing QueueView) throws(SystemError) -> Int {
    guard let work = try queue.folder("work"), let strikes = try work.folder(FileName(Strikes.folder)),
      let input = try queue.folder("in")
    else { return 0 }
    let marks = Set(try DirectoryReader.names(strikes).map(\.description).filter { $0.hasPrefix(Strikes.unclaimed) })
    if marks.isEmpty { return 0 }
    return try DirectoryReader.names(input).count { name in
      Strikes.key(name, in: input).map { marks.contains(Strikes.unclaimed + $0) } ?? false
    }
  }

  /// A run is its directory and the link that says whose it is; a crash may have left only one of the two.
  private static func runs(_ queue: borrowing QueueView) throws(SystemError) -> Int {
    guard let folder = try queue.folder("run") else { return 0 }
    return Set(try DirectoryReader.names(folder).filter { !$0.isHidden }.map { RunOwner.run(of: $0.description) }).count
  }

  private static func count(_ folder: String, _ queue: borrowing QueueView) throws(SystemError) -> FolderCount {
    try count(FileName(folder), in: queue.root)
  }

  private static func count(_ name: FileName, in parent: borrowing FileDescriptor) throws(SystemError) -> FolderCount {
    var count = FolderCount()
    guard let folder = try parent.folder(name) else { return count }
    let reader = try DirectoryReader(folder)
    while let entry = try reader.next() {
      if entry.name.isHidden || entry.name.bytes.ends(with: ".report") { continue }
      // What is gone by now was taken or moved, and is counted where it is next time.
      if let status = try folder.status(of: entry.name) { count.add(status) }
    }
    return count
  }

  /// The messages that an invocation holds, in all its groups.
  private static func claimed(_ id: FileName, _ queue: borrowing QueueView) throws(SystemError) -> FolderCount {
    var sum = FolderCount()
    guard let work = try queue.folder("work"), let directory = try work.folder(id) else { return sum }
    let reader = try DirectoryReader(directory)
    while let entry = try reader.next() {
      guard Group.isGroup(entry.name), let group = try directory.folder(entry.name) else { continue }
      for place in Group.Place.allCases { sum.add(try count(FileName(place.rawValue), in: group)) }
    }
    return sum
  }
}
