import TestSupport

@testable import Formats
@testable import Mail

/// Builds messages of Outlook in memory: the values stand in `bytes`, and the properties tell where.
struct OutlookBuilder {
  var message = OutlookMessage()
  private(set) var bytes: [UInt8] = []

  init(_ messageClass: String = "IPM.Note") { text(PropertyID.messageClass, messageClass) }

  private mutating func range(_ data: [UInt8]) -> [Range<Int>] {
    bytes += data
    return [bytes.count - data.count..<bytes.count]
  }

  private static func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } }

  mutating func text(_ id: UInt16, _ text: String) {
    message.properties.append(id, PropertyType.unicode, .data(range(Self.utf16(text))))
  }

  mutating func text(_ name: PropertyName, _ text: String) {
    message.properties.append(0x8000, PropertyType.unicode, name: name, .data(range(Self.utf16(text))))
  }

  mutating func texts(_ id: UInt16, _ texts: [String]) {
    let values = texts.map { range(Self.utf16($0)) }
    message.properties.append(id, PropertyType.unicode | PropertyType.multiple, .list(values))
  }

  mutating func list(_ name: PropertyName, _ data: [[UInt8]]) {
    let values = data.map { range($0) }
    message.properties.append(0x8000, PropertyType.binary | PropertyType.multiple, name: name, .list(values))
  }

  mutating func data(_ id: UInt16, _ data: [UInt8]) {
    message.properties.append(id, PropertyType.binary, .data(range(data)))
  }

  mutating func data(_ name: PropertyName, _ data: [UInt8]) {
    message.properties.append(0x8000, PropertyType.binary, name: name, .data(range(data)))
  }

  mutating func integer(_ id: UInt16, _ number: Int) {
    message.properties.append(id, PropertyType.integer32, .number(UInt64(UInt32(truncatingIfNeeded: number))))
  }

  mutating func integer(_ name: PropertyName, _ number: Int) {
    message.properties.append(
      0x8000, PropertyType.integer32, name: name, .number(UInt64(UInt32(truncatingIfNeeded: number))))
  }

  mutating func time(_ id: UInt16, _ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0) {
    message.properties.append(id, PropertyType.time, .number(Self.ticks(year, month, day, hour)))
  }

  mutating func time(_ name: PropertyName, _ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0) {
    message.properties.append(0x8000, PropertyType.time, name: name, .number(Self.ticks(year, month, day, hour)))
  }

  /// FILETIME: tenths of microseconds since 1601.
  private static func ticks(_ year: Int, _ month: Int, _ day: Int, _ hour: Int) -> UInt64 {
    let time = Timestamp(year: year, month: month, day: day, hour: hour, minute: 0, second: 0, zone: 0)
    return UInt64((time?.seconds ?? 0) + 11_644_473_600) * 10_000_000
  }

  mutating func sender(_ name: String, _ type: String, _ address: String) {
    text(PropertyID.senderName, name)
    text(PropertyID.senderAddressType, type)
    text(PropertyID.senderEmailAddress, address)
  }

  mutating func recipient(
    _ name: String, _ address: String, kind: UInt64 = 1, smtp: String = "", proxies: [String] = []
  ) {
    var row = MAPIProperties()
    func text(_ id: UInt16, _ text: String) {
      if !text.isEmpty { row.append(id, PropertyType.unicode, .data(range(Self.utf16(text)))) }
    }
    row.append(PropertyID.recipientType, PropertyType.integer32, .number(kind))
    text(PropertyID.displayName, name)
    text(PropertyID.addressType, address.hasPrefix("/") ? "EX" : "SMTP")
    text(PropertyID.emailAddress, address)
    text(PropertyID.smtpAddress, smtp)
    if !proxies.isEmpty {
      let values = proxies.map { range(Self.utf16($0)) }
      row.append(PropertyID.proxyAddresses, PropertyType.unicode | PropertyType.multiple, .list(values))
    }
    message.recipients.append(row)
  }

  /// Attaches a file with these properties; data of nil is no property.
  mutating func attach(_ name: String, _ data: [UInt8]?, type: String = "", path: String = "", method: UInt64 = 1) {
    var attachment = OutlookMessage.Attachment()
    for (id, text) in [
      (PropertyID.attachLongFileName, name), (PropertyID.attachMimeTag, type), (PropertyID.attachLongPathName, path),
    ] where !text.isEmpty {
      attachment.properties.append(id, PropertyType.unicode, .data(range(Self.utf16(text))))
    }
    attachment.properties.append(PropertyID.attachMethod, PropertyType.integer32, .number(method))
    if let data {
      attachment.properties.append(PropertyID.attachDataObject, PropertyType.binary, .data(range(data)))
    }
    message.attachments.append(attachment)
  }

  /// Attaches a message that stands in bytes of its own.
  mutating func embed(_ change: (inout OutlookBuilder) -> Void) {
    var inner = OutlookBuilder()
    inner.bytes = bytes
    change(&inner)
    bytes = inner.bytes
    var attachment = OutlookMessage.Attachment()
    attachment.embedded = [inner.message]
    message.attachments.append(attachment)
  }

  /// The message as one of the Internet, its items decoded.
  func read(surroundings: FromOutlook.Surroundings? = nil) -> (
    eml: String, message: Message, texts: [String: String], findings: [Finding]
  ) {
    let converter = TestSupport.converter()
    let writer = ToInternet(options: converter.options, converter: converter.charsets)
    let reading = FromOutlook.read(
      message, bytes.span, options: converter.options, writer: writer, surroundings: surroundings)
    var eml: [UInt8] = []
    writer.writeWithin(reading.message, source: bytes.span, to: &eml)
    var texts: [String: String] = [:]
    for item in reading.message.items {
      var content: [UInt8] = []
      _ = item.content.append(from: bytes.span, to: &content)
      texts[item.name.isEmpty ? item.title : item.name] = String(decoding: content, as: UTF8.self)
        .replacing("\r\n ", with: "")
    }
    return (String(decoding: eml, as: UTF8.self), reading.message, texts, reading.message.findings)
  }
}

extension String {
  fileprivate func replacing(_ text: String, with other: String) -> String {
    var result: [UInt8] = []
    let wanted = Array(text.utf8)
    let all = Array(utf8)
    var i = 0
    while i < all.count {
      if all[i...].starts(with: wanted) {
        result += Array(other.utf8)
        i += wanted.count
      } else {
        result.append(all[i])
        i += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
