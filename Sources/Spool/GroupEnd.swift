import Formats
import Glibc

/// What becomes of a group by whoever finds it: its own invocation, or the next one after a crash.
extension Group {
  /// Finishes a committed group from what is in its directory: publishes results, then moves the originals to their
  /// fates. Each step is a rename of what is still there, so it may be begun again after any crash.
  static func finish(
    _ name: FileName, in invocation: borrowing FileDescriptor, of id: String, _ queue: borrowing Queue,
    strikes: Strikes, reporter: Invocation
  ) throws(SystemError) -> Tally {
    var tally = Tally()
    let directory = try FileDescriptor.open(name, in: invocation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    for outlet in Outlet.allCases { tally.results += try publish(outlet, in: directory, queue, reporter) }
    for place in Place.allCases {
      tally.fates[place.fate, default: 0] += try moveToFate(place, in: directory, queue, strikes, reporter)
    }
    let log = FileName("\(id).\(name.description.dropLast(committedSuffix.count)).jsonl")
    do {
      _ = try Move.publish(FileName("events"), in: directory, as: log, in: queue.log)
    } catch {
      // Published before a crash.
      if error.code != ENOENT { throw error }
    }
    remove(name, in: invocation, reporter)
    return tally
  }

  private static func publish(
    _ outlet: Outlet, in directory: borrowing FileDescriptor, _ queue: borrowing Queue, _ reporter: Invocation
  ) throws(SystemError) -> Int {
    guard let staged = try openIfThere(outlet.rawValue, in: directory) else { return 0 }
    return switch outlet {
    case .results: try publish(staged, to: queue.results, "results", queue.into?.description, reporter)
    case .returns: try publish(staged, to: queue.openReturns(), "returns", nil, reporter)
    }
  }

  private static func publish(
    _ staged: borrowing FileDescriptor, to target: borrowing FileDescriptor, _ folder: String, _ into: String?,
    _ reporter: Invocation
  ) throws(SystemError) -> Int {
    var count = 0
    for result in try messages(staged) {
      let published = try Move.publish(result, in: staged, as: result, in: target)
      if published != result {
        var event = Event(
          Event.ID.renamed, .info, "the result is published as \(published)", name: result.description)
        event.into = into
        event.published = published.description
        event.folder = folder
        reporter.report(event)
      }
      count += 1
    }
    return count
  }

  private static func moveToFate(
    _ place: Place, in directory: borrowing FileDescriptor, _ queue: borrowing Queue, _ strikes: Strikes,
    _ reporter: Invocation
  ) throws(SystemError) -> Int {
    switch place.fate {
    case .done: try moveToFate(place, in: directory, to: queue.done, strikes, reporter)
    case .failed: try moveToFate(place, in: directory, to: queue.failed, strikes, reporter)
    case .quarantine: try moveToFate(place, in: directory, to: queue.quarantine, strikes, reporter)
    }
  }

  private static func moveToFate(
    _ place: Place, in directory: borrowing FileDescriptor, to target: borrowing FileDescriptor, _ strikes: Strikes,
    _ reporter: Invocation
  ) throws(SystemError) -> Int {
    var count = 0
    var renamed: [FileName: FileName] = [:]
    if let folder = try openIfThere(place.rawValue, in: directory) {
      for message in try messages(folder) {
        strikes.forget(message, in: folder)
        let final = try Move.publish(
          message, in: folder, as: message.inFate, in: target, maximum: FileName.maximumInFate)
        if final != message {
          renamed[message] = final
          var event = Event(
            Event.ID.renamed, .info, "the original is now \(place.fate.rawValue)/\(final)", name: message.description)
          event.published = final.description
          event.folder = place.fate.rawValue
          reporter.report(event)
        }
        count += 1
      }
    }
    if let reports = try openIfThere(place.reports, in: directory) {
      for message in try messages(reports) {
        _ = try Move.publish(message, in: reports, as: (renamed[message] ?? message.inFate).report, in: target)
      }
    }
    return count
  }

  /// Undoes a group that was not committed: its messages go back into the queue, its results are nothing. A message
  /// that was in hand when its process died gets a strike, and with the third one it is put aside.
  static func undo(
    _ name: FileName, in invocation: borrowing FileDescriptor, hands: Set<FileName>, _ queue: borrowing Queue,
    strikes: Strikes, reporter: Invocation
  ) throws(SystemError) {
    let directory = try FileDescriptor.open(name, in: invocation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    for place in Place.ofMessages {
      guard let folder = try openIfThere(place.rawValue, in: directory) else { continue }
      for message in try messages(folder) {
        // One that has had its third one was about to be put aside when that was interrupted.
        let count =
          hands.contains(message) ? try strikes.add(message, in: folder) : strikes.count(message, in: folder).count
        if count >= Strikes.maximum {
          try putAside(message, in: folder, queue, strikes, reporter)
          continue
        }
        let back = try Move.publish(message, in: folder, as: message, in: queue.input)
        var event = Event(
          Event.ID.returned, .info, "was claimed by an invocation that died; it waits again as \(back)",
          name: message.description)
        event.published = back.description
        event.folder = "in"
        reporter.report(event)
      }
    }
    remove(name, in: invocation, reporter)
  }

  /// Puts a message aside as any other is decided about, in a group of its own: its report and its event become visible
  /// with it, whenever this is interrupted.
  private static func putAside(
    _ message: FileName, in folder: borrowing FileDescriptor, _ queue: borrowing Queue, _ strikes: Strikes,
    _ reporter: Invocation
  ) throws(SystemError) {
    let text = "in hand in \(Strikes.maximum) invocations that died"
    var report = Report(name: message.description, fate: .quarantine, invocation: reporter.id)
    report.exit = 70
    report.text = text
    var event = Event(Event.ID.struckOut, .error, text, name: message.description)
    event.fate = .quarantine
    let group = try Group(reporter)
    try group.take(message, from: folder)
    try group.decide(message, .quarantine, report: report.json, results: [], size: nil, event: event)
    try group.commit(isDurable: true)
    _ = try group.finish(queue, strikes: strikes)
    // Not only in the log: somebody has to look.
    if reporter.tell == nil { reporter.echo(event) }
  }

  /// Whether a program may have been run with the messages of this group.
  static func hasStarted(_ name: FileName, in invocation: borrowing FileDescriptor) throws(SystemError) -> Bool {
    let directory = try FileDescriptor.open(name, in: invocation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    return try directory.has(FileName(RunMark.started.rawValue))
  }

  static func openIfThere(
    _ name: String, in directory: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor? {
    do {
      return try FileDescriptor.open(FileName(name), in: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// Removes what is left of a group: staged results and reports of one that was undone, and empty folders. Messages
  /// are never removed: a folder that still has one stays.
  static func remove(_ name: FileName, in invocation: borrowing FileDescriptor, _ reporter: Invocation) {
    do throws(SystemError) {
      do {
        let directory = try FileDescriptor.open(name, in: invocation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        for folder in Outlet.allCases.map(\.rawValue) + [Place.aside.rawValue] + Place.allCases.map(\.reports) {
          guard let opened = try openIfThere(folder, in: directory) else { continue }
          try opened.unlinkFiles()
          try directory.unlink(FileName(folder), isDirectory: true)
        }
        for place in Place.ofMessages {
          guard let opened = try openIfThere(place.rawValue, in: directory) else { continue }
          if let left = try messages(opened).first {
            throw SystemError("neither finished nor given back", "\(opened.path)/\(left)", EBUSY)
          }
          try opened.unlinkFiles()
          try directory.unlink(FileName(place.rawValue), isDirectory: true)
        }
        try directory.unlink(FileName("events"))
        for mark in RunMark.allCases { try directory.unlink(FileName(mark.rawValue)) }
      }
      try invocation.unlink(name, isDirectory: true)
    } catch {
      // What is still open somewhere is for the next start to clear.
      if error.code != ENOTEMPTY { reporter.report(error, doing: "clearing up") }
    }
  }
}
