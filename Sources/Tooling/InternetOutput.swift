import Formats
import Mail
import Spool

/// Where a filter writes Internet messages: one to standard output, several as an mbox (mboxrd, the only lossless one)
/// or as files in a directory.
public final class InternetOutput {
  private let isMbox: Bool
  private let files: NumberedFiles?
  private let output = Output()
  /// One message is held back until it is known to be the only one.
  private var single: [UInt8] = []
  private var count = 0

  /// Makes `directory` if it is wanted and is not there.
  public init(isMbox: Bool, directory: Path?) throws(Failure) {
    if isMbox, directory != nil { throw Failure(.usage, "--mbox and --directory exclude each other") }
    self.isMbox = isMbox
    files = try directory.map { path throws(Failure) in
      try NumberedFiles(directory: path, prefix: FileName(""), suffix: "eml")
    }
  }

  /// Writes a message. Its bytes are taken where they are held back.
  public func write(_ message: inout [UInt8], _ envelope: Converter.Envelope) throws(Failure) {
    count += 1
    if let files {
      try files.write(message.span)
    } else if isMbox {
      var mbox: [UInt8] = []
      MboxScanner.appendQuoted(
        message.span, sender: envelope.sender, date: envelope.date ?? Timestamp(seconds: 0, zone: 0), to: &mbox)
      try output.write(mbox.span)
    } else if count == 1 {
      swap(&single, &message)
    } else {
      throw Failure(.usage, "several messages: --mbox or --directory is wanted")
    }
  }

  /// Writes what is ready, before something that may fail.
  public func flush() throws(Failure) { try output.flush() }

  /// Ends the output, with the message that was held back.
  public func finish() throws(Failure) {
    let single = single
    if !isMbox, files == nil { try output.write(single.span) }
    try output.finish()
  }
}
