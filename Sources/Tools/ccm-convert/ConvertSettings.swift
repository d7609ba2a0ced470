import Glibc
import Mail
import Synchronization
import Tooling

/// What the command line of ccm-convert says of the conversion.
struct ConvertSettings: Sendable {
  /// The kind of the messages in the queue; nil tells it by the content of each.
  var from: MessageKind?
  /// The suffix and kind of the results; nil for the other side's.
  var to: String?
  /// A filter to be run instead.
  var command: [String] = []
  /// Seconds for one run of the filter.
  var timeLimit: Double?
  var options = ConversionOptions()
}

/// SIGTERM or SIGINT came: the message in hand is finished, and no other one is claimed.
enum StopRequest {
  private static let request = Atomic<Bool>(false)
  static var isSet: Bool { request.load(ordering: .relaxed) }

  /// Lets the two signals set the request. Any thread may get them.
  static func install() {
    // Made before a signal can come: in a handler, nothing may be made.
    request.store(false, ordering: .relaxed)
    for number in [SIGTERM, SIGINT] { signal(number, handler) }
  }

  private static let handler: @convention(c) (Int32) -> Void = { _ in request.store(true, ordering: .relaxed) }
}
