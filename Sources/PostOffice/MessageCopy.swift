import Formats

/// What the copy of a message in one mailbox has other than the message: bcc lines that concern nobody there are left
/// out (Q181125), and recipients that a mailing list brought are added as bcc lines (Q243184).
struct HeaderChanges: Equatable {
  /// The numbers of the header lines that are left out, unless they are in `kept`.
  var hidden: Set<Int> = []
  /// What those of `hidden` have here: other recipients than in the message, or, when this is empty, all of them.
  var kept: [Int: [UInt8]] = [:]
  /// Recipients for further bcc lines.
  var added: [[UInt8]] = []

  var isEmpty: Bool { hidden.isEmpty && added.isEmpty }

  /// Whether a header line stays as it is.
  func keeps(_ line: Int) -> Bool { !hidden.contains(line) || kept[line]?.isEmpty == true }
}

/// Writes the copies of one message, each in the sized dialect with all sizes right.
struct MessageCopy {
  let message: CCMessage

  init(_ message: CCMessage) { self.message = message }

  /// The findings of a reader that leave all sizes right.
  private static let harmless: Set<Rule> = [.unknownKeyword, .unknownSection, .noRecipient]

  /// Appends the copy with `changes`; `bytes` are those that the message's ranges are of. A message whose sizes are
  /// right is copied byte for byte but for what changes; any other one is written anew.
  func append(_ bytes: Bytes, _ changes: HeaderChanges, to output: inout [UInt8]) {
    if message.isSized, message.findings.allSatisfy({ Self.harmless.contains($0.rule) }),
      appendSpliced(bytes, changes, to: &output)
    {
      return
    }
    appendAnew(bytes, changes, to: &output)
  }

  /// False, and nothing appended, when the sizes turn out to be no good.
  private func appendSpliced(_ bytes: Bytes, _ changes: HeaderChanges, to output: inout [UInt8]) -> Bool {
    let whole = message.whole
    let keyword = bytes.line(at: whole.lowerBound, to: whole.upperBound)
    let sizeLine = bytes.line(at: keyword.next, to: whole.upperBound)
    let digits = bytes.trimmed(keyword.next..<sizeLine.end)
    guard digits.count < 18, let size = Int(bytes.string(digits)), size >= 0, size <= whole.upperBound - sizeLine.next
    else { return false }
    let end = sizeLine.next + size
    if changes.isEmpty {
      output.append(bytes, whole.lowerBound..<end)
      return true
    }
    var rest: [UInt8] = []
    var position = sizeLine.next
    for (number, line) in message.header.enumerated() {
      let next = bytes.line(at: line.value.upperBound, to: end).next
      if changes.keeps(number) { continue }
      rest.append(bytes, position..<line.name.lowerBound)
      if let value = changes.kept[number] { appendLine(bytes, line.name, value, to: &rest) }
      position = next
    }
    if !changes.added.isEmpty, let last = message.header.last {
      let next = max(position, bytes.line(at: last.value.upperBound, to: end).next)
      rest.append(bytes, position..<next)
      position = next
      appendAdded(changes, to: &rest)
    }
    guard position <= end else { return false }
    rest.append(bytes, position..<end)
    output.append(bytes, whole.lowerBound..<keyword.next)
    let start = output.count
    output.append(decimal: rest.count)
    while output.count - start < sizeLine.end - keyword.next { output.append(ASCII.space) }
    output.appendLineEnd()
    output.append(contentsOf: rest)
    return true
  }

  private func appendAnew(_ bytes: Bytes, _ changes: HeaderChanges, to output: inout [UInt8]) {
    var writer = CCWriter(layout: CCLayout())
    writer.beginMessage(&output)
    for (number, line) in message.header.enumerated() {
      if changes.keeps(number) {
        output.append(bytes, line.name.lowerBound..<line.value.upperBound)
        output.appendLineEnd()
      } else if let value = changes.kept[number] {
        appendLine(bytes, line.name, value, to: &output)
      }
    }
    appendAdded(changes, to: &output)
    writer.beginContents(&output)
    for item in message.items {
      writer.beginItem(item.kind, title: bytes.extracting(item.title), to: &output)
      if item.isHex {
        CCText.appendHex(bytes, item.data, to: &output)
      } else {
        CCText.append(bytes, item.data, isProtected: item.isProtected, to: &output)
      }
      writer.endItem(&output)
    }
    writer.endContents(&output)
    writer.endMessage(&output)
  }

  private func appendLine(_ bytes: Bytes, _ name: Range<Int>, _ value: [UInt8], to output: inout [UInt8]) {
    output.append(bytes, name)
    output.append(": ")
    output.append(contentsOf: value)
    output.appendLineEnd()
  }

  private func appendAdded(_ changes: HeaderChanges, to output: inout [UInt8]) {
    for address in changes.added {
      output.append(CCKeyword.bcc.text)
      output.append(contentsOf: address)
      output.appendLineEnd()
    }
  }

  /// Appends the message in the plain dialect: no sizes, files in hexadecimal, keywords in texts protected.
  func appendPlain(_ bytes: Bytes, to output: inout [UInt8]) {
    var layout = CCLayout()
    layout.isSized = false
    // The texts have their line ends already.
    layout.textLead = 0
    layout.textTrail = 0
    var writer = CCWriter(layout: layout)
    writer.beginMessage(&output)
    for line in message.header {
      output.append(bytes, line.name.lowerBound..<line.value.upperBound)
      output.appendLineEnd()
    }
    writer.beginContents(&output)
    var text: [UInt8] = []
    for item in message.items {
      writer.beginItem(item.kind, title: bytes.extracting(item.title), to: &output)
      text.removeAll()
      if item.isHex {
        CCText.appendHex(bytes, item.data, to: &text)
      } else {
        CCText.append(bytes, item.data, isProtected: item.isProtected, to: &text)
      }
      switch item.kind {
      case .text, .other: writer.appendText(text.span, to: &output)
      case .file, .fax: writer.appendData(text.span, to: &output)
      }
      writer.endItem(&output)
    }
    writer.endContents(&output)
    writer.endMessage(&output)
  }
}
