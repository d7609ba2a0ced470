// Any bytes as a file of undeliverable messages: its entries, the recipients that failed, and reports to both sides.

import Formats
import Mail

nonisolated(unsafe) private let converter = Converter(options: ConversionOptions())

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let file = bytes.span
  var reader = UndeliverableFile()
  var end = 0
  while let entry = reader.next(in: file) {
    precondition(entry.window.lowerBound >= end && entry.window.upperBound <= count, "entries overlap")
    end = entry.window.upperBound
    for reason in entry.reasons { precondition(reason.upperBound <= count && !reason.isEmpty, "no reason") }
    guard let message = entry.message else { continue }
    check(message, entry.window.count)
    report(message, file.extracting(entry.window), converter.failedRecipients(of: entry, in: file))
  }
  return 0
}

/// All ranges of a message lie in its part of the file, one item behind the other.
private func check(_ message: CCMessage, _ count: Int) {
  precondition(message.whole.upperBound <= count, "a message beyond its part of the file")
  var end = message.whole.lowerBound
  for item in message.items {
    precondition(item.start >= end && item.data.upperBound <= message.whole.upperBound, "an item outside its message")
    end = item.data.upperBound
  }
}

private func report(_ message: CCMessage, _ bytes: Bytes, _ failed: [FailedRecipient]) {
  let report = DeliveryReport(
    reportingMTA: "hub.example.com", postmaster: Mailbox(name: "", address: "postmaster@example.com"),
    time: Timestamp(seconds: 896_776_740, zone: 0), recipients: failed)
  var eml: [UInt8] = []
  if case .written(let id) = converter.append(report, about: message, bytes, to: &eml) {
    precondition(converter.noReport(about: message, bytes) == nil, "a report that must not be")
    // Nobody reports about a report: it is known for one after its way to cc:Mail.
    var ccm: [UInt8] = []
    _ = try? converter.convertToCCMail(eml.span, to: &ccm)
    var scanner = CCScanner()
    guard case .message(let again, _) = scanner.next(in: ccm.span, isFinal: true) else {
      preconditionFailure("a report that is no message: \(id)")
    }
    precondition(converter.noReport(about: again, ccm.span) != nil, "a report about a report")
  } else {
    precondition(eml.isEmpty, "a report that is none")
  }
  var ccm: [UInt8] = []
  if case .written = converter.appendCCMail(report, about: message, bytes, to: &ccm) {
    var scanner = CCScanner()
    guard case .message(let again, let next) = scanner.next(in: ccm.span, isFinal: true) else {
      preconditionFailure("a report that is no message")
    }
    precondition(next == ccm.count && again.findings.isEmpty, "a report that is badly written")
    precondition(converter.noReport(about: again, ccm.span) != nil, "a report about a report")
  }
}
