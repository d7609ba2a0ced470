import Formats

/// Reads what a cc:Mail message says, and takes back what a text item `RFC822 headers` carried beside it.
final class FromCCMail {
  let options: ConversionOptions
  let converter: CharsetConverter
  let mapping: CCHeaderMapping

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
    mapping = CCHeaderMapping(options: options, converter: converter)
  }

  /// A message, and which part it is of one that was divided for its long header.
  struct Reading {
    var message: Message
    var division: (part: Int, of: Int)?
  }

  /// Reads `source`, a message in `bytes`; contents stay ranges of them.
  func read(_ source: CCMessage, _ bytes: Bytes) -> Reading {
    var message = Message()
    message.findings = source.findings
    var header = CCHeader()
    readHeader(source, bytes, &message, &header)
    var texts = joinedTexts(source, bytes)
    var reading = Reading(message: message, division: nil)
    var carried: [CarriedItem] = []
    var isCarried = false
    if let last = texts.lastIndex(where: { $0.title == CarriedItem.title }),
      takeCarried(texts[last].bytes, &reading, header, &carried)
    {
      texts.remove(at: last)
      isCarried = true
    }
    readItems(source, bytes, texts, carried, &reading.message)
    TNEFMerge.merge(&reading.message, bytes, options: options, converter: converter)
    let history = reading.message.carriesAllHeaders ? nil : routerReturn(of: source, bytes)
    if let history {
      for recipient in history.recipients { reading.message.remarks.append(("Not-Deliverable-To", recipient.name)) }
    }
    // What has such an item came from the Internet, and is the report that it was, or none.
    if !isCarried { makeReport(of: &reading.message, history, source, bytes) }
    return reading
  }

  // MARK: Header

  private func readHeader(_ source: CCMessage, _ bytes: Bytes, _ message: inout Message, _ header: inout CCHeader) {
    for line in source.header {
      let value = bytes.array(bytes.trimmed(line.value))
      let offset = line.value.lowerBound
      switch line.keyword {
      case .from:
        if header.from.isEmpty { header.from = bytes.array(line.value) }
        if message.sender == nil, !value.isEmpty { message.sender = mailbox(bytes.array(line.value), offset, &message) }
        if value.first == ASCII.tilde { message.isAutomatic = true }
      case .to: header.to += addRecipients(bytes, line.value, .to, &message)
      case .cc: header.cc += addRecipients(bytes, line.value, .cc, &message)
      case .bcc: header.bcc += addRecipients(bytes, line.value, .bcc, &message)
      case .date:
        header.date = value
        readDate(value, offset, &message)
      case .subject:
        header.subject = bytes.array(line.value)
        message.subject = mapping.text(unfolded(bytes, line.value))
      case .priority:
        header.priority = value
        message.priority = priority(String(decoding: value, as: UTF8.self).lowercased())
      case .rrt:
        header.receiptTo = bytes.array(line.value)
        if !value.isEmpty { message.receiptTo = mailbox(bytes.array(line.value), offset, &message) }
      case .other:
        let name = bytes.string(line.name).map { $0 == " " ? "-" : $0 }
        message.remarks.append((String(name), mapping.text(unfolded(bytes, line.value))))
      }
    }
    if options.normalisesRe { message.subject = ReplyPrefix.single(message.subject) }
    if message.date == nil, header.date.isEmpty {
      note(source.whole.lowerBound, "no-date", "no date; written without one", &message)
    }
    if message.sender == nil {
      note(source.whole.lowerBound, "no-sender", "no sender; \(options.defaultSender) takes its place", &message)
      message.sender = options.addresses.mailbox(options.defaultSender)
    }
  }

  func note(_ offset: Int, _ rule: String, _ text: String, _ message: inout Message) {
    if message.findings.count < 1000 { message.findings.append(Finding(offset: offset, rule: rule, text: text)) }
  }

  private func mailbox(_ value: [UInt8], _ offset: Int, _ message: inout Message) -> Mailbox {
    let text = mapping.text(value)
    // EXPORT 8.3 drops the name of a recipient (Q249133).
    if text.lowercased().hasPrefix("at ") || AddressRule.postOffice(of: text) == text.startIndex {
      note(offset, "recipient-without-name", "an address without a name: \(text)", &message)
    }
    return options.addresses.mailbox(text)
  }

  private func addRecipients(
    _ bytes: Bytes, _ value: Range<Int>, _ field: Message.Recipient.Field, _ message: inout Message
  ) -> [[UInt8]] {
    let lines = RecipientLine.split(unfolded(bytes, value))
    for line in lines {
      message.recipients.append(
        Message.Recipient(
          field: field, mailbox: mailbox(line, value.lowerBound, &message),
          isOutside: options.addresses.isOutside(mapping.text(line))))
    }
    return lines
  }

  /// The recipients in To, cc and bcc as the file names them, each once, in UTF-8.
  func recipientNames(_ source: CCMessage, _ bytes: Bytes) -> [String] {
    var seen = Set<String>()
    var names: [String] = []
    for line in source.header where line.keyword == .to || line.keyword == .cc || line.keyword == .bcc {
      for value in RecipientLine.split(unfolded(bytes, line.value)) {
        let name = mapping.text(value)
        if seen.insert(name.lowercased()).inserted { names.append(name) }
      }
    }
    return names
  }

  /// A value whose lines were continued, as one line.
  private func unfolded(_ bytes: Bytes, _ value: Range<Int>) -> [UInt8] {
    guard bytes.firstIndex(of: ASCII.lf, from: value.lowerBound, to: value.upperBound) != nil else {
      return bytes.array(value)
    }
    var text: [UInt8] = []
    var position = value.lowerBound
    while position < value.upperBound {
      let line = bytes.line(at: position, to: value.upperBound)
      if !text.isEmpty { text.append(ASCII.space) }
      text.append(bytes, bytes.trimmed(position..<line.end))
      position = line.next
    }
    return text
  }

  private func readDate(_ value: [UInt8], _ offset: Int, _ message: inout Message) {
    guard !value.isEmpty else { return }
    guard let date = CCDate(value.span, 0..<value.count, order: options.dateOrder) else {
      note(offset, "date", "a date that is none: \(String(decoding: value, as: UTF8.self))", &message)
      message.remarks.append(("Date", mapping.text(value)))
      return
    }
    message.date = PostOfficeClock.time(date)
    if message.date == nil {
      // The last day of the month, or of the year, that it can be (Q233325).
      var nearest = date
      nearest.month = min(max(nearest.month, 1), 12)
      nearest.day = min(max(nearest.day, 1), 31)
      nearest.hour = min(nearest.hour, 23)
      nearest.minute = min(nearest.minute, 59)
      while nearest.day > 28, !nearest.exists { nearest.day -= 1 }
      message.date = PostOfficeClock.time(nearest)
      message.remarks.append(("Date", mapping.text(value)))
      note(
        offset, "impossible-date",
        "a date that the calendar does not have: \(String(decoding: value, as: UTF8.self)); the nearest one is taken",
        &message)
    }
  }

  private func priority(_ value: String) -> Message.Priority {
    switch value {
    case "urgent", "high": .urgent
    case "low": .low
    default: .normal
    }
  }

  // MARK: Texts

  /// A text with the items that go on with it joined to it.
  private struct Text {
    /// The index of its first item.
    var item: Int
    var last: Int
    var title: String
    /// In the code page, nil while it is a range of the source alone.
    var bytes: [UInt8]
    var range: Range<Int>?
  }

  private func joinedTexts(_ source: CCMessage, _ bytes: Bytes) -> [Text] {
    var texts: [Text] = []
    for (index, item) in source.items.enumerated() where item.kind == .text || item.kind == .other {
      // Without sizes, the line ends behind a message stand behind its last text.
      let further = item.isProtected && index == source.items.count - 1 ? options.layout.messageEnd : 0
      let range = CCText.range(
        bytes, item.data, lead: options.layout.textLead, trail: max(1, options.layout.textTrail) + further)
      let title = bytes.array(item.title)
      if item.kind == .text, let last = texts.indices.last, texts[last].last == index - 1,
        title == ToCCMail.continued || title == ToCCMail.continuedLine
      {
        if let range = texts[last].range { texts[last].bytes = bytes.array(range) }
        texts[last].range = nil
        if title == ToCCMail.continuedLine { texts[last].bytes.removeLineEnd() }
        CCText.append(bytes, range, isProtected: item.isProtected, to: &texts[last].bytes)
        texts[last].last = index
        continue
      }
      var text = Text(item: index, last: index, title: mapping.text(title), bytes: [], range: nil)
      if item.isProtected || text.title == CarriedItem.title {
        CCText.append(bytes, range, isProtected: item.isProtected, to: &text.bytes)
      } else {
        text.range = range
      }
      texts.append(text)
    }
    return texts
  }

  /// What the history in the first text says, when the router returned this message; nil for any other.
  func routerReturn(of source: CCMessage, _ bytes: Bytes) -> RouterReturn? {
    guard let subject = source.values(.subject).first,
      mapping.text(bytes.array(bytes.trimmed(subject))).lowercased() == RouterReturn.subject,
      let item = source.items.first(where: { $0.kind == .text })
    else { return nil }
    // A history stands at the beginning.
    let start = item.data.prefix(1 << 16)
    var text: [UInt8] = []
    converter.appendUTF8(bytes.extracting(start), charset: options.codePage.iconvName, to: &text)
    return RouterReturn(text.span)
  }

  // MARK: What is carried

  /// Reads the text of the item `RFC822 headers`; returns whether it is one.
  private func takeCarried(
    _ text: [UInt8], _ reading: inout Reading, _ header: CCHeader, _ carried: inout [CarriedItem]
  ) -> Bool {
    let structure = InternetMessageReader.readHeader(text.span)
    guard !structure.fields.isEmpty, structure.findings.isEmpty else { return false }
    for field in structure.fields {
      if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.fieldName) {
        carried.append(CarriedItem(text.span, field.value, converter: converter))
      } else if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.allName) {
        reading.message.carriesAllHeaders = true
      } else if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.reportName) {
        reading.message.reportType = Message.reportType(text.span.string(text.span.trimmed(field.value)))
      } else if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.divisionName) {
        let numbers = text.span.string(text.span.trimmed(field.value)).split(separator: "/").compactMap { Int($0) }
        if numbers.count == 2, numbers[0] >= 1, numbers[0] <= numbers[1] { reading.division = (numbers[0], numbers[1]) }
      }
    }
    let before = FromInternet.readHeader(text.span, converter: converter)
    var ignored: [Finding] = []
    let expected = mapping.header(of: before, findings: &ignored)
    // Recipients for display alone have another form.
    var shown = expected
    if expected.to != header.to || expected.cc != header.cc || expected.bcc != header.bcc {
      var before = before
      before.envelope = TransportEnvelope()
      shown = mapping.header(of: before, findings: &ignored)
    }
    func isSaid(_ name: FieldName) -> Bool {
      let (own, plain, shown) = (header.values(name), expected.values(name), shown.values(name))
      // Of a report it is not said.
      if name == .dispositionNotificationTo, reading.message.reportType != nil, header.receiptTo.isEmpty { return true }
      return own.count == plain.count && own.indices.allSatisfy { own[$0] == plain[$0] || own[$0] == shown[$0] }
    }
    if reading.message.carriesAllHeaders {
      reading.message.settled.insert(.messageID)
      reading.message.settled.insert(.autoSubmitted)
      for name in [FieldName.from, .to, .cc, .bcc, .subject, .date, .importance, .dispositionNotificationTo]
      where isSaid(name) { reading.message.settled.insert(name) }
    }
    for field in structure.fields
    where !field.name.isMIME && !field.name.isTransportAlone
      && !text.span.hasPrefixIgnoringCase(at: field.whole.lowerBound, to: field.whole.upperBound, "X-ccmc-")
    {
      let isUnchanged =
        reading.division != nil && [.to, .cc, .bcc].contains(field.name)
        || isSaid(field.name)
      if isUnchanged {
        reading.message.carried.append(
          Message.CarriedHeader(name: field.name, text: text.span.array(field.whole)))
      }
    }
    return true
  }

  // MARK: Items

  private func readItems(
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
        carry.role == .body || carry.role == .message || carry.role == .report
          || carry.role == .original
      {
        originals[text] = carry
      }
    }
    var files: [String: CarriedItem] = [:]
    for carry in carried where !carry.item.isEmpty { files[carry.item.lowercased()] = carry }
    // The first one that says the whole title of a text counts.
    let titles = Dictionary(
      carried.compactMap { carry in carry.item.isEmpty ? carry.text.map { ($0, carry.title) } : nil },
      uniquingKeysWith: { first, _ in first })
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
        if let checksum, originals[checksum] != nil { continue }
        appendText(
          texts[at], title: checksum.flatMap { titles[$0] } ?? nil,
          bytes, item, &message)
      } else {
        appendFile(item, bytes, files, intact, titles, &message)
      }
    }
  }

  private func appendText(
    _ text: Text, title: String?, _ bytes: Bytes, _ source: CCMessage.Item, _ message: inout Message
  ) {
    var item = Item(kind: .text, type: .plainText, content: .bytes(text.bytes))
    if let range = text.range { item.content = .source(range, .identity) }
    item.charset = options.codePage.iconvName
    item.title = title ?? text.title
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
      note(source.start, "rtf-text", "a text is RTF; it becomes an attached file", &message)
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
    item.name = carry?.name ?? name
    item.title = carry?.title ?? ""
    item.date = carry?.date ?? title.date.flatMap { PostOfficeClock.time($0) }
    if let date = title.date, item.date == nil {
      note(
        source.start, "impossible-date",
        "a file's date that the calendar does not have: \(date.month)/\(date.day)/\(date.year)", &message)
    }
    item.contentID = carry?.contentID ?? ""
    item.isInline = carry?.isInline ?? false
    item.isRelated = carry?.isRelated ?? false
    item.charset = carry?.charset ?? ""
    item.parameters = carry?.parameters ?? []
    if let role = carry?.role { item.role = role }
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
}

