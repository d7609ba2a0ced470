import Formats
import Glibc
import Spool

/// Everything that one import does, done at once: a directory in `import` in which the copies of all messages are
/// staged. Its name tells how far it is; ccpo(5) has the table of states.
///
///     import/ID                  staged, not committed: for a crash as if it never was
///     import/ID~NUMBER.commit    committed; the copies get numbers from NUMBER on
///     import/ID~NUMBER.recorded  what is delivered twice has been taken out; the rest is published one by one
final class Transaction {
  /// What became of the copies.
  struct Outcome {
    var delivered = 0
    /// Copies that their mailbox got before.
    var refused = 0
  }

  static let committed = ".commit"
  static let recorded = ".recorded"

  private let office: PostOffice
  private var own: OwnedDirectory
  private var manifest: [UInt8] = []
  private let copies: FileDescriptor
  private let undeliverable: FileDescriptor
  private(set) var count = 0
  private(set) var hasUndeliverable = false

  /// Begins a transaction for the messages of `input`.
  init(_ office: PostOffice, _ input: InputFile) throws(SystemError) {
    let own = try OwnedDirectory.make(in: office.transactions)
    let file = try FileDescriptor.open(FileName(InputFile.note), in: own.directory, O_WRONLY | O_CREAT | O_EXCL)
    try file.writeAll(input.text.span)
    let copies = try FileDescriptor.open(FileName("copies"), in: own.directory, O_WRONLY | O_CREAT | O_EXCL)
    let undeliverable = try FileDescriptor.open(
      FileName(UndeliverableFile.staged), in: own.directory, O_WRONLY | O_CREAT | O_EXCL)
    self.office = office
    self.own = own
    self.copies = copies
    self.undeliverable = undeliverable
  }

  /// Stages a copy for a mailbox; `digest` tells it from all others. Returns its number in the transaction.
  func stage(_ bytes: Bytes, digest: [UInt8], mailbox: String) throws(SystemError) -> Int {
    let path = try nextPath()
    var file = try FileDescriptor.open(FileName(path), in: own.directory, O_WRONLY | O_CREAT | O_EXCL)
    try file.writeAll(bytes)
    try file.closeChecked()
    return try note(digest, mailbox)
  }

  /// Stages a copy that is the same as the one with number `other`.
  func stage(copyOf other: Int, digest: [UInt8], mailbox: String) throws(SystemError) -> Int {
    let path = try nextPath()
    let number = own.directory.number
    if linkat(number, Self.path(other), number, path, 0) != 0 {
      let source = try FileDescriptor.open(FileName(Self.path(other)), in: own.directory, O_RDONLY)
      var bytes: [UInt8] = []
      try source.readAll(into: &bytes, expecting: Int(source.status().st_size))
      return try stage(bytes.span, digest: digest, mailbox: mailbox)
    }
    return try note(digest, mailbox)
  }

  /// Adds an entry to what the undeliverable file will get.
  func reportUndeliverable(_ entry: Bytes) throws(SystemError) {
    hasUndeliverable = true
    try undeliverable.writeAll(entry)
  }

  /// Where copy `number` is staged, within the directory: 1000 in one folder.
  private static func path(_ number: Int) -> String { "c\(number / 1000)/\(number)" }

  private func nextPath() throws(SystemError) -> String {
    if count % 1000 == 0 { try own.directory.makeDirectory(FileName("c\(count / 1000)"), mayExist: true) }
    return Self.path(count)
  }

  private func note(_ digest: [UInt8], _ mailbox: String) throws(SystemError) -> Int {
    for byte in digest { manifest.append(hexadecimal: byte) }
    manifest.append(ASCII.space)
    manifest.append(text: mailbox)
    manifest.append(ASCII.lf)
    if manifest.count > 1 << 16 { try flush() }
    count += 1
    return count - 1
  }

  private func flush() throws(SystemError) {
    let held = manifest
    manifest.removeAll(keepingCapacity: true)
    try copies.writeAll(held.span)
  }

  /// Gives up what was staged.
  func abandon() throws(SystemError) {
    try Self.remove(own, office)
  }

  /// Does everything that was staged.
  func commit() throws(SystemError) -> Outcome {
    try flush()
    if office.isDurable { try office.root.syncFileSystem() }
    try commitAndRecord()
    return try Self.finish(own, office, staged: count)
  }

  private func commitAndRecord() throws(SystemError) {
    try office.state.lock()
    defer { office.state.unlock() }
    let first = try office.state.take(max(1, count))
    let name = "\(own.name)~\(first)"
    let committed = FileName(name + Self.committed)
    guard try own.rename(to: committed, in: office.transactions) else {
      throw SystemError("rename", "\(office.transactions.path)/\(committed)", EEXIST)
    }
    if office.isDurable { try office.transactions.sync() }
    try Self.record(office)
    own.isNamed(FileName(name + Self.recorded), in: office.transactions)
  }

  // MARK: Record

