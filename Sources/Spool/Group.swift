import Formats
import Glibc

/// The messages that one worker has claimed and will commit together: a directory `work/ID/N`. Where a message is in
/// it says what is decided about it (ccm-spool(7)); there is no list besides.
///
///     src/            claimed; once converted, done
///     failed/         claimed, and failed
///     quarantine/     claimed, and to be put aside
///     aside/          parts of a message, to be put aside by themselves
///     out/            staged results
///     back/           staged reports to the side that the messages came from
///     reports.src/    reports on messages of src, under the messages' names; likewise for the three others
///     events          what the log will say
///     started, ended  the run of a program that takes these messages (RunMark)
///
/// `N` becomes `N.commit` by one rename: before it, none of this has happened; after it, all of it has.
final class Group {
  enum Place: String, CaseIterable {
    case source = "src"
    case failed, quarantine, aside

    /// Where the messages are that were claimed, and not parts of them.
    static let ofMessages: [Place] = [.source, .failed, .quarantine]

    var reports: String { "reports.\(rawValue)" }

    var fate: Fate {
      switch self {
      case .source: .done
      case .failed: .failed
      case .quarantine, .aside: .quarantine
      }
    }
  }

  /// Where a staged result will be published.
  enum Outlet: String, CaseIterable {
    case results = "out"
    case returns = "back"
  }

  private let invocation: Invocation
  /// The directory of the invocation that claimed these messages, and its ID: another one's, when that has died.
  let parent: FileDescriptor
  private let owner: String
  let name: FileName
  let directory: FileDescriptor
  let source: FileDescriptor
  let out: FileDescriptor
  var folders: [String: Folder] = [:]
  private var events: [UInt8] = []
  private var decided: [Event] = []
  private(set) var count = 0
  /// Bytes of the results staged.
  var size = 0
  /// Bytes of each result that is staged, for its message's event.
  var sizes: [FileName: Int] = [:]
  /// All names that messages of this group have had, and those of messages about which nothing is decided yet.
  private var names: Set<FileName> = []
  private var undecided: Set<FileName> = []
  /// Why something is staged that must not be published: it could not be removed.
  var spoiled: SystemError?

  convenience init(_ invocation: Invocation) throws(SystemError) {
    try self.init(
      adopting: FileName("\(invocation.nextGroup())"), in: invocation.directory, of: invocation.id, by: invocation)
  }

  /// Takes over what is there of a group, in the directory of an invocation that has died.
  init(
    adopting name: FileName, in parent: borrowing FileDescriptor, of owner: String, by invocation: Invocation
  ) throws(SystemError) {
    self.invocation = invocation
    self.owner = owner
    self.name = name
    self.parent = try parent.reopened()
    directory = try FileDescriptor.directory(name.description, in: parent)
    source = try FileDescriptor.directory(Place.source.rawValue, in: directory)
    out = try FileDescriptor.directory(Outlet.results.rawValue, in: directory)
  }

  /// The invocation that claimed these messages, and the number of the group: no other group ever has this name.
  var id: String { "\(owner).\(name)" }

  /// A folder of the group, made when it is first wanted and then kept open.
  func folder(_ name: String) throws(SystemError) -> Folder {
    if let known = folders[name] { return known }
    let folder = Folder(try FileDescriptor.directory(name, in: directory))
    folders[name] = folder
    return folder
  }

  final class Folder {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Whether a message of this name was in the group before: another one of the same name is for another group.
  func hasHad(_ name: FileName) -> Bool { names.contains(name) }

  private func add(_ name: FileName) {
    names.insert(name)
    undecided.insert(name)
  }

