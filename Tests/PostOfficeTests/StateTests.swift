import Formats
import Glibc
import Spool
import TestSupport
import Testing

@testable import PostOffice

/// A directory for a post office.
final class TestDirectory {
  private let folder: TemporaryFolder
  var path: Path { folder.path }

  init() throws { folder = try TemporaryFolder() }

  func office(password: String? = nil) throws -> PostOffice {
    try PostOfficeSetup.make(
      path: "\(path)/po", name: "HUB", codePage: nil, password: password, isDurable: false)
  }
}

@Suite struct StateTests {
  private static func digest(_ number: Int) -> [UInt8] { digest(Array("\(number)".utf8)) }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] { SHA256.digest(bytes.span) }

  @Test func numbersIncrease() throws {
    let state = try TestDirectory().office().state
    #expect(try state.take(5) == 1)
    #expect(try state.take(1) == 6)
    try state.reserve(upTo: 100)
    try state.reserve(upTo: 50)
    #expect(try state.take(1) == 100)
  }

  @Test func remembersTheLast65536() throws {
    let state = try TestDirectory().office().state
    let count = 65_536 + 4000
    for i in 1...count where try !state.record(Self.digest(i), UInt64(i)) { Issue.record("\(i) is new") }
    for i in stride(from: count - 65_535, through: count, by: 13) {
      // The same delivery again, after a crash; and another one of the same message.
      if try !state.record(Self.digest(i), UInt64(i)) { Issue.record("\(i) is its own") }
      if try state.record(Self.digest(i), UInt64(count + i)) { Issue.record("\(i) is known") }
    }
  }

  @Test func password() throws {
    let directory = try TestDirectory()
    _ = try directory.office(password: "secret")
    func open(_ password: String?) -> ResultCode {
      do throws(PostOfficeError) {
        _ = try PostOffice(path: "\(directory.path)/po", password: password, isDurable: false)
        return .completed
      } catch { return error.code }
    }
    #expect(open("secret") == .completed)
    #expect(open("Secret") == .configuration)
    #expect(open(nil) == .configuration)
  }

  @Test func undeliverableEntriesAreAppendedOnce() throws {
    let directory = try TestDirectory()
    let folder = try FileDescriptor.open(path: directory.path, O_RDONLY | O_DIRECTORY)
    let transaction = try FileDescriptor.directory("t", in: folder)
    let entries = Array("***  Unknown recipient: X  ***\r\n\r\nMessage:\r\n".utf8)
    try WholeFile.write(entries.span, UndeliverableFile.staged, in: transaction, isDurable: false)
    let file = "\(directory.path)/" + UndeliverableFile.name
    func content() throws -> [UInt8] {
      var bytes: [UInt8] = []
      try FileDescriptor.open(path: Path(file), O_RDONLY).readAll(into: &bytes, expecting: 0)
      return bytes
    }
    try UndeliverableFile.append(from: transaction, to: directory.path, isDurable: false)
    try UndeliverableFile.append(from: transaction, to: directory.path, isDurable: false)
    #expect(try content() == entries)
    // Killed while it wrote.
    #expect(truncate(file, 10) == 0)
    try UndeliverableFile.append(from: transaction, to: directory.path, isDurable: false)
    #expect(try content() == entries)
    // Killed before it wrote, and another import was faster.
    #expect(truncate(file, 0) == 0)
    let other = Array("other".utf8)
    try FileDescriptor.open(path: Path(file), O_WRONLY).writeAll(other.span)
    try UndeliverableFile.append(from: transaction, to: directory.path, isDurable: false)
    #expect(try content() == other + entries)
    // Taken away with what was in it.
    unlink(file)
    try UndeliverableFile.append(from: transaction, to: directory.path, isDurable: false)
    #expect(access(file, F_OK) != 0)
  }
}
