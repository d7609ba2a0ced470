import TestSupport
import Testing

@testable import Formats
@testable import Mail

/// Messages that were divided for their long header (Q166499), on their way back.
@Suite struct DivisionTests {
  private static func divided(
    _ member: (Int) -> String = { "Member \($0) <member\($0)@example.org>" }
  ) throws -> [[UInt8]] {
    var options = ConversionOptions()
    options.headerLimit = 512
    let to = (1...40).map(member).joined(separator: ", ")
    let message = Array("From: a@example.com\nTo: \(to)\nSubject: all of you\n\nhello\n".utf8)
    var ccm: [UInt8] = []
    _ = try Converter(options: options).convertToCCMail(message.span, to: &ccm)
    var scanner = CCScanner()
    var parts: [[UInt8]] = []
    while case .message(let part, let next) = scanner.next(in: ccm.span, isFinal: true) {
      parts.append(ccm.span.array(part.whole))
      ccm.removeFirst(next)
    }
    return parts
  }

  /// What a run of .ccm messages becomes: the recipients of each Internet message, and the rules of its findings.
  private static func back(_ parts: [[UInt8]]) throws -> [(recipients: Int, rules: [Rule])] {
    let converter = Converter(options: ConversionOptions())
    var division = Converter.Division()
    var results: [(recipients: Int, rules: [Rule])] = []
    func take(_ eml: [UInt8], _ envelope: Converter.Envelope) throws {
      let message = try FromInternet.read(eml.span, converter: CharsetConverter())
      results.append((message.recipients.count, envelope.findings.map(\.rule)))
    }
    for part in parts {
      var scanner = CCScanner()
      guard case .message(let message, _) = scanner.next(in: part.span, isFinal: true) else { continue }
      var eml: [UInt8] = []
      let envelope = converter.convertToInternet(message, part.span, division: &division, to: &eml)
      for held in division.takeBroken() { try take(held.bytes, held.envelope) }
      if let envelope { try take(eml, envelope) }
    }
    for held in division.takeBroken(isLast: true) { try take(held.bytes, held.envelope) }
    return results
  }

  @Test func joined() throws {
    let parts = try Self.divided()
    #expect(parts.count > 3)
    let results = try Self.back(parts)
    #expect(results.map(\.recipients) == [40])
    #expect(!results[0].rules.contains(.divided))
  }

  /// No part is lost when others are missing: each is a message to its portion of the recipients.
  @Test func apart() throws {
    let parts = try Self.divided()
    for missing in parts.indices {
      var some = parts
      some.remove(at: missing)
      let results = try Self.back(some)
      #expect(results.count == some.count)
      #expect(results.allSatisfy { $0.rules.contains(.divided) })
      #expect(results.map(\.recipients).reduce(0, +) < 40)
    }
  }

  /// The fields of a message with address groups: in its last part, for the whole; each part alone has its portion.
  @Test func groups() throws {
    let parts = try Self.divided { "group \($0): member\($0)@example.org;" }
    #expect(parts.count > 3)
    for part in parts { #expect(contains(part, "group 1:") == (part == parts.last)) }
    #expect(try Self.back(parts).map(\.recipients) == [40])
    let alone = try Self.back([parts[parts.count - 1]])
    #expect(alone[0].recipients < 40)
  }

  @Test func moreThanAreRead() throws {
    let to = (0...AddressList.maximum).map { "m\($0)@example.org" }.joined(separator: ",\n ")
    let message = Array("From: a@example.com\nTo: \(to)\n\nhello\n".utf8)
    var options = ConversionOptions()
    options.headerLimit = 1 << 30
    let converter = Converter(options: options)
    let there = try converter.ccm(message)
    #expect(there.findings.map(\.rule).contains(.tooManyRecipients))
    let back = try converter.internet(there.bytes)
    #expect(contains(back[0].bytes, "m\(AddressList.maximum)@example.org"))
  }

  private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains(text)
  }
}
