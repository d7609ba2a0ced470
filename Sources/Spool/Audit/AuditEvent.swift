import Formats

/// What an event says of files.
enum AuditEvent {
  /// Calls `body` with each file that the event makes expected (1) or no longer expected (-1), and with how many of
  /// that kind may be absent all the same.
  ///
  /// - Parameter isSettled: false for events of a group that may be just being finished.
  static func forEach(
    _ reader: EventReader, _ group: [UInt8]?, _ audit: Audit, isSettled: Bool,
    _ body: (_ file: AuditFile, _ balance: Int, _ optional: Int) -> Void
  ) {
    switch reader.integer("id") {
    case Event.ID.recovered:
      if let group = reader.string("group"), reader.has("into") { audit.redirected.insert(group) }
    case Event.ID.replayed:
      // What it says is done, and its announcement is settled.
      if let file = moved(reader) { body(file, -1, -1) }
    case Event.ID.replaying:
      if let file = moved(reader) { body(file, 0, 1) }
    case Event.ID.notReplayed:
      if let file = moved(reader) { body(file, 0, -1) }
    default:
      guard let folder = AuditFolder(reader.string("fate")), let name = reader.string("name") else { return }
      // In its fate once the group is finished: what recovery has put aside is there already.
      let mayWait = group != nil && !isSettled
      body(AuditFile(folder, name, size: reader.integer("size") ?? AuditFile.unknownSize), 1, mayWait ? 1 : 0)
      let results = reader.strings("results")
      if results.isEmpty { return }
      let sizes = reader.integers("sizes")
      let isElsewhere =
        audit.isConsumed || mayWait || reader.has("into") || group.map { audit.redirected.contains($0) } ?? false
      for (index, result) in results.enumerated() {
        let size = index < sizes.count ? sizes[index] : AuditFile.unknownSize
        body(AuditFile(.results, result, size: size), 1, isElsewhere ? 1 : 0)
      }
    }
  }

  /// The file that a replay moves out of its fate.
  private static func moved(_ reader: EventReader) -> AuditFile? {
    guard let folder = AuditFolder(reader.string("from")), let name = reader.string("name") else { return nil }
    return AuditFile(folder, name, size: reader.integer("size") ?? AuditFile.unknownSize)
  }
}
