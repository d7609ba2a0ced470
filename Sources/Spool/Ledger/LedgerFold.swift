import Formats
import Glibc

/// Folds event logs into the ledger, so that they may go: the new ledger says what the old one and the logs said.
///
/// Nothing is kept in memory but a count for each file that is expected. The logs are read twice, and the old ledger:
/// the first time they are summed up, the second time each file whose sum is not nothing gets its record.
final class LedgerFold {
  private let log: FileDescriptor
  private let queue: QueueView
  /// Results are taken by somebody: those that are gone are not looked for any more.
  private let isConsumed: Bool
  private var context: AuditEvent.Context
  private var since: timespec?
  private var folded: Set<[UInt8]> = []
  private var counts: [EventCounts.Key: Int] = [:]
  private var states: [Ledger.State: Int] = [:]
  private var sums = AuditLedger()
  /// What the logs say that are not folded, and what is there.
  private var others = AuditLedger()
  private var present = AuditLedger()
  private var hasOptional = false
  private var record: [UInt8] = []
  private var records = 0

  /// Logs with a line that is no event, and which line: they are not folded.
  private(set) var damaged: [(name: FileName, line: Int)] = []

  init(_ queue: consuming QueueView, isConsumed: Bool) throws(SystemError) {
    guard let log = try queue.folder("log") else { throw SystemError("open", "\(queue.path)/log", ENOENT) }
    self.log = log
    self.queue = queue
    self.isConsumed = isConsumed
    context = AuditEvent.Context(isConsumed: false)
  }

  /// Writes the new ledger; returns the logs that are in it, and may go.
  ///
  /// None of the logs that are there may be in the old ledger.
  ///
  /// - Parameter names: logs that nobody writes to any more.
  func run(_ names: [FileName]) throws(SystemError) -> [FileName] {
    let names = names.isEmpty ? [] : try whole(names)
    if names.isEmpty { return [] }
    // A log of a group is read after those that say things about groups.
    let ordered = names.filter { EventReader.group($0) == nil } + names.filter { EventReader.group($0) != nil }
    try forEachFile(ordered, isFirst: true) { (file, balance, optional) throws(SystemError) in
      sums.add(file.key, balance, optional: optional)
      if optional > 0 || (isConsumed && file.folder == .results) { hasOptional = true }
    }
    try readFolders()
    try write(ordered)
    return ordered
  }

  /// The logs without a damaged line; notes which groups were redirected, and what the logs say that are not folded.
  private func whole(_ names: [FileName]) throws(SystemError) -> [FileName] {
    let wanted = Set(names)
    var (whole, rest): ([FileName], [FileName]) = ([], [])
    for name in try DirectoryReader.names(log) where EventReader.isLog(name) {
      guard let status = try log.status(of: name), status.isFile else { continue }
      let reader = try EventReader(name, in: log)
      var damage: Int?
      while let line = try reader.read() {
        if case .event = line { context.note(reader) } else { damage = damage ?? reader.number }
      }
      if wanted.contains(name), damage == nil {
        whole.append(name)
        lowerSince(to: status.st_mtim)
      } else {
        rest.append(name)
        if let damage, wanted.contains(name) { damaged.append((name, damage)) }
      }
    }
    if whole.isEmpty { return [] }
    for name in rest {
      try forEachFile(name, isCounted: false) { (file, balance, optional) throws(SystemError) in
        others.add(file.key, balance, optional: optional)
      }
    }
    return whole
  }

  private func lowerSince(to time: timespec) {
    if let since, (since.tv_sec, since.tv_nsec) <= (time.tv_sec, time.tv_nsec) { return }
    since = time
  }

  /// Calls `body` with what the old ledger and the logs say of files.
  private func forEachFile(
    _ names: [FileName], isFirst: Bool, _ body: (AuditFile, Int, Int) throws(SystemError) -> Void
  ) throws(SystemError) {
    var damage: SystemError?
    let path = log.path
    try Ledger.read(log) { reader, why in
      damage = damage ?? SystemError("line \(reader.number): \(why)", "\(path)/\(Ledger.name)", EBADMSG)
    } _: { (record, _) throws(SystemError) in
      if case .file(let file, let expected, let optional) = record { return try body(file, expected, optional) }
      guard isFirst else { return }
      switch record {
      case .begin(let since): lowerSince(to: since)
      case .folded(let name): folded.insert(name)
      case .redirected(let group): context.redirected.insert(group)
      case .events(let key, let total): counts[key, default: 0] += total
      case .state(let state, let total): states[state, default: 0] += total
      case .file: break
      }
    }
    if let damage { throw damage }
    for name in names { try forEachFile(name, isCounted: isFirst, body) }
  }

