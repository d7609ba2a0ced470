import Formats
import Glibc
import Spool
import Synchronization

/// Shows a run's progress on a terminal: how many, how fast, how long still.
public final class Progress: Sendable {
  private let isEnding = Atomic<Bool>(false)
  private let hasEnded = Atomic<Bool>(false)

  /// Begins to show `statistics` on standard error, twice a second.
  public init(_ statistics: Statistics, queue: Path) {
    let total = Self.count("\(queue)/in")
    let box = Unmanaged.passRetained(
      Task { [unowned(unsafe) self] in
        let start = Clock.monotonic
        while !self.isEnding.load(ordering: .acquiring) {
          Self.show(statistics.taken.load(ordering: .relaxed), of: total, seconds: Clock.monotonic - start)
          var pause = timespec(tv_sec: 0, tv_nsec: 100_000_000)
          for _ in 0..<5 where !self.isEnding.load(ordering: .acquiring) { nanosleep(&pause, nil) }
        }
        _ = "\r\u{1B}[K".withCString { write(2, $0, strlen($0)) }
        self.hasEnded.store(true, ordering: .releasing)
      })
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Task>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    if result == 0 {
      pthread_detach(thread)
    } else {
      box.release()
      hasEnded.store(true, ordering: .releasing)
    }
  }

  private final class Task: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Ends the display and clears its line.
  public func end() {
    isEnding.store(true, ordering: .releasing)
    while !hasEnded.load(ordering: .acquiring) { usleep(1000) }
  }

  private static func count(_ path: Path) -> Int {
    guard let directory = path.withCString({ opendir($0) }) else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) { if entry.pointee.d_name.0 != CChar(ASCII.dot) { count += 1 } }
    return count
  }

  private static func show(_ taken: Int, of total: Int, seconds: Double) {
    let rate = seconds > 0 ? Double(taken) / seconds : 0
    let left = rate > 0 ? Int(Double(max(0, total - taken)) / rate) : 0
    let text = "\r\u{1B}[K\(taken) of \(total) messages, \(Int(rate))/s, \(left / 60)m\(left % 60)s left"
    _ = text.withCString { write(2, $0, strlen($0)) }
  }
}

/// What a run did, for people and for scripts.
public struct Summary: Sendable {
  private let counts: [(name: StaticString, value: Int)]
  private let bytes: Int
  private let seconds: Double

  public init(_ statistics: Statistics, seconds: Double) {
    func value(_ counter: borrowing Atomic<Int>) -> Int { counter.load(ordering: .relaxed) }
    counts = [
      ("taken", value(statistics.taken)), ("done", value(statistics.done)), ("failed", value(statistics.failed)),
      ("quarantine", value(statistics.quarantine)), ("results", value(statistics.results)),
      ("returned", value(statistics.returned)), ("findings", value(statistics.findings)),
      ("unclaimed", value(statistics.unclaimed)),
    ]
    bytes = value(statistics.bytes)
    self.seconds = seconds
  }

  public var json: [UInt8] {
    var line = JSONLine()
    for count in counts { line.add(count.name, count.value) }
    line.add("bytes", bytes)
    line.add("seconds", seconds, digits: 3)
    return line.closed
  }

  public var text: String {
    let taken = counts[0].value
    let rate = seconds > 0 ? Int(Double(taken) / seconds) : 0
    // In words, only where it happened: mostly nothing is in the way.
    return counts.filter { $0.value > 0 || "\($0.name)" != "unclaimed" }.map { "\($0.value) \($0.name)" }
      .joined(separator: ", ") + "; \(rate) messages/s"
  }
}
