import Glibc
import Testing

@testable import Spool

/// What a start makes of the directories that dead invocations left (ccm-spool(7)).
@Suite struct RecoveryTests {
  /// An invocation that has died: nobody holds its lock.
  private static func makeDead(_ queue: TestQueue, _ id: String = "19990819T130200Z-host-1", hand: [String] = [])
    -> String
  {
    let work = "work/\(id)"
    queue.makeDirectory(work)
    queue.write("\(work)/lock", "")
    var slots = [UInt8](repeating: 0, count: max(1, hand.count) * 512)
    for (number, name) in hand.enumerated() {
      slots[number * 512] = UInt8(name.utf8.count)
      slots.replaceSubrange((number * 512 + 2)..<(number * 512 + 2 + name.utf8.count), with: name.utf8)
    }
    if let file = fopen("\(queue.path)/\(work)/hand", "w") {
      fwrite(slots, 1, slots.count, file)
      fclose(file)
    }
    return work
  }

  /// Who was in hand is read of a regular file of whole slots only: anything else may be there for ever, or without end.
  @Test func handThatIsNone() throws {
    let queue = try TestQueue()
    let directory = try FileDescriptor.open(path: queue.path, O_RDONLY | O_DIRECTORY)
    let slot = "\u{1}\u{0}a" + String(repeating: "\u{0}", count: 509)
    func hands() -> [FileName] { Hand.names(directory) }
    let bytes = Array(slot.utf8)
    try FileDescriptor.open(path: "\(queue.path)/hand", O_WRONLY | O_CREAT).writeAll(bytes.span)
    #expect(hands() == [FileName("a")])
    #expect(truncate("\(queue.path)/hand", 511) == 0 && hands() == [])
    #expect(truncate("\(queue.path)/hand", 1 << 40) == 0 && hands() == [])
    #expect(unlink("\(queue.path)/hand") == 0 && mkfifo("\(queue.path)/hand", 0o600) == 0 && hands() == [])
    #expect(unlink("\(queue.path)/hand") == 0 && symlink("/dev/zero", "\(queue.path)/hand") == 0 && hands() == [])
  }

  /// A group of one done, one failed and one quarantined message, as it is when it is about to be committed.
  private static func makeGroup(_ queue: TestQueue, _ group: String) {
    for folder in [
      "", "/src", "/out", "/failed", "/quarantine", "/reports.src", "/reports.failed", "/reports.quarantine",
    ] {
      queue.makeDirectory(group + folder)
    }
    queue.write("\(group)/src/a.eml", "a")
    queue.write("\(group)/out/a.ccm", "A")
    queue.write("\(group)/reports.src/a.eml", "{\"a\":1}\n")
    queue.write("\(group)/failed/b.eml", "b")
    queue.write("\(group)/reports.failed/b.eml", "{\"b\":1}\n")
    queue.write("\(group)/quarantine/c.eml", "c")
    queue.write("\(group)/reports.quarantine/c.eml", "{\"c\":1}\n")
    queue.write("\(group)/events", "{\"event\":1}\n")
  }

  /// A run that takes nothing: recovery alone.
  private static func start(_ queue: TestQueue) throws -> [Event] {
    try queue.run(stopping: true).events
  }

