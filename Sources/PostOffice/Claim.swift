import CGlibc
import Formats
import Glibc
import Spool

/// The messages that one export has taken out of a mailbox: a directory in `mail/MAILBOX/out`, and the file that they
/// are written to, under a hidden name beside the one that it shall get.
///
///     out/ID          messages claimed; for a crash as if they had stayed
///     out/ID.ready    the file is complete, and is about to get its name, or has it
final class Claim {
  static let ready = ".ready"

  private var own: OwnedDirectory
  private let out: FileDescriptor
  private let target: FileDescriptor
  private let file: FileDescriptor
  private let isDurable: Bool
  private let destination: Destination
  private var buffer: [UInt8] = []

  /// Begins an export from `mailbox` to the file at `path`.
  init(_ mailbox: borrowing Mailbox, _ office: PostOffice, to path: Path) throws(SystemError) {
    let path = try path.absolute()
    let target = try FileDescriptor.open(path: path.directory, O_RDONLY | O_DIRECTORY)
    let out = try FileDescriptor.directory("out", in: mailbox.folder)
    let own = try OwnedDirectory.make(in: out)
    var destination = Destination(path: path, temporary: ".ccpo-\(own.name).tmp", device: 0, inode: 0)
    // The name is its own: whatever has it is this export's, even before the inode is noted.
    try destination.write(in: own.directory, isDurable: false)
    let file = try FileDescriptor.open(
      FileName(destination.temporary), in: target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    let status = try file.status()
    (destination.device, destination.inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    try destination.write(in: own.directory, isDurable: office.isDurable)
    if office.isDurable {
      // No claim may reach the disk before the file by which it will be judged.
      try target.sync()
      try office.root.syncFileSystem()
    }
    isDurable = office.isDurable
    self.destination = destination
    self.own = own
    self.out = out
    self.target = target
    self.file = file
  }

  /// Takes message `number`; false when another export was faster.
  func take(_ number: UInt64, from mailbox: borrowing Mailbox) throws(SystemError) -> Bool {
    do throws(SystemError) {
      return try Move.take(
        Mailbox.path(number), in: mailbox.new, to: FileName(Mailbox.file(number)), in: own.directory)
    } catch {
      if error.code == ENOENT { return false }
      throw error
    }
  }

  /// Reads a message that was taken.
  func read(_ number: UInt64, into bytes: inout [UInt8]) throws(SystemError) {
    let message = try FileDescriptor.open(FileName(Mailbox.file(number)), in: own.directory, O_RDONLY | O_NOFOLLOW)
    try message.readAll(into: &bytes, expecting: Int(message.status().st_size))
  }

  /// Puts a message that cannot be exported into `cur`.
  func putAside(_ number: UInt64, in mailbox: borrowing Mailbox) throws(SystemError) {
    let cur = try FileDescriptor.directory("cur", in: mailbox.folder)
    _ = try Move.rename(FileName(Mailbox.file(number)), in: own.directory, to: FileName(Mailbox.file(number)), in: cur)
  }

  /// Writes to the file.
  func write(_ bytes: Bytes) throws(SystemError) {
    buffer.append(bytes)
    if buffer.count > 1 << 20 { try flush() }
  }

  private func flush() throws(SystemError) {
    let held = buffer
    buffer.removeAll(keepingCapacity: true)
    try file.writeAll(held.span)
  }

  /// Gives the file its name; then the messages are exported, and removed here. Returns false, and nothing is done,
  /// when there is a file of that name.
  func commit(_ office: PostOffice) throws(SystemError) -> Bool {
    try flush()
    if isDurable {
      try file.sync()
      try office.root.syncFileSystem()
    }
    let ready = FileName("\(own.name)\(Self.ready)")
    guard try own.rename(to: ready, in: out) else { throw SystemError("rename", "\(out.path)/\(ready)", EEXIST) }
    if isDurable { try out.sync() }
    let wanted = destination.path.name
    guard try Move.rename(FileName(destination.temporary), in: target, to: wanted, in: target) else { return false }
    if isDurable { try target.sync() }
    try own.remove(from: out)
    return true
  }

  /// Gives the messages back to the mailbox, and removes the file.
  func abandon(_ mailbox: borrowing Mailbox) throws(SystemError) {
    try Self.giveBack(own.directory, to: mailbox)
    try target.unlink(FileName(destination.temporary))
    try own.remove(from: out)
  }

  // MARK: Recovery

  /// Settles what exports from `mailbox` that died have left.
  static func recover(_ mailbox: borrowing Mailbox) throws(SystemError) {
    let out = try FileDescriptor.directory("out", in: mailbox.folder)
    for entry in try DirectoryReader.names(out) {
      let dead: OwnedDirectory
      do throws(SystemError) { dead = try OwnedDirectory.adopt(entry, in: out) } catch {
        // It lives, or somebody else has settled it.
        if error.code == ENOENT || error.code == EWOULDBLOCK { continue }
        throw error
      }
      try settle(dead, out, mailbox)
    }
  }

  private static func settle(
    _ dead: borrowing OwnedDirectory, _ out: borrowing FileDescriptor, _ mailbox: borrowing Mailbox
  ) throws(SystemError) {
    let destination = try Destination(in: dead.directory)
    if let destination, dead.name.description.hasSuffix(ready),
      try !destination.isWaiting()
    {
      // The file has its name, or had it, and somebody has taken it away.
      try destination.removeTemporary()
      return try dead.remove(from: out)
    }
    try giveBack(dead.directory, to: mailbox)
    // Last: while it is there, the messages are not exported.
    try destination?.removeTemporary()
    try dead.remove(from: out)
  }

  private static func giveBack(_ directory: borrowing FileDescriptor, to mailbox: borrowing Mailbox)
    throws(SystemError)
  {
    let reader = try DirectoryReader(directory)
    while let entry = try reader.next() {
      guard let number = Mailbox.number(entry.name, suffix: ".ccm") else { continue }
      while true {
        do throws(SystemError) {
          _ = try Move.rename(entry.name, in: directory, to: Mailbox.path(number), in: mailbox.new)
          break
        } catch {
          guard error.code == ENOENT, try directory.has(entry.name) else { throw error }
          try mailbox.new.makeDirectory(FileName(Mailbox.bucket(number)), mayExist: true)
        }
      }
    }
  }

  /// Where the messages of a claim are written to; kept in its directory.
  private struct Destination {
    /// Absolute.
    var path: Path
    /// The name beside it that the file has first.
    var temporary: String
    var device: UInt64
    var inode: UInt64
    private static let name = "output"

    init(path: Path, temporary: String, device: UInt64, inode: UInt64) {
      (self.path, self.temporary, self.device, self.inode) = (path, temporary, device, inode)
    }

    init?(in directory: borrowing FileDescriptor) throws(SystemError) {
      var bytes: [UInt8] = []
      do throws(SystemError) {
        let file = try FileDescriptor.open(FileName(Self.name), in: directory, O_RDONLY)
        try file.readAll(into: &bytes, expecting: 4096)
      } catch {
        if error.code == ENOENT { return nil }
        throw error
      }
      let parts = bytes.split(separator: ASCII.space, maxSplits: 3)
      let words = parts.map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 4, let device = UInt64(words[0]), let inode = UInt64(words[1]) else { return nil }
      self.init(path: Path(bytes: parts[3]), temporary: words[2], device: device, inode: inode)
    }

    func write(in directory: borrowing FileDescriptor, isDurable: Bool) throws(SystemError) {
      let text = Array("\(device) \(inode) \(temporary) ".utf8) + path.bytes
      try WholeFile.write(text.span, Self.name, in: directory, isDurable: isDurable)
    }

    private var temporaryPath: Path { "\(path.directory)/\(temporary)" }

    /// Whether the file still has the name that it had first, and not the one that it shall get.
    func isWaiting() throws(SystemError) -> Bool {
      if try isThere(path) { return false }
      return try isThere(temporaryPath)
    }

    private func isThere(_ path: Path) throws(SystemError) -> Bool {
      guard let status = try path.status() else { return false }
      return inode == 0 || (UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode)
    }

    func removeTemporary() throws(SystemError) { if try isThere(temporaryPath) { try temporaryPath.unlink() } }
  }
}
