import Formats
import Glibc

/// Proves the conservation law of a queue from its folders and its event logs, and names what breaks it.
///
/// All events are read, and each says what should be where; then all folders are read, and what is there is crossed
/// out. What is left over on either side is named in a second reading. Nothing is kept in memory but a count for each
/// file that is expected (`AuditLedger`).
public final class Audit {
  /// What was proved.
  public struct Counts: Sendable {
    public internal(set) var events = 0
    public internal(set) var waiting = 0
    /// Held by invocations that live.
    public internal(set) var claimed = 0
    public internal(set) var done = 0
    public internal(set) var failed = 0
    public internal(set) var quarantine = 0
    public internal(set) var results = 0
    /// Messages that had their fate, and were pruned or discarded since.
    public internal(set) var pruned = 0
    public internal(set) var discarded = 0
    /// Files that are older than the oldest event.
    public internal(set) var unproved = 0
    public internal(set) var damages = 0
  }

  public internal(set) var counts = Counts()
  let queue: QueueView
  var context: AuditEvent.Context
  let own: String?
  private let say: (Damage) -> Void

  var ledger = AuditLedger()
  /// When the audit began: what got its name since then is looked at the next time.
  let start: timespec
  /// When the oldest log was written, and whether there is one; who removes old logs may leave the messages.
  private var horizon: timespec?
  /// Logs that are in the ledger, and whether there is one.
  private(set) var folded: Set<[UInt8]> = []
  private var hasLedger = false
  /// Groups that were read in `work`.
  var groupsInWork: [GroupInWork] = []
  /// Reports beside nothing, and originals that should have a report and have none.
  var strayReports: [AuditPlace] = []
  var withoutReport: [AuditPlace] = []
  /// Files with more than one name, by their inodes.
  private var linked: [UInt: AuditPlace] = [:]
  var reportedLinks: Set<AuditPlace> = []
  private var unnamed = 0

  /// No more of a kind are remembered by name.
  static let limit = 100_000

  struct GroupInWork {
    var invocation: FileName
    var name: FileName
    /// `ID.N`, as in the name of its log.
    var id: [UInt8]
    var isLiving: Bool
  }

  /// A file by its place.
  struct AuditPlace: Hashable {
    var folder: String
    var name: FileName
    var description: String { "\(folder)/\(name)" }
  }

  /// - Parameter isConsumed: that a result is gone is no damage: it may have been taken.
  /// - Parameter own: the invocation that the auditor itself has on the queue.
  /// - Parameter say: gets each damage, as it is found.
  public init(
    _ queue: consuming QueueView, isConsumed: Bool, own: String? = nil, say: @escaping (Damage) -> Void
  ) {
    self.queue = queue
    self.own = own
    context = AuditEvent.Context(isConsumed: isConsumed)
    self.say = say
    start = Self.tick()
  }

  /// The first tick of the clock of file systems after this moment. What was renamed before has an earlier time, by
  /// that clock or by the finer one that some kernels take; a tick may come late, and then its time is past already.
  private static func tick() -> timespec {
    var (called, now) = (timespec(), timespec())
    clock_gettime(CLOCK_REALTIME, &called)
    repeat {
      usleep(500)
      clock_gettime(CLOCK_REALTIME_COARSE, &now)
    } while (now.tv_sec, now.tv_nsec) <= (called.tv_sec, called.tv_nsec)
    return now
  }

  /// Reads everything and names every damage.
  public func run() throws(SystemError) {
    // While messages are pruned or put back, what the logs say and what is there are not of one moment.
    let lock = try LedgerLock.taken(queue)
    try prove()
    withExtendedLifetime(lock) {}
  }

  private func prove() throws(SystemError) {
    try readWork()
    try readLogs()
    try readFolder("in") { (name, status) throws(SystemError) in
      counts.waiting += 1
      checkLinks(status, "in", name)
    }
    for folder in AuditFolder.allCases { try readFolder(folder) }
    if counts.events == 0, !hasLedger, counts.unproved > 0 {
      found(
        Damage(
          .missingLog, "log", FileName("*.jsonl"), "no event at all: \(counts.unproved) files cannot be proved",
          evidence: "none"))
    }
    var names = AuditNames(self)
    try names.run()
    try AuditReports(self).run()
    if unnamed > 0 {
      found(Damage(.more, "", FileName("..."), "\(unnamed) more that are not named", evidence: "count"))
    }
  }

