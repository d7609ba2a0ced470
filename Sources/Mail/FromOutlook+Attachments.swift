import Formats

/// Attachments: files, messages, OLE objects, links.
extension FromOutlook {
  mutating func readAttachments(_ bytes: Bytes) {
    // What HTML shows is of no use where there is nothing to be shown.
    if outlook.attachments.isEmpty { return }
    let cids = htmlReferences()
    for attachment in outlook.attachments {
      if let inner = attachment.embedded.first {
        message.items.append(item(of: inner, attachment.properties, bytes))
      } else {
        appendFile(attachment, cids, bytes)
      }
    }
  }

  // MARK: Messages

  /// A message within the message, written as one of the Internet.
  private mutating func item(of inner: OutlookMessage, _ properties: MAPIProperties, _ bytes: Bytes) -> Item {
    var reading = Self.read(inner, bytes, options: options, writer: writer, people: people).message
    for finding in reading.findings { note(finding.rule, "in an attached message: \(finding.text)") }
    // It is the outer one that has to be found again.
    reading.settled.insert(.messageID)
    var eml: [UInt8] = []
    writer.writeWithin(reading, source: bytes, to: &eml)
    var item = Item(kind: .file, type: .message, content: .bytes(eml))
    item.role = .message
    let display = strings.line(PropertyID.displayName, of: properties, bytes)
    let name = display.isEmpty ? reading.subject : display
    item.name = name.isEmpty ? "" : (name.lowercased().hasSuffix(".eml") ? name : name + ".eml")
    return item
  }

  // MARK: Files

  private mutating func appendFile(_ attachment: OutlookMessage.Attachment, _ cids: HTMLReferences, _ bytes: Bytes) {
    let properties = attachment.properties
    let strings = strings
    func line(_ ids: UInt16...) -> String {
      for id in ids {
        let text = strings.line(id, of: properties, bytes).trimmingBlanks
        if !text.isEmpty { return text }
      }
      return ""
    }
    var item = Item(kind: .file, type: .data, content: .bytes([]))
    item.name = line(
      PropertyID.attachLongFileName, PropertyID.attachTransportName, PropertyID.attachFileName, PropertyID.displayName)
    if !item.name.contains("."), case let suffix = line(PropertyID.attachExtension), suffix.hasPrefix("."),
      suffix.utf8.count < 16
    {
      item.name += suffix
    }
    item.date = properties.time(PropertyID.lastModificationTime) ?? properties.time(PropertyID.creationTime)
    let tag = line(PropertyID.attachMimeTag).lowercased()
    item.type = Self.isMediaType(tag) ? MediaType(tag) : FileTypes.type(forName: item.name)
    let ranges = properties.data(PropertyID.attachDataObject)
    let path = line(PropertyID.attachLongPathName, PropertyID.attachPathName)
    let object = object(attachment, bytes)
    if let object {
      item.content = object
      item.type = MediaType("application/x-ole-storage")
      if item.name.isEmpty { item.name = "object.ole" }
    } else if let ranges, ranges.size > 0 || path.isEmpty {
      item.content = .pieces(ranges)
    } else {
      guard !path.isEmpty else {
        note(.noData, "an attachment without data: \(item.name.isEmpty ? "no name" : item.name)")
        return
      }
      // By reference: what opens it is a link.
      item.content = .bytes(Array("[InternetShortcut]\r\nURL=\(Self.url(path))\r\n".utf8))
      item.type = .data
      item.name = (item.name.isEmpty ? "link" : item.name) + ".url"
      message.items.append(item)
      return
    }
    readMacintosh(&item, properties, bytes)
    if item.type.name.hasPrefix("message/") || item.type.isMultipart { readMessageFile(&item, bytes) }
    item.contentID = line(PropertyID.attachContentID).filter { $0 != "<" && $0 != ">" && !$0.isWhitespace }
    let location = line(PropertyID.attachContentLocation)
    let flags = properties.integer(PropertyID.attachFlags) ?? 0
    if cids.contains(item.contentID) || (!location.isEmpty && cids.contains(location)) {
      item.isRelated = true
      item.isInline = true
    } else if flags & 4 != 0 || (properties.flag(PropertyID.attachmentHidden) && !item.contentID.isEmpty) {
      item.isInline = item.type.name.hasPrefix("image/")
    }
    message.items.append(item)
  }

  /// The compound file of an OLE object, whether it came as a storage or as a stream; nil for any other attachment.
  private func object(_ attachment: OutlookMessage.Attachment, _ bytes: Bytes) -> Item.Content? {
    if !attachment.object.isEmpty { return .bytes(attachment.object) }
    guard attachment.isObject || attachment.properties.integer(PropertyID.attachMethod) == Self.methodOLE,
      let ranges = attachment.properties.data(PropertyID.attachDataObject),
      CompoundFile.isOne(ranges.bytes(of: bytes, limit: 8).span)
    else { return nil }
    return .pieces(ranges)
  }

  /// The value of PidTagAttachMethod for an OLE object, [MS-OXCMSG] 2.2.2.9.
  private static let methodOLE = 6

