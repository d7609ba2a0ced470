import Formats

/// Files, with what a .ccm file cannot say of them carried beside them.
extension ToCCMail {
  func writeFile(_ item: Item, text: UInt32?, source: Bytes, to output: inout [UInt8]) {
    var item = item
    if item.type.name.hasPrefix("message/"), case .source(_, .identity) = item.content {
      // The canonical form of what message/* holds has CR LF, whatever the file around it has.
      decode(item, source: source)
      item.content = .bytes(LineEnds.canonical(decoded))
    }
    let wanted = item.name.isEmpty ? defaultName(item) : item.name
    // Names that differ in what the code page lacks must not become one.
    let shown = options.longNames ? mapping.text(mapping.line(wanted).bytes) : wanted
    let name = mapping.line(names.name(for: shown, type: item.type))
    var carry = CarriedItem()
    let nameText = mapping.text(name.bytes)
    carry.item = nameText
    if nameText != item.name {
      carry.name = item.name
      if !item.name.isEmpty, nameText.lowercased() != item.name.lowercased() {
        findings.note(
          offset(of: item), .nameChanged,
          "a file's name is shortened to \(nameText); the original is carried: \(item.name)")
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
        findings.note(defect, .transferEncoding, "the encoding of a file is damaged here; what could be read is kept")
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
