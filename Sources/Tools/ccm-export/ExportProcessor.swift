import Formats
import Glibc
import Mail
import Programs
import Spool
import Tooling

/// Turns a file of EXPORT into Internet messages. A message in it that cannot be understood is put aside by itself, and
/// its sender is told; the others go on.
final class ExportProcessor: Processor {
  private let settings: ImportSettings
  private let run: Run
  private let logs: Path
  private let converter: Converter
  private let known: ExportMemory
  /// Messages so far that were new.
  private(set) var fresh = 0

  init(_ settings: ImportSettings, run: Run, queue: Path, known: ExportMemory) {
    (self.settings, self.run, self.known) = (settings, run, known)
    logs = "\(queue)/log"
    converter = Converter(options: settings.conversion)
  }

  func process(_ message: borrowing ClaimedMessage, _ staging: inout Staging) throws(SystemError) -> Verdict {
    let name = message.name
    let console = ConsoleText(of: name.description, logs: logs)
    if let failure = console.failure {
      run.report(
        Event(
          Event.ID.systemError, .warning, "what EXPORT printed is not sought in its messages: \(failure)",
          name: name.description))
    }
    var work = Work(name: name.description)
    if try known.isUnfinished(name.description) { work.end = message.size }
    var systemError: SystemError?
    do throws(Failure) {
      let input = try Input(descriptor: message.file.number, name: name.description)
      try MessageReader.ccm(input, maximumMessage: 1 << 31) { source, bytes, offset throws(Failure) in
        do throws(SystemError) {
          try self.convert(source, bytes, offset, console, &work, &staging)
        } catch {
          systemError = error
          throw Failure(.ioError, nil)
        }
      }
      do throws(SystemError) {
        for part in work.division.takeBroken(isLast: true) { try stage(part, &work, &staging) }
        try known.remember(work.digests, of: name.description)
      } catch {
        systemError = error
        throw Failure(.ioError, nil)
      }
    } catch {
      if let systemError { throw systemError }
      return try error.verdict(work.findings)
    }
    fresh += work.fresh
    return .done(work.findings)
  }

  /// What is gathered on the way through one file.
  private struct Work {
    var name: String
    var number = 0
    var fresh = 0
    var findings: [Finding] = []
    var digests: [String] = []
    var division = Converter.Division()
    /// Where the file ends, when the run that made it did not come to its end.
    var end: Int?
  }

  private func convert(
    _ source: CCMessage, _ bytes: Bytes, _ offset: Int, _ console: ConsoleText, _ work: inout Work,
    _ staging: inout Staging
  ) throws(SystemError) {
    work.number += 1
    let at = offset + source.whole.lowerBound
    let digest = known.isWanted ? ExportMemory.digest(bytes, source.whole) : ""
    if let reason = try known.reason(digest, in: work.name) {
      run.report(
        Event(
          Event.ID.cameAgain, .warning,
          "offset \(at): \(reason). EXPORT /MSG# lists what is in the mailbox, EXPORT /DELETE/n removes a message",
          name: work.name))
      work.findings.note(at, .cameAgain, reason)
      return
    }
    if known.isRepeated(digest, in: work.name) {
      let why = "offset \(at): an export before delivered the same message already"
      try putAside(source, bytes, digest, why, isReported: false, &work, &staging)
      return
    }
    if let end = work.end, Self.isCut(source, bytes, at, end) {
      let why = "offset \(at): EXPORT did not come to its end, and this message may be cut off"
      try putAside(source, bytes, digest, why, isReported: false, &work, &staging)
      return
    }
    if let why = fault(source, bytes, at, console) {
      try putAside(source, bytes, digest, why, isReported: true, &work, &staging)
      return
    }
    work.fresh += 1
    if !digest.isEmpty { work.digests.append(digest) }
    var result: [UInt8] = []
    let envelope = converter.convertToInternet(source, bytes, at: offset, division: &work.division, to: &result)
    for part in work.division.takeBroken() { try stage(part, &work, &staging) }
    if let envelope {
      work.findings += envelope.findings
      try staging.add(result.span, suffix: "eml")
    }
  }

  private func stage(
    _ part: Converter.Division.Part, _ work: inout Work, _ staging: inout Staging
  ) throws(SystemError) {
    work.findings += part.envelope.findings
    try staging.add(part.bytes.span, suffix: "eml")
  }

  /// Why a message cannot be passed on; nil when it can.
  private func fault(_ source: CCMessage, _ bytes: Bytes, _ at: Int, _ console: ConsoleText) -> String? {
    if source.header.isEmpty, source.items.isEmpty { return "offset \(at): a message without header and contents" }
    let isDamaged = source.findings.contains(Self.damage)
    if isDamaged, let line = console.found(in: bytes, source.whole) {
      return "offset \(at): what EXPORT printed stands within the message: \(line)"
    }
    return nil
  }

  /// Whether the last message of a file that ends at `end` may go on behind it. One without sizes always may.
  private static func isCut(_ source: CCMessage, _ bytes: Bytes, _ at: Int, _ end: Int) -> Bool {
    var rest = source.whole.upperBound
    while rest < bytes.count, ASCII.isSpace(bytes[rest]) || bytes[rest] == ASCII.substitute { rest += 1 }
    guard at + rest - source.whole.lowerBound >= end else { return false }
    let sizes: Set<Rule> = [.sizeTooLong, .sizeMissing, .messageSize, .contentsSize, .noContents]
    return !source.isSized || source.findings.contains(sizes)
  }

  /// Findings of a message into which something was written (Q179072).
  private static let damage: Set<Rule> = [
    .textOutsideItems, .unknownKeyword, .unknownSection, .contentsSize, .messageSize, .sizeTooShort,
    .sizeTooLong, .sizeNonsense, .textBeforeMessage, .noContents,
  ]

  private func putAside(
    _ source: CCMessage, _ bytes: Bytes, _ digest: String, _ why: String, isReported: Bool, _ work: inout Work,
    _ staging: inout Staging
  ) throws(SystemError) {
    let name = try staging.putAside(
      bytes.extracting(source.whole), number: work.number, suffix: "ccm", why: why, findings: source.findings,
      invocation: run.id)
    work.findings.note(0, .putAside, "\(name): \(why)")
    let key = digest.isEmpty ? ExportMemory.digest(bytes, source.whole) : digest
    try known.add(key, name.description)
    guard isReported else { return }
    let report = DeliveryReport(
      reportingMTA: settings.host, postmaster: settings.postmaster, time: Clock.now.timestamp,
      recipients: converter.failedRecipients(of: source, bytes, reasons: [why]))
    var text: [UInt8] = []
    switch converter.appendCCMail(report, about: source, bytes, attachesOriginal: true, to: &text) {
    case .written: try staging.addReturn(text.span, suffix: "ccm")
    case .none(let reason):
      run.report(Event(Event.ID.noReport, .warning, "\(why); no report: \(reason.rawValue)", name: work.name))
    }
  }
}
