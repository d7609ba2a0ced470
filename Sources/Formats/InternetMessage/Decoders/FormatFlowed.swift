/// Text of `format=flowed`, RFC 3676: lines that end in a blank go on in the next one.
public enum FormatFlowed {
  /// Appends `text` with its paragraphs joined to one line each, ended by CR LF, and its stuffed blanks removed.
  public static func unflow(_ text: Bytes, deletingSpace: Bool, into output: inout [UInt8]) {
    var position = 0
    // The quote depth of the paragraph that is open.
    var openDepth: Int?
    while position < text.count {
      let line = text.line(at: position, to: text.count)
      var start = position
      while start < line.end, text[start] == ASCII.greater { start += 1 }
      let depth = start - position
      if start < line.end, text[start] == ASCII.space { start += 1 }
      let isSignature = line.end - start == 3 && text.hasPrefix(at: start, to: line.end, "-- ")
      let isFlowed = !isSignature && line.end > start && text[line.end - 1] == ASCII.space
      if let open = openDepth, open != depth || isSignature {
        output.appendLineEnd()
        openDepth = nil
      }
      if openDepth == nil, depth > 0 {
        for _ in 0..<depth { output.append(ASCII.greater) }
        output.append(ASCII.space)
      }
      output.append(text, start..<(isFlowed && deletingSpace ? line.end - 1 : line.end))
      if isFlowed {
        openDepth = depth
      } else {
        output.appendLineEnd()
        openDepth = nil
      }
      position = line.next
    }
    if openDepth != nil { output.appendLineEnd() }
  }
}
