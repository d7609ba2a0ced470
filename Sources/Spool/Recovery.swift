import Formats
import Glibc

/// Part of every start: what dead invocations left is finished where it was committed, and given back where it was
/// only claimed. An invocation is dead when its lock can be taken.
enum Recovery {
  /// Returns what kept it from finishing something, if anything did.
  @discardableResult
  static func run(
    _ queue: borrowing Queue, strikes: Strikes, for invocation: Invocation
  ) throws(SystemError) -> SystemError? {
    var failure: SystemError?
    for name in try DirectoryReader.names(queue.work)
    where name.description != invocation.id && !Queue.shared.contains(name.description) {
      do {
        try recover(name, queue, strikes, invocation)
      } catch {
        // What cannot be finished now stays where it is, for the next start; the others have their turn.
        if error.code == ENOENT { continue }
        invocation.report(error, doing: "recovery of work/\(name)")
        failure = error
      }
    }
    return failure
  }

  private static func recover(
    _ name: FileName, _ queue: borrowing Queue, _ strikes: Strikes, _ invocation: Invocation
  ) throws(SystemError) {
    guard let dead = try adopt(name, queue) else { return }
    let hands = Set(Hand.names(dead.directory))
    var isLeft = false
    var failure: SystemError?
    for entry in try DirectoryReader.names(dead.directory) {
      let text = entry.description
      do {
        if text.hasSuffix(Group.committedSuffix) {
          let tally = try Group.finish(
            entry, in: dead.directory, of: name.description, queue, strikes: strikes, reporter: invocation)
          var event = Event(
            Event.ID.recovered, .info,
            "finished the committed group \(text) of \(name), which had died: \(tally.results) results published")
          event.into = queue.into?.description
          event.group = "\(name).\(text.dropLast(Group.committedSuffix.count))"
          invocation.report(event)
        } else if text.hasPrefix("tmp") {
          Tree.remove(entry, in: dead.directory)
        } else if Int(text) != nil, try Group.hasStarted(entry, in: dead.directory) {
          // What a program did with these messages, only those who ran it can tell.
          isLeft = true
        } else if Int(text) != nil {
          try Group.undo(entry, in: dead.directory, hands: hands, queue, strikes: strikes, reporter: invocation)
        }
      } catch {
        invocation.report(error, doing: "recovery of work/\(name)/\(text)")
        failure = error
      }
    }
    if let failure { throw failure }
    if !isLeft { remove(dead, queue) }
  }

  /// Takes over the directory of a dead invocation; nil for one that lives, and for what is no invocation or no longer
  /// there.
  private static func adopt(_ name: FileName, _ queue: borrowing Queue) throws(SystemError) -> OwnedDirectory? {
    do throws(SystemError) {
      return try OwnedDirectory.adopt(name, in: queue.work)
    } catch {
      if [EWOULDBLOCK, ENOENT, ENOTDIR, ELOOP].contains(error.code) { return nil }
      throw error
    }
  }

  /// Removes the directory of a dead invocation, when no message is left in it.
  private static func remove(_ dead: borrowing OwnedDirectory, _ queue: borrowing Queue) {
    do throws(SystemError) {
      try dead.directory.unlink(Hand.fileName)
      try dead.removeEmpty(from: queue.work)
    } catch {
      // One in which something is left is for the next start to look at.
    }
  }

  /// Calls `settle` with each group of a dead invocation that a program may have been run with, and its messages. A
  /// group that it has settled is gone; false leaves it. Returns what kept it from settling a group, if anything did.
  static func forEachStarted(
    _ queue: borrowing Queue, for invocation: Invocation,
    _ settle: (Group, [FileName]) throws(SystemError) -> Bool
  ) throws(SystemError) -> SystemError? {
    var failure: SystemError?
    for name in try DirectoryReader.names(queue.work)
    where name.description != invocation.id && !Queue.shared.contains(name.description) {
      do {
        guard let dead = try adopt(name, queue) else { continue }
        var isLeft = false
        for entry in try DirectoryReader.names(dead.directory) where Int(entry.description) != nil {
          guard try Group.hasStarted(entry, in: dead.directory) else { continue }
          let group = try Group(adopting: entry, in: dead.directory, of: name.description, by: invocation)
          try group.clear()
          if try !settle(group, group.claimed()) { isLeft = true }
        }
        if !isLeft { remove(dead, queue) }
      } catch {
        if error.code == ENOENT { continue }
        invocation.report(error, doing: "settling work/\(name)")
        failure = error
      }
    }
    return failure
  }
}
