import Formats
import Mail
import Spool
import Tooling

/// Converts messages in this process.
final class MessageProcessor: Processor {
  private let settings: ConvertSettings
  private let converter: Converter
  private var source: [UInt8] = []
  private var result: [UInt8] = []

  init(_ settings: ConvertSettings) {
    self.settings = settings
    converter = Converter(options: settings.options)
  }

  /// Files beyond this size are read as dumps are, piece by piece, where they can hold many messages.
  private static let wholeLimit = 16 << 20

  func process(_ message: borrowing ClaimedMessage, _ staging: inout Staging) throws(SystemError) -> Verdict {
    if message.size <= Self.wholeLimit {
      // Room that a large message took is given back with the next one.
      source.removeAll(keepingCapacity: source.capacity <= Self.wholeLimit)
      try message.file.readAll(into: &source, expecting: message.size)
      let bytes = source
      // gzip is undone by the other way of reading.
      if !bytes.starts(with: [0x1F, 0x8B]) {
        let kind = settings.from ?? MessageKind(content: bytes.span)
        if kind == .eml, settings.to != "eml" { return try convertMessage(bytes.span, &staging) }
        return try convertDump(Input(bytes, name: message.name.description), kind, &staging)
      }
    }
    let input: Input
    do throws(Failure) {
      message.file.rewind()
      input = try Input(descriptor: message.file.number, name: message.name.description)
    } catch { return try error.verdict([]) }
    return try convertDump(input, settings.from, &staging)
  }

  private func convertMessage(_ bytes: Bytes, _ staging: inout Staging) throws(SystemError) -> Verdict {
    var result = take(&result)
    defer { self.result = result }
    do {
      let findings = try converter.convertToCCMail(bytes, to: &result)
      try staging.add(result.span, suffix: "ccm")
      return .done(findings)
    } catch let error as Unreadable {
      return .quarantine("offset \(error.offset): \(error.text)", exit: 65, [])
    } catch let error as SystemError {
      throw error
    } catch {
      return .failed("\(error)", exit: 70, [])
    }
  }

  private func take(_ buffer: inout [UInt8]) -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &buffer)
    taken.removeAll(keepingCapacity: taken.capacity <= Self.wholeLimit)
    return taken
  }

  /// Converts the messages of a dump; `kind` is told by its content where it is not known.
  private func convertDump(_ input: Input, _ kind: MessageKind?, _ staging: inout Staging) throws(SystemError)
    -> Verdict
  {
    var findings: [Finding] = []
    var systemError: SystemError?
    do throws(Failure) {
      let found = try input.withWindow { window throws(Failure) in MessageKind(content: window) }
      let kind = kind ?? found
      switch kind {
      case .ccm:
        guard settings.to != "ccm" else { return .quarantine("a .ccm file already", exit: 65, []) }
        var division = Converter.Division()
        func stage(_ result: [UInt8], _ envelope: Converter.Envelope) throws(Failure) {
          findings += envelope.findings
          do throws(SystemError) { try staging.add(result.span, suffix: "eml") } catch {
            systemError = error
            throw Failure(.ioError, nil)
          }
        }
        try MessageReader.ccm(input, maximumMessage: 1 << 31) { source, bytes, offset throws(Failure) in
          if source.header.isEmpty, source.items.isEmpty {
            throw Failure(
              .dataError, "offset \(offset + source.whole.lowerBound): a message without header and contents")
          }
          var result = take(&result)
          defer { self.result = result }
          let envelope = converter.convertToInternet(source, bytes, at: offset, division: &division, to: &result)
          for part in division.takeBroken() { try stage(part.bytes, part.envelope) }
          if let envelope { try stage(result, envelope) }
        }
        for part in division.takeBroken(isLast: true) { try stage(part.bytes, part.envelope) }
      case .msg, .tnef:
        do throws(SystemError) { return try convertOutlook(input, kind, &staging) } catch {
          systemError = error
          throw Failure(.ioError, nil)
        }
      case .mbox, .eml:
        guard settings.to != "eml" else { return .quarantine("Internet messages already", exit: 65, []) }
        try forEachMessage(kind, input) { bytes, offset throws(Failure) in
          var result = take(&result)
          defer { self.result = result }
          do throws(Unreadable) {
            findings += try converter.convertToCCMail(bytes, to: &result).map {
              Finding(offset: offset + $0.offset, rule: $0.rule, text: $0.text)
            }
          } catch { throw Failure(.dataError, "offset \(offset + error.offset): \(error.text)") }
          do throws(SystemError) { try staging.add(result.span, suffix: "ccm") } catch {
            systemError = error
            throw Failure(.ioError, nil)
          }
        }
      }
      return .done(findings)
    } catch {
      if let systemError { throw systemError }
      return try error.verdict(findings)
    }
  }

  /// A file of Outlook's as an Internet message, and that as a .ccm where one is wanted.
  private func convertOutlook(_ input: Input, _ kind: MessageKind, _ staging: inout Staging) throws(SystemError)
    -> Verdict
  {
    var eml = take(&result)
    defer { result = eml }
    var findings: [Finding] = []
    do throws(Failure) {
      try input.readAll()
      try input.withWindow { bytes throws(Failure) in
        do throws(Unreadable) {
          findings =
            kind == .msg
            ? try converter.convertMSG(bytes, to: &eml).findings : try converter.convertTNEF(bytes, to: &eml).findings
        } catch { throw Failure(.dataError, "offset \(error.offset): \(error.text)") }
      }
    } catch {
      return try error.verdict(findings)
    }
    if settings.to == "eml" {
      try staging.add(eml.span, suffix: "eml")
      return .done(findings)
    }
    var ccm: [UInt8] = []
    do throws(Unreadable) { findings += try converter.convertToCCMail(eml.span, to: &ccm) } catch {
      return .quarantine(error.text, exit: 65, findings)
    }
    try staging.add(ccm.span, suffix: "ccm")
    return .done(findings)
  }

  private func forEachMessage(
    _ kind: MessageKind, _ input: Input, _ body: (Bytes, Int) throws(Failure) -> Void
  ) throws(Failure) {
    // A file that only happens to begin with a `From ` line is left as it is: `>From ` in it may be its own.
    if kind == .mbox { return try MessageReader.mbox(input, format: .auto, keepsQuoting: settings.from != .mbox, body) }
    try MessageReader.whole(input) { bytes throws(Failure) in try body(bytes, 0) }
  }
}
