import Glibc
import TestSupport
import Testing

@testable import Programs
@testable import Spool

/// A temporary directory with what a test does in it.
final class Folder {
  private let folder: TemporaryFolder
  var path: Path { folder.path }

  init() throws { folder = try TemporaryFolder() }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  func make(_ name: String) -> String {
    #expect(mkdir(path(name), 0o777) == 0)
    return path(name)
  }

  func write(_ name: String, _ text: String) throws {
    let file = try FileDescriptor.open(path: Path(path(name)), O_WRONLY | O_CREAT | O_TRUNC)
    try file.writeAll(Array(text.utf8).span)
  }

  /// What a file has; nil when there is none.
  func read(_ name: String) -> String? {
    var text: [UInt8] = []
    guard let file = try? FileDescriptor.open(path: Path(path(name)), O_RDONLY),
      (try? file.readAll(into: &text, expecting: 0)) != nil
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  func names(_ name: String = ".") throws -> [String] {
    try FileDescriptor.open(path: Path(path(name)), O_RDONLY | O_DIRECTORY).names().sorted()
  }

  func mode(_ name: String) -> UInt32 {
    var status = stat()
    return stat(path(name), &status) == 0 ? status.st_mode & 0o777 : 0
  }
}

/// A shell command as a program.
func shell(_ text: String, timeLimit: Double? = 20) -> Program {
  Program(arguments: ["/bin/sh", "-c", Path(text)], timeLimit: timeLimit)
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Clock.monotonic
  try body()
  return Clock.monotonic - start
}

/// Tests that run programs. They follow each other: ending what a program left ends all children of this process.
@Suite(.serialized) struct Running {}
