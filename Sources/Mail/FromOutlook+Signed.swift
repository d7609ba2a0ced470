import Formats

/// Signed and encrypted messages, [MS-OXOSMIME]: they hold one file, the entity as it went over the wire.
extension FromOutlook {
  mutating func readSigned(_ bytes: Bytes) {
    guard messageClass.kind == .clearSigned || messageClass.kind == .opaque, outlook.attachments.count == 1,
      let ranges = outlook.attachments[0].properties.data(PropertyID.attachDataObject)
    else { return }
    let content = ranges.bytes(of: bytes)
    if messageClass.kind == .clearSigned {
      guard let entity = Self.entity(content) else { return }
      message.items = []
      message.entity = .bytes(entity)
    } else if let item = message.items.last {
      var whole = item
      whole.type = MediaType("application/pkcs7-mime")
      if whole.name.isEmpty || !whole.name.lowercased().hasSuffix(".p7m") { whole.name = "smime.p7m" }
      if let type = smimeType(content, bytes) { whole.parameters.append(("smime-type", type)) }
      message.items = [whole]
    }
  }

  /// A signed entity without the fields of its header that the message writes itself; nil when it is none.
  /// Its body, which is what was signed, stays as it is.
  private static func entity(_ content: [UInt8]) -> [UInt8]? {
    // The boundary of its own stands in its own header.
    let header = InternetMessageReader.readHeader(content.span)
    guard let type = header.fields.first(where: { $0.name == .contentType }),
      ContentType.parameter("boundary", in: content.span, type.value) != nil, !holdsBoundary(content.span)
    else { return nil }
    var entity: [UInt8] = []
    for field in header.fields where field.name != .mimeVersion && (field.name.isMIME || field.name == .other) {
      entity.append(content.span, field.whole)
    }
    entity.appendLineEnd()
    entity.append(content.span, header.parts[0].body)
    return entity
  }

  // MARK: smime-type

  /// The `smime-type` of a message, RFC 8551, 3.2.2: as the header has it that it came with or the type of its file; else
  /// as its content tells it.
  private func smimeType(_ content: [UInt8], _ bytes: Bytes) -> String? {
    let properties = outlook.attachments[0].properties
    let tag = "Content-Type: " + strings.line(PropertyID.attachMimeTag, of: properties, bytes) + "\r\n"
    let transport = self.properties.first(PropertyID.transportMessageHeaders).map { strings.text($0, bytes) } ?? []
    let named = line(PropertyName(.internetHeaders, "content-type"), bytes)
    for text in [transport, Array(tag.utf8), Array("Content-Type: \(named)\r\n".utf8)] {
      for field in InternetMessageReader.readHeader(text.span).fields where field.name == .contentType {
        guard let found = ContentType.parameter("smime-type", in: text.span, field.value) else { continue }
        let type = String(decoding: found.bytes, as: UTF8.self)
        if !type.isEmpty, type.utf8.count < 40, type.utf8.allSatisfy({ HeaderWriter.isAtomText($0) }) { return type }
      }
    }
    return Self.smimeType(ofContent: content)
  }

  /// The type that the first object identifier of a Cryptographic Message Syntax tells, RFC 5652, 3.
  static func smimeType(ofContent content: [UInt8]) -> String? {
    // Some writers keep the base64 of the wire.
    var data = content
    if content.first == UInt8(ascii: "M") {
      data = []
      _ = TransferEncoding.base64.decode(content.span, 0..<min(content.count, 4096), into: &data)
    }
    let start = Array(data.prefix(64))
    // 1.2.840.113549.1.7.x, and 1.2.840.113549.1.9.16.1.x
    let basic: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
    let further: [UInt8] = [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01]
    func number(behind prefix: [UInt8]) -> UInt8? {
      for i in 0..<max(0, start.count - prefix.count) where start[i...].starts(with: prefix) {
        return start[i + prefix.count]
      }
      return nil
    }
    switch (number(behind: basic), number(behind: further)) {
    case (2?, _): return "signed-data"
    case (3?, _): return "enveloped-data"
    case (_, 9?): return "compressed-data"
    case (_, 23?): return "authEnveloped-data"
    default: return nil
    }
  }
}
