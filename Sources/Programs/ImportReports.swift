import Formats
import Glibc
import Mail
import Spool

/// Files what IMPORT could not deliver: whose fate it is, and one report to its sender that names each recipient who
/// did not get it.
final class ImportReports {
  private let settings: ImportSettings
  private let run: Run
  private let converter: Converter

  init(_ settings: ImportSettings, run: Run) {
    (self.settings, self.run) = (settings, run)
    converter = Converter(options: settings.conversion)
  }

  /// What is known of one file of the batch.
  private struct Filing {
    var message: FileName
    var bytes: [UInt8]
    var failed: [FailedRecipient] = []
    /// Recipients of all its messages.
    var recipients = 0
    var results: [FileName] = []
    /// How its entries were recognised, for people.
    var how: String?
    /// The recipients of each of its messages who are reported already.
    var told: [Int: Set<String>] = [:]
  }

  /// An entry of the undeliverable file, and the message that it is about.
  private struct Match {
    var entry: UndeliverableFile.Entry
    var file: Int
    /// Nil where the entry is about all that the file holds.
    var message: Int?
    var how: String
  }

  /// A file beyond this size is not looked at to find the message that an entry is about.
  private static let wholeLimit = 64 << 20
  private static let undeliverable = "Undeliverable message or updates"

  // MARK: By the undeliverable file

  /// Decides about all files of a batch by what the undeliverable file says of them: about all, or about none.
  func file(
    _ undeliverable: UndeliverableText, of input: ImportInput, in batch: Batch, resultCode: Int?, said: String
  ) throws(SystemError) -> BatchOutcome {
    var filings: [Filing] = []
    for message in batch.messages { filings.append(Filing(message: message, bytes: try read(message, in: batch))) }
    var index = UndeliverableMatch(filings.map(\.bytes), converter)
    for number in filings.indices { filings[number].recipients = index.recipients[number] }
    let text = undeliverable.bytes
    let matches: [Match]
    switch match(text, filings, &index) {
    case .matched(let found): matches = found
    case .unknown(let why):
      return try undecided("\(why); kept in \(undeliverable.savedAs)", batch, resultCode, said)
    }
    guard !matches.isEmpty else {
      let isOne = index.messages == [1] || index.messages == [0]
      return try fileWithoutReasons(isOne, batch, input, resultCode, said)
    }
    for match in matches {
      filings[match.file].how = match.how
      let message = filings[match.file].message
      try batch.withHand(on: message) { () throws(SystemError) in
        try add(match, text, to: &filings[match.file], in: batch)
      }
    }
    for filing in filings { try decide(filing, in: batch, resultCode, said) }
    return .wait
  }

  private enum Matching {
    case matched([Match])
    /// Some of it is about no message, or nobody knows about which.
    case unknown(String)
  }

  private func match(_ text: [UInt8], _ filings: [Filing], _ index: inout UndeliverableMatch) -> Matching {
    // Whatever is said is said of the only message; so it is of one that is too large to be looked at.
    let isOne = index.messages == [1] || index.messages == [0]
    var matches: [Match] = []
    var reader = UndeliverableFile()
    var last: UndeliverableFile.Entry?
    while let entry = reader.next(in: text.span) {
      let reasons = entry.reasons.prefix(3).map { text.span.string($0) }.joined(separator: "; ")
      let said = reasons.isEmpty ? "" : " (\(reasons))"
      last = entry
      if entry.message == nil {
        guard isOne else { return .unknown("reasons without the message that they are about\(said)") }
        if matches.isEmpty {
          matches.append(Match(entry: entry, file: 0, message: nil, how: "it was alone"))
        } else {
          matches[matches.count - 1].entry.reasons += entry.reasons
        }
      } else if let found = index.find(entry, in: text.span) {
        matches.append(Match(entry: entry, file: found.file, message: found.message, how: found.how))
      } else if index.messages == [0], filings.count == 1 {
        matches.append(Match(entry: entry, file: 0, message: nil, how: "it was alone"))
      } else {
        return .unknown("an undeliverable message that is not told to be one of those handed over\(said)")
      }
    }
    if let last, UndeliverableMatch.isCut(last, in: text.span) {
      guard isOne else { return .unknown("an undeliverable file that ends within a message") }
      // Its recipients are those of the message, and not what is left of it there.
      for number in matches.indices { matches[number].message = nil }
    }
    return .matched(matches)
  }

  /// The undeliverable file tells nothing certain about any message. Where a second copy is refused, each is tried
  /// alone; else nothing is known of any, and a person has to look.
  private func undecided(_ why: String, _ batch: Batch, _ resultCode: Int?, _ said: String) throws(SystemError)
    -> BatchOutcome
  {
    let code = resultCode.map { "result code \($0), and " } ?? ""
    if settings.program.isReliable, batch.messages.count > 1 {
      var event = Event(
        Event.ID.divided, .warning, "IMPORT: \(code)\(why)\(said); \(batch.messages.count) messages are tried apart")
      event.resultCode = resultCode
      run.report(event)
      return .divide
    }
    for message in batch.messages {
      try batch.decide(
        message,
        .quarantine("IMPORT: \(code)\(why)\(said); look into the post office before it is sent again", exit: 70, []),
        event: Event.ID.uncertain, resultCode: resultCode)
    }
    return .wait
  }

  private func add(
    _ match: Match, _ text: [UInt8], to filing: inout Filing, in batch: Batch
  ) throws(SystemError) {
    let entry = match.entry
    guard let message = entry.message, let number = match.message else {
      try reportWhole(entry.reasons.map { text.span.string($0) }, &filing, batch)
      return
    }
    var failed = converter.failedRecipients(of: entry, in: text.span)
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
    failed = failed.filter { filing.told[number, default: []].insert($0.name).inserted || $0.name.isEmpty }
    filing.failed += failed
    filing.results += try stage(failed, about: message, window, filing.message, batch)
  }

  /// Result code 5, and not a word about what could not be delivered.
  ///
  /// - Parameter isOne: whether only one message was handed over.
  private func fileWithoutReasons(
    _ isOne: Bool, _ batch: Batch, _ input: ImportInput, _ resultCode: Int?, _ said: String
  ) throws(SystemError) -> BatchOutcome {
    guard isOne, resultCode == ResultCode.undeliverable.rawValue, let message = batch.messages.first else {
      return try undecided("no reason for any of \(batch.messages.count) files", batch, resultCode, said)
    }
    let why = "IMPORT: result code 5. \(Self.undeliverable)\(said)"
    let results = try reportAll(message, in: batch, of: input, reason: Self.undeliverable)
    try batch.decide(
      message, .failed(why, exit: 69, []), results: results, event: Event.ID.undeliverable, resultCode: resultCode)
    return .wait
  }

  private func decide(
    _ filing: Filing, in batch: Batch, _ resultCode: Int?, _ said: String
  ) throws(SystemError) {
    guard !filing.failed.isEmpty else {
      try batch.decide(filing.message, .done([]), event: Event.ID.imported, text: "imported", resultCode: resultCode)
      return
    }
    let findings = filing.failed.prefix(1000).map {
      Finding(
        offset: 0, rule: .undeliverable, text: "\($0.name): \($0.reason.isEmpty ? Self.undeliverable : $0.reason)")
    }
    let isDeliveredToSome = filing.failed.count < filing.recipients
    let how = filing.how.map { "; \($0)" } ?? ""
    let why = "IMPORT: result code 5. \(findings[0].text)\(said)\(how)"
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
