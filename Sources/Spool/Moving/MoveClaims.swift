import Formats
import Glibc

/// The messages that one run has taken out of a directory to copy them to another file system. They are in
/// `.ccm-move/ID` of the directory they come from, which is locked while the run lives:
///
///     ID/target        where they go
///     ID/claimed/X     is being copied; a run that died: X goes back
///     ID/committed/X   the copy is complete and on the disk. It is published if it is still staged; if it is not, it
///                      has been, wherever it may be by now
///
/// The rename of `claimed` to `committed` decides for all that is in it, and each copy is published by a rename. So at
/// any moment it can be told what is left to be done.
final class MoveClaims {
  private static let targetName = FileName("target")
  private static let knownName = FileName("known")
  private static let claimedName = FileName("claimed")
  private static let committedName = FileName("committed")

  /// The names of the messages that got their names in the target.
  private(set) var published: [FileName] = []
  /// Those that are in the source again, with the names that they have there.
  private(set) var givenBack: [FileName: FileName] = [:]

  var path: Path { run.path }

  private let id: FileName
  private let source: FileDescriptor
  private let folder: FileDescriptor
  private let run: FileDescriptor
  private let record: TargetRecord?
  private var claimed: FileDescriptor?

  private init(
    _ id: FileName, _ source: consuming FileDescriptor, _ folder: consuming FileDescriptor,
    _ run: consuming FileDescriptor, _ record: TargetRecord?
  ) {
    self.id = id
    self.source = source
    self.folder = folder
    self.run = run
    self.record = record
  }

  // MARK: Runs

  /// Begins a run that takes messages from `source` to the directory of `record`.
  static func begin(_ source: borrowing FileDescriptor, _ record: TargetRecord) throws(SystemError) -> MoveClaims {
    while true {
      let folder = try FileDescriptor.directory(StagingArea.folderName.description, in: source)
      let id = FileName(Move.uniqueText())
      try folder.makeDirectory(id)
      // Until it is locked it may be taken for that of a run that died, and be removed.
      guard let run = try locked(id, in: folder) else { continue }
      let claims = MoveClaims(id, try source.reopened(), folder, run, record)
      do throws(SystemError) { try claims.note(record) } catch {
        try? claims.remove()
        throw error
      }
      return claims
    }
  }

  /// Writes down where the messages go, before there is one.
  private func note(_ record: TargetRecord) throws(SystemError) {
    try record.write(Self.targetName, in: run)
    try run.syncDirectory()
    let known = Self.knownTarget(record.path)
    if try TargetRecord.read(known, in: folder) != record {
      try record.write(Self.knownName, in: run)
      try run.renameReplacing(Self.knownName, to: known, in: folder)
    }
    try folder.syncDirectory()
    try source.syncDirectory()
  }

  /// The runs that have something in `source`, or had when they died.
  static func runs(_ source: borrowing FileDescriptor) throws(SystemError) -> [FileName] {
    guard let folder = try source.folder(StagingArea.folderName) else { return [] }
    var runs: [FileName] = []
    for name in try folder.fileNames() where try folder.status(of: name)?.isDirectory == true { runs.append(name) }
    return runs
  }

  /// Takes over what a run has left in `source`; nil when it lives, or is gone.
  static func takeOver(_ id: FileName, _ source: borrowing FileDescriptor) throws(SystemError) -> MoveClaims? {
    guard let folder = try source.folder(StagingArea.folderName), let run = try locked(id, in: folder) else {
      return nil
    }
    let record = try TargetRecord.read(targetName, in: run)
    return MoveClaims(id, try source.reopened(), folder, run, record)
  }

  /// Makes sure that the directory at `path` is the one that it was when messages were last copied there from `source`.
  static func prove(_ path: Path, knownTo source: borrowing FileDescriptor) throws(SystemError) {
    guard let folder = try source.folder(StagingArea.folderName),
      let record = try TargetRecord.read(knownTarget(path), in: folder)
    else { return }
    _ = try StagingArea.find(record)
  }

  /// The file that keeps the mark of the target at a path.
  static func knownTarget(_ path: Path) -> FileName {
    FileName("to.\(SHA256.hexadecimal(path.bytes.span).prefix(32))")
  }

