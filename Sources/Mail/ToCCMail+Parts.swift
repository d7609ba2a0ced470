import Formats

/// Messages of more items than cc:Mail takes, in parts.
extension ToCCMail {
  /// Items of one message that cc:Mail takes.
  static let maximumItems = 20

  /// Writes items, `contents` with their beginnings at `starts`, as several messages to the same recipients. All but the
  /// first say in the subject which part they are: `Minutes (2 of 3)`.
  ///
  /// - Parameter further: items that each part needs besides, for what is carried.
  /// - Parameter writeCarried: writes them.
  func writeParts(
    _ contents: [UInt8], _ starts: [Int], _ further: Int, _ header: CCHeader, _ recipients: Recipients,
    to output: inout [UInt8], writeCarried: (ItemPart, inout [UInt8]) -> Void
  ) {
    let each = max(1, Self.maximumItems - max(1, further))
    let count = (starts.count + each - 1) / each
    let checksum = CarriedItem.checksum(ofFile: contents.span)
    for number in 1...max(1, count) {
      var header = header
      if number > 1 { header.subject = subject(header.subject, part: number, of: count) }
      writeHeader(header, recipients, &output)
      let first = starts[(number - 1) * each]
      let end = number < count ? starts[number * each] : contents.count
      output.append(contents.span, first..<end)
      writeCarried(ItemPart(number: number, of: count, checksum: checksum), &output)
      writer.endContents(&output)
      writer.endMessage(&output)
    }
    findings.note(
      0, .itemsDivided,
      "\(starts.count + further) items, and cc:Mail takes \(Self.maximumItems) in a message; divided over \(count) messages"
    )
  }

  private func subject(_ subject: [UInt8], part: Int, of count: Int) -> [UInt8] {
    let suffix = Array("\(subject.isEmpty ? "" : " ")(\(part) of \(count))".utf8)
    return mapping.prefix(subject, max(0, options.subjectLimit - suffix.count)) + suffix
  }
}
