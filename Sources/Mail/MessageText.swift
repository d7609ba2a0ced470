import Formats

/// A message within a message as a cc:Mail user reads it: cc:Mail's own separator of forwarded messages,
/// who, when and what, and the text.
enum MessageText {
  /// The rendering in UTF-8.
  static func render(_ message: Message, source: Bytes, options: ConversionOptions, converter: CharsetConverter)
    -> [UInt8]
  {
    var output: [UInt8] = []
    output.append("______________________________ Forward Header __________________________________\r\n")
    append("Subject: ", message.subject, to: &output)
    append("Author:  ", message.sender.map(text) ?? "", to: &output)
    for (label, field) in [("To:      ", Message.Recipient.Field.to), ("cc:      ", .cc)] {
      let names = message.recipients.filter { $0.field == field }.map { text($0.mailbox) }
      if !names.isEmpty { append(label, names.joined(separator: ", "), to: &output) }
    }
    if let date = message.date {
      output.append("Date:    ")
      PostOfficeClock.local(date).append(
        order: .monthDayYear, fourDigitYear: false, twelveHours: true, to: &output)
      output.appendLineEnd()
    }
    for item in message.items {
      output.appendLineEnd()
      append(item, source: source, in: message, depth: 1, options: options, converter: converter, to: &output)
    }
    return output
  }

  /// Appends what an item says, in lines that end. `depth` is how many messages are around it.
  static func append(
    _ item: Item, source: Bytes, in message: Message?, depth: Int, options: ConversionOptions,
    converter: CharsetConverter,
    to output: inout [UInt8]
  ) {
    if item.role == .alternative { return }
    guard item.kind == .text || item.role == .body || item.role == .described else {
      return append("[attached: ", (item.name.isEmpty ? item.type.name : item.name) + "]", to: &output)
    }
    var content: [UInt8] = []
    _ = item.content.append(from: source, to: &content)
    if item.role == .described {
      let described =
        depth < DescribedText.maximumDepth
        ? DescribedText.of(item, content: content, in: message, depth: depth, options: options, converter: converter)
        : nil
      guard let described else {
        return append("[attached: ", (item.name.isEmpty ? item.type.name : item.name) + "]", to: &output)
      }
      output.append(contentsOf: described.text)
      for file in described.files { append("[attached: ", file.name + "]", to: &output) }
      return
    }
    if item.isFlowed {
      var lines: [UInt8] = []
      FormatFlowed.unflow(content.span, deletingSpace: item.deletesSpace, into: &lines)
      content = lines
    }
    var charset = item.charset
    if item.role == .body, charset.isEmpty { charset = HTMLText.declaredCharset(content.span) ?? "" }
    var utf8: [UInt8] = []
    converter.appendUTF8(content.span, charset: charset, to: &utf8)
    if item.role == .body {
      HTMLText.render(utf8.span, links: options.links, to: &output)
    } else {
      output.append(contentsOf: utf8)
    }
    if !output.isEmpty, output.last != ASCII.lf { output.appendLineEnd() }
  }

  private static func append(_ label: String, _ text: String, to output: inout [UInt8]) {
    output.append(contentsOf: label.utf8)
    output.append(contentsOf: text.utf8.map { ASCII.isControl($0) ? ASCII.space : $0 })
    output.appendLineEnd()
  }

  private static func text(_ mailbox: Mailbox) -> String {
    mailbox.name.isEmpty ? mailbox.address : "\(mailbox.name) <\(mailbox.address)>"
  }
}
