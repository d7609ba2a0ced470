import Formats

/// Texts, in the code page and within the limit of an item, with their originals beside them.
extension ToCCMail {
  func writeText(_ item: Item, source: Bytes, to output: inout [UInt8]) {
    // Nearly all text is ASCII in the message already: it goes from the input to the output as it stands.
    if case .source(let range, .identity) = item.content, !item.isFlowed, options.codePage.containsASCII,
      range.count <= options.textLimit - 64, source.isASCII(range), CharsetName.containsASCII(item.charset),
      !options.attachesLongText || firstPiece(source.extracting(range)).count == range.count
    {
      writeText(source.extracting(range), item, original: nil, to: &output)
      return
    }
    decode(item, source: source)
    if item.isFlowed {
      var lines: [UInt8] = []
      FormatFlowed.unflow(decoded.span, deletingSpace: item.deletesSpace, into: &lines)
      swap(&lines, &decoded)
    }
    var utf8: [UInt8] = []
    let outcome = converter.appendUTF8(decoded.span, charset: item.charset, to: &utf8)
    text.removeAll(keepingCapacity: true)
    let isExact = converter.append(utf8.span, codePage: options.codePage, to: &text)
    var original: Original?
    if outcome == .mislabelled {
      findings.note(offset(of: item), .charsetLabel, "a text is UTF-8, and labelled \(item.charset)")
    }
    switch outcome {
    case .exact, .mislabelled:
      if !isExact {
        original = Original(bytes: utf8, charset: "utf-8")
        findings.note(
          offset(of: item), .textChanged,
          "a text has characters that the post office lacks; the original goes beside it")
      }
    case .replaced(let at):
      original = Original(bytes: decoded, charset: item.charset)
      findings.note(
        offset(of: item), .wrongCharset,
        "byte \(at) of a text is nothing in \(item.charset.isEmpty ? "its character set" : item.charset); the original goes beside it"
      )
    case .unknownCharset:
      original = Original(bytes: decoded, charset: item.charset)
      findings.note(
        offset(of: item), .unknownCharset,
        "an unknown character set, \(item.charset); the original goes beside the text")
    }
    if original == nil, isAttached(text) {
      original = Original(bytes: utf8, charset: "utf-8", name: "Unnamed.txt")
    }
    if let carried = original, CharsetName.containsASCII(carried.charset) {
      original?.bytes = LineEnds.canonical(carried.bytes)
      if carried.bytes.last.map({ $0 != ASCII.lf }) == true { original?.bytes.appendLineEnd() }
    }
    // The code page's text has to outlive the writing of other items.
    let written = text
    writeText(written.span, item, original: original, to: &output)
  }

  /// Whether a text in the code page becomes a file, with its beginning as the text.
  private func isAttached(_ text: [UInt8]) -> Bool {
    guard firstPiece(text.span).count < text.count else { return false }
    return options.attachesLongText || needsManyItems(text.span)
  }

  func offset(of item: Item) -> Int {
    if case .source(let range, _) = item.content { return range.lowerBound }
    return 0
  }

  struct Original {
    var bytes: [UInt8]
    var charset: String
    var name = "ORIGINAL.TXT"
  }

  /// Writes a text in the code page, continued in further items where it is too long, and its original.
  func writeText(_ text: Bytes, _ item: Item, original: Original?, to output: inout [UInt8]) {
    let title = title(item.title)
    let needsOriginalTitle = !title.isExact
    writeTextItems(text, title: title.bytes, isCut: original?.name == "Unnamed.txt", to: &output)
    let isOutside = item.role == .preamble || item.role == .epilogue
    guard needsOriginalTitle || isOutside || original != nil else { return }
    var shown = text.extracting(0..<text.count)
    if original?.name == "Unnamed.txt" { shown = text.extracting(firstPiece(text)) }
    let checksum = CarriedItem.checksum(shown, 0..<shown.count)
    if needsOriginalTitle || isOutside {
      var carry = CarriedItem()
      carry.text = checksum
      if needsOriginalTitle { carry.title = item.title }
      if isOutside { carry.role = item.role }
      carried.append(carry)
    }
    if let original {
      var file = Item(kind: .file, type: .plainText, content: .bytes(original.bytes))
      file.name = original.name
      file.role = .original
      file.charset = original.charset
      writeFile(file, text: checksum, source: text, to: &output)
    }
  }

