// Internet messages in, one .ccm file out. A message is converted whole before a byte of it is written, so that what
// cannot be understood leaves nothing on standard output.

import Formats
import Mail
import Tooling

let program = "eml2ccm"

Diagnostics.main(program) { () throws(Failure) in
  let mapping = MappingOptions()
  var isMbox = false
  var isPartial = false
  var isQuiet = false
  let operands = try OptionParser(
    program: program, synopsis: "[--mbox] [--partial] [--quiet] [mapping options] [FILE ...]",
    options: mapping.options + [
      .flag("mbox") { isMbox = true }, .flag("partial") { isPartial = true }, .flag("quiet", "q") { isQuiet = true },
    ]
  ).parse()
  let converter = Converter(options: try mapping.finished())
  let output = Output()
  var status = ExitStatus.ok
  var converted: [UInt8] = []

  func convert(_ bytes: Bytes, _ input: Input, at offset: Int) throws(Failure) {
    converted.removeAll(keepingCapacity: true)
    do {
      let findings = try converter.convertToCCMail(bytes, to: &converted)
      if !isQuiet { for finding in findings { Diagnostics.say(program, finding, in: input, at: offset) } }
    } catch {
      Diagnostics.say(program, "\(input.name): offset \(offset + error.offset): \(error.text)")
      status = .dataError
      guard isPartial else { throw Failure(.dataError, nil) }
      converter.wrapInCCMail(bytes, to: &converted)
    }
    try output.write(converted.span)
  }

  for operand in operands.isEmpty ? ["-"] : operands {
    if isPartial { try output.flush() }
    let input = try Input(operand)
    let kind = try input.withWindow { window throws(Failure) in MessageKind(content: window) }
    if isMbox || kind == .mbox {
      // A file that only happens to begin with a `From ` line is left as it is: `>From ` in it may be its own.
      try MessageReader.mbox(input, format: .auto, keepsQuoting: !isMbox) { message, offset throws(Failure) in
        try convert(message, input, at: offset)
      }
    } else {
      try MessageReader.whole(input, checked: !isPartial) { bytes throws(Failure) in try convert(bytes, input, at: 0) }
    }
  }
  try output.finish()
  return status
}
