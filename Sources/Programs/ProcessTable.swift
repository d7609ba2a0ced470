import Formats
import Glibc
import Spool

/// The running processes, by proc(5).
public enum ProcessTable {
  /// Whose parent is `process`.
  static func children(of process: pid_t) -> [pid_t] {
    all().filter { parent(of: $0) == process }
  }

  /// Those whose environment holds `entry`, as in `TMPDIR=/var/spool/ccmc/import/run/iAbCdEf`: what a program was started
  /// with goes to all its descendants.
  public static func processes(withEnvironment entry: Path) -> Set<pid_t> {
    let wanted = entry.bytes
    return others { process in
      guard let text = read("/proc/\(process)/environ") else { return false }
      return text.split(separator: ASCII.nul).contains { $0.elementsEqual(wanted) }
    }
  }

  /// Those that have the file at `path` open for writing, under whatever name.
  static func processes(writing path: Path) -> Set<pid_t> {
    var wanted = stat()
    guard path.withCString({ lstat($0, &wanted) }) == 0 else { return [] }
    return others { process in
      let descriptors = "/proc/\(process)/fd"
      return numbers(in: descriptors).contains { number in
        // The link's mode tells what the descriptor is open for: who reads a log with tail(1) is no part of the run.
        var (link, file) = (stat(), stat())
        return lstat("\(descriptors)/\(number)", &link) == 0 && link.st_mode & S_IWUSR != 0
          && stat("\(descriptors)/\(number)", &file) == 0
          && file.st_dev == wanted.st_dev && file.st_ino == wanted.st_ino
      }
    }
  }

  /// Those of all processes but this one that are as `isWanted` says.
  private static func others(_ isWanted: (pid_t) -> Bool) -> Set<pid_t> {
    Set(all().filter { $0 != getpid() && isWanted($0) })
  }

  private static func all() -> [pid_t] { numbers(in: "/proc") }

  /// The names in a directory that are numbers; none when it cannot be read.
  private static func numbers(in path: String) -> [Int32] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var numbers: [Int32] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let number = Int32(name) { numbers.append(number) }
    }
    return numbers
  }

  /// The fourth field of `/proc/PID/stat`; the second one, in parentheses, may hold anything.
  private static func parent(of process: pid_t) -> pid_t? {
    guard let text = read("/proc/\(process)/stat"), let end = text.lastIndex(of: ASCII.rightParenthesis) else {
      return nil
    }
    let fields = text[(end + 1)...].split(separator: ASCII.space)
    return fields.count > 1 ? pid_t(String(decoding: fields[1], as: UTF8.self)) : nil
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var text: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while text.count < 1 << 20 {
      let count = Glibc.read(file, &room, room.count)
      if count <= 0 { break }
      text += room[..<count]
    }
    return text
  }
}
