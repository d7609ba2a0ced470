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
    if !isCarried {
      if history == nil { takeGatewayHeader(source, bytes, &reading.message) }
      makeReport(of: &reading.message, history, source, bytes)
    }
    return reading
  }

  // MARK: Texts

  /// A text with the items that go on with it joined to it.
  struct Text {
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
      let range =
        CCText.isEmpty(bytes, item.data, upTo: further)
        ? item.data.lowerBound..<item.data.lowerBound
        : CCText.range(
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
}

/// The recipients on one header line: usually one; some writers put several there, with commas between (Q243184).
public enum RecipientLine {
  /// A semicolon separates where each piece is an address; a comma only where a post office stands before it: names
  /// have commas too (`Grewal, Jeff at Hub`).
  public static func split(_ value: [UInt8]) -> [[UInt8]] {
    guard value.contains(ASCII.semicolon) else { return splitAtCommas(value) }
    var pieces: [[UInt8]] = []
    var start = 0
    // A quote that is not closed hides nothing.
    let heedsQuotes = value.count(where: { $0 == ASCII.quote }) % 2 == 0
    var isQuoted = false
    for (i, byte) in value.enumerated() {
      if byte == ASCII.quote { isQuoted.toggle() }
      if byte == ASCII.semicolon, !isQuoted || !heedsQuotes {
        pieces.append(trimmed(value[start..<i]))
        start = i + 1
      }
    }
    pieces.append(trimmed(value[start...]))
    pieces.removeAll { $0.isEmpty }
    let areAddresses = pieces.allSatisfy { piece in
      piece.contains(ASCII.at) || piece.indices.contains { isPostOffice(piece, $0) }
    }
    return areAddresses ? pieces.flatMap(splitAtCommas) : splitAtCommas(value)
  }

  private static func trimmed(_ piece: ArraySlice<UInt8>) -> [UInt8] {
    let start = piece.drop(while: ASCII.isSpace)
    return Array(start.prefix(start.count - start.reversed().prefix(while: ASCII.isSpace).count))
  }

  private static func splitAtCommas(_ value: [UInt8]) -> [[UInt8]] {
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
