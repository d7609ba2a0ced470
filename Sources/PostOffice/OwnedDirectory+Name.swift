import Glibc
import Spool

extension OwnedDirectory {
  /// Makes one in `parent`, under a name that no other one has: the time and the process.
  static func make(in parent: borrowing FileDescriptor) throws(SystemError) -> OwnedDirectory {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return try make(in: parent) { "\(now.tv_sec)-\(now.tv_nsec)-\(getpid())-\($0)" }
  }
}
