// A .ccm file in, Internet messages out.

import Formats
import Glibc
import Mail
import Spool
import Tooling

let program = "ccm2eml"

Diagnostics.main(program) { () throws(Failure) in
  let mapping = MappingOptions()
  var isMbox = false
  var isPartial = false
  var isQuiet = false
  var directory: Path?
  var maximumMessage = 1 << 31
  let operands = try OptionParser(
    program: program,
    synopsis: "[--mbox | --directory DIR] [--partial] [--quiet] [--message-limit BYTES] [mapping options] [FILE ...]",
    options: mapping.options + [
      .flag("mbox") { isMbox = true }, .flag("partial") { isPartial = true }, .flag("quiet", "q") { isQuiet = true },
      .path("directory") { path throws(UsageError) in directory = path },
      .number("message-limit", in: 1024...1 << 40) { maximumMessage = $0 },
    ]
  ).parse()
  let converter = Converter(options: try mapping.finished())
  let output = try InternetOutput(isMbox: isMbox, directory: directory)
  var converted: [UInt8] = []

  func emit(_ envelope: Converter.Envelope, _ input: Input) throws(Failure) {
    if !isQuiet { for finding in envelope.findings { Diagnostics.say(program, finding, in: input, at: 0) } }
    try output.write(&converted, envelope)
  }

  func emitBroken(_ division: inout Converter.Division, isLast: Bool, _ input: Input) throws(Failure) {
    for part in division.takeBroken(isLast: isLast) {
      var current = part.bytes
      swap(&current, &converted)
      try emit(part.envelope, input)
      swap(&current, &converted)
    }
  }

  var status = ExitStatus.ok
  for operand in operands.isEmpty ? ["-"] : operands {
    if isPartial { try output.flush() }
    let input = try Input(operand)
    var division = Converter.Division()
    do throws(Failure) {
      try MessageReader.ccm(input, maximumMessage: maximumMessage) { message, bytes, offset throws(Failure) in
        if message.header.isEmpty, message.items.isEmpty {
          let text = "\(input.name): offset \(offset + message.whole.lowerBound): a message without header and contents"
          guard isPartial else { throw Failure(.dataError, text) }
          Diagnostics.say(program, text)
          status = .dataError
          return
        }
        converted.removeAll(keepingCapacity: true)
        let envelope = converter.convertToInternet(message, bytes, at: offset, division: &division, to: &converted)
        try emitBroken(&division, isLast: false, input)
        if let envelope { try emit(envelope, input) }
      }
      try emitBroken(&division, isLast: true, input)
    } catch {
      guard isPartial, error.status == .dataError else { throw error }
      if let text = error.text { Diagnostics.say(program, text) }
      status = .dataError
    }
  }
  try output.finish()
  return status
}
