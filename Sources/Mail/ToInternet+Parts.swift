import Formats

/// The parts that are no multiparts, RFC 2045.
extension ToInternet {
  func write(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    content.removeAll(keepingCapacity: true)
    _ = item.content.append(from: source, to: &content)
    if item.kind == .text {
      writeText(item, to: &output)
    } else if item.type.name.hasPrefix("message/") {
      writeMessage(item, to: &output)
    } else if let macintosh = item.macintosh, options.macintosh == .binHex {
      writeBinHex(item, macintosh, to: &output)
    } else if let macintosh = item.macintosh, !macintosh.resources.isEmpty || !macintosh.info.comment.isEmpty {
      writeAppleDouble(item, macintosh, source: source, to: &output)
    } else {
      writeFile(item, to: &output)
    }
  }

  private func writeText(_ item: Item, to output: inout [UInt8]) {
    let content = content
    var text = content
    var charset = item.charset
    if charset == options.codePage.iconvName || charset.isEmpty {
      text.removeAll(keepingCapacity: true)
      let isExact = converter.appendUTF8(content.span, charset: charset, to: &text) == .exact
      if isExact || !charset.isEmpty && charset.lowercased() != "utf-8" {
        charset = "utf-8"
      } else {
        // Text that is not what its label says, or what text without one is as a rule: its bytes as they are.
        text = content
      }
    }
    if CharsetName.containsASCII(charset) {
      text = LineEnds.canonical(text)
      if charset.lowercased() == "utf-8", text.span.isASCII(0..<text.count) { charset = "us-ascii" }
    }
    output.append("Content-Type: text/plain")
    if !charset.isEmpty {
      output.append("; charset=")
      output.append(
        text: charset.contains { !Self.isToken($0) } ? "\"\(charset.filter { $0 != "\"" && $0 != "\\" })\"" : charset)
    }
    output.appendLineEnd()
    let encoding: TransferEncoding =
      CharsetName.containsASCII(charset) ? BodyWriter.encoding(ofText: text.span) : .base64
    BodyWriter.append(encoding, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    output.appendLineEnd()
    BodyWriter.append(text.span, as: encoding, to: &output)
  }

  private static func isToken(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.:+".contains(character))
  }

  /// What message/* holds goes as it is: RFC 2045, 6.4 allows it no encoding that would have to be undone.
  private func writeMessage(_ item: Item, to output: inout [UInt8]) {
    let content = content
    output.append("Content-Type: ")
    output.append(text: item.type.name)
    for parameter in item.parameters { HeaderWriter.append(parameter: parameter.name, parameter.value, to: &output) }
    if !item.charset.isEmpty { HeaderWriter.append(parameter: "charset", item.charset, to: &output) }
    if !item.name.isEmpty { HeaderWriter.append(parameter: "name", item.name, to: &output) }
    output.appendLineEnd()
    output.append("Content-Transfer-Encoding: ")
    output.append(content.span.isASCII(0..<content.count) ? "7bit\r\n" : "8bit\r\n")
    writeContentID(item, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    // The parts of a report are no attachments, RFC 6522, 3.
    if !isReport || !item.name.isEmpty || item.isInline || item.date != nil { writeDisposition(item, to: &output) }
    output.appendLineEnd()
    output.append(contentsOf: content)
  }

  func writeFile(_ item: Item, to output: inout [UInt8]) {
    let content = content
    output.append("Content-Type: ")
    output.append(text: item.type.name)
    for parameter in item.parameters { HeaderWriter.append(parameter: parameter.name, parameter.value, to: &output) }
    if !item.charset.isEmpty { HeaderWriter.append(parameter: "charset", item.charset, to: &output) }
    if let macintosh = item.macintosh { appendParameters(macintosh.info, to: &output) }
    if !item.name.isEmpty { HeaderWriter.append(parameter: "name", item.name, to: &output) }
    output.appendLineEnd()
    let isBody = item.role == .body || item.role == .alternative
    let encoding: TransferEncoding =
      isBody && item.type.isText && !hasBareLineEnds(content.span) && CharsetName.containsASCII(item.charset)
      ? (content.last == ASCII.lf ? BodyWriter.encoding(ofText: content.span) : .quotedPrintable) : .base64
    BodyWriter.append(encoding, to: &output)
    writeContentID(item, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    if !isBody || !item.name.isEmpty || item.isInline { writeDisposition(item, to: &output) }
    output.appendLineEnd()
    BodyWriter.append(content.span, as: encoding, to: &output)
  }

  func writeContentID(_ item: Item, to output: inout [UInt8]) {
    guard !item.contentID.isEmpty else { return }
    output.append(text: "Content-ID: <\(item.contentID.filter { !$0.isWhitespace && $0.isASCII })>\r\n")
  }

  private func hasBareLineEnds(_ text: Bytes) -> Bool {
    var position = 0
    while let feed = text.firstIndex(of: ASCII.lf, from: position, to: text.count) {
      if feed == 0 || text[feed - 1] != ASCII.cr { return true }
      position = feed + 1
    }
    return false
  }

  /// Content-Disposition with the file's name and date, RFC 2183.
  func writeDisposition(_ item: Item, to output: inout [UInt8]) {
    output.append(item.isInline ? "Content-Disposition: inline" : "Content-Disposition: attachment")
    if !item.name.isEmpty { HeaderWriter.append(parameter: "filename", item.name, to: &output) }
    if let date = item.date {
      var text: [UInt8] = []
      DateField.append(date, to: &text)
      HeaderWriter.append(parameter: "modification-date", String(decoding: text, as: UTF8.self), to: &output)
    }
    output.appendLineEnd()
  }
}
