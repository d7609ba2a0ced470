import Formats

/// Writes a message as cc:Mail holds it, within its limits, ccm(5). What does not fit is written so that a
/// cc:Mail user can read it, and the exact original goes beside it.
final class ToCCMail {
  let options: ConversionOptions
  let mapping: CCHeaderMapping
  let converter: CharsetConverter
  var writer: CCWriter
  var findings: [Finding] = []
  var carried: [CarriedItem] = []
  var names: FileNames
  /// Room for a decoded part, and for its text in the code page; kept from message to message.
  var decoded: [UInt8] = []
  var text: [UInt8] = []
  var body: [UInt8] = []
  /// What a receipt is about, and when it was given: its message says it, not its part for programs.
  private var subject = ""
  private var time = ""

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
    mapping = CCHeaderMapping(options: options, converter: converter)
    writer = CCWriter(layout: options.layout)
    names = FileNames(isLong: options.longNames)
  }

  /// Appends `message`, whose contents are ranges of `source`, to `output`: one message of a .ccm file, or several when
  /// its header is too long for one. Returns what there is to say about it.
  func write(_ message: Message, source: Bytes, to output: inout [UInt8]) -> [Finding] {
    findings = message.findings
    (subject, time) = message.reportType == nil ? ("", "") : (message.subject, self.time(of: message))
    carried.removeAll(keepingCapacity: true)
    names = FileNames(isLong: options.longNames)
    let header = mapping.header(of: message, forms: forms(of: message, source), findings: &findings)
    let divisions = divide(header)
    if divisions.count == 1 {
      write(message, header, divisions[0], division: nil, source: source, to: &output)
    } else {
      findings.note(
        0, .headerDivided,
        "the header is longer than \(options.headerLimit) bytes or \(options.headerEntries) entries; recipients divided over \(divisions.count) messages"
      )
      let before = findings
      for (index, recipients) in divisions.enumerated() {
        findings = before
        carried.removeAll(keepingCapacity: true)
        names = FileNames(isLong: options.longNames)
        write(
          message, header, recipients, division: (index + 1, divisions.count), source: source, to: &output)
      }
    }
    return findings
  }

  // MARK: Header

  /// The forms that the addresses of this message had in cc:Mail, where it came from there.
  private func forms(of message: Message, _ source: Bytes) -> [String: [UInt8]] {
    var forms: [String: [UInt8]] = [:]
    for field in message.headers
    where field.name == .ccMailAddress && forms.count < 1000 {
      let text = EncodedWord.decode(source, value(of: field, source), charset: "", converter: converter)
      guard options.addresses.hasOtherForm(text) else { continue }
      let form = mapping.line(text)
      let mailbox = options.addresses.mailbox(text)
      if form.isExact, forms[mailbox.key] == nil { forms[mailbox.key] = form.bytes }
    }
    return forms
  }

  struct Recipients {
    var to: ArraySlice<[UInt8]> = []
    var cc: ArraySlice<[UInt8]> = []
    var bcc: ArraySlice<[UInt8]> = []
  }

  /// The recipients in as many portions as the limit of the header makes necessary (Q166499).
  func divide(_ header: CCHeader) -> [Recipients] {
    var fixed = 0
    for value in [header.from, header.date, header.subject, header.priority, header.receiptTo] where !value.isEmpty {
      fixed += value.count + 12
    }
    var total = fixed
    for list in [header.to, header.cc, header.bcc] { for value in list { total += value.count + 7 } }
    // Further entries are the lines of the sender, the date, the subject, the priority and the receipt.
    let most = max(1, options.headerEntries - 5)
    guard total > options.headerLimit || header.to.count + header.cc.count + header.bcc.count > most else {
      return [Recipients(to: header.to[...], cc: header.cc[...], bcc: header.bcc[...])]
    }
    var portions: [Recipients] = []
    var current = Recipients()
    var size = fixed
    var isEmpty = true
    for (list, path) in [(header.to, \Recipients.to), (header.cc, \.cc), (header.bcc, \.bcc)] {
      for value in list {
        let entries = current.to.count + current.cc.count + current.bcc.count
        if !isEmpty, size + value.count + 7 > options.headerLimit || entries >= most {
          portions.append(current)
          current = Recipients()
          size = fixed
        }
        current[keyPath: path].append(value)
        size += value.count + 7
        isEmpty = false
      }
    }
    portions.append(current)
    return portions
  }

  func write(
    _ message: Message, _ header: CCHeader, _ recipients: Recipients, division: (Int, Int)?, source: Bytes,
    to output: inout [UInt8]
  ) {
    let start = output.count
    writeHeader(header, recipients, &output)
    for item in message.items { write(item, in: message, source: source, to: &output) }
    let items = writer.itemStarts
    let endOfItems = output.count
    writeCarried(message, header, division: division, source: source, to: &output)
    if writer.itemStarts.count > Self.maximumItems, !options.allowsManyItems {
      let contents = output[(items.first ?? endOfItems)..<endOfItems]
      let starts = items.map { $0 - contents.startIndex }
      let further = writer.itemStarts.count - items.count
      let held = Array(contents)
      output.removeSubrange(start...)
      writeParts(held, starts, further, header, recipients, to: &output) { part, output in
        if part.isLast {
          writeCarried(message, header, division: division, part: part, source: source, to: &output)
        } else {
          writeCarried(part, to: &output)
        }
      }
      return
    }
    writer.endContents(&output)
    writer.endMessage(&output)
  }

  /// Begins a message and its contents.
  func writeHeader(_ header: CCHeader, _ recipients: Recipients, _ output: inout [UInt8]) {
    writer.beginMessage(&output)
    writer.appendHeader(.from, header.from.span, to: &output)
    if !header.date.isEmpty { writer.appendHeader(.date, header.date.span, to: &output) }
    for value in recipients.to { writer.appendHeader(.to, Array(value).span, to: &output) }
    for value in recipients.cc { writer.appendHeader(.cc, Array(value).span, to: &output) }
    for value in recipients.bcc { writer.appendHeader(.bcc, Array(value).span, to: &output) }
    if !header.subject.isEmpty { writer.appendHeader(.subject, header.subject.span, to: &output) }
    if !header.priority.isEmpty { writer.appendHeader(.priority, header.priority.span, to: &output) }
    if !header.receiptTo.isEmpty { writer.appendHeader(.rrt, header.receiptTo.span, to: &output) }
    writer.beginContents(&output)
  }

  // MARK: Items

  /// Items in which a text is continued; a longer one is attached.
  static let maximumPieces = 5

  func write(_ item: Item, in message: Message, source: Bytes, to output: inout [UInt8]) {
    switch (item.kind, item.role) {
    case (.text, _): writeText(item, source: source, to: &output)
    case (_, .body): writeHTML(item, source: source, to: &output)
    case (_, .message): writeMessage(item, source: source, to: &output)
    case (_, .report): writeReport(item, source: source, to: &output)
    case (_, .described): writeDescribed(item, in: message, source: source, to: &output)
    default: writeFile(item, text: nil, source: source, to: &output)
    }
  }

  func decode(_ item: Item, source: Bytes) {
    decoded.removeAll(keepingCapacity: true)
    if let defect = item.content.append(from: source, to: &decoded) {
      findings.note(defect, .transferEncoding, "the encoding of a part is damaged here; what could be read is kept")
    }
  }

  // MARK: HTML

  func writeHTML(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    decode(item, source: source)
    let html = decoded
    var utf8: [UInt8] = []
    converter.appendUTF8(html.span, charset: htmlCharset(item), to: &utf8)
    var rendered: [UInt8] = []
    if let filtered = options.htmlFilter?(utf8) {
      rendered = filtered
    } else {
      if options.htmlFilter != nil {
        findings.note(offset(of: item), .htmlFilter, "the filter for HTML failed; rendered without it")
      }
      HTMLText.render(utf8.span, links: options.links, to: &rendered)
    }
    writeRendering(rendered, title: "", of: item, content: html, to: &output)
  }

  /// The character set of HTML: what its message says, or else its own meta element.
  func htmlCharset(_ item: Item) -> String {
    guard item.charset.isEmpty else { return item.charset }
    let decoded = decoded
    return HTMLText.declaredCharset(decoded.span) ?? ""
  }

  /// Writes readable text made from an item, and the item itself as a file.
  func writeRendering(
    _ rendered: [UInt8], title: String, of item: Item, content: [UInt8], to output: inout [UInt8]
  ) {
    var page: [UInt8] = []
    _ = converter.append(rendered.span, codePage: options.codePage, to: &page)
    let title = mapping.line(title)
    writeTextItems(page.span, title: mapping.prefix(title.bytes, options.titleLimit), isCut: false, to: &output)
    var file = item
    file.content = .bytes(content)
    writeFile(file, text: CarriedItem.checksum(page.span, 0..<page.count), source: [UInt8]().span, to: &output)
  }

  // MARK: Messages within the message

  func writeMessage(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    decode(item, source: source)
    // The canonical form of a message has CR LF, whatever the file around it has.
    let content = LineEnds.canonical(decoded)
    guard let inner = try? FromInternet.read(content.span, converter: converter, options: options) else {
      writeFile(item, text: nil, source: source, to: &output)
      return
    }
    let rendered = MessageText.render(inner, source: content.span, options: options, converter: converter)
    var file = item
    if file.name.isEmpty { file.title = "" }
    writeRendering(rendered, title: inner.subject, of: file, content: content, to: &output)
  }

  // MARK: Reports

  func writeReport(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    decode(item, source: source)
    let content = LineEnds.canonical(decoded)
    let isReceipt = item.type.name.hasSuffix("disposition-notification")
    let rendered = MachineReport.render(
      content.span, isReceipt: isReceipt, subject: subject, time: time, addresses: options.addresses,
      converter: converter)
    guard !rendered.isEmpty else {
      writeFile(item, text: nil, source: source, to: &output)
      return
    }
    writeRendering(rendered, title: isReceipt ? "Receipt" : "Delivery report", of: item, content: content, to: &output)
  }

  /// `12/21/1999 5:19 PM`, as receipts of cc:Mail have it.
  private func time(of message: Message) -> String {
    guard let date = message.date else { return "" }
    var text: [UInt8] = []
    PostOfficeClock.local(date).append(order: options.dateOrder, fourDigitYear: true, twelveHours: true, to: &text)
    text.insert(ASCII.space, at: text.count - 2)
    return String(decoding: text, as: UTF8.self)
  }
}

extension CCHeaderMapping {
  /// The name that a Macintosh file gets in MacBinary when it has no other: that of the item, or of the .ccm file.
  func macintoshName(_ name: String, inFile short: [UInt8]) -> [UInt8] {
    let long = line(name).bytes
    return long.isEmpty ? short : Array(long.prefix(FinderInfo.maximumName))
  }
}