  private static func isMediaType(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && text.utf8.count < 128
      && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { HeaderWriter.isAtomText($0) || $0 == ASCII.dot } }
  }

  /// A path of Windows or a name of the network as a URL, RFC 8089.
  private static func url(_ path: String) -> String {
    if path.contains("://") { return path }
    let slashes = String(path.map { $0 == "\\" ? "/" : $0 })
    return slashes.hasPrefix("//") ? "file:" + slashes : "file:///" + slashes
  }

  /// MacBinary, which the encoding tells: 2A 86 48 86 F7 14 03 0B 01, [MS-OXCMSG] 2.2.2.20.
  private func readMacintosh(_ item: inout Item, _ properties: MAPIProperties, _ bytes: Bytes) {
    guard let encoding = properties.data(PropertyID.attachEncoding),
      encoding.bytes(of: bytes, limit: 16).starts(with: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x14, 0x03, 0x0B]),
      case .pieces(let ranges) = item.content
    else { return }
    let data = ranges.bytes(of: bytes)
    guard let file = MacBinary(data.span, 0..<data.count) else { return }
    var info = file.info
    if info.name == Array(item.name.utf8) { info.name = [] }
    item.macintosh = Item.Macintosh(info, resources: Array(data[file.resourceFork]))
    item.content = .bytes(Array(data[file.dataFork]))
  }

  /// A file that says that it is a message goes as one where it can go as it is; else it is a file like any other.
  private func readMessageFile(_ item: inout Item, _ bytes: Bytes) {
    var content: [UInt8] = []
    _ = item.content.append(from: bytes, to: &content)
    if Self.reportParts[item.type.name] != nil {
      // Seven bits and lines of mail, RFC 3464, 2.1, or no report.
      let status = LineEnds.canonical(content)
      if status.span.isASCII(0..<status.count), Self.hasMailLines(status.span), !Self.holdsBoundary(status.span) {
        item.content = .bytes(status)
      } else {
        item.type = .data
      }
      return
    }
    let isSound =
      item.type == .message && content.span.isASCII(0..<content.count)
      && InternetMessageReader.beginsWithField(content.span, at: 0) && Self.hasMailLines(content.span)
      && !Self.holdsBoundary(content.span)
    if isSound { item.role = .message } else { item.type = .data }
  }

  /// Whether a line is like a boundary that the writer makes.
  static func holdsBoundary(_ text: Bytes) -> Bool {
    var position = 0
    while position < text.count {
      if text.hasPrefix(at: position, to: text.count, "--=_ccmc-") { return true }
      position = text.line(at: position, to: text.count).next
    }
    return false
  }

  /// Whether text may stand in a message as it is: CR LF alone ends its lines, and none is too long.
  private static func hasMailLines(_ text: Bytes) -> Bool {
    var position = 0
    while position < text.count {
      let line = text.line(at: position, to: text.count)
      if line.next - line.end == 1 || line.end - position > 998 { return false }
      for i in position..<line.end where text[i] == 0 || text[i] == ASCII.cr { return false }
      position = line.next
    }
    return true
  }

  // MARK: What HTML shows

  /// The identifiers and places that HTML names in `cid:` and in other references.
  private func htmlReferences() -> HTMLReferences {
    for item in message.items where item.type == .html {
      if case .bytes(let html) = item.content { return HTMLReferences(html) }
    }
    return HTMLReferences([])
  }
}

/// The attributes of HTML that name something else: `src="cid:image001.png@01D78380"`.
struct HTMLReferences {
  private var names: Set<[UInt8]> = []

  init(_ html: [UInt8]) {
    let span = html.span
    var position = 0
    // Each reference stands behind an equals sign; style sheets have them in parentheses.
    while position < span.count, names.count < 10_000 {
      let byte = span[position]
      position += 1
      guard byte == ASCII.equals || byte == ASCII.leftParenthesis else { continue }
      while position < span.count, ASCII.isBlank(span[position]) { position += 1 }
      var close: UInt8?
      if position < span.count, span[position] == ASCII.quote || span[position] == ASCII.apostrophe {
        close = span[position]
        position += 1
      }
      let start = position
      while position < span.count, position - start < 1024 {
        let next = span[position]
        if let close {
          if next == close { break }
        } else if ASCII.isSpace(next) || next == ASCII.greater || next == ASCII.rightParenthesis {
          break
        }
        position += 1
      }
      let isCID = span.hasPrefixIgnoringCase(at: start, to: position, "cid:")
      if position > start { names.insert(Self.key(span.array((isCID ? start + 4 : start)..<position))) }
    }
  }

  func contains(_ name: String) -> Bool { !name.isEmpty && names.contains(Self.key(Array(name.utf8))) }

  /// A reference without escapes, in small letters.
  private static func key(_ reference: [UInt8]) -> [UInt8] {
    var key = reference.contains(ASCII.percent) ? reference.unescaped(ASCII.percent) : reference
    if key.contains(where: { $0 > 127 }) { return Array(String(decoding: key, as: UTF8.self).lowercased().utf8) }
    for i in key.indices { key[i] = ASCII.lowercased(key[i]) }
    return key
  }
}
