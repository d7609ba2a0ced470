import Formats

/// Texts and files as items of a message.
extension FromCCMail {
  func readItems(
    _ source: CCMessage, _ bytes: Bytes, _ texts: [Text], _ carried: [CarriedItem], _ message: inout Message
  ) {
    var checksums: [Int: UInt32] = [:]
    let wanted = Set(carried.compactMap(\.text))
    if !wanted.isEmpty {
      for (index, text) in texts.enumerated() {
        checksums[index] =
          text.range.map { CarriedItem.checksum(bytes, $0) }
          ?? CarriedItem.checksum(text.bytes.span, 0..<text.bytes.count)
      }
    }
    // Texts that are renderings or that have an original are not said again, unless somebody has changed them.
    var originals: [UInt32: CarriedItem] = [:]
    for carry in carried where !carry.item.isEmpty {
      if let text = carry.text,
        carry.role == .body || carry.role == .message || carry.role == .report || carry.role == .described
          || carry.role == .original
      {
        originals[text] = carry
      }
    }
    var files: [String: CarriedItem] = [:]
    for carry in carried where !carry.item.isEmpty { files[carry.item.lowercased()] = carry }
    // How many texts have the same words.
    var occurrences: [UInt32: Int] = [:]
    for checksum in checksums.values { occurrences[checksum, default: 0] += 1 }
    // The file that a text is the rendering of, or that is its original, stands behind it; where it does not, somebody
    // has moved them, and a text of these words alone is the one.
    func isSaidByFile(_ text: Text, _ checksum: UInt32) -> Bool {
      guard originals[checksum] != nil else { return false }
      let next = text.last + 1
      if next < source.items.count, source.items[next].kind == .file {
        let title = CCFileTitle(bytes, source.items[next].title, order: options.dateOrder)
        if let carry = files[mapping.text(bytes.array(title.name)).lowercased()], carry.text == checksum { return true }
      }
      return occurrences[checksum] == 1
    }
    // The first one that says the whole title of a text counts.
    let titles = Dictionary(
      carried.compactMap { carry in carry.item.isEmpty ? carry.text.map { ($0, carry.title) } : nil },
      uniquingKeysWith: { first, _ in first })
    let outside = Self.outsideTexts(checksums, carried)
    // The titles of the texts by their checksums: an original has that of its text.
    var intact: [UInt32: String] = [:]
    for (index, checksum) in checksums { intact[checksum] = texts[index].title }
    var textAt: [Int: Int] = [:]
    for (index, text) in texts.enumerated() { textAt[text.item] = index }
    var skipped = Set<Int>()
    for (index, item) in source.items.enumerated() where !skipped.contains(index) {
      if item.kind == .text || item.kind == .other {
        guard let at = textAt[index] else { continue }
        for further in (index + 1)..<max(index + 1, texts[at].last + 1) { skipped.insert(further) }
        let checksum = checksums[at]
        if let checksum, isSaidByFile(texts[at], checksum) { continue }
        appendText(
          texts[at], title: checksum.flatMap { titles[$0] } ?? nil, role: outside[at] ?? .plain,
          bytes, item, &message)
      } else {
        appendFile(item, bytes, files, intact, titles, &message)
      }
    }
  }

  /// Which texts stand outside the boundaries, by their indices: of several with the same words, the first one before
  /// them and the last one behind.
  private static func outsideTexts(_ checksums: [Int: UInt32], _ carried: [CarriedItem]) -> [Int: Item.Role] {
    var roles: [Int: Item.Role] = [:]
    for carry in carried where carry.item.isEmpty && (carry.role == .preamble || carry.role == .epilogue) {
      let indices = checksums.filter { $0.value == carry.text && roles[$0.key] == nil }.keys
      if let index = carry.role == .preamble ? indices.min() : indices.max() { roles[index] = carry.role }
    }
    return roles
  }

  private func appendText(
    _ text: Text, title: String?, role: Item.Role, _ bytes: Bytes, _ source: CCMessage.Item, _ message: inout Message
  ) {
    var item = Item(kind: .text, type: .plainText, content: .bytes(text.bytes))
    if let range = text.range { item.content = .source(range, .identity) }
    item.charset = options.codePage.iconvName
    item.title = title ?? text.title
    item.role = role
    // Release 8 clients make RTF, which older tools pass on as text (Q216473).
    let isRTF =
      if let range = text.range {
        bytes.hasPrefix(at: range.lowerBound, to: range.upperBound, "{\\rtf")
      } else {
        text.bytes.starts(with: "{\\rtf".utf8)
      }
    if isRTF {
      item.kind = .file
      item.type = MediaType("application/rtf")
      item.name = "MESSAGE.RTF"
      item.charset = ""
      note(source.start, .rtfText, "a text is RTF; it becomes an attached file", &message)
    }
    message.items.append(item)
  }

  private func appendFile(
    _ source: CCMessage.Item, _ bytes: Bytes, _ files: [String: CarriedItem], _ intact: [UInt32: String],
    _ titles: [UInt32: String?], _ message: inout Message
  ) {
    let title = CCFileTitle(bytes, source.title, order: options.dateOrder)
    let name = mapping.text(bytes.array(title.name))
    let carry = files[name.lowercased()]
    var item = Item(
      kind: source.kind == .fax ? .fax : .file,
      type: carry?.type.map { MediaType($0) } ?? FileTypes.type(forName: name),
      content: source.isHex ? .hexadecimal(source.data) : .source(source.data, .identity))
    if carry?.role == .rendering, let checksum = carry?.text, isUnchanged(item, checksum, bytes) { return }
    item.name = carry?.name ?? name
    item.title = carry?.title ?? ""
    item.date = carry?.date ?? title.date.flatMap { PostOfficeClock.time($0) }
    if let date = title.date, item.date == nil {
      note(
        source.start, .impossibleDate,
        "a file's date that the calendar does not have: \(date.month)/\(date.day)/\(date.year)", &message)
    }
    item.contentID = carry?.contentID ?? ""
    item.isInline = carry?.isInline ?? false
    item.isRelated = carry?.isRelated ?? false
    item.charset = carry?.charset ?? ""
    item.parameters = carry?.parameters ?? []
    if let role = carry?.role, role != .described, role != .rendering { item.role = role }
    if item.role == .original {
      // Only while the text that it is the original of is still what it was.
      if let text = carry?.text, let title = intact[text] {
        item.kind = .text
        item.name = ""
        item.role = .plain
        item.title = (titles[text] ?? nil) ?? carry?.title ?? title
      } else {
        item.role = .plain
      }
    }
    if item.role == .body, carry?.text.flatMap({ intact[$0] }) == nil { item.role = .plain }
    if item.kind == .fax { setFaxType(&item, bytes, source, isCarried: carry != nil) }
    // A file that came as MacBinary goes as it came.
    if item.kind == .file, item.type != .macBinary { readMacBinary(&item, bytes, bytes.array(title.name)) }
    message.items.append(item)
  }

  /// Whether a file that was made from another item is still what it was.
  private func isUnchanged(_ item: Item, _ checksum: UInt32, _ bytes: Bytes) -> Bool {
    var data: [UInt8] = []
    _ = item.content.append(from: bytes, to: &data)
    return CarriedItem.checksum(ofFile: data.span) == checksum
  }
}
