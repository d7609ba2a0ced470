/// How .ccm files are written; the defaults are those of ccm(5), which give the sizes of KB Q184052's sample.
public struct CCLayout: Sendable, Equatable {
  /// Size lines after the keywords (/ITEMSIZE); without them the plain dialect, files in hexadecimal (/FILES/HEX).
  public var isSized = true
  /// Columns of a size field: the digits first, then blanks.
  public var sizeWidth = 11
  /// Line ends before a text inside its item.
  public var textLead = 2
  /// Line ends behind a text's last character inside its item, its own line end counted.
  public var textTrail = 2
  /// Line ends behind the last item, counted in the message's size.
  public var messageEnd = 2

  public init() {}
}

/// Writes messages of a .ccm file. A size is filled in when its block is complete.
public struct CCWriter: Sendable {
  public let layout: CCLayout
  private var messageSize = 0
  private var contentsSize = 0
  private var itemSize = 0
  /// Where the items of the message so far begin in the output.
  public private(set) var itemStarts: [Int] = []

  public init(layout: CCLayout) { self.layout = layout }

  public mutating func beginMessage(_ output: inout [UInt8]) {
    itemStarts.removeAll(keepingCapacity: true)
    output.append("Message:\r\n")
    messageSize = appendSizeField(&output)
  }

  /// Appends a header line; `value` is in the post office's code page.
  public func appendHeader(_ keyword: CCKeyword, _ value: Bytes, to output: inout [UInt8]) {
    output.append(keyword.text)
    output.append(value)
    output.appendLineEnd()
  }

  public mutating func beginContents(_ output: inout [UInt8]) {
    output.append("Contents:\r\n")
    contentsSize = appendSizeField(&output)
  }

  /// Begins an item; `title` is in the post office's code page.
  public mutating func beginItem(_ kind: CCItemKind, title: Bytes, to output: inout [UInt8]) {
    itemStarts.append(output.count)
    output.append(kind.keyword)
    output.append(title)
    output.appendLineEnd()
    itemSize = appendSizeField(&output)
  }

  /// Appends a text to the item just begun: `text` is in the post office's code page, its line ends any.
  public func appendText(_ text: Bytes, to output: inout [UInt8]) {
    guard text.count > 0 else { return }
    for _ in 0..<layout.textLead { output.appendLineEnd() }
    var copied = 0
    if !layout.isSized {
      var position = 0
      while position < text.count {
        let line = text.line(at: position, to: text.count)
        if CCLine.looksLikeKeyword(text, position..<line.end) {
          output.append(linesOf: text.extracting(copied..<position))
          output.append(ASCII.space)
          copied = position
        }
        position = line.next
      }
    }
    output.append(linesOf: text.extracting(copied..<text.count))
    if text[text.count - 1] == ASCII.lf { output.removeLast(2) }
    for _ in 0..<layout.textTrail { output.appendLineEnd() }
    // A plain text ends where the next keyword begins a line.
    if !layout.isSized, layout.textTrail == 0 { output.appendLineEnd() }
  }

  /// Appends a file's data to the item just begun.
  public func appendData(_ data: Bytes, to output: inout [UInt8]) {
    guard !layout.isSized else { return output.append(data) }
    output.reserve(data.count * 2 + data.count / 16)
    for i in 0..<data.count {
      output.append(hexadecimal: data[i])
      if i % 32 == 31 || i == data.count - 1 { output.appendLineEnd() }
    }
  }

  public func endItem(_ output: inout [UInt8]) { fillIn(itemSize, &output) }

  public func endContents(_ output: inout [UInt8]) { fillIn(contentsSize, &output) }

  public func endMessage(_ output: inout [UInt8]) {
    for _ in 0..<layout.messageEnd { output.appendLineEnd() }
    fillIn(messageSize, &output)
  }

  /// Appends a size line of blanks; returns the position after it, from which the size counts.
  private func appendSizeField(_ output: inout [UInt8]) -> Int {
    guard layout.isSized else { return output.count }
    for _ in 0..<layout.sizeWidth { output.append(ASCII.space) }
    output.appendLineEnd()
    return output.count
  }

  private func fillIn(_ start: Int, _ output: inout [UInt8]) {
    guard layout.isSized else { return }
    let size = output.count - start
    var (digits, unit) = (1, 1)
    while size / unit >= 10 { (digits, unit) = (digits + 1, unit * 10) }
    var position = start - 2 - layout.sizeWidth
    if digits > layout.sizeWidth {
      // A field too narrow for its number gets the room it needs.
      output.insert(contentsOf: repeatElement(ASCII.space, count: digits - layout.sizeWidth), at: position)
    }
    while unit > 0 {
      output[position] = ASCII.zero + UInt8(size / unit % 10)
      position += 1
      unit /= 10
    }
  }
}
