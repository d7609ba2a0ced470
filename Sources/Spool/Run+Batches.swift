import Glibc

/// Runs that hand messages to a program, several at a time. Each batch is a group of its own, committed before the next
/// one begins: what a program did cannot be undone.
extension Run {
  /// Settles what dead invocations left, then hands over what is in the queue.
  public func process(_ processor: any BatchProcessor) {
    do throws(SystemError) {
      waiting.beginPass()
      let marks = try Batch.Marks(queue)
      try settle(processor, marks)
      while !isStopping, let batch = try nextBatch(processor.batchSize, marks) {
        try work([batch], processor, marks)
      }
      for name in waiting.takeStruck() where !isStopping {
        let group = try Group(invocation)
        let entry = DirectoryReader.Entry(name: name, type: Int32(DT_UNKNOWN))
        let isClaimed = try claim(entry, into: group)
        try work([Batch(group, isClaimed ? [name] : [], self, marks)], processor, marks)
      }
    } catch { stop(error, doing: "work") }
  }

  /// Claims the next messages; nil when none waits any more.
  private func nextBatch(_ size: Int, _ marks: Batch.Marks) throws(SystemError) -> Batch? {
    var group: Group?
    var names: [FileName] = []
    while names.count < size, !isStopping, let entry = try waiting.next() {
      // Another message under the name of one that is still here: it is met again, after this batch.
      if let group, group.hasHad(entry.name) { break }
      let current: Group
      if let group { current = group } else { current = try Group(invocation) }
      group = current
      if try claim(entry, into: current) { names.append(entry.name) }
    }
    return group.map { Batch($0, names, self, marks) }
  }

  /// Claims a message; false when there is none to be had. What is no file is put aside at once.
  private func claim(_ entry: DirectoryReader.Entry, into group: Group) throws(SystemError) -> Bool {
    guard try claim(entry.name, for: group) else { return false }
    if let message = try open(entry, in: group) {
      statistics.bytes.add(message.size, ordering: .relaxed)
      return true
    }
    let text = "not a file: \(Self.kind(entry.type)); never opened"
    try decide(entry.name, .quarantine(text, exit: 65, []), group, results: [], event: Event.ID.notAFile)
    return false
  }

  private func work(_ batches: [Batch], _ processor: any BatchProcessor, _ marks: Batch.Marks) throws(SystemError) {
    var batches = batches
    while let batch = batches.popLast() {
      var outcome = BatchOutcome.wait
      var failure: SystemError?
      do throws(SystemError) {
        if isStopping {
          outcome = .wait
        } else if !batch.messages.isEmpty {
          outcome = try processor.process(batch)
        }
      } catch { failure = error }
      if let failure, batch.hasStarted {
        // What the program did is for the next start to find out: its messages stay claimed.
        try giveBack(batches)
        throw failure
      }
      if case .divide = outcome { batches += try halves(batch, marks).reversed() }
      if case .stop(let exit) = outcome { stop(exit: exit) }
      for message in batch.messages { try batch.giveBack(message) }
      try finish(batch, processor)
      if let failure {
        try giveBack(batches)
        throw failure
      }
    }
  }

  private func giveBack(_ batches: [Batch]) throws(SystemError) {
    for batch in batches {
      for message in batch.messages { try batch.giveBack(message) }
      batch.group.discard()
    }
  }

  /// Divides the messages of a batch between two others.
  private func halves(_ batch: Batch, _ marks: Batch.Marks) throws(SystemError) -> [Batch] {
    let messages = batch.messages
    let middle = (messages.count + 1) / 2
    var halves: [Batch] = []
    for part in [messages[..<middle], messages[middle...]] where !part.isEmpty {
      let group = try Group(invocation)
      for message in part {
        try batch.keepDelivery(of: message)
        try group.take(message, from: batch.group)
      }
      halves.append(Batch(group, Array(part), self, marks))
    }
    batch.forget()
    return halves
  }

  private func finish(_ batch: Batch, _ processor: any BatchProcessor) throws(SystemError) {
    let directory = try batch.runDirectory()
    try commit(batch.group)
    if let directory { processor.isCommitted(run: directory) }
  }

  // MARK: After a crash

  private func settle(_ processor: any BatchProcessor, _ marks: Batch.Marks) throws(SystemError) {
    let failure = try Recovery.forEachStarted(queue, for: invocation) { (group, names) throws(SystemError) in
      let batch = Batch(group, names, self, marks, hasStarted: true)
      let outcome = names.isEmpty ? .wait : try processor.settle(batch)
      if case .leave = outcome { return false }
      // What kept the dead from going on need not keep us: the program is asked again.
      for message in batch.messages { try batch.giveBack(message) }
      try finish(batch, processor)
      return true
    }
    if let failure { isUnfinished(failure) }
  }
}
