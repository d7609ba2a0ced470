import Formats
import Spool

/// Queues in the text format of Prometheus, as the textfile collector of node_exporter reads it: each metric once, with
/// the values of all queues below.
struct Metrics {
  private(set) var text: [UInt8] = []

  init(_ reports: [QueueReport]) {
    if reports.isEmpty { return }
    add("ccmc_queue_messages", "gauge", "Messages in a folder of a queue; work and dead are those claimed.", reports) {
      report in report.folders.map { (["folder": "\($0.name)"], $0.count.count) }
    }
    add("ccmc_queue_bytes", "gauge", "Bytes of the messages in a folder of a queue.", reports) { report in
      report.folders.map { (["folder": "\($0.name)"], $0.count.bytes) }
    }
    add("ccmc_queue_oldest_seconds", "gauge", "Age of the message that came first into a folder; 0 if none.", reports) {
      report in report.folders.map { (["folder": "\($0.name)"], $0.count.oldest.map { report.age($0) } ?? 0) }
    }
    add("ccmc_queue_newest_timestamp_seconds", "gauge", "When the last message came into a folder.", reports) {
      report in report.folders.compactMap { folder in folder.count.newest.map { (["folder": "\(folder.name)"], $0) } }
    }
    add("ccmc_queue_invocations", "gauge", "Invocations with a directory in work, living or dead.", reports) { report in
      [
        (["state": "living"], report.inventory.livingInvocations),
        (["state": "dead"], report.inventory.deadInvocations),
      ]
    }
    add("ccmc_queue_runs", "gauge", "Runs of programs in progress.", reports) { [([:], $0.inventory.runs)] }
    add("ccmc_queue_strikes", "gauge", "Messages that were in hand at a death.", reports) {
      [([:], $0.inventory.strikes)]
    }
    add("ccmc_queue_attempts", "gauge", "Messages with an attempt that did not complete.", reports) {
      [([:], $0.inventory.attempts)]
    }
    add("ccmc_queue_unclaimed", "gauge", "What waits and cannot be claimed.", reports) {
      [([:], $0.inventory.unclaimed)]
    }
    add("ccmc_events_total", "counter", "Events in the logs of a queue.", reports) { report in
      report.sortedEvents.map { (["id": "\($0.key.id)", "severity": $0.key.severity], $0.count.total) }
    }
    add("ccmc_log_damaged_lines", "gauge", "Lines of logs that are no events.", reports) {
      [([:], $0.events.damagedLines)]
    }
    add("ccmc_status_timestamp_seconds", "gauge", "When the queue was looked at.", reports) { [([:], $0.time)] }
  }

  private mutating func add(
    _ name: String, _ type: String, _ help: String, _ reports: [QueueReport],
    _ samples: (QueueReport) -> [(labels: [String: String], value: Int)]
  ) {
    var lines = ""
    for report in reports {
      for sample in samples(report) {
        let labels =
          [("queue", report.path.description)] + sample.labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        lines += "\(name){\(list)} \(sample.value)\n"
      }
    }
    if lines.isEmpty { return }
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(lines)".utf8
  }

  /// A label's value, of what may be shown: backslash, quote and line end are escaped.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in PrintableText.text(text, keeping: ASCII.lf).unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
