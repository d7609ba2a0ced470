import Glibc

/// Moves complete messages into one directory, each once and whole: by one rename, or, to another file system, by a copy
/// that is on the disk before the message is removed. Any number of movers may work at once, and be killed.
///
/// That a rename is refused with EXDEV decides, not the numbers of devices: two mounts of one file system have the same.
public final class Mover {
  /// Messages are copied in batches, so that a batch waits for the disk, and not each of them.
  private static let batchCount = 64

  public private(set) var moved = 0
  /// The target, from the root and without links.
  public let path: Path

  private let target: FileDescriptor
  private var area: StagingArea?
  /// What went wrong, and what became of the message.
  private let say: (SystemError, String) -> Void
  private let shouldStop: () -> Bool

  /// - Parameter path: the directory to move to. Throws an error that `isNoQueue` for one in which nobody would find
  ///   messages: a queue itself, or what it keeps.
  public init(
    to path: Path, shouldStop: @escaping () -> Bool, say: @escaping (SystemError, String) -> Void
  ) throws(SystemError) {
    self.path = try path.resolved()
    target = try FileDescriptor.open(path: self.path, O_RDONLY | O_DIRECTORY)
    let number = target.number
    guard faccessat(number, ".", W_OK | X_OK, Int32(AT_EACCESS)) == 0 else { throw SystemError("write", self.path) }
    self.shouldStop = shouldStop
    self.say = say
    switch try QueueDirectory(target) {
    case .queue:
      throw SystemError(refusing: path, "a queue: what goes there has to go to its folder `in`", ENOTDIR)
    case .folder(let name) where !["in", "results", "returns"].contains(name.description):
      throw SystemError(refusing: path, "the folder `\(name)` of a queue: nothing can be put there", ENOTDIR)
    default: break
    }
  }

  /// Whether this directory is the target itself.
  public func isTarget(_ source: borrowing FileDescriptor) throws(SystemError) -> Bool {
    let (a, b) = (try source.status(), try target.status())
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  /// Finishes what runs that died have left in a directory. Returns what became of its messages: those that were given
  /// back with the names that they have in it, those that were published with none.
  public func recover(_ source: borrowing FileDescriptor) throws(SystemError) -> [FileName: FileName?] {
    var fates: [FileName: FileName?] = [:]
    for id in try MoveClaims.runs(source) {
      guard let run = try MoveClaims.takeOver(id, source) else { continue }
      finish(run)
      for (name, newName) in run.givenBack { fates[name] = newName }
      for name in run.published { fates.updateValue(nil, forKey: name) }
    }
    return fates
  }

  /// Moves files of a directory. Throws what any other message would meet as well; what only one of them meets is said,
  /// and the others are moved.
  ///
  /// - Parameter names: those that are complete.
  public func move(_ names: [FileName], from source: borrowing FileDescriptor) throws(SystemError) {
    try MoveClaims.prove(path, knownTo: source)
    var isApart = false
    var first = 0
    while first < names.count, !isApart, !shouldStop() {
      let name = names[first]
      do throws(SystemError) {
        _ = try Move.deliver(name, in: source, as: name, in: target)
        moved += 1
      } catch {
        switch error.code {
        case EXDEV:
          isApart = true
          continue
        case ENOENT: break
        default:
          if error.isTemporary { throw error }
          say(error, "it stays")
        }
      }
      first += 1
    }
    if isApart { try copy(names[first...], from: source) } else if first > 0 { try target.syncDirectory() }
  }

  // MARK: To another file system

  private func copy(_ names: ArraySlice<FileName>, from source: borrowing FileDescriptor) throws(SystemError) {
    let area = try openArea()
    let run = try MoveClaims.begin(source, area.record)
    defer { finish(run) }
    var rest = names
    while !rest.isEmpty, !shouldStop() {
      try copyBatch(rest.prefix(Self.batchCount), run, area)
      rest = rest.dropFirst(Self.batchCount)
    }
  }

  private func copyBatch(
    _ names: ArraySlice<FileName>, _ run: MoveClaims, _ area: StagingArea
  ) throws(SystemError) {
    var staged = 0
    for name in names {
      let claim: FileName
      do throws(SystemError) {
        guard let claimed = try run.claim(name) else { continue }
        claim = claimed
      } catch {
        if error.isTemporary { throw error }
        say(error, "it stays")
        continue
      }
      do throws(StagingArea.CopyFailure) {
        try run.stage(claim, to: area)
        staged += 1
      } catch {
        switch error {
        case .source(let error):
          say(error, "it is back in its directory")
          try run.giveBack(claim, area)
        case .target(let error): throw error
        }
      }
    }
    guard staged > 0 else { return }
    try run.commit(area)
    try run.publish(area)
  }

  /// Ends a run, whatever has become of it.
  private func finish(_ run: MoveClaims) {
    do throws(SystemError) { try run.settle(area) } catch {
      say(error, "what is copied waits in \(run.path), and the next run goes on with it")
    }
    moved += run.published.count
  }

  private func openArea() throws(SystemError) -> StagingArea {
    if let area { return area }
    let area = try StagingArea.make(in: path)
    self.area = area
    return area
  }
}
