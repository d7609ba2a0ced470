import Formats
import Glibc
import Spool

/// One run of EXPORT on a mailbox: opened for a user, a post office or a bulletin board of the directory.
public final class Export {
  private let office: PostOffice
  private let mailbox: Box
  /// What cannot be exported, for the console.
  public private(set) var remarks: [String] = []

  /// A mailbox that a class can hold.
  private final class Box {
    let value: Mailbox
    init(_ value: consuming Mailbox) { self.value = value }
  }

  /// Opens a mailbox, and settles what exports from it that died have left.
  public init(_ office: PostOffice, mailbox name: [UInt8], codePage: CodePage?) throws(PostOfficeError) {
    let book = try office.readAddressBook()
    guard let folder = book.mailbox(named: name, codePage ?? office.codePage) else {
      throw PostOfficeError(.configuration, "Unknown mailbox \"\(name.span.string(0..<name.count))\".")
    }
    self.office = office
    do throws(SystemError) {
      mailbox = Box(try Mailbox(folder, in: office.mail))
      try Claim.recover(mailbox.value)
    } catch {
      throw PostOfficeError(error)
    }
  }

  /// Writes the oldest messages, at most `limit`, to the file at `path`, and removes them from the mailbox. Where there
  /// is none, no file is made. Returns how many there were.
  public func run(to path: Path, limit: Int, isSized: Bool) throws(PostOfficeError) -> Int {
    do throws(SystemError) {
      var status = stat()
      if path.withCString({ lstat($0, &status) }) == 0 { throw SystemError("open", path, EEXIST) }
      var count = 0
      var claim: Claim?
      do throws(SystemError) {
        try collect(&claim, path, limit, isSized, &count)
      } catch {
        try claim?.abandon(mailbox.value)
        throw error
      }
      guard let claim else { return 0 }
      guard count > 0 else {
        try claim.abandon(mailbox.value)
        return 0
      }
      if try !claim.commit(office) {
        try claim.abandon(mailbox.value)
        throw SystemError("open", path, EEXIST)
      }
      return count
    } catch {
      throw PostOfficeError(error)
    }
  }

  private func collect(_ claim: inout Claim?, _ path: Path, _ limit: Int, _ isSized: Bool, _ count: inout Int)
    throws(SystemError)
  {
    var bytes: [UInt8] = []
    for bucket in try mailbox.value.buckets(office) {
      for number in try mailbox.value.numbers(inBucket: bucket) {
        if count == limit { return }
        if claim == nil { claim = try Claim(mailbox.value, office, to: path) }
        guard let claim, try claim.take(number, from: mailbox.value) else { continue }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4 << 20)
        try claim.read(number, into: &bytes)
        if try write(bytes, isSized, to: claim) {
          count += 1
        } else {
          remarks.append("Message \(number) cannot be read, and was put aside.")
          try claim.putAside(number, in: mailbox.value)
        }
      }
      mailbox.value.removeIfEmpty(bucket: bucket)
    }
  }

  /// False for what is no message.
  private func write(_ bytes: [UInt8], _ isSized: Bool, to claim: Claim) throws(SystemError) -> Bool {
    if isSized, bytes.span.hasPrefixIgnoringCase(at: 0, to: bytes.count, "Message:") {
      try claim.write(bytes.span)
      return true
    }
    guard let message = Self.scan(bytes) else { return false }
    var output: [UInt8] = []
    if isSized {
      MessageCopy(message).append(bytes.span, HeaderChanges(), to: &output)
    } else {
      MessageCopy(message).appendPlain(bytes.span, to: &output)
    }
    try claim.write(output.span)
    return true
  }

  private static func scan(_ bytes: [UInt8]) -> CCMessage? {
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: bytes.span, isFinal: true) else { return nil }
    return message
  }

  // MARK: Looking

  /// Calls `body` with a line for each message: its number, date, sender and subject, with tabs between (/MSG#).
  public func list(_ body: (Bytes) throws(PostOfficeError) -> Void) throws(PostOfficeError) {
    do throws(SystemError) {
      for bucket in try mailbox.value.buckets(office) {
        for number in try mailbox.value.numbers(inBucket: bucket) {
          guard let line = try line(number) else { continue }
          do throws(PostOfficeError) { try body(line.span) } catch { throw SystemError(error.text, "", EIO) }
        }
      }
    } catch {
      throw PostOfficeError(error)
    }
  }

  private func line(_ number: UInt64) throws(SystemError) -> [UInt8]? {
    var bytes: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor.open(Mailbox.path(number), in: mailbox.value.new, O_RDONLY | O_NOFOLLOW)
      try file.readAll(into: &bytes, expecting: Int(file.status().st_size))
    } catch {
      // Exported in the meantime.
      if error.code == ENOENT { return nil }
      throw error
    }
    var line: [UInt8] = []
    line.append(text: String(number))
    let message = Self.scan(bytes)
    for keyword in [CCKeyword.date, .from, .subject] {
      line.append(ASCII.tab)
      guard let value = message?.values(keyword).first else { continue }
      line += bytes.span.array(value).map { ASCII.isControl($0) ? ASCII.space : $0 }
    }
    line.appendLineEnd()
    return line
  }

  /// Takes a message out of what is exported; it is kept in `cur` (/DELETE/n).
  public func delete(_ number: UInt64) throws(PostOfficeError) {
    do throws(SystemError) {
      let cur = try FileDescriptor.directory("cur", in: mailbox.value.folder)
      _ = try Move.rename(Mailbox.path(number), in: mailbox.value.new, to: FileName(Mailbox.file(number)), in: cur)
      mailbox.value.removeIfEmpty(bucket: number / Mailbox.bucketSize)
    } catch {
      if error.code == ENOENT { throw PostOfficeError(.incomplete, "There is no message \(number).") }
      throw PostOfficeError(error)
    }
  }
}
