import Formats
import Mail
import Spool

/// What msg2eml and tnef2eml have in common: files of Outlook in, Internet messages out. A file holds one message; it is
/// converted whole before a byte of it is written.
public enum OutlookFilter {
  /// Runs the program with the options and files of its command line. `convert` appends the message of a file.
  public static func run(
    _ program: String,
    _ convert: (Converter, Bytes, inout [UInt8]) throws(Unreadable) -> Converter.Envelope
  ) throws(Failure) -> ExitStatus {
    let mapping = MappingOptions()
    var isMbox = false
    var isPartial = false
    var isQuiet = false
    var directory: Path?
    let operands = try OptionParser(
      program: program,
      synopsis: "[--mbox | --directory DIR] [--partial] [--quiet] [mapping options] [FILE ...]",
      options: mapping.options + [
        .flag("mbox") { isMbox = true }, .flag("partial") { isPartial = true },
        .flag("quiet", "q") { isQuiet = true },
        .path("directory") { path throws(UsageError) in directory = path },
      ]
    ).parse()
    let converter = Converter(options: try mapping.finished())
    let output = try InternetOutput(isMbox: isMbox, directory: directory)
    var converted: [UInt8] = []
    var status = ExitStatus.ok
    for operand in operands.isEmpty ? ["-"] : operands {
      if isPartial { try output.flush() }
      let input = try Input(operand)
      try check(input)
      try input.readAll()
      converted.removeAll(keepingCapacity: converted.capacity <= 16 << 20)
      var envelope: Converter.Envelope?
      do throws(Failure) {
        try input.withWindow { bytes throws(Failure) in
          do throws(Unreadable) { envelope = try convert(converter, bytes, &converted) } catch {
            throw Failure(.dataError, "\(input.name): offset \(error.offset): \(error.text)")
          }
        }
      } catch {
        guard isPartial, error.status == .dataError else { throw error }
        if let text = error.text { Diagnostics.say(program, text) }
        status = .dataError
      }
      guard let envelope else { continue }
      if !isQuiet { for finding in envelope.findings { Diagnostics.say(program, finding, in: input, at: 0) } }
      try output.write(&converted, envelope)
    }
    try output.finish()
    return status
  }

  /// One whose beginning is none of Outlook's is not read to its end: it may have none.
  private static func check(_ input: Input) throws(Failure) {
    if input.isAtEnd { return }
    try input.withWindow { beginning throws(Failure) in
      guard CompoundFile.isOne(beginning) || TNEFReader.isOne(beginning) else {
        throw Failure(.dataError, "\(input.name): offset 0: neither a .msg nor a winmail.dat")
      }
    }
  }
}
