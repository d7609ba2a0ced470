import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Spool

@Suite struct RunTests {
  @Test(arguments: [false, true])
  func done(_ isDurable: Bool) throws {
    let queue = try TestQueue()
    queue.put("a.eml", "b.eml")
    let outcome = try queue.run(isDurable: isDurable)
    #expect(outcome.status == 0)
    #expect(queue.names("in").isEmpty)
    #expect(queue.names("done") == ["a.eml", "b.eml"])
    #expect(queue.names("results") == ["a.ccm", "b.ccm"])
    #expect(queue.read("results/a.ccm") == "original of a.eml")
    #expect(queue.names("work") == ["strikes"])
    #expect(outcome.statistics.done.load(ordering: .relaxed) == 2)
    #expect(outcome.statistics.results.load(ordering: .relaxed) == 2)
    // Each of them is in a log.
    let log = queue.names("log").compactMap { queue.read("log/\($0)") }.joined()
    #expect(
      log.contains("\"name\":\"a.eml\",\"fate\":\"done\",\"size\":17,\"results\":[\"a.ccm\"],\"sizes\":[17],\"text\""))
    #expect(log.contains("\"name\":\"b.eml\""))
  }

  @Test func fates() throws {
    let queue = try TestQueue()
    queue.put("good.eml", "bad.eml", "strange.eml", "noted.eml")
    let outcome = try queue.run { name, bytes, staging throws(SystemError) in
      try staging.add(bytes.span, suffix: "ccm")
      switch name {
      case "bad.eml": return .failed("no room for it", exit: 74, [])
      case "strange.eml": return .quarantine("what is that?", exit: 65, [])
      case "noted.eml": return .done([.init(offset: 7, rule: .oddYear, text: "it is odd")])
      default: return .done([])
      }
    }
    #expect(outcome.status == 0)
    #expect(queue.names("done") == ["good.eml", "noted.eml", "noted.eml.report"])
    #expect(queue.names("failed") == ["bad.eml", "bad.eml.report"])
    #expect(queue.names("quarantine") == ["strange.eml", "strange.eml.report"])
    // What failed has no results.
    #expect(queue.names("results") == ["good.ccm", "noted.ccm"])
    let report = try #require(queue.read("failed/bad.eml.report"))
    #expect(
      report.hasPrefix(
        "{\"name\":\"bad.eml\",\"fate\":\"failed\",\"exit\":74,\"text\":\"no room for it\",\"results\":[],\"findings\":[]"
      ))
    #expect(report.hasSuffix("}\n"))
    #expect(
      queue.read("done/noted.eml.report")?.contains(
        "\"findings\":[{\"offset\":7,\"rule\":\"odd-year\",\"text\":\"it is odd\"}]") == true)
    #expect(queue.read("quarantine/strange.eml.report")?.contains("\"exit\":65") == true)
  }

  /// Put back, passed over, and taken by the next run.
  @Test func later() throws {
    let queue = try TestQueue()
    queue.put("a.eml", "b.eml")
    let outcome = try queue.run { name, bytes, staging throws(SystemError) in
      try staging.add(bytes.span, suffix: "ccm")
      return name == "a.eml" ? .later("not now") : .done([])
    }
    #expect(queue.names("in") == ["a.eml"])
    #expect(queue.names("results") == ["b.ccm"])
    #expect(outcome.statistics.returned.load(ordering: .relaxed) == 1)
    #expect(outcome.events.map(\.id) == [Event.ID.returned])
    try queue.run()
    #expect(queue.names("results") == ["a.ccm", "b.ccm"])
  }

  /// Nothing ever replaces a file: the second of a name gets a number, here and in the fates.
  @Test func namesTakenAlready() throws {
    let queue = try TestQueue()
    for _ in 1...3 {
      queue.put("X.eml")
      try queue.run { name, bytes, staging throws(SystemError) in
        try staging.add(bytes.span, suffix: "ccm")
        return .done([.init(offset: 0, rule: .filler, text: "t")])
      }
    }
    #expect(queue.names("results") == ["X.ccm", "X~2.ccm", "X~3.ccm"])
    #expect(queue.names("done") == ["X.eml", "X.eml.report", "X~2.eml", "X~2.eml.report", "X~3.eml", "X~3.eml.report"])
    queue.put("a.eml", "a.txt")
    try queue.run()
    #expect(Set(queue.names("results")).isSuperset(of: ["a.ccm", "a~2.ccm"]))
  }

  @Test func severalResults() throws {
    let queue = try TestQueue()
    queue.put("X.mbox")
    try queue.run { _, bytes, staging throws(SystemError) in
      for _ in 1...3 { try staging.add(bytes.span, suffix: "ccm") }
      return .done([])
    }
    #expect(queue.names("results") == ["X.1.ccm", "X.2.ccm", "X.3.ccm"])
  }

  /// Whatever is no file is put aside unopened; a FIFO would wait for ever.
  @Test func notAFile() throws {
    let queue = try TestQueue()
    queue.put("good.eml", ".hidden")
    queue.makeDirectory("in/folder")
    #expect(symlink("/etc/passwd", "\(queue.path)/in/link") == 0)
    #expect(symlink("nowhere", "\(queue.path)/in/dangling") == 0)
    #expect(mkfifo("\(queue.path)/in/fifo", 0o666) == 0)
    let outcome = try queue.run()
    #expect(outcome.status == 0)
    #expect(queue.names("quarantine").filter { !$0.hasSuffix(".report") } == ["dangling", "fifo", "folder", "link"])
    #expect(queue.names("done") == ["good.eml"])
    #expect(queue.read("in/.hidden") != nil)
    #expect(queue.read("quarantine/link.report")?.contains("symbolic link") == true)
  }

  @Test func strangeNames() throws {
    let queue = try TestQueue()
    let names = [
      "two words.eml", "a\nb.eml", "-n.eml", "$(x).eml", "~.eml", String(repeating: "ü", count: 125) + ".eml", "X.EML",
      "x.eml", "noSuffix",
    ]
    for name in names { queue.put(name) }
    let outcome = try queue.run()
    #expect(outcome.statistics.done.load(ordering: .relaxed) == names.count)
    #expect(queue.names("done") == names.map { FileName($0).inFate.description }.sorted())
    #expect(queue.names("results").count == names.count)
    #expect(queue.names("results").contains("a_b.ccm"))
  }

  /// A result that cannot be written is not the message's fault: it waits again, and the run ends.
  @Test func noSpace() throws {
    let queue = try TestQueue()
    queue.put("a.eml")
    let outcome = try queue.run { _, bytes, staging throws(SystemError) in
      try staging.add(bytes.span, suffix: "ccm")
      throw SystemError("write", "out", ENOSPC)
    }
    #expect(outcome.status == 75)
    #expect(queue.names("in") == ["a.eml"])
    #expect(queue.names("results").isEmpty)
    #expect(outcome.events.contains { $0.id == Event.ID.noSpace })
  }

  /// A part that was put aside of a message which goes back itself goes back with it, and its event is never written:
  /// the next run puts it aside.
  @Test func partsGoBackWithTheirMessage() throws {
    let queue = try TestQueue()
    queue.put("a.eml")
    let isFull = Flag()
    isFull.set()
    func process() throws -> TestQueue.Outcome {
      try queue.run { name, bytes, staging throws(SystemError) in
        _ = try staging.putAside(
          bytes.span, number: 2, suffix: "eml", why: "damaged", findings: [], invocation: "test")
        if isFull.isSet { throw SystemError("write", "\(staging.group.out.path)/x", ENOSPC) }
        return .done([])
      }
    }
    #expect(try process().status == 75)
    #expect(queue.names("in") == ["a.eml"])
    #expect(queue.names("quarantine").isEmpty)
    isFull.clear()
    #expect(try process().status == 0)
    #expect(queue.names("done") == ["a.eml"])
    #expect(queue.names("quarantine") == ["a.2.eml", "a.2.eml.report"])
  }

  /// A message that cannot be read fails; the others have their turn.
  @Test func illegibleMessage() throws {
    let queue = try TestQueue()
    queue.put("a.eml")
    let outcome = try queue.run { name, _, staging throws(SystemError) in
      throw SystemError("read", "\(staging.group.source.path)/\(name)", EIO)
    }
    #expect(outcome.status == 0)
    #expect(queue.names("failed") == ["a.eml", "a.eml.report"])
    #expect(outcome.events.contains { $0.id == Event.ID.systemError })
  }

  /// Any other message would meet the same: this one waits again, and the run ends.
  @Test func otherSystemError() throws {
    let queue = try TestQueue()
    queue.put("a.eml")
    let outcome = try queue.run { _, _, _ throws(SystemError) in throw SystemError("open", "log/x", EACCES) }
    #expect(outcome.status == 74)
    #expect(queue.names("in") == ["a.eml"])
    #expect(queue.names("failed").isEmpty)
    #expect(outcome.events.contains { $0.id == Event.ID.systemError })
  }

  /// Asked to stop: the message in hand is finished, the others wait.
  @Test func stopping() throws {
    let queue = try TestQueue()
    queue.put("a.eml", "b.eml", "c.eml")
    let stop = Flag()
    let stopAfterOne: TestProcessor.Body = { _, bytes, staging throws(SystemError) in
      stop.set()
      try staging.add(bytes.span, suffix: "ccm")
      return .done([])
    }
    try queue.run(shouldStop: { stop.isSet }, stopAfterOne)
    #expect(queue.names("in").count == 2)
    #expect(queue.names("done").count == 1)
    #expect(queue.names("results").count == 1)
    try queue.run()
    #expect(queue.names("done").count == 3)
  }

  /// Messages that come while the run goes on are taken too.
  @Test func arrivingMeanwhile() throws {
    let queue = try TestQueue()
    queue.put("a.eml")
    let path = queue.path
    try queue.run { name, bytes, staging throws(SystemError) in
      if name == "a.eml", let file = fopen("\(path)/in/z.eml", "w") { fclose(file) }
      try staging.add(bytes.span, suffix: "ccm")
      return .done([])
    }
    #expect(queue.names("done") == ["a.eml", "z.eml"])
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Duplicates: two threads took the same message (Q184524). Here one rename decides.
  @Test func Q184524_manyWorkers() throws {
    let queue = try TestQueue()
    for number in 1...300 { queue.put("m\(number).eml") }
    let outcome = try queue.run(workers: 4)
    #expect(outcome.statistics.done.load(ordering: .relaxed) == 300)
    #expect(queue.names("results").count == 300)
    #expect(queue.names("results").allSatisfy { !$0.contains("~") })
    #expect(queue.names("done").count == 300)
    #expect(queue.names("work") == ["strikes"])
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Mail stays queued: a directory of the store was damaged (Q202178, Q295812). What is missing is made again.
  @Test func Q202178_missingDirectories() throws {
    let queue = try TestQueue()
    for folder in ["results", "done", "failed", "quarantine", "log"] { rmdir("\(queue.path)/\(folder)") }
    queue.put("a.eml")
    #expect(try queue.run().status == 0)
    #expect(queue.names("done") == ["a.eml"])
    // A file where a directory should be is told, and nothing is moved.
    let broken = try TestQueue()
    broken.put("a.eml")
    rmdir("\(broken.path)/done")
    broken.write("done", "no directory")
    #expect(throws: SystemError.self) { try broken.run() }
    #expect(broken.names("in") == ["a.eml"])
  }

  @Test func otherFolderForResults() throws {
    let queue = try TestQueue()
    let next = try TestQueue()
    queue.put("a.eml")
    let run = try Run(
      Queue(path: queue.path, into: "\(next.path)/in"), program: "test", workers: 1, isDurable: false,
      shouldStop: { false }, echo: { _ in })
    #expect(run.run(workers: 1) { _ in TestProcessor(TestProcessor.copy) } == 0)
    #expect(next.names("in") == ["a.ccm"])
    #expect(queue.names("results").isEmpty)
    #expect(throws: SystemError.self) { _ = try Queue(path: queue.path, into: "\(queue.path)/nowhere") }
  }
}

private final class Flag: Sendable {
  private let flag = Atomic<Bool>(false)
  var isSet: Bool { flag.load(ordering: .relaxed) }
  func set() { flag.store(true, ordering: .relaxed) }
  func clear() { flag.store(false, ordering: .relaxed) }
}
