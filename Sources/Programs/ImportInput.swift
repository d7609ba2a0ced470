import Formats
import Glibc
import Spool

/// The file that IMPORT gets: a copy of the messages of a batch, one after the other. The originals stay where they
/// are, and no program ever sees them.
struct ImportInput {
  /// In 8.3 and capital letters, as DOS has them.
  static let name = "IMPORT.CCM"
  /// Which deliveries its messages are, for a program that refuses a second copy of one.
  static let listName = "IMPORT.IDS"

  /// A message's portion of the file.
  struct Part {
    var message: FileName
    /// Sender, date and first recipient, for events.
    var header: String
    /// Where it begins in the file.
    var start = 0
  }

  private(set) var parts: [Part] = []
  /// Messages that could not be read, and those that are no .ccm files.
  private(set) var unreadable: [(name: FileName, why: String)] = []
  private(set) var strange: [(name: FileName, why: String)] = []
  /// Whether a message may not end where its sizes say: what stands behind it in the file might be taken for a part of it.
  private(set) var isDamaged = false
  /// The originals, by device and inode.
  private(set) var files: [(device: UInt, inode: UInt)] = []

  /// What is known of a run that died: the messages, whose copy is there or not.
  init(found messages: [FileName]) { parts = messages.map { Part(message: $0, header: "") } }

  /// Copies the messages of `batch` into a file in the run's directory.
  init(_ batch: Batch, in directory: Path, isDurable: Bool) throws(SystemError) {
    var file = try FileDescriptor.open(
      path: "\(directory)/\(Self.name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    for message in batch.messages {
      do {
        try append(message, of: batch, to: file)
      } catch {
        if error.isTemporary || error.subject.hasPrefix(directory.description) {
          // Another message would meet the same: the run ends, and all wait.
          guard let why = batch.setBack(message, by: error) else { throw error }
          unreadable.append((message, why))
          continue
        }
        unreadable.append((message, "\(error)"))
      }
    }
    if isDurable { try file.sync() }
    try file.closeChecked()
  }

  /// Writes the list of deliveries beside the file: a line for each part, its offset and what it is.
  func writeDeliveries(of batch: Batch, in directory: Path) throws(SystemError) {
    var list: [UInt8] = []
    for part in parts { list += "\(part.start) \(try batch.delivery(of: part.message))\n".utf8 }
    var file = try FileDescriptor.open(
      path: "\(directory)/\(Self.listName)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    try file.writeAll(list.span)
    try file.closeChecked()
  }

  private static let piece = 1 << 20

  private mutating func append(
    _ message: FileName, of batch: Batch, to file: borrowing FileDescriptor
  ) throws(SystemError) {
    if message.description.lowercased().hasSuffix(".und") {
      // Q168680: what IMPORT could not deliver is never imported as it stands.
      strange.append((message, "a file of undeliverable messages"))
      return
    }
    let source = try batch.open(message)
    let status = try source.status()
    files.append((UInt(status.st_dev), UInt(status.st_ino)))
    // Where this one begins: a message that cannot be read to its end leaves nothing in the file.
    let start = lseek(file.number, 0, SEEK_CUR)
    do {
      var isFirst = true
      var lastByte: UInt8 = 0
      while true {
        let piece = try source.read(upTo: Self.piece)
        if piece.isEmpty { break }
        if isFirst, let why = try batch.withHand(on: message, { () throws(SystemError) in Self.fault(in: piece) }) {
          strange.append((message, why))
          return
        }
        if isFirst, try batch.withHand(on: message, { () throws(SystemError) in Self.isDamaged(piece) }) {
          isDamaged = true
        }
        if isFirst { parts.append(Part(message: message, header: Self.header(of: piece), start: start)) }
        isFirst = false
        lastByte = piece[piece.count - 1]
        try file.writeAll(piece.span)
      }
      if isFirst {
        strange.append((message, "offset 0: empty, no message"))
        return
      }
      // A file item at the end need not end in a line end; the next `Message:` has to begin a line.
      if lastByte != ASCII.lf { try file.writeAll([ASCII.cr, ASCII.lf].span) }
    } catch {
      ftruncate(file.number, start)
      lseek(file.number, start, SEEK_SET)
      if parts.last?.message == message { parts.removeLast() }
      throw error
    }
  }

  /// What is wrong with the beginning of a file; nil when a message begins there.
  private static func fault(in piece: [UInt8]) -> String? {
    var scanner = CCScanner()
    switch scanner.next(in: piece.span, isFinal: piece.count < Self.piece) {
    case .message(let message, _):
      return message.header.isEmpty && message.items.isEmpty ? "offset 0: a message without header and contents" : nil
    case .needsMore: return nil
    case .end: return "offset 0: no message"
    case .unreadable(let error): return "offset \(error.offset): \(error.text)"
    }
  }

  /// Whether sizes in a file are wrong, or it is too long to be looked through.
  private static func isDamaged(_ piece: [UInt8]) -> Bool {
    guard piece.count < Self.piece else { return true }
    var scanner = CCScanner()
    var start = 0
    while case .message(let message, let next) = scanner.next(in: piece.span.extracting(start...), isFinal: true) {
      if message.findings.contains(Rule.sizes) { return true }
      start += next
      if next == 0 || start >= piece.count { break }
    }
    return false
  }

  private static func header(of piece: [UInt8]) -> String {
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: piece.span, isFinal: true) else { return "" }
    return [CCKeyword.from, .date, .to].map { keyword in
      let value = message.values(keyword).first.map { piece.span.string($0) } ?? ""
      return "\(keyword.text)\(value)"
    }.joined(separator: ", ")
  }

  /// Whether IMPORT left its input: it deletes what it has imported.
  func isThere(in directory: Path) throws(SystemError) -> Bool {
    var status = stat()
    let path: Path = "\(directory)/\(Self.name)"
    if path.withCString({ lstat($0, &status) }) == 0 { return true }
    // DOS programs may give it another case.
    do {
      let folder = try FileDescriptor.open(path: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      return try folder.names().contains { $0.uppercased() == Self.name }
    } catch {
      // Without its directory there is no evidence: it counts as still there, and not as imported.
      if error.code == ENOENT { return true }
      throw error
    }
  }
}
