import Formats

/// A message within a message as a cc:Mail user reads it: cc:Mail's own separator of forwarded messages (dossier
/// 1.13), who, when and what, and the text.
enum MessageText {
  /// The rendering in UTF-8.
  static func render(_ message: Message, source: Bytes, links: LinkStyle, converter: CharsetConverter) -> [UInt8] {
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
      var content: [UInt8] = []
      switch (item.kind, item.role) {
      case (.text, _), (_, .body):
        _ = item.content.append(from: source, to: &content)
        var utf8: [UInt8] = []
        converter.appendUTF8(content.span, charset: item.charset, to: &utf8)
        if item.role == .body { HTMLText.render(utf8.span, links: links, to: &output) } else { output.append(contentsOf: utf8) }
        if output.last != ASCII.lf { output.appendLineEnd() }
      case (_, .alternative): continue
      default: append("[attached: ", (item.name.isEmpty ? item.type.name : item.name) + "]", to: &output)
      }
    }
    return output
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