  private func forEachFile(
    _ name: FileName, isCounted: Bool, _ body: (AuditFile, Int, Int) throws(SystemError) -> Void
  ) throws(SystemError) {
    let reader = try EventReader(name, in: log)
    while let line = try reader.read() {
      guard case .event = line else { continue }
      if isCounted {
        if let key = EventCounts.key(reader) { counts[key, default: 0] += 1 }
        if let (state, count) = AuditEvent.state(reader) { states[state, default: 0] += count }
      }
      var failure: SystemError?
      AuditEvent.forEach(reader, EventReader.group(name), context, isSettled: true) { file, balance, optional in
        do throws(SystemError) { try body(file, balance, optional) } catch { failure = failure ?? error }
      }
      if let failure { throw failure }
    }
  }

  /// Counts what is there of files that may as well be absent: what is gone is gone for good.
  private func readFolders() throws(SystemError) {
    guard hasOptional else { return }
    for folder in AuditFolder.allCases {
      guard let directory = try queue.folder(folder.rawValue) else { continue }
      try Audit.read(directory) { (name, status) throws(SystemError) in
        let file = AuditFile(folder, name, size: status.isFile ? status.st_size : AuditFile.unknownSize)
        for key in Set([file.key, file.withoutSize.key]) { present.add(key, 1) }
      }
    }
  }

  // MARK: The new ledger

  private func write(_ names: [FileName]) throws(SystemError) {
    let new = FileName(".ledger.new")
    var ledger = try FileDescriptor.open(
      new, in: log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: FileDescriptor.privateMode)
    try writeHead(names)
    try forEachFile(names, isFirst: false) { (file, _, _) throws(SystemError) in
      add(file)
      if record.count > 1 << 20 { try flush(to: ledger) }
    }
    var end = JSONLine()
    end.add("records", records)
    add(end)
    try flush(to: ledger)
    try ledger.sync()
    try ledger.closeChecked()
    guard renameat(log.number, new.description, log.number, Ledger.name.description) == 0 else {
      throw SystemError("rename", "\(log.path)/\(new)")
    }
    try log.sync()
  }

  private func writeHead(_ names: [FileName]) throws(SystemError) {
    var head = JSONLine()
    head.add("ledger", Ledger.version)
    head.add("time", Clock.now.text)
    let since = since ?? timespec()
    head.add("since", list: [since.tv_sec, since.tv_nsec].map { Array("\($0)".utf8) })
    add(head)
    // Those that are gone need not be named any longer.
    let there = Set(try DirectoryReader.names(log).map(\.bytes))
    for name in folded.filter(there.contains) + names.map(\.bytes) {
      var line = JSONLine()
      line.add("folded", String(decoding: name, as: UTF8.self))
      add(line)
    }
    let logs = Set(names.map(\.bytes)).union(folded)
    for group in context.redirected {
      let name = group + Array(".jsonl".utf8)
      guard there.contains(name), !logs.contains(name) else { continue }
      var line = JSONLine()
      line.add("redirected", String(decoding: group, as: UTF8.self))
      add(line)
    }
    for (key, total) in counts.sorted(by: { ($0.key.id, $0.key.severity) < ($1.key.id, $1.key.severity) }) {
      var line = JSONLine()
      line.add("id", key.id)
      line.add("severity", key.severity)
      line.add("total", total)
      add(line)
    }
    for state in Ledger.State.allCases {
      guard let total = states[state] else { continue }
      var line = JSONLine()
      line.add("state", state.rawValue)
      line.add("total", total)
      add(line)
    }
  }

  /// Adds the record of a file, the first time that it is met.
  private func add(_ file: AuditFile) {
    let key = file.key
    guard var entry = sums.remove(key) else { return }
    if isConsumed, file.folder == .results { entry.optional = max(entry.optional, entry.balance) }
    let later = others.entry(key)?.balance ?? 0
    if entry.optional > 0 {
      // Those that may be gone, and are.
      let gone = entry.balance + later - (present.entry(key)?.balance ?? 0)
      let dropped = max(0, min(gone, entry.balance, entry.optional))
      entry.balance -= dropped
      entry.optional -= dropped
      // Of nothing, nothing can be gone.
      if entry.balance == 0, later == 0 { entry.optional = 0 }
    }
    if entry.balance == 0, entry.optional == 0 { return }
    var line = JSONLine()
    line.add("folder", file.folder.rawValue)
    line.add("name", String(decoding: file.name, as: UTF8.self))
    line.add("size", file.size)
    line.add("expected", Int(entry.balance))
    line.add("optional", Int(entry.optional))
    add(line)
  }

  private func add(_ line: JSONLine) {
    record += line.closed
    record.append(ASCII.lf)
    records += 1
  }

  private func flush(to file: borrowing FileDescriptor) throws(SystemError) {
    let bytes = record
    try file.writeAll(bytes.span)
    record.removeAll(keepingCapacity: true)
  }
}
