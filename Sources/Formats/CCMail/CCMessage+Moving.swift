extension CCMessage {
  /// The same message, as ranges of bytes in which it begins `offset` later.
  public func moved(by offset: Int) -> CCMessage {
    func moved(_ range: Range<Int>) -> Range<Int> { (range.lowerBound + offset)..<(range.upperBound + offset) }
    var message = self
    message.whole = moved(whole)
    for i in header.indices {
      message.header[i].name = moved(header[i].name)
      message.header[i].value = moved(header[i].value)
    }
    for i in items.indices {
      message.items[i].start += offset
      message.items[i].title = moved(items[i].title)
      message.items[i].data = moved(items[i].data)
    }
    for i in findings.indices { message.findings[i].offset += offset }
    return message
  }
}
