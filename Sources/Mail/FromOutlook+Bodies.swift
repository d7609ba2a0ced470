import Formats

/// The bodies: text, HTML and compressed RTF, which may be a wrapping of one of the other two, [MS-OXBBODY].
extension FromOutlook {
  mutating func readBodies(_ bytes: Bytes) {
    var text = strings.text(PropertyID.body, of: properties, bytes)
    var html = self.html(bytes)
    var isRTF = false
    let rtf = self.rtf(bytes)
    if !rtf.isEmpty {
      switch RTFText.kind(rtf.span) {
      case .html:
        if html == nil { html = (RTFText.decode(rtf.span, converter: converter), "utf-8") }
      case .text:
        if Self.isBlank(text) { text = RTFText.decode(rtf.span, converter: converter) }
      case .plain:
        if html == nil {
          if Self.isBlank(text) { text = RTFText.decode(rtf.span, converter: converter) }
          isRTF = true
        }
      }
    }
    if text.isEmpty, html == nil, !isRTF { return }
    if !text.isEmpty || html == nil {
      var item = Item(kind: .text, type: .plainText, content: .bytes(text))
      item.charset = "utf-8"
      message.items.append(item)
    }
    if let html {
      var item = Item(kind: .file, type: .html, content: .bytes(html.bytes))
      item.charset = html.charset
      item.role = text.isEmpty ? .body : .alternative
      message.items.append(item)
    }
    if isRTF {
      var item = Item(kind: .file, type: MediaType("application/rtf"), content: .bytes(rtf))
      item.role = .alternative
      item.name = "message.rtf"
      message.items.append(item)
    }
  }

  static func isBlank(_ text: [UInt8]) -> Bool { text.allSatisfy { ASCII.isSpace($0) } }

  /// The HTML and its character set. It says itself which one, and the message says so too; neither is always right.
  private func html(_ bytes: Bytes) -> (bytes: [UInt8], charset: String)? {
    guard let property = properties.first(PropertyID.html), case .data(let ranges) = property.value, ranges.size > 0
    else { return nil }
    if property.type == PropertyType.unicode { return (strings.text(property, bytes), "utf-8") }
    var html = ranges.bytes(of: bytes)
    while html.last == 0 { html.removeLast() }
    if html.isEmpty { return nil }
    let page = properties.integer(PropertyID.internetCodePage) ?? 0
    if html.span.isASCII(0..<html.count) {
      return HTMLCharset.labelled(sevenBits: html, told: WindowsCodePage.charset(page), converter)
    }
    let isUTF8 = html.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
    if isUTF8 { return (html, "utf-8") }
    return HTMLCharset.labelled(
      html, told: WindowsCodePage.charset(page), declared: HTMLText.declaredCharset(html.span),
      assumed: strings.charset, converter)
  }

  private mutating func rtf(_ bytes: Bytes) -> [UInt8] {
    guard let ranges = properties.data(PropertyID.rtfCompressed), ranges.size > 0 else { return [] }
    let packed = ranges.bytes(of: bytes)
    do {
      let unpacked = try CompressedRTF.decode(packed.span)
      if let defect = unpacked.defect { note(.rtfDamaged, "\(defect); what could be read is kept") }
      return unpacked.rtf
    } catch {
      // Some writers store it as it is.
      if packed.starts(with: "{\\rtf".utf8) { return packed }
      note(.rtfDamaged, "\(error.text); left out")
      return []
    }
  }
}
