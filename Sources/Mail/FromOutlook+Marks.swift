import Formats

/// What Outlook shows above a message and no header field says: its flag, and the vote that it asks for or gives.
extension FromOutlook {
  /// Puts a text with them behind the bodies.
  mutating func readMarks(_ bytes: Bytes) {
    guard messageClass.kind == .message || messageClass.kind == .contact else { return }
    var rows = TextRows()
    let request = line(.flagRequest, bytes)
    let status = properties.integer(PropertyID.flagStatus) ?? 0
    if status != 0 || !request.isEmpty {
      rows.append("Flag", request.isEmpty ? "Follow up" : request)
      rows.append("Due", properties.time(.taskDueDate), isDay: true)
      rows.append("Answer by", properties.time(PropertyID.replyTime))
      if status == Self.flagComplete {
        let time = properties.time(PropertyID.flagCompleteTime)
        if time == nil { rows.append("Completed", "yes") } else { rows.append("Completed", time) }
      }
    }
    rows.append("Vote", line(.verbResponse, bytes))
    rows.append("To vote on", voteOptions(bytes).joined(separator: "; "))
    let count = message.items.count
    appendSummary(rows, "Flag")
    marks = message.items.count - count
  }

  /// PidTagFlagStatus of what is done, [MS-OXOFLAG] 2.2.1.1.
  private static let flagComplete = 1

  // MARK: Votes

  /// The names of the buttons that a message asks to vote by, [MS-OXOMSG] 2.2.1.74.
  private func voteOptions(_ bytes: Bytes) -> [String] {
    guard let ranges = properties.data(.verbStream) else { return [] }
    let raw = ranges.bytes(of: bytes, limit: 1 << 16)
    var position = 6
    func number(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(raw[at + $1]) << UInt32(8 * $1) } }
    func text(wide: Bool = false) -> String? {
      guard position < raw.count else { return nil }
      let size = Int(raw[position]) * (wide ? 2 : 1)
      let start = position + 1
      guard start + size <= raw.count else { return nil }
      position = start + size
      return wide ? raw.span.utf16(start..<position) : strings.string8(Array(raw[start..<position]))
    }
    guard raw.count >= 6 else { return [] }
    var options: [(type: UInt32, name: String)] = []
    for _ in 0..<min(number(2), 100) {
      guard position + 4 <= raw.count else { break }
      let type = number(position)
      position += 4
      // Name, message class, an empty text, the name again; then numbers.
      guard let name = text(), text() != nil, text() != nil, text() != nil else { break }
      position += 29
      options.append((type, name))
    }
    // Behind them the names again, in UTF-16.
    if position + 2 <= raw.count {
      position += 2
      for i in options.indices {
        guard let name = text(wide: true), text(wide: true) != nil else { break }
        options[i].name = name
      }
    }
    // The others are Reply, Forward and their like.
    return options.filter { $0.type == 4 && !$0.name.isEmpty }.map(\.name)
  }
}
