extension CCMessage {
  /// A message whose lines end in CR alone, its lines ended by CR LF, and the bytes that it is then; the data of files
  /// stay as they are. Findings keep their offsets in the file.
  public func withLineFeeds(_ bytes: Bytes) -> (message: CCMessage, bytes: [UInt8]) {
    var moved = self
    var output: [UInt8] = []
    output.reserveCapacity(whole.count + whole.count / 16)
    var position = whole.lowerBound
    func copy(to end: Int) {
      guard end > position else { return }
      for i in position..<end {
        output.append(bytes[i])
        let isLone = bytes[i] == ASCII.cr && !(i + 1 < bytes.count && bytes[i + 1] == ASCII.lf)
        if isLone { output.append(ASCII.lf) }
      }
      position = end
    }
    func move(_ range: Range<Int>) -> Range<Int> {
      copy(to: range.lowerBound)
      let start = output.count
      copy(to: range.upperBound)
      return start..<output.count
    }
    for i in header.indices {
      moved.header[i].name = move(header[i].name)
      moved.header[i].value = move(header[i].value)
    }
    for i in items.indices {
      copy(to: items[i].start)
      moved.items[i].start = output.count
      moved.items[i].title = move(items[i].title)
      if (items[i].kind == .file || items[i].kind == .fax) && !items[i].isHex {
        copy(to: items[i].data.lowerBound)
        let start = output.count
        output.append(bytes, items[i].data)
        position = max(position, items[i].data.upperBound)
        moved.items[i].data = start..<output.count
      } else {
        moved.items[i].data = move(items[i].data)
      }
    }
    copy(to: whole.upperBound)
    moved.whole = 0..<output.count
    moved.endsLinesWithCR = false
    return (moved, output)
  }

  /// Whether all that is text in this message can be UTF-8.
  public func canBeUTF8(_ bytes: Bytes) -> Bool {
    func isValid(_ range: Range<Int>) -> Bool {
      bytes.isASCII(range) || String(validating: bytes.array(range), as: UTF8.self) != nil
    }
    return header.allSatisfy { isValid($0.value) }
      && items.allSatisfy { isValid($0.title) && ($0.kind == .file || $0.kind == .fax || isValid($0.data)) }
  }
}
