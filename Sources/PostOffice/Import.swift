import Formats
import Glibc
import Mail
import Spool

/// How an import is done.
public struct ImportOptions: Sendable {
  /// The recipients that can get the message get it, and only the others are reported (/PARTIAL).
  public var isPartial = false
  /// The order of dates (/DATE/n); without it any order that makes sense.
  public var dateOrder: CCDateOrder?
  /// The code page of the names in messages (/CODEPAGE/n).
  public var codePage: CodePage?
  /// Bytes of a header; recipients behind it are not delivered to (Q166499, Q266711).
  public var headerLimit = 163_840

  public init() {}
}

/// One run of IMPORT: the messages of a file are delivered all at once, and once.
public final class Import {
  /// What a run did.
  public struct Outcome: Sendable {
    public var messages = 0
    /// Copies in mailboxes.
    public var delivered = 0
    /// Copies that their mailbox got before.
    public var refused = 0
    /// Messages with recipients that could not be delivered to.
    public var undeliverable = 0

    public var code: ResultCode { undeliverable > 0 ? .undeliverable : .completed }
  }

  private let book: AddressBook
  private let resolver: Resolver
  private let transaction: Transaction
  private let options: ImportOptions
  private let codePage: CodePage
  /// The mailbox of the post office that the messages come from: recipients there have them already.
  private let origin: String?
  private var deliveries: DeliveryList
  private var outcome = Outcome()
  private var buffer: [UInt8] = []

  /// Finishes what imports that died have committed, and drops what they have not. Returns the result that a dead
  /// import of the file at `path` would have had, if there was one: then it is done, and the file is removed.
  public static func recover(_ office: PostOffice, input path: Path) throws(PostOfficeError) -> ResultCode? {
    do throws(SystemError) {
      let recovered = try Transaction.recover(office)
      guard !recovered.isEmpty else { return nil }
      let path = try path.absolute()
      guard let one = recovered.last(where: { $0.input == path }), try path.status() == nil else { return nil }
      return one.isUndeliverable ? .undeliverable : .completed
    } catch {
      throw PostOfficeError(error)
    }
  }

  /// Begins an import of the file at `path`, open as `descriptor`, for a mailbox or post office of the directory.
  ///
  /// - Parameter deliveries: which deliveries its messages are; nil for those of this file.
  public init(
    _ office: PostOffice, mailbox: [UInt8], input path: Path, descriptor: Int32, options: ImportOptions,
    deliveries: DeliveryList? = nil
  ) throws(PostOfficeError) {
    let book = try office.readAddressBook()
    let codePage = options.codePage ?? office.codePage
    guard office.knows(mailbox, book, codePage) else {
      throw PostOfficeError(.configuration, "Unknown mailbox \"\(mailbox.span.string(0..<mailbox.count))\".")
    }
    do throws(SystemError) {
      let input = try InputFile(path, descriptor: descriptor)
      self.deliveries = deliveries ?? DeliveryList(input)
      transaction = try Transaction(office, input)
    } catch {
      throw PostOfficeError(error)
    }
    self.book = book
    self.options = options
    self.codePage = codePage
    resolver = Resolver(book: book)
    origin = book.mailbox(ofPostOffice: book.keys.key(mailbox.span, codePage))
  }

  /// Stages a message of the input; its ranges are of `bytes`. Throws for what is no message: then nothing of the
  /// input is delivered.
  public func add(_ message: CCMessage, _ bytes: Bytes, offset: Int) throws(PostOfficeError) {
    for finding in message.findings where finding.rule == .noContents || finding.rule == .textBeforeMessage {
      throw PostOfficeError(.incomplete, "offset \(offset + finding.offset): \(finding.text)")
    }
    outcome.messages += 1
    let delivery = deliveries.next(at: offset + message.whole.lowerBound)
    let recipients = Recipients(message, bytes, resolver, codePage, limit: options.headerLimit)
    var failures = recipients.failures
    if failures.isEmpty, recipients.mailboxes == [origin] { failures = [("No recipient in this post office", nil)] }
    if !isDateKnown(message, bytes) { failures = [("Unknown Date Format", nil)] }
    do throws(SystemError) {
      if !failures.isEmpty {
        outcome.undeliverable += 1
        var entry: [UInt8] = []
        UndeliverableFile.appendEntry(failures, bytes.extracting(message.whole), to: &entry)
        try transaction.reportUndeliverable(entry.span)
        if !options.isPartial || failures[0].recipient == nil { return }
      }
      try stage(message, bytes, recipients, delivery)
    } catch {
      throw PostOfficeError(error)
    }
  }

  /// Stages a copy for each mailbox; mailboxes whose copies are the same share one file.
  private func stage(
    _ message: CCMessage, _ bytes: Bytes, _ recipients: Recipients, _ delivery: [UInt8]
  ) throws(SystemError) {
    let copy = MessageCopy(message)
    var staged: [(changes: HeaderChanges, number: Int)] = []
    for mailbox in recipients.mailboxes where mailbox != origin {
      let changes = recipients.changes(for: mailbox)
      let own = SHA256.digest((delivery + Array(mailbox.utf8)).span)
      // A message with many bcc recipients has many copies; only the first few are worth a comparison.
      if let same = staged.first(where: { $0.changes == changes }) {
        _ = try transaction.stage(copyOf: same.number, digest: own, mailbox: mailbox)
        continue
      }
      buffer.removeAll(keepingCapacity: buffer.capacity <= 4 << 20)
      copy.append(bytes, changes, to: &buffer)
      let held = buffer
      let number = try transaction.stage(held.span, digest: own, mailbox: mailbox)
      if staged.count < 16 { staged.append((changes, number)) }
    }
  }

  /// Whether the date can be read, in the order asked for where there is one (Q180641). A message may have none.
  private func isDateKnown(_ message: CCMessage, _ bytes: Bytes) -> Bool {
    guard let range = message.values(.date).first, !bytes.trimmed(range).isEmpty else { return true }
    guard let date = CCDate(bytes, range, order: options.dateOrder ?? .monthDayYear) else { return false }
    guard let order = options.dateOrder else { return true }
    // A date that only makes sense in another order has another number first.
    var first = 0
    for i in bytes.trimmed(range) {
      guard ASCII.isDigit(bytes[i]), first < 10_000 else { break }
      first = first * 10 + Int(bytes[i] - ASCII.zero)
    }
    switch order {
    case .monthDayYear: return first == date.month && date.month <= 12
    case .dayMonthYear: return first == date.day && date.month <= 12
    case .yearMonthDay: return first % 100 == date.year % 100
    }
  }

  /// Delivers everything that was staged, and removes the input.
  public func finish() throws(PostOfficeError) -> Outcome {
    do throws(SystemError) {
      let done = try transaction.commit()
      outcome.delivered = done.delivered
      outcome.refused = done.refused
      return outcome
    } catch {
      throw PostOfficeError(error)
    }
  }

  /// Gives up: nothing is delivered, and the input is kept.
  public func abandon() { try? transaction.abandon() }
}