  func found(_ damage: Damage) {
    counts.damages += 1
    say(damage)
  }

  /// Counts damages that there is no room to name.
  func notNamed(_ count: Int) { unnamed += count }

  // MARK: Events

  /// Calls `body` for the logs; those of groups after all others, which say things about groups.
  func forEachLog(_ body: (EventReader, _ group: [UInt8]?, _ isSettled: Bool) throws(SystemError) -> Void)
    throws(SystemError)
  {
    guard let log = try queue.folder("log") else { return }
    for wantsGroups in [false, true] {
      let directory = try DirectoryReader(log)
      while let entry = try directory.next() {
        guard EventReader.isLog(entry.name), !folded.contains(entry.name.bytes),
          let status = try log.status(of: entry.name)
        else { continue }
        let group = EventReader.group(entry.name)
        guard (group != nil) == wantsGroups else { continue }
        guard status.isFile else {
          if !isNaming {
            found(
              Damage(.foreignFile, "log", entry.name, "no file, but \(status.kind)", evidence: "its type"))
          }
          continue
        }
        if !isNaming { lowerHorizon(to: status.st_mtim) }
        // Read in `work` already, and moved here meanwhile.
        if let group, groupsInWork.contains(where: { $0.id == group }) { continue }
        try body(EventReader(entry.name, in: log), group, isBefore(status))
      }
    }
    for group in groupsInWork {
      guard let work = try queue.folder("work"), let invocation = try work.folder(group.invocation),
        let directory = try invocation.folder(group.name),
        let status = try directory.status(of: FileName("events")), status.isFile
      else {
        // Finished meanwhile: its log tells.
        guard let log = try queue.folder("log") else { continue }
        let name = FileName(bytes: group.id + Array(".jsonl".utf8))
        if try log.status(of: name)?.isFile == true { try body(EventReader(name, in: log), group.id, false) }
        continue
      }
      try body(EventReader(FileName("events"), in: directory), group.id, false)
    }
  }

  /// Whether this is the second reading, which says nothing of what the first has said.
  var isNaming = false

  /// Calls `body` with what the ledger says of files.
  func forEachInLedger(
    damaged: (EventReader, String) -> Void = { _, _ in },
    _ body: (AuditFile, _ expected: Int, _ optional: Int, EventReader) -> Void
  ) throws(SystemError) {
    guard let log = try queue.folder("log") else { return }
    hasLedger = try Ledger.read(log, damaged: damaged) { (record, reader) throws(SystemError) in
      switch record {
      case .file(let file, let expected, let optional):
        let isTaken = context.isConsumed && file.folder == .results
        body(file, expected, isTaken ? max(expected, optional) : optional, reader)
      case .begin(let since): lowerHorizon(to: since)
      case .folded(let name): folded.insert(name)
      case .redirected(let group): context.redirected.insert(group)
      case .state(let state, let total): if !isNaming { count(state, total) }
      case .events: break
      }
    }
  }

  private func count(_ state: Ledger.State, _ number: Int) {
    switch state {
    case .pruned: counts.pruned += number
    case .discarded: counts.discarded += number
    }
  }

  /// Reads the ledger and the logs: what should be there.
  func readLogs() throws(SystemError) {
    try forEachInLedger { reader, why in
      found(
        Damage(.damagedLog, "log", reader.name, "line \(reader.number): \(why)", evidence: "line \(reader.number)"))
    } _: { file, expected, optional, _ in
      ledger.add(file.key, expected, optional: optional)
    }
    try forEachLog { (reader, group, isSettled) throws(SystemError) in
      while let line = try reader.read() {
        switch line {
        case .damaged(let why):
          // The last line of a log that is being written.
          if isSettled || group != nil {
            found(
              Damage(
                .damagedLog, "log", reader.name, "line \(reader.number): \(why)", evidence: "line \(reader.number)"))
          }
        case .event:
          counts.events += 1
          context.note(reader)
          if let (state, number) = AuditEvent.state(reader) { count(state, number) }
          AuditEvent.forEach(reader, group, context, isSettled: isSettled) { file, balance, optional in
            ledger.add(file.key, balance, optional: optional)
          }
        }
      }
    }
  }

  // MARK: Folders

