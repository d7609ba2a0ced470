import Formats

/// The envelope of a message in the Drop and Replay directories of Exchange: fields before all others, one X-Sender, an
/// X-Receiver for each recipient who is to get this copy, and notes of the transport.
///
///     X-Sender: <jeff@example.com> BODY=7bit
///     X-Receiver: <ruth@example.org> NOTIFY=NEVER
///     X-CreatedBy: MSExchange15
///     X-EndOfInjectedXHeaders: 1204
///
/// Elsewhere in a header these fields say nothing: anybody may have written them.
public struct TransportEnvelope: Sendable, Equatable {
  /// Whom a report of non-delivery goes to; empty for `<>`, nobody. Nil when the envelope does not tell.
  public var sender: String?
  /// Addresses, in their order.
  public var receivers: [String] = []

  /// The fields at the beginning of the header of `message` that are an envelope, and what they say; nil when they name
  /// no recipient.
  static func read(_ bytes: Bytes, _ message: InternetMessage) -> (envelope: TransportEnvelope, fields: Range<Int>)? {
    var envelope = TransportEnvelope()
    let header = message.parts[0].fields
    var end = header.lowerBound
    while end < header.upperBound, message.fields[end].name.isTransport {
      let field = message.fields[end]
      end += 1
      switch field.name {
      case .xSender: if envelope.sender == nil { envelope.sender = address(bytes, field.value) }
      case .xReceiver:
        let address = address(bytes, field.value)
        if !address.isEmpty { envelope.receivers.append(address) }
      default: break
      }
      if field.name == .endOfTransport { break }
    }
    return envelope.receivers.isEmpty ? nil : (envelope, header.lowerBound..<end)
  }

  /// The address at the beginning of a value, in angles or bare; the parameters behind it, those of SMTP's MAIL and RCPT,
  /// are left out.
  private static func address(_ bytes: Bytes, _ value: Range<Int>) -> String {
    let range = bytes.trimmed(value)
    var start = range.lowerBound
    let isAngled = start < range.upperBound && bytes[start] == ASCII.less
    if isAngled { start += 1 }
    var end = start
    var isQuoted = false
    while end < range.upperBound {
      let byte = bytes[end]
      if byte == ASCII.quote { isQuoted.toggle() }
      if !isQuoted, isAngled ? byte == ASCII.greater : ASCII.isSpace(byte) || byte == ASCII.semicolon { break }
      end += 1
    }
    let address = bytes.string(bytes.trimmed(start..<end))
    return DomainName.asciiDomain(ofAddress: address) ?? address
  }
}

extension ToInternet {
  /// Appends the envelope of `message` as the Replay directory wants it: X-Sender, and an X-Receiver for each recipient
  /// who lives on the Internet side. Those of cc:Mail have their copy from cc:Mail. Returns what there is to say.
  func writeEnvelope(_ message: Message, to output: inout [UInt8]) -> [Finding] {
    var findings: [Finding] = []
    func note(_ text: String) { findings.note(0, .envelope, text) }
    var receivers = message.recipients.filter(\.isOutside)
    if receivers.isEmpty {
      receivers = message.recipients
      if !receivers.isEmpty { note("no recipient is on the Internet side; the envelope names all of them") }
    }
    let sender = message.isUnanswerable ? "" : message.sender?.address ?? ""
    Self.writeEnvelope(sender: HeaderWriter.isAddress(sender) ? sender : "", receivers: [], to: &output)
    var seen = Set<String>()
    for receiver in receivers {
      let address = receiver.mailbox.address
      guard HeaderWriter.isAddress(address) else {
        note("no address for the envelope: \(receiver.mailbox.name) <\(address)>")
        continue
      }
      guard seen.insert(address.lowercased()).inserted else { continue }
      Self.write("X-Receiver: <", address, to: &output)
    }
    if seen.isEmpty { note("the envelope names nobody; nobody can be sent this message") }
    return findings
  }

  /// Appends an envelope; an empty `sender` is `<>`.
  static func writeEnvelope(sender: String, receivers: [String], to output: inout [UInt8]) {
    write("X-Sender: <", sender, to: &output)
    for receiver in receivers { write("X-Receiver: <", receiver, to: &output) }
  }

  private static func write(_ name: StaticString, _ address: String, to output: inout [UInt8]) {
    output.append(name)
    output.append(text: address)
    output.append(">\r\n")
  }
}

extension Message {
  /// Whether a report about this message would begin a loop: its sender in the envelope is nobody, RFC 3464, 2 and RFC
  /// 8098, 2.1.
  var isUnanswerable: Bool {
    isAutomatic || reportType != nil
      || carried.contains { field in
        let text = field.text.span
        guard field.name == .returnPath, let colon = text.firstIndex(of: ASCII.colon, from: 0, to: text.count) else {
          return false
        }
        return text.equalsIgnoringCase(text.trimmed((colon + 1)..<text.count), "<>")
      }
  }
}

/// Fields with the names of an envelope that are none.
enum TransportField {
  /// `fields`, those at the beginning that could be taken for an envelope put behind the first other one: X-Sender is
  /// what mail programs call many a thing.
  static func notLeading<Field>(_ fields: [Field], name: (Field) -> FieldName) -> [Field] {
    let leading = fields.prefix { name($0).isTransport }
    guard !leading.isEmpty, leading.count < fields.count else { return fields }
    return [fields[leading.count]] + leading + fields[(leading.count + 1)...]
  }
}
