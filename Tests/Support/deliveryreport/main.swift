// Makes reports of an undeliverable file, for Tests/Shell/delivery-report.sh: for each entry its message as N.ccm, the
// report to its sender as N.eml, and the report as cc:Mail has it as N.report.ccm, in a directory. A line for each entry
// says what became of it.

import Formats
import Glibc
import Mail
import Tooling

Diagnostics.main("deliveryreport") { () throws(Failure) in
  guard CommandLine.arguments.count == 3 else { throw Failure(.usage, "a file and a directory are wanted") }
  let directory = CommandLine.arguments[2]
  setenv("TZ", "UTC", 1)
  let file = try Input.readFile(CommandArguments.all[0])
  let converter = Converter(options: ConversionOptions())
  var reader = UndeliverableFile()
  var number = 0
  let output = Output()
  func write(_ bytes: [UInt8], _ name: String) throws(Failure) {
    guard let stream = fopen("\(directory)/\(name)", "w") else { throw Failure(.cannotCreate, "\(directory)/\(name)") }
    fwrite(bytes, 1, bytes.count, stream)
    guard fclose(stream) == 0 else { throw Failure(.ioError, "\(directory)/\(name)") }
  }
  while let entry = reader.next(in: file.span) {
    guard let message = entry.message else { continue }
    number += 1
    let window = file.span.extracting(entry.window)
    let report = DeliveryReport(
      reportingMTA: "hub.example.com", postmaster: Mailbox(name: "Postmaster", address: "postmaster@example.com"),
      time: Timestamp(seconds: 896_776_740, zone: 0), recipients: converter.failedRecipients(of: entry, in: file.span))
    var eml: [UInt8] = []
    var ccm: [UInt8] = []
    let outcome = converter.append(report, about: message, window, to: &eml)
    _ = converter.appendCCMail(report, about: message, window, to: &ccm)
    try write(window.array(message.whole), "\(number).ccm")
    if !eml.isEmpty { try write(eml, "\(number).eml") }
    if !ccm.isEmpty { try write(ccm, "\(number).report.ccm") }
    switch outcome {
    case .written(let messageID): try output.write(Array("\(number) \(messageID)\n".utf8).span)
    case .none(let why): try output.write(Array("\(number) none: \(why.rawValue)\n".utf8).span)
    }
  }
  try output.finish()
  return .ok
}
