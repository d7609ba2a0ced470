import Formats

extension Converter {
  /// Appends the .msg file in `bytes` to `output` as an Internet message. Returns what there is to say about it.
  ///
  /// Throws `Unreadable` when `bytes` are no message; nothing is appended then.
  public func convertMSG(_ bytes: Bytes, to output: inout [UInt8]) throws(Unreadable) -> Envelope {
    write(try MsgReader.read(bytes), bytes, to: &output)
  }

  /// Appends the TNEF in `bytes`, a winmail.dat, to `output` as an Internet message. Returns what there is to say about
  /// it.
  ///
  /// Throws `Unreadable` when `bytes` are none; nothing is appended then.
  public func convertTNEF(_ bytes: Bytes, to output: inout [UInt8]) throws(Unreadable) -> Envelope {
    write(try TNEFReader.read(bytes), bytes, to: &output)
  }

  private func write(_ outlook: OutlookMessage, _ bytes: Bytes, to output: inout [UInt8]) -> Envelope {
    toInternet.begin(bytes, 0..<bytes.count)
    let message = FromOutlook.read(outlook, bytes, options: options, writer: toInternet).message
    toInternet.writeOuter(message, source: bytes, to: &output)
    return Envelope(sender: message.sender?.address ?? "", date: message.date, findings: message.findings)
  }
}
