import Formats
import Glibc

/// The messages that one worker has claimed and will commit together: a directory `work/ID/N`. Where a message is in
/// it says what is decided about it (ccm-spool(7)); there is no list besides.
///
///     src/            claimed; once converted, done
///     failed/         claimed, and failed
///     quarantine/     claimed, and to be put aside
///     out/            staged results
///     reports.src/    reports on messages of src, under the messages' names; likewise for the two others
///     events          what the log will say
///
/// `N` becomes `N.commit` by one rename: before it, none of this has happened; after it, all of it has.
final class Group {
  enum Place: String, CaseIterable {
    case source = "src"
    case failed, quarantine

    var reports: String { "reports.\(rawValue)" }

    var fate: Fate {
      switch self {
      case .source: .done
      case .failed: .failed
      case .quarantine: .quarantine
      }
    }
  }

  private let invocation: Invocation
  private let name: FileName
  private let directory: FileDescriptor
  let source: FileDescriptor
  let out: FileDescriptor
  private var folders: [String: Folder] = [:]
  private var events: [UInt8] = []
  private(set) var count = 0
  /// Bytes of the results staged.
  private(set) var size = 0
  /// Bytes of each result that is staged, for its message's event.
  private var sizes: [FileName: Int] = [:]

  init(_ invocation: Invocation) throws(SystemError) {
    self.invocation = invocation
    name = FileName("\(invocation.nextGroup())")
    directory = try FileDescriptor.directory(name.description, in: invocation.directory)
    source = try FileDescriptor.directory(Place.source.rawValue, in: directory)
    out = try FileDescriptor.directory("out", in: directory)
  }

  /// A folder of the group, made when it is first wanted and then kept open.
  private func folder(_ name: String) throws(SystemError) -> Folder {
    if let known = folders[name] { return known }
    let folder = Folder(try FileDescriptor.directory(name, in: directory))
    folders[name] = folder
    return folder
  }

