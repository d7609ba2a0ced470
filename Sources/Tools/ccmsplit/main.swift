// One .ccm file with many messages, plain or gzip, in; one file a message out, its bytes as they were. Where a size is
// wrong, the next keyword tells where a message ends.

import Formats
import Spool
import Tooling

let program = "ccmsplit"

Diagnostics.main(program) { () throws(Failure) in
  var directory: Path = "."
  var prefix = FileName("")
  var maximumMessage = 1 << 31
  let operands = try OptionParser(
    program: program, synopsis: "[--directory DIR] [--prefix PREFIX] [--message-limit BYTES] [FILE]",
    options: [
      .path("directory", "d") { path throws(UsageError) in directory = path },
      .path("prefix", "p") { path throws(UsageError) in prefix = FileName(bytes: path.bytes) },
      .number("message-limit", in: 1024...1 << 40) { maximumMessage = $0 },
    ]
  ).parse()
  if operands.count > 1 { throw Failure(.usage, "one file at a time: their messages would have the same names") }
  let input = try Input(operands.first ?? "-")
  var files: NumberedFiles?
  try MessageReader.ccm(input, maximumMessage: maximumMessage) { message, bytes, offset throws(Failure) in
    // What stands between messages goes into no file; that is said.
    for finding in message.findings where finding.rule == .textBeforeMessage {
      Diagnostics.say(program, finding, in: input, at: offset)
    }
    if files == nil { files = try NumberedFiles(directory: directory, prefix: prefix, suffix: "ccm") }
    guard message.isUTF8 else {
      try files?.write(bytes.extracting(message.whole))
      return
    }
    // Each file is read as the whole is: as UTF-8.
    try files?.write((Array("\u{FEFF}".utf8) + bytes.array(message.whole)).span)
  }
  return .ok
}
