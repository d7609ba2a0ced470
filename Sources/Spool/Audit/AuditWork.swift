import Formats
import Glibc

/// What invocations hold, living and dead, and the directories of programs that they ran.
extension Audit {
  /// Reads `work` and `run`. What the living have is where it should be; what the dead have waits for recovery.
  func readWork() throws(SystemError) {
    var living: Set<[UInt8]> = []
    var unsettled: Set<[UInt8]> = []
    if let work = try queue.folder("work") {
      for invocation in try queue.invocations() where invocation.name.description != own {
        if invocation.isLiving { living.insert(invocation.name.bytes) }
        guard let status = try work.status(of: invocation.name), let directory = try work.folder(invocation.name) else {
          continue
        }
        let isLeft = !invocation.isLiving && isBefore(status)
        var held = 0
        for name in try DirectoryReader.names(directory) {
          held += try readEntry(name, of: invocation.name, in: directory, isLiving: !isLeft)
          if isLeft, Group.isGroup(name), let group = try directory.folder(name),
            try group.status(of: FileName(RunMark.started.rawValue)) != nil
          {
            unsettled.insert(invocation.name.bytes)
          }
        }
        if isLeft, held == 0 {
          found(
            Damage(
              .orphanedClaim, "work", invocation.name, "left by an invocation that died; it holds no message",
              evidence: "nobody has its lock"))
        }
      }
    }
    try readRuns(living, unsettled)
  }

  /// Reads what one name in the directory of an invocation stands for; returns how many damages it is.
  private func readEntry(
    _ name: FileName, of invocation: FileName, in directory: borrowing FileDescriptor, isLiving: Bool
  ) throws(SystemError) -> Int {
    if name.bytes.starts(with: Array("tmp".utf8)), !isLiving {
      found(
        Damage(
          .orphanedRun, "work/\(invocation)", name, "temporary files of a command that died with its invocation",
          evidence: "nobody has the lock"))
      return 1
    }
    guard Group.isGroup(name), let group = try directory.folder(name) else { return 0 }
    let isCommitted = Group.isCommitted(name)
    let path = "work/\(invocation)/\(name)"
    if isCommitted {
      let number = name.bytes.dropLast(Group.committedSuffix.utf8.count)
      groupsInWork.append(
        GroupInWork(
          invocation: invocation, name: name, id: invocation.bytes + [ASCII.dot] + number, isLiving: isLiving))
    }
    var held = 0
    for place in Group.Place.ofMessages {
      guard let folder = try group.folder(FileName(place.rawValue)) else { continue }
      try Self.read(folder) { (message, status) throws(SystemError) in
        checkLinks(status, "\(path)/\(place.rawValue)", message)
        counts.claimed += 1
        if isLiving { return }
        held += 1
        found(
          Damage(
            isCommitted ? .unfinishedGroup : .orphanedClaim, "\(path)/\(place.rawValue)", message,
            isCommitted
              ? "its group is committed and not finished"
              : "claimed by an invocation that died; it does not wait again",
            evidence: "nobody has the lock of \(invocation)"))
      }
    }
    if !isLiving, held == 0 {
      held = 1
      found(
        Damage(
          isCommitted ? .unfinishedGroup : .orphanedClaim, "work/\(invocation)", name,
          "a group of an invocation that died, without a message", evidence: "nobody has the lock of \(invocation)"))
    }
    return held
  }

  /// Directories of runs belong to an invocation that lives, or are the evidence for what one left unsettled.
  private func readRuns(_ living: Set<[UInt8]>, _ unsettled: Set<[UInt8]>) throws(SystemError) {
    guard let runs = try queue.folder("run") else { return }
    try Self.read(runs) { (name, status) throws(SystemError) in
      guard isBefore(status) else { return }
      let run = RunOwner.run(of: name.description)
      // The link of a directory that is there says nothing else than the directory.
      if run != name.description, try runs.status(of: FileName(run)) != nil { return }
      let owner = try RunOwner.read("\(run)", in: runs.number)
      if let owner, living.contains(Array(owner.utf8)) || unsettled.contains(Array(owner.utf8)) { return }
      let next = RunOwner.program(of: run) == .export ? "; the next ccm-export takes over what is in it" : ""
      found(
        Damage(
          .orphanedRun, "run", name, "the directory of a program whose invocation died\(next)",
          evidence: owner.map { "its owner \($0) does not live" } ?? "no owner"))
    }
  }
}