  /// Calls `body` for what is in a folder of the queue, but for hidden names.
  func readFolder(_ name: String, _ body: (FileName, stat) throws(SystemError) -> Void) throws(SystemError) {
    guard let folder = try queue.folder(name) else { return }
    try Self.read(folder, body)
  }

  static func read(
    _ folder: borrowing FileDescriptor, _ body: (FileName, stat) throws(SystemError) -> Void
  ) throws(SystemError) {
    let directory = try DirectoryReader(folder)
    while let entry = try directory.next() {
      if entry.name.isHidden { continue }
      guard let status = try folder.status(of: entry.name) else { continue }
      try body(entry.name, status)
    }
  }

  private func readFolder(_ folder: AuditFolder) throws(SystemError) {
    guard let directory = try queue.folder(folder.rawValue) else { return }
    let hasReports = folder != .results
    let needsReports = folder == .failed || folder == .quarantine
    // What came since the audit began takes the place of nothing that was there before.
    var late: [AuditFile] = []
    try Self.read(directory) { (name, status) throws(SystemError) in
      checkLinks(status, folder.rawValue, name)
      let file = AuditFile(folder, name, size: status.isFile ? status.st_size : AuditFile.unknownSize)
      let key = file.key
      if hasReports, name.isReport, status.isFile, !ledger.expects(key) {
        if isBefore(status), try directory.status(of: name.original) == nil {
          remember(AuditPlace(folder: folder.rawValue, name: name), in: &strayReports)
        }
        return
      }
      count(folder)
      guard isBefore(status) else {
        late.append(file)
        return
      }
      if !ledger.take(key), !ledger.take(file.withoutSize.key) {
        guard isInLog(status) else {
          counts.unproved += 1
          return
        }
        ledger.add(key, -1)
      }
      if needsReports, try !Self.hasReport(name, in: directory) {
        remember(AuditPlace(folder: folder.rawValue, name: name), in: &withoutReport)
      }
    }
    for file in late where !ledger.take(file.key) { _ = ledger.take(file.withoutSize.key) }
  }

  /// Whether the report of an original is beside it. A name that leaves no room for that, as earlier versions let them
  /// be, shares the name of its report with others: such a report has to be looked for.
  static func hasReport(_ name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) -> Bool {
    guard name.count <= FileName.maximumInFate else { return false }
    return try folder.status(of: name.report) != nil
  }

  private func count(_ folder: AuditFolder) {
    switch folder {
    case .results: counts.results += 1
    case .done: counts.done += 1
    case .failed: counts.failed += 1
    case .quarantine: counts.quarantine += 1
    }
  }

  func remember(_ place: AuditPlace, in places: inout [AuditPlace]) {
    if places.count < Self.limit { places.append(place) } else { notNamed(1) }
  }

  /// Whether a file has its name since before the audit began.
  func isBefore(_ status: stat) -> Bool {
    (status.st_ctim.tv_sec, status.st_ctim.tv_nsec) < (start.tv_sec, start.tv_nsec)
  }

  private func lowerHorizon(to time: timespec) {
    if let horizon, (horizon.tv_sec, horizon.tv_nsec) <= (time.tv_sec, time.tv_nsec) { return }
    horizon = time
  }

  /// Whether a file came into its folder since the oldest log was written.
  func isInLog(_ status: stat) -> Bool {
    guard let horizon else { return false }
    return (status.st_ctim.tv_sec, status.st_ctim.tv_nsec) >= (horizon.tv_sec, horizon.tv_nsec)
  }

  /// A file with two names that are both seen is in two places.
  func checkLinks(_ status: stat, _ folder: String, _ name: FileName) {
    guard status.isFile, status.st_nlink > 1, isBefore(status) else { return }
    let place = AuditPlace(folder: folder, name: name)
    guard let other = linked[status.st_ino] else {
      if linked.count < Self.limit { linked[status.st_ino] = place }
      return
    }
    reportedLinks.insert(place)
    reportedLinks.insert(other)
    found(
      Damage(
        .twoPlaces, folder, name, "the same file is \(other.description) as well", evidence: "inode \(status.st_ino)"))
  }
}

extension stat {
  /// What it is, when it is no file.
  var kind: String {
    switch st_mode & S_IFMT {
    case S_IFREG: "a file"
    case S_IFDIR: "a directory"
    case S_IFLNK: "a symbolic link"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