/// The recipients on one header line: usually one; some writers put several there, with commas between (Q243184).
public enum RecipientLine {
  /// A comma separates only where a post office stands before it: names have commas too (`Grewal, Jeff at Hub`).
  public static func split(_ value: [UInt8]) -> [[UInt8]] {
    var recipients: [[UInt8]] = []
    var start = 0
    var isQuoted = false
    var isAddress = false
    var i = 0
    while i < value.count {
      if value[i] == ASCII.quote { isQuoted.toggle() }
      if !isQuoted, isPostOffice(value, i) { isAddress = true }
      if value[i] == ASCII.comma, !isQuoted, isAddress, i + 1 < value.count, value[i + 1] == ASCII.space,
        // The rest must be an address too.
        hasPostOffice(value, from: i + 1) || value[(i + 2)...].first == UInt8(ascii: "#")
      {
        recipients.append(Array(value[start..<i]))
        start = i + 2
        i += 1
        isAddress = false
      }
      i += 1
    }
    recipients.append(Array(value[min(start, value.count)...]))
    return recipients.filter { !$0.allSatisfy(ASCII.isSpace) }
  }

  /// Whether an address with a post office, as `AddressRule` finds it, begins within the next 1024 bytes.
  private static func hasPostOffice(_ value: [UInt8], from start: Int) -> Bool {
    var isQuoted = false
    var isWithinQuotes = false
    for i in start..<min(value.count, start + 1024) {
      if value[i] == ASCII.quote { isQuoted.toggle() }
      guard isPostOffice(value, i) else { continue }
      if !isQuoted { return true }
      isWithinQuotes = true
    }
    // A quote that is not closed hides nothing.
    return isQuoted && isWithinQuotes
  }

  /// Whether ` at ` stands at `i`.
  private static func isPostOffice(_ value: [UInt8], _ i: Int) -> Bool {
    value[i] == ASCII.space && i + 3 < value.count && value[i + 3] == ASCII.space
      && value[i + 1] | 0x20 == UInt8(ascii: "a") && value[i + 2] | 0x20 == UInt8(ascii: "t")
  }
}
