import Formats
import Spool

/// What is to be said of one queue.
struct QueueReport {
  let path: Path
  let inventory: Inventory
  let events: EventCounts
  /// When it was looked at, in seconds since 1970.
  let time: Int

  init(_ path: Path) throws(SystemError) {
    self.path = path
    let queue = try QueueView(path: path)
    inventory = try Inventory(queue)
    events = try EventCounts(queue)
    time = Clock.now.seconds
  }

  /// The folders, by the names that they have in all forms of output.
  var folders: [(name: StaticString, count: FolderCount)] {
    [
      ("in", inventory.waiting), ("work", inventory.living), ("dead", inventory.dead), ("done", inventory.done),
      ("failed", inventory.failed), ("quarantine", inventory.quarantine), ("results", inventory.results),
      ("returns", inventory.returns),
    ]
  }

  var others: [(name: StaticString, value: Int)] {
    [
      ("invocations", inventory.livingInvocations), ("dead_invocations", inventory.deadInvocations),
      ("runs", inventory.runs), ("strikes", inventory.strikes), ("attempts", inventory.attempts),
      ("unclaimed", inventory.unclaimed),
      ("damaged_lines", events.damagedLines),
    ]
  }

  var sortedEvents: [(key: EventCounts.Key, count: EventCounts.Count)] {
    events.counts.sorted { ($0.key.id, $0.key.severity) < ($1.key.id, $1.key.severity) }.map { ($0.key, $0.value) }
  }

  /// How long the first one in `in` has been waiting.
  var waitingSeconds: Int { inventory.waiting.oldest.map { age($0) } ?? 0 }

  func age(_ moment: Int) -> Int { max(0, time - moment) }

  // MARK: For programs

  var json: [UInt8] {
    var line = JSONLine()
    line.add("queue", path.description)
    line.add("time", Clock(seconds: time).text)
    for folder in folders { line.add(folder.name, object: Self.json(folder.count)) }
    for other in others { line.add(other.name, other.value) }
    line.add(
      "events",
      list: sortedEvents.map { event in
        var object = JSONLine()
        object.add("id", event.key.id)
        object.add("severity", event.key.severity)
        object.add("total", event.count.total)
        object.add("day", event.count.recent)
        return object.closed
      })
    if let error = events.lastError {
      var object = JSONLine()
      object.add("time", error.time)
      object.add("id", error.id)
      if !error.name.isEmpty { object.add("name", error.name) }
      object.add("text", error.text)
      line.add("last_error", object: object)
    }
    return line.closed
  }

  private static func json(_ count: FolderCount) -> JSONLine {
    var object = JSONLine()
    object.add("count", count.count)
    object.add("bytes", count.bytes)
    if let oldest = count.oldest { object.add("oldest", Clock(seconds: oldest).text) }
    if let newest = count.newest { object.add("newest", Clock(seconds: newest).text) }
    return object
  }

  // MARK: For people

  var table: [UInt8] {
    var rows: [[String]] = [["folder", "messages", "bytes", "oldest", "newest"]]
    for folder in folders
    where folder.count.count > 0 || ["in", "done", "failed", "quarantine"].contains("\(folder.name)") {
      let count = folder.count
      rows.append([
        "\(folder.name)", "\(count.count)", "\(count.bytes)", count.oldest.map { Self.duration(age($0)) } ?? "-",
        count.newest.map { Self.duration(age($0)) } ?? "-",
      ])
    }
    var text = PrintableText.text(path.description) + ":\n"
    text += Self.aligned(rows, leftColumns: 1)
    let noted = others.filter { $0.value > 0 }.map { "\($0.value) \("\($0.name)".replacingUnderscores)" }
    if !noted.isEmpty { text += "  " + noted.joined(separator: ", ") + "\n" }
    if !events.counts.isEmpty {
      text += Self.aligned(
        [["event", "severity", "24 h", "total"]]
          + sortedEvents.map { ["\($0.key.id)", $0.key.severity, "\($0.count.recent)", "\($0.count.total)"] },
        leftColumns: 2)
    }
    if let error = events.lastError {
      text += "  last error: "
      text +=
        PrintableText.text("\(error.time) \(error.id) \(error.name.isEmpty ? "" : "\(error.name): ")\(error.text)")
        + "\n"
    }
    return Array(text.utf8)
  }

  /// Columns side by side, the first ones at their left edge, numbers at their right one.
  private static func aligned(_ rows: [[String]], leftColumns: Int) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.utf8.count)
      }
    }
    var text = ""
    for row in rows {
      text += " "
      for (column, cell) in row.enumerated() {
        let filler = String(repeating: " ", count: widths[column] - cell.utf8.count)
        text += " " + (column < leftColumns ? cell + filler : filler + cell)
      }
      text += "\n"
    }
    return text
  }

  /// `3d04h`, `4h05m`, `5m06s`, `7s`
  static func duration(_ seconds: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if seconds >= 86_400 { return "\(seconds / 86_400)d\(two(seconds / 3600 % 24))h" }
    if seconds >= 3600 { return "\(seconds / 3600)h\(two(seconds / 60 % 60))m" }
    if seconds >= 60 { return "\(seconds / 60)m\(two(seconds % 60))s" }
    return "\(seconds)s"
  }
}

extension String {
  fileprivate var replacingUnderscores: String { String(map { $0 == "_" ? " " : $0 }) }
}