  /// Takes a message out of the queue; false when somebody else was faster.
  func claim(_ name: FileName, from queue: borrowing Queue) throws(SystemError) -> Bool {
    do {
      guard try Move.take(name, in: queue.input, to: name, in: source) else { return false }
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
    add(name)
    return true
  }

  /// Takes a claimed message over from another group of this invocation.
  func take(_ name: FileName, from other: Group) throws(SystemError) {
    try take(name, from: other.source)
    other.undecided.remove(name)
  }

  /// Takes a message over from a folder of a group whose invocation died.
  func take(_ name: FileName, from folder: borrowing FileDescriptor) throws(SystemError) {
    guard try Move.take(name, in: folder, to: name, in: source) else {
      throw SystemError("rename", "\(source.path)/\(name)", EEXIST)
    }
    add(name)
  }

  /// The messages that are claimed and not decided otherwise than done.
  func claimed() throws(SystemError) -> [FileName] { try Self.messages(source) }

  /// What is in a folder of a group, but for what file systems keep of what was removed there.
  static func messages(_ folder: borrowing FileDescriptor) throws(SystemError) -> [FileName] {
    try DirectoryReader.names(folder).filter { !$0.isRemoved }
  }

  /// Puts a claimed message back into the queue. Returns the name it has there.
  func giveBack(_ name: FileName, to queue: borrowing Queue) throws(SystemError) -> FileName {
    let back = try Move.publish(name, in: source, as: name, in: queue.input)
    undecided.remove(name)
    return back
  }

  /// Forgets what was staged before the invocation that claimed these messages died.
  func clear() throws(SystemError) {
    for name in Outlet.allCases.map(\.rawValue) + [Place.aside.rawValue] + Place.allCases.map(\.reports) {
      guard let folder = try Self.openIfThere(name, in: directory) else { continue }
      try folder.unlinkFiles()
    }
    for place in Place.ofMessages where place != .source {
      guard let folder = try Self.openIfThere(place.rawValue, in: directory) else { continue }
      for message in try Self.messages(folder) {
        _ = try Move.take(message, in: folder, to: message, in: source)
      }
    }
    undecided = Set(try claimed())
  }

  /// Decides about a claimed message: where it is, its report, and its event, which is told its results and all sizes.
  func decide(
    _ message: FileName, _ place: Place, report: [UInt8]?, results: [FileName], size: Int?, event: Event
  ) throws(SystemError) {
    var event = event
    event.size = size ?? fileSize(message)
    event.results = results.map(\.description)
    let known = results.compactMap { sizes.removeValue(forKey: $0) }
    if known.count == results.count { event.sizes = known }
    if !results.isEmpty { event.into = invocation.into }
    if let report { try write(report, to: message, in: folder(place.reports).descriptor) }
    if place != .source {
      do throws(SystemError) {
        let target = try folder(place.rawValue)
        guard try Move.take(message, in: source, to: message, in: target.descriptor) else {
          throw SystemError("rename", "\(target.descriptor.path)/\(message)", EEXIST)
        }
      } catch {
        unreport(message)
        throw error
      }
    }
    undecided.remove(message)
    log(event)
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
  static func fileSize(_ name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) -> Int? {
    var status = stat()
    let number = folder.number
    guard name.withCString({ fstatat(number, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
      throw SystemError("stat", "\(folder.path)/\(name)")
    }
    return status.st_mode & S_IFMT == S_IFREG ? status.st_size : nil
  }

  /// Adds an event that the log will have when the group is finished.
  func log(_ event: Event) {
    events += event.line(
      program: invocation.program, invocation: invocation.id, queue: invocation.queuePath.description)
    if invocation.tell != nil { decided.append(event) }
  }

  /// Commits the group; from here on it is finished, by this process or by the next one that looks.
  ///
  /// - Parameter isDurable: results reach the disk before the commit, and the commit before anything is published.
  func commit(isDurable: Bool) throws(SystemError) {
    // What is in src counts as done: a message that could neither be decided nor given back is not.
    if let one = undecided.first { throw SystemError("neither decided nor given back", "\(source.path)/\(one)", EBUSY) }
    if let spoiled { throw spoiled }
    let events = events
    var file = try FileDescriptor.open(
      FileName("events"), in: directory, O_WRONLY | O_CREAT | O_TRUNC, mode: FileDescriptor.privateMode)
    try file.writeAll(events.span)
    try file.closeChecked()
    if isDurable { try directory.syncFileSystem() }
    let committed = FileName(name.description + Self.committedSuffix)
    guard try Move.take(name, in: parent, to: committed, in: parent) else {
      throw SystemError("rename", "\(parent.path)/\(committed)", EEXIST)
    }
    if isDurable { try parent.sync() }
  }

  /// What a finished group published.
  struct Tally: Sendable {
    var fates: [Fate: Int] = [:]
    var results = 0
  }

  /// Finishes this group after its commit.
  func finish(_ queue: borrowing Queue, strikes: Strikes) throws(SystemError) -> Tally {
    let tally = try Self.finish(
      FileName(name.description + Self.committedSuffix), in: parent, of: owner, queue, strikes: strikes,
      reporter: invocation)
    if let tell = invocation.tell { for event in decided { tell(event) } }
    return tally
  }

  /// Removes the directory of a group in which nothing is left.
  func discard() {
    Self.remove(name, in: parent, invocation)
  }

  static let committedSuffix = ".commit"

  /// Whether a name in the directory of an invocation is that of a group, committed or not.
  static func isGroup(_ name: FileName) -> Bool { Int(name.description) != nil || isCommitted(name) }

  static func isCommitted(_ name: FileName) -> Bool { name.description.hasSuffix(committedSuffix) }
}
