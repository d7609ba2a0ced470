import Glibc
import Spool

/// A directory of a test's own, removed with what is in it.
public final class TemporaryFolder {
  public let path: String

  public init() throws {
    var template = Array("/tmp/ccmc-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", "/tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Tree.remove(path: path) }
}
