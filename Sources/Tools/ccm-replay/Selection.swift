import Glibc
import Spool

/// What the command line of ccm-replay says.
struct ReplaySettings: Sendable {
  var from = Fate.failed
  var into: Path?
  var isReset = false
  /// A person mends each message before it goes back.
  var isEdit = false
  /// Why messages are removed instead of put back.
  var discard: String?
  var isDryRun = false
  var isList = false
  var isAll = false
  var isQuiet = false
}

/// The messages that are meant: names, or patterns of fnmatch(3).
struct Selection {
  private let names: [Path]
  private var isMatched: [Bool]

  /// - Parameter needsAMatch: a name that no message has is an error.
  init(names: [Path], needsAMatch: Bool = true) {
    self.names = names
    isMatched = [Bool](repeating: !needsAMatch, count: names.count)
  }

  var isEmpty: Bool { names.isEmpty }

  /// The names that no message had.
  var unmatched: [Path] { zip(names, isMatched).filter { !$0.1 }.map(\.0) }

  /// Whether a message is meant.
  mutating func takes(_ name: FileName) -> Bool {
    var takes = false
    for (index, wanted) in names.enumerated() {
      if wanted.bytes == name.bytes
        || wanted.withCString({ wanted in name.withCString { fnmatch(wanted, $0, 0) } }) == 0
      {
        isMatched[index] = true
        takes = true
      }
    }
    return takes
  }
}
