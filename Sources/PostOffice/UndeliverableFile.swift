import Formats
import Glibc
import Spool

/// `CCMAIL.UND` in the directory of the input: the messages that could not be delivered, each after the reasons.
enum UndeliverableFile {
  static let name = "CCMAIL.UND"
  /// The entries of a transaction, in its directory.
  static let staged = "und"
  /// Where they are appended: device, inode and size of the file before.
  static let note = "und.at"

  /// Appends an entry: a line for each reason, an empty one, and the message as it was in the input.
  static func appendEntry(
    _ reasons: [(reason: StaticString, recipient: [UInt8]?)], _ message: Bytes, to output: inout [UInt8]
  ) {
    for (reason, recipient) in reasons {
      output.append("***  ")
      output.append(reason)
      if let recipient {
        output.append(": ")
        output.append(contentsOf: recipient)
      }
      output.append("  ***\r\n")
    }
    output.appendLineEnd()
    output.append(message)
    if output.last != ASCII.lf { output.appendLineEnd() }
  }

  static func hasEntries(_ directory: borrowing FileDescriptor) throws(SystemError) -> Bool {
    guard let status = try directory.status(of: FileName(staged)) else { return false }
    return status.st_size > 0
  }

  /// The same, for a transaction that may be nearly removed.
  static func hadEntries(_ directory: borrowing FileDescriptor) throws(SystemError) -> Bool {
    if try hasEntries(directory) { return true }
    return try directory.has(FileName(note))
  }

  /// Appends the staged entries of a transaction to the file in the directory at `path`, once, whatever happens: a
  /// note of the place is made before, and what is found there after a crash tells whether it was done.
  static func append(from directory: borrowing FileDescriptor, to path: Path, isDurable: Bool) throws(SystemError) {
    guard try hasEntries(directory) else { return }
    let entries = try FileDescriptor.open(FileName(staged), in: directory, O_RDONLY)
    let before = try readNote(directory)
    let folder: FileDescriptor
    do throws(SystemError) {
      folder = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    } catch {
      // The caller has done away with the directory of an import that died: nobody waits for it.
      if before != nil || error.code == ENOENT { return }
      throw error
    }
    while true {
      let file: FileDescriptor
      do throws(SystemError) {
        file = try FileDescriptor.open(
          FileName(name), in: folder, O_RDWR | O_APPEND | O_NOFOLLOW | (before == nil ? O_CREAT : 0))
      } catch {
        // Taken away, with all that was in it.
        if before != nil, error.code == ENOENT { return }
        throw error
      }
      while flock(file.number, LOCK_EX) != 0 { if errno != EINTR { throw SystemError("flock", file.path) } }
      let status = try file.status()
      // Somebody may have renamed it between the open and the lock.
      guard try file.isStill(FileName(name), in: folder) else { continue }
      if let before {
        guard before.device == UInt64(status.st_dev), before.inode == UInt64(status.st_ino) else { return }
        switch try compare(entries, file, at: before.size) {
        case .whole: return
        // What a killed process wrote of them.
        case .begun:
          guard ftruncate(file.number, before.size) == 0 else { throw SystemError("ftruncate", file.path) }
        case .other: break
        }
      } else {
        let text = Array("\(status.st_dev) \(status.st_ino) \(status.st_size)\n".utf8)
        try WholeFile.write(text.span, note, in: directory, isDurable: isDurable)
      }
      try copy(entries, to: file)
      if isDurable {
        try file.sync()
        try folder.sync()
      }
      return
    }
  }

  private static func readNote(_ directory: borrowing FileDescriptor) throws(SystemError)
    -> (device: UInt64, inode: UInt64, size: Int)?
  {
    guard try directory.has(FileName(note)) else { return nil }
    var bytes: [UInt8] = []
    try FileDescriptor.open(FileName(note), in: directory, O_RDONLY).readAll(into: &bytes, expecting: 64)
    let numbers = bytes.split(whereSeparator: ASCII.isSpace).map { String(decoding: $0, as: UTF8.self) }
    guard numbers.count == 3, let device = UInt64(numbers[0]), let inode = UInt64(numbers[1]),
      let size = Int(numbers[2])
    else { return nil }
    return (device, inode, size)
  }

  private enum Found { case whole, begun, other }

  /// Whether the file has the entries at `offset`, or ends there with their beginning.
  private static func compare(_ entries: borrowing FileDescriptor, _ file: borrowing FileDescriptor, at offset: Int)
    throws(SystemError) -> Found
  {
    entries.rewind()
    lseek(file.number, offset, SEEK_SET)
    while true {
      let wanted = try piece(entries, 1 << 16)
      if wanted.isEmpty { return .whole }
      let found = try piece(file, wanted.count)
      if found == wanted { continue }
      return found.count < wanted.count && wanted.starts(with: found) ? .begun : .other
    }
  }

  private static func copy(_ entries: borrowing FileDescriptor, to file: borrowing FileDescriptor) throws(SystemError) {
    entries.rewind()
    while case let bytes = try piece(entries, 1 << 20), !bytes.isEmpty { try file.writeAll(bytes.span) }
  }

  /// Up to `count` bytes from the present position; fewer at the end of the file only.
  private static func piece(_ file: borrowing FileDescriptor, _ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let number = file.number
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes { read(number, $0.baseAddress! + filled, count - filled) }
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw SystemError("read", file.path) }
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(count - filled)
    return bytes
  }
}