  /// Opens and locks the directory of a run; nil when it is another process's, or gone.
  private static func locked(
    _ id: FileName, in folder: borrowing FileDescriptor
  ) throws(SystemError) -> FileDescriptor? {
    do throws(SystemError) {
      let run = try FileDescriptor.open(id, in: folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      guard try run.tryLock() else { return nil }
      let status = try run.status()
      guard let now = try folder.status(of: id), now.st_ino == status.st_ino else { return nil }
      return run
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  // MARK: One batch

  /// Takes the message `name` out of the source, and returns its name here; nil when somebody else has it.
  func claim(_ name: FileName) throws(SystemError) -> FileName? {
    if claimed == nil { claimed = try FileDescriptor.directory(Self.claimedName.description, in: run) }
    var number = 1
    while true {
      let claim = name.numbered(number)
      do throws(SystemError) {
        if try Move.take(name, in: source, to: claim, in: claimed!) { return claim }
      } catch {
        if error.code == ENOENT { return nil }
        throw error
      }
      number += 1
    }
  }

  /// Copies a message.
  func stage(_ claim: FileName, to area: StagingArea) throws(StagingArea.CopyFailure) {
    try area.stage(claim, in: claimed!, as: copy(of: claim))
  }

  /// Gives back a message that cannot be copied.
  func giveBack(_ claim: FileName, _ area: StagingArea) throws(SystemError) {
    try area.discard(copy(of: claim))
    givenBack[claim] = try Move.deliver(claim, in: claimed!, as: claim, in: source)
  }

  /// Decides that all that is claimed and staged is published.
  func commit(_ area: StagingArea) throws(SystemError) {
    try area.sync()
    try claimed?.syncDirectory()
    try source.syncDirectory()
    claimed = nil
    try run.renameReplacing(Self.claimedName, to: Self.committedName, in: run)
    try run.syncDirectory()
  }

  /// Publishes what is committed, and removes the sources. Throws when one of them cannot get its name; the others have
  /// theirs.
  func publish(_ area: StagingArea) throws(SystemError) {
    let committed = try run.openDirectory(Self.committedName)
    var finished: [FileName] = []
    var failure: SystemError?
    for claim in try committed.fileNames() {
      do throws(SystemError) {
        if try area.publish(copy(of: claim), as: claim) { published.append(claim) }
        finished.append(claim)
      } catch { failure = failure ?? error }
    }
    try area.syncPublished()
    for claim in finished { try committed.unlink(claim) }
    if let failure { throw failure }
    try run.unlink(Self.committedName, isDirectory: true)
  }

  // MARK: The end

  /// Ends the run: gives back what is not committed, publishes what is, and removes the directory. What cannot be done
  /// now is left to a later run, which does the same.
  ///
  /// - Parameter area: the staging area at hand; another one is opened where the messages go there.
  func settle(_ area: StagingArea?) throws(SystemError) {
    var reached = area?.record == record ? area : nil
    var unreached: SystemError?
    if reached == nil, let record {
      do throws(SystemError) { reached = try StagingArea.find(record) } catch { unreached = error }
    }
    claimed = nil
    if let claimed = try run.folder(Self.claimedName) {
      for claim in try claimed.fileNames() {
        givenBack[claim] = try Move.deliver(claim, in: claimed, as: claim, in: source)
      }
      try run.unlink(Self.claimedName, isDirectory: true)
    }
    if try run.status(of: Self.committedName) != nil {
      guard let reached else {
        throw unreached ?? SystemError("where its messages go is not written there", run.path, EINVAL)
      }
      try publish(reached)
    }
    if record != nil {
      // While copies may be left that cannot be reached, their run has to be known.
      guard let reached else { return }
      try reached.discardAll(of: id)
    }
    try remove()
  }

  /// Removes the directory, which has no message in it.
  private func remove() throws(SystemError) {
    try run.unlink(Self.knownName)
    try run.unlink(Self.targetName)
    try folder.unlink(id, isDirectory: true)
  }

  /// Under which name the copy of a message is staged: nobody else's.
  private func copy(of claim: FileName) -> FileName {
    FileName("\(id).\(SHA256.hexadecimal(claim.bytes.span).prefix(32))")
  }
}

extension FileDescriptor {
  func openDirectory(_ name: FileName) throws(SystemError) -> FileDescriptor {
    try FileDescriptor.open(name, in: self, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }
}
