import Formats
import Glibc
import Mail
import Spool

/// Files what IMPORT could not deliver: whose fate it is, and one report to its sender that names each recipient who
/// did not get it (design 5.5).
final class ImportReports {
  private let settings: ImportSettings
  private let run: Run
  private let converter: Converter

  init(_ settings: ImportSettings, run: Run) {
    (self.settings, self.run) = (settings, run)
    converter = Converter(options: settings.conversion)
  }

  /// What is known of one message of the batch.
  private struct Filing {
    var message: FileName
    var bytes: [UInt8]
    var failed: [FailedRecipient] = []
    var recipients = 0
    var results: [FileName] = []
  }

  /// A message beyond this size is not looked at to find the one that an entry is about.
  private static let wholeLimit = 64 << 20
  private static let undeliverable = "Undeliverable message or updates"

  // MARK: By the undeliverable file

  /// Decides about all messages of a batch by what the undeliverable file says of them.
  func file(
    _ undeliverable: UndeliverableText, of input: ImportInput, in batch: Batch, resultCode: Int?, said: String
  ) throws(SystemError) -> BatchOutcome {
    var filings: [Filing] = []
    for message in batch.messages { filings.append(Filing(message: message, bytes: try read(message, in: batch))) }
    let isAlone = filings.count == 1
    var hasEntries = false
    let text = undeliverable.bytes
    var reader = UndeliverableFile()
    while let entry = reader.next(in: text.span) {
      hasEntries = true
      let found = isAlone ? 0 : filing(of: entry, in: text, filings)
      if found == nil {
        run.report(
          Event(
            Event.ID.uncertain, .warning,
            "an entry of the undeliverable file is about none of the \(filings.count) messages; kept in \(undeliverable.savedAs)"
          ))
      }
      let index = found ?? 0
      let message = filings[index].message
      try batch.withHand(on: message) { () throws(SystemError) in
        try add(entry, text, to: &filings[index], in: batch)
      }
    }
    guard hasEntries else { return try fileWithoutReasons(batch, input, resultCode, said) }
    for filing in filings { try decide(filing, in: batch, undeliverable, resultCode, said) }
    return .wait
  }

  private func add(
    _ entry: UndeliverableFile.Entry, _ text: [UInt8], to filing: inout Filing, in batch: Batch
  ) throws(SystemError) {
    var failed = converter.failedRecipients(of: entry, in: text.span)
    guard let message = entry.message else {
      // Reasons without a message: they are about the whole of it.
      let reasons = entry.reasons.map { text.span.string($0) }
      try reportWhole(reasons, &filing, batch)
      return
    }
    let window = text.span.extracting(entry.window)
    let recipients = [CCKeyword.to, .cc, .bcc].reduce(0) { $0 + message.values($1).count }
    if !settings.isPartial, failed.count < recipients {
      // Nobody got it, for the sake of some.
      let known = Set(failed.map(\.name))
      let others = converter.failedRecipients(of: message, window, reasons: []).filter { !known.contains($0.name) }
      failed += others.map {
        FailedRecipient(name: $0.name, reason: failed.first?.reason ?? Self.undeliverable, status: nil)
      }
    }
    filing.failed += failed
    filing.recipients += max(recipients, failed.count)
    filing.results += try stage(failed, about: message, window, filing.message, batch)
  }

  /// The message that an entry is about: the one that it repeats, or else one with the same header. Several may be alike:
  /// one that no entry was about yet goes before.
  private func filing(of entry: UndeliverableFile.Entry, in text: [UInt8], _ filings: [Filing]) -> Int? {
    guard let message = entry.message else { return nil }
    let window = text.span.extracting(entry.window)
    let whole = window.trimmed(message.whole)
    var alike: [Int] = []
    for (index, filing) in filings.enumerated() where filing.bytes.span.contains(window, whole) { alike.append(index) }
    if alike.isEmpty {
      let header = Self.header(of: message, window)
      alike = filings.indices.filter { Self.header(of: filings[$0].bytes) == header }
    }
    return alike.first { filings[$0].failed.isEmpty } ?? alike.first
  }

