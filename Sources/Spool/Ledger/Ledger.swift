import Formats
import Glibc

/// What the event logs said that are gone: `log/ledger`, JSON, a record a line (ccm-spool(7)).
///
///     {"ledger":1,"time":"...","since":[SECONDS,NANOSECONDS]}     since when events were written
///     {"folded":"ID.jsonl"}                                       this log counts no more, if it is still there
///     {"redirected":"ID.N"}                                       a group whose results recovery put elsewhere
///     {"id":54,"severity":"warning","total":12}                   how many such events there were
///     {"state":"pruned","total":12}                               how many messages are in a state without a file
///     {"folder":"done","name":"X","size":275,"expected":1,"optional":0}
///     {"records":6}                                               how many lines come before this one
///
/// It is only replaced as a whole.
enum Ledger {
  static let name = FileName("ledger")
  static let version = 1

  enum Record {
    case begin(since: timespec)
    case folded([UInt8])
    case redirected([UInt8])
    case events(EventCounts.Key, Int)
    case state(State, Int)
    /// So many files are expected, and so many of them may as well be absent.
    case file(AuditFile, expected: Int, optional: Int)
  }

  /// What a message may have become that is in no folder.
  enum State: String, CaseIterable {
    case pruned, discarded
  }

  /// Calls `body` with each record, and the reader that has it; returns whether there is a ledger. What is wrong with
  /// it is told to `damaged`.
  @discardableResult
  static func read(
    _ log: borrowing FileDescriptor, damaged: (EventReader, String) -> Void,
    _ body: (Record, EventReader) throws(SystemError) -> Void
  ) throws(SystemError) -> Bool {
    guard try log.status(of: name) != nil else { return false }
    let reader = try EventReader(name, in: log)
    var isComplete = false
    while let line = try reader.read() {
      guard case .event = line else {
        damaged(reader, "no record of a ledger")
        return true
      }
      if let records = reader.integer("records") {
        isComplete = records == reader.number - 1
      } else if let record = record(reader) {
        isComplete = false
        try body(record, reader)
      } else {
        damaged(reader, "no record of a ledger")
      }
    }
    if !isComplete { damaged(reader, "the ledger is cut off") }
    return true
  }

  private static func record(_ reader: EventReader) -> Record? {
    if let version = reader.integer("ledger") {
      let since = reader.integers("since")
      guard version == Self.version, since.count == 2 else { return nil }
      return .begin(since: timespec(tv_sec: since[0], tv_nsec: since[1]))
    }
    if let name = reader.string("folded") { return .folded(name) }
    if let group = reader.string("redirected") { return .redirected(group) }
    if let folder = AuditFolder(reader.string("folder")), let name = reader.string("name"),
      let size = reader.integer("size"), let expected = reader.integer("expected"),
      let optional = reader.integer("optional")
    {
      return .file(AuditFile(folder, name, size: size), expected: expected, optional: optional)
    }
    guard let total = reader.integer("total"), total >= 0 else { return nil }
    if let state = reader.string("state") {
      return State(rawValue: String(decoding: state, as: UTF8.self)).map { .state($0, total) }
    }
    guard let id = reader.integer("id"), let severity = reader.string("severity") else { return nil }
    return .events(EventCounts.Key(id: id, severity: String(decoding: severity, as: UTF8.self)), total)
  }

  /// Changes with each ledger; nil where there is none.
  struct Generation: Equatable {
    private var inode: UInt
    private var seconds: Int
    private var nanoseconds: Int

    init?(_ log: borrowing FileDescriptor) throws(SystemError) {
      guard let status = try log.status(of: name) else { return nil }
      (inode, seconds, nanoseconds) = (status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
    }
  }
}
