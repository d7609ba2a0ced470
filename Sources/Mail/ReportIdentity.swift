import Formats

/// By what a report is known again: the message it is about, and the recipients it is about.
struct ReportIdentity {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private let size: Int

  /// A number for boundaries.
  var seed: UInt32 { UInt32(truncatingIfNeeded: hash) }

  init(_ message: CCMessage, _ bytes: Bytes, _ recipients: [FailedRecipient]) {
    // The line ends behind a message may not be the same in two files.
    let whole = bytes.trimmed(message.whole)
    size = whole.count
    for i in whole { add(bytes[i]) }
    for name in recipients.map({ $0.name.lowercased() }).sorted() {
      add(ASCII.nul)
      for byte in name.utf8 { add(byte) }
    }
  }

  /// FNV-1a.
  private mutating func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  /// `<report.1A2B3C4D5E6F7081.1234@ccmail.invalid>`
  func messageID(domain: String) -> String {
    var id: [UInt8] = []
    id.append("<report.")
    for shift in stride(from: 56, through: 0, by: -8) { id.append(hexadecimal: UInt8(hash >> UInt64(shift) & 255)) }
    id.append(ASCII.dot)
    id.append(decimal: size)
    id.append(text: "@\(domain)>")
    return String(decoding: id, as: UTF8.self)
  }
}
