import Formats
import Glibc

/// How often each event was told in a queue, by its logs and by the ledger of those that are gone.
public struct EventCounts: Sendable {
  public struct Key: Hashable, Sendable {
    public var id: Int
    public var severity: String
  }

  public struct Count: Sendable {
    public var total = 0
    /// In the last 24 hours.
    public var recent = 0
  }

  /// An event of severity error.
  public struct Trouble: Sendable {
    public var time: String
    public var id: Int
    public var name: String
    public var text: String
  }

  /// Numbers of events are few; a log that was made up is no reason to remember all of it.
  private static let maximumKeys = 1000

  public private(set) var counts: [Key: Count] = [:]
  /// Lines that are no events.
  public private(set) var damagedLines = 0
  /// The last one of all logs.
  public private(set) var lastError: Trouble?

  private init() {}

  /// Reads the ledger and all logs of a queue.
  public init(_ queue: borrowing QueueView) throws(SystemError) {
    guard let log = try queue.folder("log") else { return }
    var generation: Ledger.Generation?
    repeat {
      // A log that is folded meanwhile is in none of the two, or in both.
      generation = try Ledger.Generation(log)
      self = EventCounts()
      try read(log)
    } while try Ledger.Generation(log) != generation
  }

  private mutating func read(_ log: borrowing FileDescriptor) throws(SystemError) {
    var folded: Set<[UInt8]> = []
    var damages = 0
    var totals: [(Key, Int)] = []
    try Ledger.read(log) { _, _ in
      damages += 1
    } _: { (record, _) throws(SystemError) in
      switch record {
      case .folded(let name): folded.insert(name)
      case .events(let key, let total): totals.append((key, total))
      default: break
      }
    }
    damagedLines += damages
    for (key, total) in totals where counts.count < Self.maximumKeys { counts[key, default: Count()].total += total }
    let yesterday = Array(Clock(seconds: Clock.now.seconds - 86_400).text.utf8)
    let directory = try DirectoryReader(log)
    while let entry = try directory.next() {
      guard EventReader.isLog(entry.name), !folded.contains(entry.name.bytes),
        try log.status(of: entry.name)?.isFile == true
      else { continue }
      let reader: EventReader
      do throws(SystemError) { reader = try EventReader(entry.name, in: log) } catch {
        // Removed meanwhile.
        if error.code == ENOENT { continue }
        throw error
      }
      while let line = try reader.read() {
        if case .event = line { add(reader, since: yesterday) } else { damagedLines += 1 }
      }
    }
  }

  private mutating func add(_ reader: EventReader, since yesterday: [UInt8]) {
    guard let time = reader.string("time"), let key = Self.key(reader) else {
      damagedLines += 1
      return
    }
    // Times are written with the same width, so that they can be compared as they are.
    let isRecent = !time.lexicographicallyPrecedes(yesterday)
    if counts[key] != nil || counts.count < Self.maximumKeys {
      counts[key, default: Count()].total += 1
      if isRecent { counts[key, default: Count()].recent += 1 }
    }
    if key.severity == Event.Severity.error.rawValue,
      !time.lexicographicallyPrecedes(lastError.map { Array($0.time.utf8) } ?? [])
    {
      func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
      lastError = Trouble(
        time: text(time), id: key.id, name: text(reader.string("name")), text: text(reader.string("text")))
    }
  }

  /// What an event is counted as; nil for what is none.
  static func key(_ reader: EventReader) -> Key? {
    guard let id = reader.integer("id"), let severity = reader.string("severity"),
      let known = Event.Severity(rawValue: String(decoding: severity, as: UTF8.self))
    else { return nil }
    return Key(id: id, severity: known.rawValue)
  }
}
