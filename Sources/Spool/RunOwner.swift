import Formats
import Glibc

/// Whose the directory of a program's run is: `run/iAbCdEf` belongs to the invocation that the symbolic link
/// `run/iAbCdEf.owner` leads to. A link is there with what it says, or not at all, and no program that scribbles into its
/// directory can reach it by accident.
public enum RunOwner {
  public static let suffix = ".owner"

  /// Which program runs there, by the first letter of the directory's name: what the one has left is nothing that the
  /// other can judge.
  public enum Program: Character, Sendable {
    case `import` = "i"
    case export = "e"
  }

  /// The program of the run with this name; nil for what is no such name.
  public static func program(of name: String) -> Program? {
    guard name.utf8.count == 7, name.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) }) else { return nil }
    return name.first.flatMap(Program.init)
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
  public static func read(_ run: Path, in folder: Int32 = AT_FDCWD) throws(SystemError) -> String? {
    // It becomes a part of paths: nothing else than a name is taken.
    let length = 256
    let link: Path = "\(run)\(suffix)"
    var failure: Int32 = 0
    let target = [UInt8](unsafeUninitializedCapacity: length) { room, count in
      count = room.withMemoryRebound(to: CChar.self) { room in
        let count = link.withCString { readlinkat(folder, $0, room.baseAddress!, length) }
        if count < 0 { failure = errno }
        return max(0, count)
      }
    }
    // EINVAL: it is no link.
    guard [0, ENOENT, ENOTDIR, EINVAL].contains(failure) else { throw SystemError("readlink", link, failure) }
    guard !target.isEmpty, target.count < length, !target.contains(where: { ASCII.isControl($0) || $0 == ASCII.slash })
    else { return nil }
    return String(decoding: target, as: UTF8.self)
  }
}
