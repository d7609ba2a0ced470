// One mbox, of any of its kinds, plain or gzip, in; one file a message out. Nothing is kept but the message at hand.

import Formats
import Spool
import Tooling

let program = "mboxsplit"

Diagnostics.main(program) { () throws(Failure) in
  var directory: Path = "."
  var prefix = FileName("")
  var format = MboxScanner.Format.auto
  let operands = try OptionParser(
    program: program, synopsis: "[--directory DIR] [--prefix PREFIX] [--format auto|mboxo|mboxrd|mboxcl] [FILE]",
    options: [
      .path("directory", "d") { path throws(UsageError) in directory = path },
      .path("prefix", "p") { path throws(UsageError) in prefix = FileName(bytes: path.bytes) },
      .value("format") { text throws(UsageError) in
        guard let known = MboxScanner.Format(rawValue: text) else {
          throw UsageError("--format: auto, mboxo, mboxrd or mboxcl is wanted, not `\(text)`")
        }
        format = known
      },
    ]
  ).parse()
  if operands.count > 1 { throw Failure(.usage, "one file at a time: their messages would have the same names") }
  let input = try Input(operands.first ?? "-")
  try input.withWindow { window throws(Failure) in
    guard window.count == 0 || MessageKind(content: window) == .mbox else {
      throw Failure(.dataError, "\(input.name): offset 0: no `From ` line, not an mbox")
    }
  }
  let files = try NumberedFiles(directory: directory, prefix: prefix, suffix: "eml")
  try MessageReader.mbox(input, format: format) { message, _ throws(Failure) in try files.write(message) }
  return .ok
}