  private static func header(of bytes: [UInt8]) -> [[UInt8]]? {
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: bytes.span, isFinal: true) else { return nil }
    return header(of: message, bytes.span)
  }

  private static func header(of message: CCMessage, _ bytes: Bytes) -> [[UInt8]] {
    var values: [[UInt8]] = []
    for keyword in [CCKeyword.from, .date, .subject] {
      if let value = message.values(keyword).first { values.append(bytes.array(value)) } else { values.append([]) }
    }
    return values
  }

  /// Result code 5, and not a word about what could not be delivered.
  private func fileWithoutReasons(
    _ batch: Batch, _ input: ImportInput, _ resultCode: Int?, _ said: String
  ) throws(SystemError) -> BatchOutcome {
    if batch.messages.count == 1, let message = batch.messages.first {
      let why = "IMPORT: result code 5. \(Self.undeliverable)\(said)"
      let results = try reportAll(message, in: batch, of: input, reason: Self.undeliverable)
      try batch.decide(
        message, .failed(why, exit: 69, []), results: results, event: Event.ID.undeliverable, resultCode: resultCode)
      return .wait
    }
    for message in batch.messages {
      try batch.decide(
        message,
        .quarantine(
          "IMPORT: result code 5 for \(batch.messages.count) messages, and no reason for any\(said)", exit: 70, []),
        event: Event.ID.uncertain, resultCode: resultCode)
    }
    return .wait
  }

  private func decide(
    _ filing: Filing, in batch: Batch, _ undeliverable: UndeliverableText, _ resultCode: Int?, _ said: String
  ) throws(SystemError) {
    guard !filing.failed.isEmpty else {
      try batch.decide(filing.message, .done([]), event: Event.ID.imported, text: "imported", resultCode: resultCode)
      return
    }
    let findings = filing.failed.prefix(1000).map {
      Finding(
        offset: 0, rule: "undeliverable", text: "\($0.name): \($0.reason.isEmpty ? Self.undeliverable : $0.reason)")
    }
    let isDeliveredToSome = filing.failed.count < filing.recipients
    let why = "IMPORT: result code 5. \(findings[0].text)\(said)"
    try batch.decide(
      filing.message, isDeliveredToSome ? .done(findings) : .failed(why, exit: 69, findings), results: filing.results,
      event: Event.ID.undeliverable, text: why, resultCode: resultCode)
  }

  // MARK: About a whole message

  /// Stages a report that nobody got a message. Returns the name of the report, if one was made.
  func reportAll(
    _ message: FileName, in batch: Batch, of input: ImportInput, reason: String
  ) throws(SystemError) -> [FileName] {
    var filing = Filing(message: message, bytes: try read(message, in: batch))
    try batch.withHand(on: message) { () throws(SystemError) in try reportWhole([reason], &filing, batch) }
    return filing.results
  }

  private func reportWhole(_ reasons: [String], _ filing: inout Filing, _ batch: Batch) throws(SystemError) {
    let bytes = filing.bytes
    var scanner = CCScanner()
    var start = 0
    while case .message(let message, let next) = scanner.next(in: bytes.span.extracting(start...), isFinal: true) {
      let window = bytes.span.extracting(start...)
      let failed = converter.failedRecipients(of: message, window, reasons: reasons)
      filing.failed += failed
      filing.recipients += failed.count
      filing.results += try stage(failed, about: message, window, filing.message, batch)
      start += next
      if start >= bytes.count { break }
    }
  }

  private func stage(
    _ failed: [FailedRecipient], about message: CCMessage, _ bytes: Bytes, _ name: FileName, _ batch: Batch
  ) throws(SystemError) -> [FileName] {
    guard !failed.isEmpty else { return [] }
    let report = DeliveryReport(
      reportingMTA: settings.host, postmaster: settings.postmaster, time: Clock.now.timestamp, recipients: failed)
    var text: [UInt8] = []
    switch converter.append(report, about: message, bytes, to: &text) {
    case .written:
      let result = try batch.stage(text.span, for: name, suffix: "eml")
      run.report(
        Event(
          Event.ID.reportMade, .info,
          "not delivered to \(failed.count) of its recipients; its sender is told by \(result)",
          name: name.description))
      return [result]
    case .none(let why):
      run.report(
        Event(
          Event.ID.noReport, .warning, "not delivered to \(failed.count) of its recipients; no report: \(why.rawValue)",
          name: name.description))
      return []
    }
  }

  private func read(_ message: FileName, in batch: Batch) throws(SystemError) -> [UInt8] {
    let file = try batch.open(message)
    let size = try file.status().st_size
    guard size <= Self.wholeLimit else { return [] }
    var bytes: [UInt8] = []
    try file.readAll(into: &bytes, expecting: size)
    return bytes
  }
}
