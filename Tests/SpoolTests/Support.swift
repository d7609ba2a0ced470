import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Spool

/// A queue in a temporary directory, removed with it.
final class TestQueue {
  private let folder: TemporaryFolder
  var path: Path { folder.path }

  init() throws {
    folder = try TemporaryFolder()
    _ = try Queue(path: path)
  }

  static func names(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  func names(_ folder: String) -> [String] { Self.names("\(path)/\(folder)") }

  func makeDirectory(_ folder: String) {
    #expect(mkdir("\(path)/\(folder)", 0o777) == 0, "\(folder)")
  }

  func write(_ name: String, _ text: String) {
    guard let file = fopen("\(path)/\(name)", "w") else {
      Issue.record("cannot write \(name)")
      return
    }
    fputs(text, file)
    fclose(file)
  }

  func read(_ name: String) -> String? {
    guard let file = fopen("\(path)/\(name)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  func put(_ names: String...) {
    for name in names { write("in/\(name)", "original of \(name)") }
  }

  /// What a run did.
  struct Outcome {
    var status: Int
    var statistics: Statistics
    var events: [Event]
  }

  /// Runs over the queue with a processor that copies.
  @discardableResult
  func run(workers: Int = 1, isDurable: Bool = false, stopping shouldStop: Bool = false) throws -> Outcome {
    try run(workers: workers, isDurable: isDurable, shouldStop: { shouldStop }, TestProcessor.copy)
  }

  /// Runs over the queue with a processor that does what `body` says.
  @discardableResult
  func run(
    workers: Int = 1, isDurable: Bool = false, shouldStop: @escaping @Sendable () -> Bool = { false },
    _ body: @escaping TestProcessor.Body
  ) throws -> Outcome {
    let events = EventList()
    let run = try Run(
      Queue(path: path), program: "test", workers: workers, isDurable: isDurable, shouldStop: shouldStop,
      echo: { events.add($0) })
    let status = run.run(workers: workers) { _ in TestProcessor(body) }
    return Outcome(status: status, statistics: run.statistics, events: events.all)
  }

  /// Every place in which a message can be, so that none is lost and none is twice.
  var originals: [String] {
    ["in", "done", "failed", "quarantine"].flatMap { names($0).filter { !$0.hasSuffix(".report") } }.sorted()
  }
}

final class EventList: Sendable {
  private let events = Mutex<[Event]>([])
  func add(_ event: Event) { events.withLock { $0.append(event) } }
  var all: [Event] { events.withLock { $0 } }
}

/// A converter that reads its message and does what it is told.
final class TestProcessor: Processor {
  typealias Body = @Sendable (String, [UInt8], inout Staging) throws(SystemError) -> Verdict
  private let body: Body

  init(_ body: @escaping Body) { self.body = body }

  func process(_ message: borrowing ClaimedMessage, _ staging: inout Staging) throws(SystemError) -> Verdict {
    var bytes: [UInt8] = []
    try message.file.readAll(into: &bytes, expecting: message.size)
    return try body(message.name.description, bytes, &staging)
  }

  /// One result, the same bytes.
  static let copy: Body = { _, bytes, staging throws(SystemError) in
    try staging.add(bytes.span, suffix: "ccm")
    return .done([])
  }
}
