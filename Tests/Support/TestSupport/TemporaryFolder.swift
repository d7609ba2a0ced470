import Glibc
import Spool

/// A directory of a test's own, removed with what is in it.
public final class TemporaryFolder {
  public let path: Path

  public init() throws {
    var template = Array("/tmp/ccmc-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", "/tmp") }
    path = Path(cString: template)
  }

  deinit { Tree.remove(path: path) }
}
