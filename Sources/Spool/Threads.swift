import Glibc

/// Threads of the operating system, for work that reads, computes and writes without ever waiting for another task.
enum Threads {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` in `count` threads, with their numbers from 0, and returns when all have ended.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var threads: [pthread_t] = []
    var unstarted: [Int] = []
    for number in 0..<count {
      let start = Unmanaged.passRetained(Start { body(number) })
      var thread = pthread_t()
      let result = pthread_create(
        &thread, nil,
        { argument in
          Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
          return nil
        }, start.toOpaque())
      if result == 0 {
        threads.append(thread)
      } else {
        start.release()
        unstarted.append(number)
      }
    }
    // A system without room for threads: their work is done here.
    if threads.isEmpty { for number in unstarted { body(number) } }
    for thread in threads { pthread_join(thread, nil) }
  }
}
