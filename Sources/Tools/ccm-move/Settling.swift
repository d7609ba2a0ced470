import Formats
import Glibc
import Spool
import Tooling

/// Which files nobody is writing to, as far as can be seen from here: for producers that write them under their final
/// names, as Exchange does in Drop.
enum Settling {
  /// How long an empty file has to be there until it is taken to be complete.
  private static let emptySeconds = 60

  private struct State: Equatable {
    var size: Int
    var seconds: Int
    var nanoseconds: Int

    init(_ status: stat) {
      size = Int(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  /// Waits, and leaves out of the sources the files that have changed in size or time meanwhile, those that a process
  /// has open, and the empty ones that are new.
  static func keepComplete(_ sources: [MoveSource], seconds: Int) throws(SystemError) {
    var before: [[FileName: State]] = []
    for source in sources {
      var states: [FileName: State] = [:]
      for name in source.names { states[name] = source.status(name).map { State($0) } }
      before.append(states)
    }
    guard before.contains(where: { !$0.isEmpty }) else { return }
    StopRequest.sleep(seconds)
    let open = try OpenFiles(named: Set(before.flatMap(\.keys)))
    let now = Clock.now.seconds
    for (source, before) in zip(sources, before) {
      source.keep { name in
        guard let status = source.status(name), before[name] == State(status), !open.contains(status) else {
          return false
        }
        return status.st_size > 0 || now - status.st_mtim.tv_sec >= emptySeconds
      }
    }
  }
}