  /// Records the copies of every transaction that is committed and not recorded; the state has to be locked, so all
  /// but the caller's own are of the dead. What is another delivery already is taken out.
  private static func record(_ office: PostOffice) throws(SystemError) {
    for entry in try DirectoryReader.names(office.transactions) {
      let name = entry.description
      guard !entry.isHidden, name.hasSuffix(committed), let first = firstNumber(name) else { continue }
      let directory = try FileDescriptor.open(entry, in: office.transactions, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      var lines = LineReader(try FileDescriptor.open(FileName("copies"), in: directory, O_RDONLY))
      var number = 0
      while let line = try lines.next() {
        guard let copy = Copy(line) else { throw SystemError("damaged", "\(directory.path)/copies", EINVAL) }
        if try !office.state.record(copy.digest, first &+ UInt64(number)) {
          try directory.unlink(FileName(path(number)))
        }
        number += 1
      }
      // After a power failure the numbers may have been forgotten.
      try office.state.reserve(upTo: first &+ UInt64(max(1, number)))
      if office.isDurable { try office.state.sync() }
      let done = String(name.dropLast(committed.count)) + recorded
      guard renameat(office.transactions.number, name, office.transactions.number, done) == 0 else {
        throw SystemError("rename", directory.path)
      }
    }
  }

  /// The number in `ID~NUMBER.commit`.
  private static func firstNumber(_ name: String) -> UInt64? {
    guard let tilde = name.lastIndex(of: "~"), let dot = name.lastIndex(of: "."), tilde < dot else { return nil }
    return UInt64(name[name.index(after: tilde)..<dot])
  }

  /// A line of `copies`: the digest in hexadecimal digits, and the folder of a mailbox.
  private struct Copy {
    let digest: [UInt8]
    let mailbox: String

    init?(_ line: [UInt8]) {
      guard line.count > 65, line[64] == ASCII.space else { return nil }
      var digest: [UInt8] = []
      CCText.appendHex(line.span, 0..<64, to: &digest)
      mailbox = String(decoding: line[65...], as: UTF8.self)
      // It becomes a part of a path.
      guard digest.count == 32, !mailbox.contains("/"), !mailbox.hasPrefix(".") else { return nil }
      self.digest = digest
    }
  }

  // MARK: Finish

  /// Publishes what is left of a recorded transaction, appends to the undeliverable file, removes the input, and then
  /// the transaction. May be begun again at any point.
  private static func finish(
    _ own: borrowing OwnedDirectory, _ office: PostOffice, staged: Int
  ) throws(SystemError) -> Outcome {
    guard let first = firstNumber(own.name.description) else {
      throw SystemError("damaged", own.directory.path, EINVAL)
    }
    var outcome = Outcome()
    // Without the list the transaction was nearly removed.
    if try own.directory.has(FileName("copies")) {
      outcome.delivered = try publish(own.directory, first, office)
    }
    outcome.refused = staged - outcome.delivered
    if let input = try InputFile(in: own.directory) {
      try UndeliverableFile.append(from: own.directory, to: input.directory, isDurable: office.isDurable)
      try input.remove()
    }
    if office.isDurable { try office.root.syncFileSystem() }
    try remove(own, office)
    return outcome
  }

  /// Publishes what is still staged; returns how many copies that were.
  private static func publish(_ directory: borrowing FileDescriptor, _ first: UInt64, _ office: PostOffice)
    throws(SystemError) -> Int
  {
    var lines = LineReader(try FileDescriptor.open(FileName("copies"), in: directory, O_RDONLY))
    var (number, delivered) = (0, 0)
    while let line = try lines.next() {
      guard let copy = Copy(line) else { throw SystemError("damaged", "\(directory.path)/copies", EINVAL) }
      if try Mailbox.publish(path(number), in: directory, to: copy.mailbox, first &+ UInt64(number), office) {
        delivered += 1
      }
      number += 1
    }
    return delivered
  }

  /// The staged entries go before the note of where they were appended: without it they would be appended again. What
  /// the input was goes before that, too: by the note a next start knows that something was undeliverable.
  private static func remove(_ own: borrowing OwnedDirectory, _ office: PostOffice) throws(SystemError) {
    try own.remove(
      from: office.transactions, first: [UndeliverableFile.staged, InputFile.note, UndeliverableFile.note])
  }

  // MARK: Recovery

  /// What was finished for the dead: the input, and whether something in it was undeliverable.
  struct Recovered {
    var input: Path
    var isUndeliverable: Bool
  }

  /// Part of every start: what the dead have committed is finished, what they have only staged is removed.
  static func recover(_ office: PostOffice) throws(SystemError) -> [Recovered] {
    var recovered: [Recovered] = []
    // Another start may give one its next name at this moment: it is met in the next round.
    for _ in 0..<4 {
      var isMissed = false
      for entry in try DirectoryReader.names(office.transactions) {
        let dead: OwnedDirectory
        do throws(SystemError) { dead = try OwnedDirectory.adopt(entry, in: office.transactions) } catch {
          guard error.code == ENOENT || error.code == EWOULDBLOCK else { throw error }
          if error.code == ENOENT { isMissed = true }
          continue
        }
        // What goes wrong here is no sign that it lives: with it unfinished, its input would be imported again.
        if let one = try recover(dead, office) { recovered.append(one) }
      }
      if !isMissed { break }
    }
    return recovered
  }

  private static func recover(_ dead: consuming OwnedDirectory, _ office: PostOffice) throws(SystemError) -> Recovered?
  {
    guard firstNumber(dead.name.description) != nil, !dead.name.isHidden else {
      try remove(dead, office)
      return nil
    }
    let name = dead.name.description
    if name.hasSuffix(committed) {
      try office.state.lock()
      defer { office.state.unlock() }
      try record(office)
      dead.isNamed(FileName(name.dropLast(committed.count) + recorded), in: office.transactions)
    }
    let input = try InputFile(in: dead.directory)
    let isUndeliverable = try UndeliverableFile.hadEntries(dead.directory)
    _ = try finish(dead, office, staged: 0)
    return input.map { Recovered(input: $0.path, isUndeliverable: isUndeliverable) }
  }
}
