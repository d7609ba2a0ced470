import Glibc

/// Who runs this program, for events that tell what a person has decided.
public enum Person {
  /// The name of the user, and whom he was before sudo(8); a number where a user has no name.
  public static var name: String {
    let user = getuid()
    let name = getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
    guard user == 0, let caller = getenv("SUDO_USER").map({ String(cString: $0) }), caller != name else { return name }
    return "\(caller) as \(name)"
  }
}
