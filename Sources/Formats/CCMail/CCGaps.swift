/// Line ends behind the items of a message. Where each item has the same ones, its writer put them there (Q184391);
/// where one item has others, its size is too short, and they may be a part of it.
struct CCGaps {
  private var gaps: [Range<Int>] = []

  /// Notes what stands behind an item whose size was obeyed: nothing, or line ends.
  mutating func note(_ gap: Range<Int>) { gaps.append(gap) }

  /// Those that may be a part of the item before them.
  var doubtful: [Range<Int>] {
    guard gaps.contains(where: { !$0.isEmpty }) else { return [] }
    if gaps.count > 1, gaps.allSatisfy({ $0.count == gaps[0].count }) { return [] }
    return gaps.filter { !$0.isEmpty }
  }
}

/// What stands between the blocks of a message, and behind it: left out, and said where it may have meant something.
extension MessageParser {
  mutating func noteGap(_ bytes: Bytes, _ gap: Range<Int>, isLast: Bool = false, isEndOfFile: Bool = false) {
    var lineEndsOnly = true
    var isEndOfDOSFile = isEndOfFile
    for i in gap where bytes[i] != ASCII.cr && bytes[i] != ASCII.lf {
      lineEndsOnly = false
      // Blanks come with Ctrl-Z, as a rule.
      if bytes[i] != ASCII.substitute { isEndOfDOSFile = false }
      if bytes[i] == 0xEF { endsWithByteOrderMark = true }
    }
    if lineEndsOnly {
      if !isLast, obeysSize { gaps.note(gap) }
    } else if !isEndOfDOSFile {
      var start = gap.lowerBound
      while bytes[start] == ASCII.cr || bytes[start] == ASCII.lf { start += 1 }
      note(
        start, .filler,
        "\(gap.upperBound - start) bytes \(isLast ? "behind the message" : "between two items") are left out: "
          + CCFiller.names(bytes, start..<gap.upperBound))
    }
    obeysSize = false
  }

  /// Says where the sizes of the contents and of the message differ from what was found.
  mutating func checkSizes(_ bytes: Bytes) {
    guard message.isSized else { return }
    for gap in gaps.doubtful {
      note(
        gap.lowerBound, .filler,
        "\(gap.count) bytes of line ends behind the size of an item are left out; they may be a part of it")
    }
    let last = message.items.last?.data.upperBound ?? position
    if let end = contentsEnd, end != last {
      note(
        last, .contentsSize,
        "the contents end here, \(abs(end - last)) bytes \(end > last ? "before" : "behind") their size")
    }
    guard let end = messageEnd else { return }
    if end < last || end > position {
      note(last, .messageSize, "the message ends here, \(abs(end - position)) bytes from where its size says")
    } else if end < position, (end..<position).allSatisfy({ bytes[$0] == ASCII.cr || bytes[$0] == ASCII.lf }) {
      note(end, .filler, "\(position - end) bytes of line ends behind the size of the message are left out")
    }
  }
}