  /// Before the commit nothing has happened: messages wait again, results and reports are nothing.
  @Test func uncommitted() throws {
    let queue = try TestQueue()
    let work = Self.makeDead(queue)
    Self.makeGroup(queue, work + "/1")
    let events = try Self.start(queue)
    #expect(queue.names("in") == ["a.eml", "b.eml", "c.eml"])
    #expect(queue.read("in/a.eml") == "a")
    for folder in ["results", "done", "failed", "quarantine"] { #expect(queue.names(folder).isEmpty) }
    #expect(queue.names("work") == ["strikes"])
    #expect(events.map(\.id) == [Event.ID.returned, Event.ID.returned, Event.ID.returned])
  }

  private static func checkFinished(_ queue: TestQueue, _ comment: Comment? = nil) {
    #expect(queue.names("in").isEmpty, comment)
    #expect(queue.names("results") == ["a.ccm"], comment)
    #expect(queue.names("done") == ["a.eml", "a.eml.report"], comment)
    #expect(queue.names("failed") == ["b.eml", "b.eml.report"], comment)
    #expect(queue.names("quarantine") == ["c.eml", "c.eml.report"], comment)
    #expect(queue.read("done/a.eml.report") == "{\"a\":1}\n", comment)
    #expect(queue.names("work") == ["strikes"], comment)
    #expect(queue.names("log").filter { $0.contains("host-1.1") } == ["19990819T130200Z-host-1.1.jsonl"], comment)
  }

  /// After the commit everything has happened, wherever the publication was cut off.
  @Test func committed() throws {
    // The renames of a publication, in their order.
    let moves = [
      ("out/a.ccm", "results/a.ccm"), ("src/a.eml", "done/a.eml"), ("reports.src/a.eml", "done/a.eml.report"),
      ("failed/b.eml", "failed/b.eml"),
      ("reports.failed/b.eml", "failed/b.eml.report"), ("quarantine/c.eml", "quarantine/c.eml"),
      ("reports.quarantine/c.eml", "quarantine/c.eml.report"), ("events", "log/19990819T130200Z-host-1.1.jsonl"),
    ]
    for done in 0...moves.count {
      let queue = try TestQueue()
      let work = Self.makeDead(queue)
      Self.makeGroup(queue, work + "/1.commit")
      for (from, to) in moves.prefix(done) {
        #expect(rename("\(queue.path)/\(work)/1.commit/\(from)", "\(queue.path)/\(to)") == 0)
      }
      let events = try Self.start(queue)
      Self.checkFinished(queue, "after \(done) renames")
      #expect(events.map(\.id) == [Event.ID.recovered])
    }
  }

  /// The folders of a finished group were half removed.
  @Test(arguments: ["out", "src", "failed", "quarantine", "reports.src", "reports.failed", "reports.quarantine"])
  func halfRemoved(_ missing: String) throws {
    let queue = try TestQueue()
    let work = Self.makeDead(queue)
    queue.makeDirectory(work + "/1.commit")
    for folder in ["out", "src", "failed", "quarantine"] where folder != missing {
      queue.makeDirectory("\(work)/1.commit/\(folder)")
    }
    _ = try Self.start(queue)
    #expect(queue.names("work") == ["strikes"])
    #expect(queue.originals.isEmpty)
  }

  /// Nothing, not even a lock; a directory that has no group; a group without folders.
  @Test func emptyDirectories() throws {
    let queue = try TestQueue()
    queue.makeDirectory("work/19990819T130200Z-host-2")
    _ = Self.makeDead(queue)
    queue.makeDirectory("work/19990819T130200Z-host-1/1")
    queue.makeDirectory("work/19990819T130200Z-host-1/2.commit")
    _ = try Self.start(queue)
    #expect(queue.names("work") == ["strikes"])
  }

  /// Both kinds beside each other; names that are taken already get numbers.
  @Test func committedAndUncommitted() throws {
    let queue = try TestQueue()
    let work = Self.makeDead(queue)
    Self.makeGroup(queue, work + "/1.commit")
    Self.makeGroup(queue, work + "/2")
    queue.put("a.eml")
    queue.write("results/a.ccm", "older")
    queue.write("done/a.eml", "older")
    _ = try Self.start(queue)
    #expect(queue.names("in") == ["a.eml", "a~2.eml", "b.eml", "c.eml"])
    #expect(queue.names("results") == ["a.ccm", "a~2.ccm"])
    #expect(queue.read("results/a.ccm") == "older")
    #expect(queue.names("done") == ["a.eml", "a~2.eml", "a~2.eml.report"])
    #expect(queue.read("done/a.eml") == "older")
  }

  /// An invocation that lives is left alone.
  @Test func living() throws {
    let queue = try TestQueue()
    let work = Self.makeDead(queue)
    Self.makeGroup(queue, work + "/1")
    let lock = try FileDescriptor.open(path: "\(queue.path)/\(work)/lock", O_RDWR)
    #expect(flock(lock.number, LOCK_EX | LOCK_NB) == 0)
    _ = try Self.start(queue)
    #expect(queue.names("in").isEmpty)
    #expect(queue.names(work + "/1/src") == ["a.eml"])
  }

  /// In hand in three invocations that died: put aside, and the others go on.
  @Test func threeStrikes() throws {
    let queue = try TestQueue()
    queue.put("bad.eml", "good.eml")
    for death in 1...3 {
      let work = Self.makeDead(queue, "19990819T130200Z-host-\(death)", hand: ["bad.eml"])
      queue.makeDirectory(work + "/1")
      queue.makeDirectory(work + "/1/src")
      for name in ["bad.eml", "good.eml"] {
        #expect(rename("\(queue.path)/in/\(name)", "\(queue.path)/\(work)/1/src/\(name)") == 0)
      }
      let events = try Self.start(queue)
      #expect(events.contains { $0.id == Event.ID.struckOut } == (death == 3))
      #expect(queue.names("in") == (death < 3 ? ["bad.eml", "good.eml"] : ["good.eml"]))
    }
    #expect(queue.names("quarantine") == ["bad.eml", "bad.eml.report"])
    #expect(queue.read("quarantine/bad.eml.report")?.contains("\"exit\":70") == true)
    #expect(queue.names("work/strikes").isEmpty)
    try queue.run()
    #expect(queue.names("done") == ["good.eml"])
  }

  /// A message with strikes that goes well after all is free of them; it is taken when the others are through.
  @Test func struckAndDone() throws {
    let queue = try TestQueue()
    let work = Self.makeDead(queue, hand: ["a.eml"])
    queue.makeDirectory(work + "/1")
    queue.makeDirectory(work + "/1/src")
    queue.write(work + "/1/src/a.eml", "a")
    _ = try Self.start(queue)
    #expect(queue.names("work/strikes").count == 1)
    queue.put("b.eml")
    try queue.run()
    #expect(queue.names("done") == ["a.eml", "b.eml"])
    #expect(queue.names("work/strikes").isEmpty)
    #expect(queue.names("results") == ["a.ccm", "b.ccm"])
  }

  /// Another message of the same name has no strikes.
  @Test func strikesAreOfAMessageNotOfAName() throws {
    let queue = try TestQueue()
    let work = Self.makeDead(queue, hand: ["a.eml"])
    queue.makeDirectory(work + "/1")
    queue.makeDirectory(work + "/1/src")
    queue.write(work + "/1/src/a.eml", "a")
    _ = try Self.start(queue)
    let other = try TestQueue()
    #expect(rename("\(queue.path)/in/a.eml", "\(other.path)/in/a.eml") == 0)
    queue.put("a.eml")
    let strikes = try Strikes(Queue(path: queue.path))
    let input = try FileDescriptor.open(path: "\(queue.path)/in", O_RDONLY | O_DIRECTORY)
    let hasNew = strikes.has(FileName("a.eml"), in: input)
    let away = try FileDescriptor.open(path: "\(other.path)/in", O_RDONLY | O_DIRECTORY)
    let hasOld = strikes.has(FileName("a.eml"), in: away)
    #expect(hasOld && !hasNew)
  }
}
