import Formats

/// Calendars, contact cards and S/MIME, told in words where a message has nothing else to read.
extension ToCCMail {
  func writeDescribed(_ item: Item, in message: Message, source: Bytes, to output: inout [UInt8]) {
    decode(item, source: source)
    let content = decoded
    guard
      let described = DescribedText.of(
        item, content: content, in: message, depth: 0, options: options, converter: converter)
    else {
      var file = item
      file.role = .plain
      writeFile(file, text: nil, source: source, to: &output)
      return
    }
    if var finding = described.finding {
      finding.offset = offset(of: item)
      findings.append(finding)
    }
    writeRendering(described.text, title: described.title, of: item, content: content, to: &output)
    // What was in it has no way back: the part itself goes there.
    for file in described.files {
      guard case .bytes(let data) = file.content else { continue }
      var file = file
      file.role = .rendering
      writeFile(file, text: CarriedItem.checksum(ofFile: data.span), source: data.span, to: &output)
    }
  }
}