  func title(_ text: String) -> (bytes: [UInt8], isExact: Bool) {
    if text.isEmpty { return ([], true) }
    var title = mapping.line(text)
    if title.bytes.count > options.titleLimit {
      title.bytes = mapping.prefix(title.bytes, options.titleLimit)
      title.isExact = false
      findings.note(0, .titleCut, "a title is cut at \(options.titleLimit) characters; the original is carried")
    }
    // A title that means something to a reader of this format must not stand there by chance.
    if title.bytes == Self.continued || title.bytes == Self.continuedLine
      || title.bytes.elementsEqual(CarriedItem.title.utf8)
      || title.bytes.first == ASCII.space || title.bytes.last == ASCII.space
    {
      title.bytes.insert(UInt8(ascii: "-"), at: 0)
      title.isExact = false
    }
    return title
  }

  /// The titles of text items that go on with the text before them: at a new line, or in the same line.
  static let continued = Array("continued".utf8)
  static let continuedLine = Array("continued line".utf8)

  var pieceLimit: Int {
    max(256, options.textLimit - 2 * (options.layout.textLead + options.layout.textTrail))
  }

  /// Whether a text would be continued in more items than it may take of a message, and is attached instead.
  func needsManyItems(_ text: Bytes) -> Bool {
    guard !options.allowsManyItems else { return false }
    var start = 0
    for _ in 0..<Self.maximumPieces {
      start = endOfPiece(text, from: start).end
      if start >= text.count { return false }
    }
    findings.note(
      0, .textAttached,
      "a text needs more than \(Self.maximumPieces) items; its beginning is one, and all of it is Unnamed.txt")
    return true
  }

  func firstPiece(_ text: Bytes) -> Range<Int> { 0..<endOfPiece(text, from: 0).end }

  /// Where a piece of a text that begins at `start` ends: at the last line end within the limit, or within a line.
  func endOfPiece(_ text: Bytes, from start: Int) -> (end: Int, isWithinLine: Bool) {
    // Not even if every byte were a line.
    if (text.count - start + 1) * 2 <= pieceLimit { return (text.count, false) }
    var position = start
    // Line ends are written as two bytes whatever they are.
    var size = 0
    while position < text.count {
      // A line is looked at as far as a piece can go, and not to its end for each piece.
      let line = text.line(at: position, to: min(text.count, position + pieceLimit))
      let length = line.end - position + 2
      if size + length > pieceLimit {
        if position > start { return (position, false) }
        return (options.codePage.end(of: text, from: start, limit: pieceLimit - 2), true)
      }
      size += length
      position = line.next
    }
    return (text.count, false)
  }

  func writeTextItems(_ text: Bytes, title: [UInt8], isCut: Bool, to output: inout [UInt8]) {
    var start = 0
    var isWithinLine = false
    var pieces = 0
    repeat {
      let piece = endOfPiece(text, from: start)
      let title = pieces == 0 ? title : isWithinLine ? Self.continuedLine : Self.continued
      writer.beginItem(.text, title: title.span, to: &output)
      writer.appendText(text.extracting(start..<piece.end), to: &output)
      writer.endItem(&output)
      pieces += 1
      isWithinLine = piece.isWithinLine
      start = piece.end
    } while start < text.count && !isCut
    if pieces > 1 {
      findings.note(0, .textDivided, "a text is longer than \(options.textLimit) bytes; continued in \(pieces) items")
    }
  }
}
