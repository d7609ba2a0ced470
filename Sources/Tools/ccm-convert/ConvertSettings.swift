import Mail
import Spool
import Tooling

/// What the command line of ccm-convert says of the conversion.
struct ConvertSettings: Sendable {
  /// The kind of the messages in the queue; nil tells it by the content of each.
  var from: MessageKind?
  /// The suffix and kind of the results; nil for the other side's.
  var to: String?
  /// A filter to be run instead.
  var command: [Path] = []
  /// Seconds for one run of the filter.
  var timeLimit: Double?
  var options = ConversionOptions()
}
