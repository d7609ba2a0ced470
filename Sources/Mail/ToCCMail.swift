import CZlib
import Formats

/// Writes a message as cc:Mail holds it, within its limits (dossier 3.8). What does not fit is written so that a
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
    let header = mapping.header(of: message, findings: &findings)
    let divisions = divide(header)
    if divisions.count == 1 {
      write(message, header, divisions[0], division: nil, source: source, to: &output)
    } else {
      findings.append(
        Finding(
          offset: 0, rule: "header-divided",
          text:
            "the header is longer than \(options.headerLimit) bytes; recipients divided over \(divisions.count) messages"
        ))
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

  struct Recipients {
    var to: ArraySlice<[UInt8]> = []
    var cc: ArraySlice<[UInt8]> = []
    var bcc: ArraySlice<[UInt8]> = []
  }

  /// The recipients in as many portions as the limit of the header makes necessary (Q166499).
  func divide(_ header: CCHeader) -> [Recipients] {
    let fixed = [header.from, header.date, header.subject, header.priority, header.receiptTo].reduce(0) {
      $0 + ($1.isEmpty ? 0 : $1.count + 12)
    }
    let total = [header.to, header.cc, header.bcc].joined().reduce(fixed) { $0 + $1.count + 7 }
    guard total > options.headerLimit else {
      return [Recipients(to: header.to[...], cc: header.cc[...], bcc: header.bcc[...])]
    }
    var portions: [Recipients] = []
    var current = Recipients()
    var size = fixed
    var isEmpty = true
    for (list, path) in [(header.to, \Recipients.to), (header.cc, \.cc), (header.bcc, \.bcc)] {
      for value in list {
        if size + value.count + 7 > options.headerLimit, !isEmpty {
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
    for item in message.items { write(item, source: source, to: &output) }
    writeCarried(message, header, division: division, source: source, to: &output)
    writer.endContents(&output)
    writer.endMessage(&output)
  }

  // MARK: Items

  func write(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    switch (item.kind, item.role) {
    case (.text, _): writeText(item, source: source, to: &output)
    case (_, .body): writeHTML(item, source: source, to: &output)
    case (_, .message): writeMessage(item, source: source, to: &output)
    case (_, .report): writeReport(item, source: source, to: &output)
    default: writeFile(item, text: nil, source: source, to: &output)
    }
  }

  func decode(_ item: Item, source: Bytes) {
    decoded.removeAll(keepingCapacity: true)
    if let defect = item.content.append(from: source, to: &decoded) {
      findings.append(
        Finding(
          offset: defect, rule: "transfer-encoding",
          text: "the encoding of a part is damaged here; what could be read is kept"))
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
        findings.append(
          Finding(
            offset: offset(of: item), rule: "html-filter", text: "the filter for HTML failed; rendered without it"))
      }
      HTMLText.render(utf8.span, to: &rendered)
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
    let rendered = MessageText.render(inner, source: content.span, converter: converter)
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

  // MARK: Files

  func writeFile(_ item: Item, text: UInt32?, source: Bytes, to output: inout [UInt8]) {
    var item = item
    if item.type.name.hasPrefix("message/"), case .source(_, .identity) = item.content {
      // The canonical form of what message/* holds has CR LF, whatever the file around it has.
      decode(item, source: source)
      item.content = .bytes(LineEnds.canonical(decoded))
    }
    let wanted = item.name.isEmpty ? defaultName(item) : item.name
    let name = mapping.line(names.name(for: wanted, type: item.type))
    var carry = CarriedItem()
    let nameText = mapping.text(name.bytes)
    carry.item = nameText
    if nameText != item.name {
      carry.name = item.name
      if !item.name.isEmpty, nameText.lowercased() != item.name.lowercased() {
        findings.append(
          Finding(
            offset: offset(of: item), rule: "name-changed",
            text: "a file's name is shortened to \(nameText); the original is carried: \(item.name)"))
      }
    }
    if item.role != .plain { carry.role = item.role }
    carry.text = text
    if item.type != FileTypes.type(forName: nameText) { carry.type = item.type.name }
    if !item.charset.isEmpty { carry.charset = item.charset }
    carry.parameters = item.parameters
    if !item.contentID.isEmpty { carry.contentID = item.contentID }
    if !item.title.isEmpty, item.kind == .file { carry.title = item.title }
    carry.isInline = item.isInline
    carry.isRelated = item.isRelated
    var title = name.bytes
    if let date = item.date {
      let local = PostOfficeClock.local(date)
      if options.fileDates {
        title.append(ASCII.space)
        local.append(order: options.dateOrder, fourDigitYear: options.fourDigitYear, twelveHours: true, to: &title)
      } else {
        carry.date = date
      }
    }
    writer.beginItem(item.kind == .fax ? .fax : .file, title: title.span, to: &output)
    if let macintosh = item.macintosh {
      decode(item, source: source)
      var encoded: [UInt8] = []
      let data = decoded
      var info = macintosh.info
      if info.name.isEmpty { info.name = mapping.macintoshName(item.name, inFile: name.bytes) }
      let resources = macintosh.resources
      MacBinary.append(info, data: data.span, resources: resources.span, to: &encoded)
      writer.appendData(encoded.span, to: &output)
    } else if options.layout.isSized {
      // Straight into the output: a large attachment is never anywhere else.
      if let defect = item.content.append(from: source, to: &output) {
        findings.append(
          Finding(
            offset: defect, rule: "transfer-encoding",
            text: "the encoding of a file is damaged here; what could be read is kept"))
      }
    } else {
      decode(item, source: source)
      let data = decoded
      writer.appendData(data.span, to: &output)
    }
    writer.endItem(&output)
    if carry.isNeeded { carried.append(carry) }
  }

  func defaultName(_ item: Item) -> String {
    switch item.role {
    case .body where item.type == .html, .alternative where item.type == .html: "MESSAGE.HTM"
    case .message: "MESSAGE.EML"
    case .report: "REPORT.TXT"
    case .plain where item.type.name == "text/rfc822-headers": "HEADERS.TXT"
    default: ""
    }
  }
}

extension CCHeaderMapping {
  /// The name that a Macintosh file gets in MacBinary when it has no other: that of the item, or of the .ccm file.
  func macintoshName(_ name: String, inFile short: [UInt8]) -> [UInt8] {
    let long = line(name).bytes
    return long.isEmpty ? short : Array(long.prefix(FinderInfo.maximumName))
  }
}
