import Formats

/// Puts the parts of a message, and of the messages in it, into JSON.
final class Tree {
  let converter = CharsetConverter()

  /// A JSON value put together from texts.
  func quoted(_ text: String?) -> [UInt8] {
    guard let text else { return Array("null".utf8) }
    var output: [UInt8] = []
    JSONLine.append(text, to: &output)
    return output
  }

  func list(_ elements: [[UInt8]]) -> [UInt8] { [91] + Array(elements.joined(separator: [44])) + [93] }

  func object(_ members: [(String, [UInt8])]) -> [UInt8] {
    [123] + Array(members.map { quoted($0.0) + [58] + $0.1 }.joined(separator: [44])) + [125]
  }

  struct Part {
    var parent: Int
    var members: [(String, [UInt8])]
    var children: [Int] = []
  }

  var parts: [Part] = []

  func text(_ bytes: [UInt8], charset: String) -> String {
    var utf8: [UInt8] = []
    converter.appendUTF8(bytes.span, charset: charset, to: &utf8)
    return String(decoding: utf8, as: UTF8.self)
  }

  func parameter(_ name: StaticString, _ bytes: [UInt8], _ field: InternetMessage.Field?) -> String? {
    guard let field, let value = ContentType.parameter(name, in: bytes.span, field.value) else { return nil }
    if let charset = value.charset { return text(value.bytes, charset: charset) }
    return EncodedWord.decode(value.bytes.span, 0..<value.bytes.count, converter: converter)
  }

  /// Adds the parts of the message in `bytes` below `parent`.
  func add(_ bytes: [UInt8], below parent: Int, depth: Int) {
    guard let message = try? InternetMessageReader.read(bytes.span) else { return }
    let first = parts.count
    for (index, part) in message.parts.enumerated() {
      let type = message.field(.contentType, of: index)
      let disposition = message.field(.contentDisposition, of: index)
      let id = parts.count
      let above = part.parent.map { first + $0 } ?? parent
      var data: [UInt8] = []
      _ = part.encoding.decode(bytes.span, part.body, into: &data)
      var encoded: [UInt8] = []
      Base64.encode(data.span, into: &encoded)
      encoded.removeAll { $0 == 13 || $0 == 10 }
      let charset = parameter("charset", bytes, type)
      let shownType = part.type.isMultipart && !part.isMultipart ? MediaType.plainText : part.type
      let name = parameter("filename", bytes, disposition) ?? parameter("name", bytes, type)
      let isMessage = part.type == .message && depth < 20 && (try? InternetMessageReader.read(data.span)) != nil
      parts.append(
        Part(
          parent: above,
          members: [
            ("type", quoted(shownType.name)), ("charset", quoted(charset)),
            (
              "encoding",
              quoted(
                message.field(.contentTransferEncoding, of: index).map {
                  bytes.span.string(bytes.span.trimmed($0.value))
                })
            ),
            ("disposition", quoted(disposition.map { ContentType.disposition(bytes.span, $0.value) })),
            (
              "cid",
              quoted(message.field(.contentID, of: index).map { bytes.span.string(bytes.span.trimmed($0.value)) })
            ),
            ("name", quoted(name)),
            ("data", part.isMultipart || isMessage ? quoted(nil) : quoted(String(decoding: encoded, as: UTF8.self))),
            ("text", shownType.isText && !part.isMultipart ? quoted(text(data, charset: charset ?? "")) : quoted(nil)),
            (
              "header",
              list(
                message.fields[part.fields].map {
                  list([
                    quoted(bytes.span.string($0.nameRange)),
                    quoted(EncodedWord.decode(bytes.span, $0.value, converter: converter)),
                  ])
                })
            ),
          ]))
      if above >= 0 { parts[above].children.append(id) }
      if isMessage { nested.append((id, data, depth + 1)) }
    }
  }

  var nested: [(parent: Int, bytes: [UInt8], depth: Int)] = []

  func mailboxes(_ name: FieldName, _ message: InternetMessage, _ bytes: [UInt8]) -> [UInt8] {
    let found = message.fields[message.parts[0].fields].filter { $0.name == name }.flatMap {
      AddressList(bytes.span, $0.value, converter: converter).mailboxes
    }
    return list(
      found.map { object([("name", quoted($0.name.isEmpty ? nil : $0.name)), ("address", quoted($0.address))]) })
  }

  func date(_ message: InternetMessage, _ bytes: [UInt8]) -> String? {
    guard let field = message.field(.date), let time = DateField.parse(bytes.span, field.value) else { return nil }
    let c = time.calendar
    var text: [UInt8] = []
    for (value, width, separator) in [
      (c.year, 4, 45), (c.month, 2, 45), (c.day, 2, 84), (c.hour, 2, 58), (c.minute, 2, 58), (c.second, 2, 0),
    ] {
      text.append(decimal: value, width: width)
      if separator > 0 { text.append(UInt8(separator)) }
    }
    text.append(time.zone < 0 ? 45 : 43)
    text.append(decimal: abs(time.zone) / 60, width: 2)
    text.append(58)
    text.append(decimal: abs(time.zone) % 60, width: 2)
    return String(decoding: text, as: UTF8.self)
  }
}
