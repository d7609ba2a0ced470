import Glibc
import TestSupport
import Testing

@testable import Spool

/// Who owns a directory, in a queue and in a post office alike.
@Suite struct OwnedDirectoryTests {
  private static func code(_ body: () throws(SystemError) -> Void) -> Int32 {
    do throws(SystemError) {
      try body()
      return 0
    } catch { return error.code }
  }

  /// It has no path but that by which it is there, whatever it was called before.
  @Test func itsPathIsThere() throws {
    let folder = try TemporaryFolder()
    let parent = try FileDescriptor.open(path: folder.path, O_RDONLY | O_DIRECTORY)
    var own = try OwnedDirectory.make(in: parent) { "id-\($0)" }
    #expect(own.directory.path == "\(folder.path)/id-1")
    #expect(own.directory.path.exists)
    #expect(try own.rename(to: FileName("id-1.ready"), in: parent))
    #expect(own.directory.path.exists && own.name == FileName("id-1.ready"))
    #expect(try parent.names() == ["id-1.ready"])
    try own.remove(from: parent)
    #expect(try parent.names() == [])
  }

  @Test func theLivingHasIt() throws {
    let folder = try TemporaryFolder()
    let parent = try FileDescriptor.open(path: folder.path, O_RDONLY | O_DIRECTORY)
    do {
      let own = try OwnedDirectory.make(in: parent) { "id-\($0)" }
      #expect(Self.code { () throws(SystemError) in _ = try OwnedDirectory.adopt(own.name, in: parent) } == EWOULDBLOCK)
      // A second one of that name gets the next.
      #expect(try OwnedDirectory.make(in: parent) { "id-\($0)" }.name == FileName("id-2"))
    }
    let dead = try OwnedDirectory.adopt(FileName("id-1"), in: parent)
    #expect(Self.code { () throws(SystemError) in _ = try OwnedDirectory.adopt(dead.name, in: parent) } == EWOULDBLOCK)
  }

  /// Somebody who holds a lock that is no longer the one in the directory owns nothing.
  @Test func aLockThatIsGone() throws {
    let folder = try TemporaryFolder()
    let parent = try FileDescriptor.open(path: folder.path, O_RDONLY | O_DIRECTORY)
    let own = try OwnedDirectory.make(in: parent) { "id-\($0)" }
    let stale = try FileDescriptor.open(OwnedDirectory.lockName, in: own.directory, O_RDWR)
    #expect(try stale.isStill(OwnedDirectory.lockName, in: own.directory))
    try own.directory.unlink(OwnedDirectory.lockName)
    #expect(try !stale.isStill(OwnedDirectory.lockName, in: own.directory))
    _ = try FileDescriptor.open(OwnedDirectory.lockName, in: own.directory, O_RDWR | O_CREAT)
    #expect(try !stale.isStill(OwnedDirectory.lockName, in: own.directory))
  }

  @Test func withoutALock() throws {
    let folder = try TemporaryFolder()
    let parent = try FileDescriptor.open(path: folder.path, O_RDONLY | O_DIRECTORY)
    for name in ["empty", "full"] { try parent.makeDirectory(FileName(name)) }
    try FileDescriptor.open(path: "\(folder.path)/full/1", O_WRONLY | O_CREAT).writeAll([1].span)
    // Nearly removed: it goes.
    #expect(
      Self.code { () throws(SystemError) in _ = try OwnedDirectory.adopt(FileName("empty"), in: parent) } == ENOENT)
    let full = try OwnedDirectory.adopt(FileName("full"), in: parent)
    #expect(try parent.names() == ["full"])
    #expect(Self.code { () throws(SystemError) in try full.removeEmpty(from: parent) } == ENOTEMPTY)
  }
}
