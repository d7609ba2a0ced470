import Formats

/// Something in a queue that breaks the conservation law of ccm-spool(7), or that a crash left.
public struct Damage: Sendable {
  /// Stable names, for scripts.
  public enum Kind: String, Sendable, CaseIterable {
    case resultMissing = "result-missing"
    case resultUnknown = "result-unknown"
    case resultSize = "result-size"
    case originalMissing = "original-missing"
    case originalUnknown = "original-unknown"
    case originalSize = "original-size"
    case twoPlaces = "two-places"
    case orphanedClaim = "orphaned-claim"
    case unfinishedGroup = "unfinished-group"
    case orphanedRun = "orphaned-run"
    case orphanedReport = "orphaned-report"
    case missingReport = "missing-report"
    case foreignFile = "foreign-file"
    case damagedLog = "damaged-log"
    case missingLog = "missing-log"
    /// More of all this than is named.
    case more
  }

  public var kind: Kind
  /// The folder of the queue in which it is, or should be.
  public var folder: String
  public var file: FileName
  public var text: String
  /// What tells: a line of a log, a time, another place.
  public var evidence: String
  /// Bytes of the file that should be there, and of the one that is; nil where there is none.
  var expected: Int?
  var present: Int?

  init(
    _ kind: Kind, _ folder: String, _ file: FileName, _ text: String, evidence: String, expected: Int? = nil,
    present: Int? = nil
  ) {
    (self.kind, self.folder, self.file, self.text, self.evidence) = (kind, folder, file, text, evidence)
    (self.expected, self.present) = (expected, present)
  }

  public var name: String { "\(folder)/\(file)" }

  /// The damage as a JSON object.
  public func json(queue: String) -> [UInt8] {
    var line = JSONLine()
    line.add("queue", queue)
    line.add("name", file.description)
    line.add("folder", folder)
    line.add("kind", kind.rawValue)
    line.add("text", text)
    line.add("evidence", evidence)
    return line.closed
  }
}
