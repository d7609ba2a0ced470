// Prints the structure that the reader finds in an Internet message, as one JSON object, for the oracle scripts in
// Tests/Oracles, which say what its members are.

import Formats
import Tooling

Diagnostics.main("mimetree") { () throws(Failure) in
  guard CommandLine.arguments.count == 2 else { throw Failure(.usage, "a file is wanted") }
  var bytes = try Input.readFile(CommandArguments.all[0])
  if bytes.span.firstIndex(of: 10, from: 0, to: bytes.count) == nil { bytes = bytes.map { $0 == 13 ? 10 : $0 } }
  let message: InternetMessage
  do throws(Unreadable) { message = try InternetMessageReader.read(bytes.span) } catch {
    throw Failure(.dataError, "\(CommandLine.arguments[1]): offset \(error.offset): \(error.text)")
  }
  let tree = Tree()
  tree.add(bytes, below: -1, depth: 0)
  while !tree.nested.isEmpty {
    let next = tree.nested.removeFirst()
    tree.add(next.bytes, below: next.parent, depth: next.depth)
  }
  let json = tree.object([
    (
      "parts",
      tree.list(
        tree.parts.enumerated().map { index, part in
          tree.object(
            [
              ("id", Array("\(index)".utf8)), ("parent", Array("\(part.parent)".utf8)),
              ("children", tree.list(part.children.map { Array("\($0)".utf8) })),
            ] + part.members)
        })
    ),
    ("from", tree.mailboxes(.from, message, bytes)), ("to", tree.mailboxes(.to, message, bytes)),
    ("cc", tree.mailboxes(.cc, message, bytes)), ("bcc", tree.mailboxes(.bcc, message, bytes)),
    (
      "subject",
      tree.quoted(message.field(.subject).map { EncodedWord.decode(bytes.span, $0.value, converter: tree.converter) })
    ),
    ("date", tree.quoted(tree.date(message, bytes))),
    ("textBody", tree.list([])), ("htmlBody", tree.list([])), ("attachments", tree.list([])),
  ])
  let output = Output()
  try output.write((json + [10]).span)
  try output.finish()
  return .ok
}
