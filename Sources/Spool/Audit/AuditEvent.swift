import Formats

/// What an event says of files.
enum AuditEvent {
  /// What has to be known besides the event.
  struct Context {
    /// Results may have been taken by somebody.
    var isConsumed: Bool
    /// Groups whose results recovery put elsewhere.
    var redirected: Set<[UInt8]> = []

    /// Notes what an event says of a group.
    mutating func note(_ reader: EventReader) {
      guard reader.integer("id") == Event.ID.recovered, let group = reader.string("group"), reader.has("into") else {
        return
      }
      redirected.insert(group)
    }
  }

  /// Calls `body` with each file that the event makes expected (1) or no longer expected (-1), and with how many of
  /// that kind may be absent all the same.
  ///
  /// - Parameter isSettled: false for events of a group that may be just being finished.
  static func forEach(
    _ reader: EventReader, _ group: [UInt8]?, _ context: Context, isSettled: Bool,
    _ body: (_ file: AuditFile, _ balance: Int, _ optional: Int) -> Void
  ) {
    switch reader.integer("id") {
    case Event.ID.replaying, Event.ID.discarding:
      if let file = taken(reader) { body(file, 0, 1) }
    case Event.ID.notReplayed:
      if let file = taken(reader) { body(file, 0, -1) }
    case Event.ID.replayed, Event.ID.discarded:
      // What it says is done, and its announcement is settled.
      if let file = taken(reader) { body(file, -1, -1) }
    case Event.ID.pruning: forEachPruned(reader) { body($0, 0, 1) }
    case Event.ID.notPruned: forEachPruned(reader) { body($0, 0, -1) }
    case Event.ID.pruned: forEachPruned(reader) { body($0, -1, -1) }
    case Event.ID.mending:
      // Until it is put back, one of the two is there.
      guard let file = taken(reader), let size = reader.integer("became") else { return }
      body(file, 0, 1)
      body(AuditFile(file.folder, file.name, size: size), 1, 1)
    case Event.ID.acknowledged:
      guard let folder = AuditFolder(reader.string("folder")), let name = reader.string("name") else { return }
      if let size = reader.integer("size") { body(AuditFile(folder, name, size: size), -1, 0) }
      if let size = reader.integer("became") { body(AuditFile(folder, name, size: size), 1, 0) }
    default: forEachOfFate(reader, group, context, isSettled: isSettled, body)
    }
  }

  private static func forEachOfFate(
    _ reader: EventReader, _ group: [UInt8]?, _ context: Context, isSettled: Bool,
    _ body: (_ file: AuditFile, _ balance: Int, _ optional: Int) -> Void
  ) {
    guard let folder = AuditFolder(reader.string("fate")), let name = reader.string("name") else { return }
    // In its fate once the group is finished: what recovery has put aside is there already.
    let mayWait = group != nil && !isSettled
    body(AuditFile(folder, name, size: reader.integer("size") ?? AuditFile.unknownSize), 1, mayWait ? 1 : 0)
    let results = reader.strings("results")
    if results.isEmpty { return }
    let sizes = reader.integers("sizes")
    let isElsewhere =
      context.isConsumed || mayWait || reader.has("into") || group.map { context.redirected.contains($0) } ?? false
    for (index, result) in results.enumerated() {
      let size = index < sizes.count ? sizes[index] : AuditFile.unknownSize
      body(AuditFile(.results, result, size: size), 1, isElsewhere ? 1 : 0)
    }
  }

  /// The file that is taken out of its fate.
  private static func taken(_ reader: EventReader) -> AuditFile? {
    guard let folder = AuditFolder(reader.string("from")), let name = reader.string("name") else { return nil }
    return AuditFile(folder, name, size: reader.integer("size") ?? AuditFile.unknownSize)
  }

  private static func forEachPruned(_ reader: EventReader, _ body: (AuditFile) -> Void) {
    guard let folder = AuditFolder(reader.string("from")) else { return }
    let sizes = reader.integers("sizes")
    for (index, name) in reader.strings("messages").enumerated() {
      body(AuditFile(folder, name, size: index < sizes.count ? sizes[index] : AuditFile.unknownSize))
    }
  }

  /// The state without a file that the event gives messages, and how many.
  static func state(_ reader: EventReader) -> (Ledger.State, Int)? {
    switch reader.integer("id") {
    case Event.ID.pruned: reader.integer("count").map { (.pruned, $0) }
    case Event.ID.discarded: (.discarded, 1)
    default: nil
    }
  }
}
