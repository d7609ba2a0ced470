import Formats
import Glibc

/// The running processes, by proc(5).
public enum ProcessTable {
  /// Whose parent is `process`.
  public static func children(of process: pid_t) throws(SystemError) -> [pid_t] {
    var children: [pid_t] = []
    for other in try all() where try parent(of: other) == process { children.append(other) }
    return children
  }

  /// Those whose environment holds `entry`, as in `TMPDIR=/var/spool/ccmc/import/run/iAbCdEf`: what a program was started
  /// with goes to all its descendants.
  public static func processes(withEnvironment entry: Path) throws(SystemError) -> Set<pid_t> {
    let wanted = entry.bytes
    return try others { process throws(SystemError) in
      guard let text = try read("/proc/\(process)/environ") else { return false }
      return text.split(separator: ASCII.nul).contains { $0.elementsEqual(wanted) }
    }
  }

  /// Those that have the file at `path` open for writing, under whatever name.
  static func processes(writing path: Path) throws(SystemError) -> Set<pid_t> {
    guard let wanted = try path.status() else { return [] }
    return try others { process throws(SystemError) in
      let descriptors: Path = "/proc/\(process)/fd"
      for number in try numbers(in: descriptors) {
        // The link's mode tells what the descriptor is open for: who reads a log with tail(1) is no part of the run.
        let descriptor: Path = "\(descriptors)/\(number)"
        var (link, file) = (stat(), stat())
        if descriptor.withCString({ lstat($0, &link) == 0 && link.st_mode & S_IWUSR != 0 && stat($0, &file) == 0 }),
          file.st_dev == wanted.st_dev, file.st_ino == wanted.st_ino
        {
          return true
        }
      }
      return false
    }
  }

  /// Those of all processes but this one that are as `isWanted` says.
  private static func others(_ isWanted: (pid_t) throws(SystemError) -> Bool) throws(SystemError) -> Set<pid_t> {
    var found: Set<pid_t> = []
    for process in try all() where process != getpid() { if try isWanted(process) { found.insert(process) } }
    return found
  }

  private static func all() throws(SystemError) -> [pid_t] { try numbers(in: "/proc") }

  /// The names in a directory that are numbers; none when it is another user's, or of a process that has ended.
  private static func numbers(in path: Path) throws(SystemError) -> [Int32] {
    do throws(SystemError) {
      return try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY).names().compactMap { Int32($0) }
    } catch {
      if isNothingToSee(error) { return [] }
      throw error
    }
  }

  /// Whether a process is gone, or another user's. Any other error hides processes that are there.
  private static func isNothingToSee(_ error: SystemError) -> Bool {
    [ENOENT, ESRCH, EACCES, EPERM].contains(error.code)
  }

  /// The fourth field of `/proc/PID/stat`; the second one, in parentheses, may hold anything.
  private static func parent(of process: pid_t) throws(SystemError) -> pid_t? {
    guard let text = try read("/proc/\(process)/stat"), let end = text.lastIndex(of: ASCII.rightParenthesis) else {
      return nil
    }
    let fields = text[(end + 1)...].split(separator: ASCII.space)
    return fields.count > 1 ? pid_t(String(decoding: fields[1], as: UTF8.self)) : nil
  }

  private static func read(_ path: Path) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try FileDescriptor.open(path: path, O_RDONLY).read(upTo: 1 << 20)
    } catch {
      if isNothingToSee(error) { return nil }
      throw error
    }
  }
}