  private final class Folder {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Takes a message out of the queue; false when somebody else was faster.
  func claim(_ name: FileName, from queue: borrowing Queue) throws(SystemError) -> Bool {
    do {
      guard try Move.take(name, in: queue.input, to: name, in: source) else { return false }
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
    return true
  }

  /// Puts a claimed message back into the queue. Returns the name it has there.
  func giveBack(_ name: FileName, to queue: borrowing Queue) throws(SystemError) -> FileName {
    try Move.publish(name, in: source, as: name, in: queue.input)
  }

  /// Writes a result under `name`, or `name~2` and so on where a result has that name already. Returns its name.
  func stage(_ result: Bytes, as name: FileName) throws(SystemError) -> FileName {
    let name = try create(name) { (file) throws(SystemError) in
      try file.writeAll(result)
    }
    size += result.count
    return name
  }

  /// Makes a result that `body` writes. Returns its name.
  func create(
    _ name: FileName, _ body: (borrowing FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) -> FileName {
    var number = 1
    while true {
      let candidate = name.numbered(number)
      var file: FileDescriptor
      do {
        file = try FileDescriptor.open(candidate, in: out, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      } catch {
        guard error.code == EEXIST else { throw error }
        number += 1
        continue
      }
      do {
        try body(file)
        sizes[candidate] = try file.status().st_size
        try file.closeChecked()
      } catch {
        unstage(candidate)
        throw error
      }
      return candidate
    }
  }

  func unstage(_ name: FileName) {
    _ = name.withCString { unlinkat(out.number, $0, 0) }
    sizes[name] = nil
  }

  func rename(result: FileName, to name: FileName) throws(SystemError) -> FileName {
    let final = try Move.publish(result, in: out, as: name, in: out)
    if let size = sizes.removeValue(forKey: result) { sizes[final] = size }
    return final
  }

  /// Decides about a claimed message: where it is, its report, and its event, which is told its results and all sizes.
  func decide(
    _ message: FileName, _ place: Place, report: [UInt8]?, results: [FileName], event: Event
  ) throws(SystemError) {
    var event = event
    event.size = fileSize(message)
    event.results = results.map(\.description)
    let known = results.compactMap { sizes.removeValue(forKey: $0) }
    if known.count == results.count { event.sizes = known }
    if !results.isEmpty { event.into = invocation.into }
    if let report {
      let reports = try folder(place.reports)
      var file = try FileDescriptor.open(message, in: reports.descriptor, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
      try file.writeAll((report + [ASCII.lf]).span)
      try file.closeChecked()
    }
    if place != .source {
      let target = try folder(place.rawValue)
      _ = try Move.take(message, in: source, to: message, in: target.descriptor)
    }
    events += event.line(program: invocation.program, invocation: invocation.id, queue: invocation.queuePath)
    count += 1
  }

  /// Bytes of a claimed message; nil for what is no regular file.
  private func fileSize(_ message: FileName) -> Int? {
    do throws(SystemError) {
      let size = try Self.fileSize(message, in: source)
      return size
    } catch {
      invocation.report(error, name: message, doing: "its size")
      return nil
    }
  }

  /// Bytes of a file; nil for what is no regular file. The corresponding C function is `fstatat`.
  private static func fileSize(_ name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) -> Int? {
    var status = stat()
    let number = folder.number
    guard name.withCString({ fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
      throw SystemError("stat", "\(folder.path)/\(name)")
    }
    return status.st_mode & S_IFMT == S_IFREG ? status.st_size : nil
  }

  /// Commits the group; from here on it is finished, by this process or by the next one that looks.
  ///
  /// - Parameter isDurable: results reach the disk before the commit, and the commit before anything is published.
  func commit(isDurable: Bool) throws(SystemError) {
    let events = events
    var file = try FileDescriptor.open(FileName("events"), in: directory, O_WRONLY | O_CREAT | O_TRUNC)
    try file.writeAll(events.span)
    try file.closeChecked()
    if isDurable { try directory.syncFileSystem() }
    let committed = FileName(name.description + Self.committedSuffix)
    guard try Move.take(name, in: invocation.directory, to: committed, in: invocation.directory) else {
      throw SystemError("rename", "\(invocation.directory.path)/\(committed)", EEXIST)
    }
    if isDurable { try invocation.directory.sync() }
  }

  /// What a finished group published.
  struct Tally: Sendable {
    var fates: [Fate: Int] = [:]
    var results = 0
  }

  /// Finishes this group after its commit.
  func finish(_ queue: borrowing Queue, strikes: Strikes) throws(SystemError) -> Tally {
    try Self.finish(
      FileName(name.description + Self.committedSuffix), in: invocation.directory, of: invocation.id, queue,
      strikes: strikes, reporter: invocation)
  }

  /// Removes the directory of a group in which nothing is left.
  func discard() {
    Self.remove(name, in: invocation.directory, invocation)
  }

  static let committedSuffix = ".commit"

  /// Whether a name in the directory of an invocation is that of a group, committed or not.
  static func isGroup(_ name: FileName) -> Bool { Int(name.description) != nil || isCommitted(name) }

  static func isCommitted(_ name: FileName) -> Bool { name.description.hasSuffix(committedSuffix) }

  // MARK: By whoever finds it

  /// Finishes a committed group from what is in its directory: publishes results, then moves the originals to their
  /// fates. Each step is a rename of what is still there, so it may be begun again after any crash.
  static func finish(
    _ name: FileName, in invocation: borrowing FileDescriptor, of id: String, _ queue: borrowing Queue,
    strikes: Strikes, reporter: Invocation
  ) throws(SystemError) -> Tally {
    var tally = Tally()
    let directory = try FileDescriptor.open(name, in: invocation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    if let out = try openIfThere("out", in: directory) {
      for result in try DirectoryReader.names(out) {
        let published = try Move.publish(result, in: out, as: result, in: queue.results)
        if published != result {
          var event = Event(
            Event.ID.renamed, .info, "the result is published as \(published)", name: result.description)
          event.into = queue.into
          event.published = published.description
          event.folder = "results"
          reporter.report(event)
        }
        tally.results += 1
      }
    }
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
      for message in try DirectoryReader.names(folder) {
        strikes.forget(message, in: folder)
        let final = try Move.publish(message, in: folder, as: message, in: target)
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
      for message in try DirectoryReader.names(reports) {
        _ = try Move.publish(message, in: reports, as: (renamed[message] ?? message).report, in: target)
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
    for place in Place.allCases {
      guard let folder = try openIfThere(place.rawValue, in: directory) else { continue }
      for message in try DirectoryReader.names(folder) {
        if hands.contains(message), try strikes.add(message, in: folder) >= Strikes.maximum {
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

  private static func putAside(
    _ message: FileName, in folder: borrowing FileDescriptor, _ queue: borrowing Queue, _ strikes: Strikes,
    _ reporter: Invocation
  ) throws(SystemError) {
    let text = "in hand in \(Strikes.maximum) invocations that died"
    strikes.remove(message, in: folder)
    let final = try Move.publish(message, in: folder, as: message, in: queue.quarantine)
    var report = Report(name: message.description, fate: .quarantine, invocation: reporter.id)
    report.exit = 70
    report.text = text
    var file = try FileDescriptor.open(final.report, in: queue.quarantine, O_WRONLY | O_CREAT | O_EXCL)
    try file.writeAll((report.json + [ASCII.lf]).span)
    try file.closeChecked()
    var event = Event(Event.ID.struckOut, .error, text, name: message.description)
    event.fate = .quarantine
    event.size = (try? fileSize(final, in: queue.quarantine)) ?? nil
    reporter.report(event)
  }

  private static func openIfThere(
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
  private static func remove(_ name: FileName, in invocation: borrowing FileDescriptor, _ reporter: Invocation) {
    do throws(SystemError) {
      do {
        let directory = try FileDescriptor.open(name, in: invocation, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        for folder in ["out"] + Place.allCases.map(\.reports) {
          guard let opened = try openIfThere(folder, in: directory) else { continue }
          for file in try DirectoryReader.names(opened) { try opened.unlink(file) }
          try directory.unlink(FileName(folder), isDirectory: true)
        }
        for place in Place.allCases { try directory.unlink(FileName(place.rawValue), isDirectory: true) }
        try directory.unlink(FileName("events"))
      }
      try invocation.unlink(name, isDirectory: true)
    } catch {
      reporter.report(error, doing: "clearing up")
    }
  }
}
