import Formats
import Glibc

/// The running processes, by proc(5).
public enum ProcessTable {
  /// Whose parent is `process`.
  static func children(of process: pid_t) -> [pid_t] {
    all().filter { parent(of: $0) == process }
  }

  /// Those whose environment holds `entry`, as in `TMPDIR=/var/spool/ccmc/import/run/rAbCdEf`: what a program was started
  /// with goes to all its descendants.
  public static func processes(withEnvironment entry: String) -> [pid_t] {
    let wanted = Array(entry.utf8)
    return all().filter { process in
      guard process != getpid(), let text = read("/proc/\(process)/environ") else { return false }
      return text.split(separator: ASCII.nul).contains { $0.elementsEqual(wanted) }
    }
  }

  private static func all() -> [pid_t] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var processes: [pid_t] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let number = pid_t(name) { processes.append(number) }
    }
    return processes
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
