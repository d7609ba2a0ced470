import CGlibc
import Formats
import Glibc
import Spool

/// A post office, opened by IMPORT or EXPORT: a directory as ccpo(5) describes it.
///
/// While it is open its lock is held in common with all other imports and exports; maintenance holds it alone.
public final class PostOffice: Sendable {
  public let path: Path
  /// In the post office's code page.
  public let name: [UInt8]
  public let codePage: CodePage
  /// Whether what is done shall survive a power failure.
  let isDurable: Bool
  let root: FileDescriptor
  let mail: FileDescriptor
  let transactions: FileDescriptor
  let state: DeliveryState
  private let lock: FileDescriptor

  static let nameFile = "CCPOMBOX.000"
  /// Whose presence shuts the post office down (Q282172).
  static let downFile = "CCPODOWN"

  /// Opens the post office at `path`, with its password if it has one. Waits up to `patience` seconds for its lock.
  public convenience init(
    path: Path, password: String?, patience: Double = 15, isDurable: Bool = true
  ) throws(PostOfficeError) {
    do throws(SystemError) {
      try self.init(opening: path, isDurable: isDurable)
    } catch {
      if error.call == Self.downFile { throw PostOfficeError(.locked, "Post office is temporarily shut down.") }
      throw PostOfficeError(
        error.isTemporary ? .locked : .configuration, "Could not access the post office. \(error)")
    }
    try takeLock(patience: patience)
    try checkPassword(password)
  }

  /// Opens the post office whoever holds its lock, and whatever its password is.
  init(opening path: Path, isDurable: Bool) throws(SystemError) {
    let root = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    if try root.has(FileName(Self.downFile)) { throw SystemError(Self.downFile, path, EWOULDBLOCK) }
    let (name, codePage) = try Self.readName(root)
    let lock = try FileDescriptor.open(FileName("lock"), in: root, O_RDWR | O_CREAT, mode: 0o666)
    let mail = try FileDescriptor.directory("mail", in: root)
    let transactions = try FileDescriptor.directory("import", in: root)
    let state = try DeliveryState(root)
    (self.path, self.isDurable, self.name, self.codePage) = (path, isDurable, name, codePage)
    self.root = root
    self.lock = lock
    self.mail = mail
    self.transactions = transactions
    self.state = state
  }

  private static func readName(_ root: borrowing FileDescriptor) throws(SystemError) -> ([UInt8], CodePage) {
    let file = try FileDescriptor.open(FileName(nameFile), in: root, O_RDONLY)
    var bytes: [UInt8] = []
    try file.readAll(into: &bytes, expecting: 256)
    var name: [UInt8] = []
    var codePage = CodePage.standard
    var position = 0
    while position < bytes.count {
      let line = bytes.span.line(at: position, to: bytes.count)
      if bytes.span.hasPrefixIgnoringCase(at: position, to: line.end, "Name:") {
        name = bytes.span.array(bytes.span.trimmed((position + 5)..<line.end))
      } else if bytes.span.hasPrefixIgnoringCase(at: position, to: line.end, "Code page:") {
        codePage = CodePage(bytes.span.string(bytes.span.trimmed((position + 10)..<line.end)))
      }
      position = line.next
    }
    return (name, codePage)
  }

