import Glibc
import Synchronization

/// SIGTERM or SIGINT came: the message in hand is finished, and no other one is claimed.
public enum StopRequest {
  private static let request = Atomic<Bool>(false)
  public static var isSet: Bool { request.load(ordering: .relaxed) }

  /// Lets the two signals set the request. Any thread may get them.
  public static func install() {
    // Made before a signal can come: in a handler, nothing may be made.
    request.store(false, ordering: .relaxed)
    for number in [SIGTERM, SIGINT] { signal(number, handler) }
  }

  /// Waits, unless a stop is wanted.
  public static func sleep(_ seconds: Int) {
    for _ in 0..<(seconds * 10) where !isSet { usleep(100_000) }
  }

  private static let handler: @convention(c) (Int32) -> Void = { _ in request.store(true, ordering: .relaxed) }
}
