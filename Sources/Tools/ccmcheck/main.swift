// Says what is wrong with a .ccm file: each finding with file, line, byte offset and rule. For people and for scripts.

import Formats
import Tooling

let program = "ccmcheck"

Diagnostics.main(program) { () throws(Failure) in
  var isJSON = false
  var isQuiet = false
  let operands = try OptionParser(
    program: program, synopsis: "[--json] [--quiet] [FILE ...]",
    options: [.flag("json") { isJSON = true }, .flag("quiet", "q") { isQuiet = true }]
  ).parse()
  let output = Output()
  var status = ExitStatus.ok

  func say(_ file: String, line: Int, _ finding: Finding) throws(Failure) {
    status = .dataError
    if isQuiet { return }
    var text: [UInt8]
    if isJSON {
      var json = JSONLine()
      json.add("file", file)
      json.add("line", line)
      json.add("offset", finding.offset)
      json.add("rule", finding.rule.rawValue)
      json.add("text", finding.text)
      text = json.closed
    } else {
      text = PrintableText.bytes(
        "\(file):\(line): offset \(finding.offset): \(finding.rule): \(finding.text)".utf8)
    }
    text.append(ASCII.lf)
    try output.write(text.span)
  }

  for operand in operands.isEmpty ? ["-"] : operands {
    try output.flush()
    let input = try Input(operand)
    let name = operand.description
    // The line that the window begins with.
    var line = 1
    do throws(Failure) {
      try MessageReader.ccm(input, maximumMessage: 1 << 31) { message, bytes, offset throws(Failure) in
        var position = 0
        for finding in message.findings.sorted(by: { $0.offset < $1.offset }) {
          while let feed = bytes.firstIndex(of: ASCII.lf, from: position, to: min(finding.offset, bytes.count)) {
            line += 1
            position = feed + 1
          }
          try say(name, line: line, Finding(offset: offset + finding.offset, rule: finding.rule, text: finding.text))
        }
        while let feed = bytes.firstIndex(of: ASCII.lf, from: position, to: message.whole.upperBound) {
          line += 1
          position = feed + 1
        }
      }
    } catch {
      try output.flush()
      guard error.status == .dataError else { throw error }
      Diagnostics.say(program, error.text ?? "")
      status = .dataError
    }
  }
  try output.finish()
  return status
}
