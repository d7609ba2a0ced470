import Formats
import Glibc

/// Whose the directory of a program's run is: `run/rAbCdEf` belongs to the invocation that the symbolic link
/// `run/rAbCdEf.owner` leads to. A link is there with what it says, or not at all, and no program that scribbles into its
/// directory can reach it by accident.
public enum RunOwner {
  public static let suffix = ".owner"

  /// Whether a name is one of those that the directories of runs have.
  public static func isRun(_ name: String) -> Bool {
    name.utf8.count == 7 && name.hasPrefix("r") && name.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) }
  }

  /// The run that a name in `run` is about: its directory's own, or that of its link.
  public static func run(of name: String) -> String {
    name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
  }

  /// The ID of the invocation that a run belongs to; nil when nothing says so.
  ///
  /// - Parameters:
  ///   - run: the path of its directory, from `folder` on.
  ///   - folder: a descriptor of a directory, as for readlinkat(2).
  public static func read(_ run: String, in folder: Int32 = AT_FDCWD) -> String? {
    // It becomes a part of paths: nothing else than a name is taken.
    let length = 256
    let target = [UInt8](unsafeUninitializedCapacity: length) { room, count in
      count = room.withMemoryRebound(to: CChar.self) {
        max(0, readlinkat(folder, run + suffix, $0.baseAddress!, length))
      }
    }
    guard !target.isEmpty, target.count < length, !target.contains(where: { ASCII.isControl($0) || $0 == ASCII.slash })
    else { return nil }
    return String(decoding: target, as: UTF8.self)
  }
}