  private func takeLock(patience: Double) throws(PostOfficeError) {
    var waited = 0.0
    while flock(lock.number, LOCK_SH | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        throw PostOfficeError(.configuration, SystemError("flock", lock.path).description)
      }
      guard waited < patience else {
        throw PostOfficeError(.locked, "Post office is locked by another process.")
      }
      usleep(20_000)
      waited += 0.02
    }
    // It may have been shut down meanwhile.
    let isDown: Bool
    do throws(SystemError) { isDown = try root.has(FileName(Self.downFile)) } catch { throw PostOfficeError(error) }
    if isDown { throw PostOfficeError(.locked, "Post office is temporarily shut down.") }
  }

  private func checkPassword(_ password: String?) throws(PostOfficeError) {
    var stored: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor.open(FileName(Password.fileName), in: root, O_RDONLY)
      try file.readAll(into: &stored, expecting: 128)
    } catch {
      if error.code == ENOENT { return }
      throw PostOfficeError(.configuration, "The password cannot be checked. \(error)")
    }
    guard Password.matches(password ?? "", stored.span) else {
      throw PostOfficeError(.configuration, "Wrong password.")
    }
  }

  /// The records of the directory, in their order.
  public func readDirectory() throws(PostOfficeError) -> [DirectoryRecord] {
    var bytes: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor.open(FileName("directory"), in: root, O_RDONLY)
      try file.readAll(into: &bytes, expecting: Int(file.status().st_size))
    } catch {
      if error.code == ENOENT { return [] }
      throw PostOfficeError(.configuration, error.description)
    }
    return DirectoryRecord.read(bytes.span)
  }

  /// The directory, for looking up.
  func readAddressBook() throws(PostOfficeError) -> AddressBook {
    AddressBook(try readDirectory(), postOffice: name, codePage: codePage)
  }

  /// What became of records that were to be added to the directory.
  public struct Additions: Sendable {
    public var added = 0
    /// Names that stand for something of another kind, and letters that nobody knows.
    public var conflicts: [[UInt8]] = []
  }

  /// Adds what is new to the directory, and makes its mailboxes. What is there stays as it is.
  public func add(_ records: [DirectoryRecord]) throws(PostOfficeError) -> Additions {
    do throws(SystemError) { try state.lock() } catch { throw PostOfficeError(error) }
    defer { state.unlock() }
    let book = try readAddressBook()
    var additions = Additions()
    for record in records {
      guard let kind = record.kind, !book.key(record.name).isEmpty, book.key(record.name) != book.postOffice else {
        additions.conflicts.append(record.name)
        continue
      }
      if let known = book.add(record) {
        if known.kind != kind { additions.conflicts.append(record.name) }
      } else {
        additions.added += 1
      }
    }
    var bytes: [UInt8] = []
    for record in book.records { record.append(to: &bytes) }
    do throws(SystemError) {
      if additions.added > 0 { try WholeFile.write(bytes.span, "directory", in: root, isDurable: isDurable) }
      for record in records {
        if let folder = book.mailbox(named: record.name, codePage) { try Mailbox.make(folder, in: mail) }
      }
    } catch {
      throw PostOfficeError(error)
    }
    return additions
  }

  /// Whether a program may be run for `name`: this post office, or any name of the directory.
  func knows(_ name: [UInt8], _ book: AddressBook, _ codePage: CodePage) -> Bool {
    let key = book.keys.key(name.span, codePage)
    return key == book.postOffice || book.find(key) != nil
  }
}

/// The password of a post office, of which only a salted digest is kept.
enum Password {
  static let fileName = "password"

  /// What the file holds: a salt of 16 bytes and the SHA-256 of salt and password, in hexadecimal digits.
  static func entry(_ password: String, salt: [UInt8]) -> [UInt8] {
    var entry: [UInt8] = []
    for byte in salt + SHA256.digest((salt + Array(password.utf8)).span) { entry.append(hexadecimal: byte) }
    entry.append(ASCII.lf)
    return entry
  }

  static func matches(_ password: String, _ stored: Bytes) -> Bool {
    var bytes: [UInt8] = []
    CCText.appendHex(stored, stored.trimmed(0..<stored.count), to: &bytes)
    guard bytes.count == 48 else { return false }
    return entry(password, salt: Array(bytes[..<16])).elementsEqual(
      stored.array(stored.trimmed(0..<stored.count)) + [10])
  }
}

/// Small files that are always whole: written under another name, then renamed.
enum WholeFile {
  static func write(
    _ bytes: Bytes, _ name: String, in directory: borrowing FileDescriptor, isDurable: Bool, mode: mode_t = 0o666
  ) throws(SystemError) {
    let temporary = "\(name).new"
    try directory.unlink(FileName(temporary))
    do throws(SystemError) {
      var file = try FileDescriptor.open(
        FileName(temporary), in: directory, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
      try file.writeAll(bytes)
      if isDurable { try file.sync() }
      try file.closeChecked()
      guard renameat(directory.number, temporary, directory.number, name) == 0 else {
        throw SystemError("rename", "\(directory.path)/\(name)")
      }
    } catch {
      unlinkat(directory.number, temporary, 0)
      throw error
    }
    if isDurable { try directory.sync() }
  }
}
