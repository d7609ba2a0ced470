import Formats
import TestSupport
import Testing

@testable import Mail

/// What is written into a header can be read by everyone: RFC 2047 with its 75 columns, RFC 2231 with its few characters,
/// and the 998 of RFC 5322, 2.1.1.
@Suite struct WrittenHeaderTests {
  /// There and back through cc:Mail, as the lines of the header.
  private static func header(_ message: String) throws -> [String] {
    let converter = converter { _ in }
    let back = try #require(try converter.internet(try converter.ccm(crlf(message)).bytes).first).bytes
    let text = text(back)
    return text[..<(text.firstRange(of: "\r\n\r\n")?.lowerBound ?? text.endIndex)].split(separator: "\r\n").map(
      String.init)
  }

  private static func encodedWords(_ lines: [String]) -> [Substring] {
    lines.flatMap { $0.split(whereSeparator: { " \t,:\"()<>".contains($0) }) }.filter {
      $0.hasPrefix("=?") && $0.hasSuffix("?=")
    }
  }

  private static let start = "From: a@example.com\nTo: b@example.org\nDate: Fri, 27 Nov 2026 10:00:00 +0000\n"

  /// Every length, so that each remainder of three comes up, in characters of one to four bytes.
  @Test(arguments: ["ö", "ж", "語", "😀", "aö", "a語"])
  func encodedWords(_ letter: String) throws {
    for count in 1...80 {
      let text = String(repeating: letter, count: count)
      let lines = try Self.header("\(Self.start)Subject: \(text)\nX: y\n\nt\n")
      let words = Self.encodedWords(lines)
      #expect(!words.isEmpty)
      for (index, word) in words.enumerated() {
        #expect(word.utf8.count <= 75)
        let parts = word.split(separator: "?", omittingEmptySubsequences: false)
        #expect(parts.count == 5)
        // Only the last one is padded.
        if parts[2].lowercased() == "b", index < words.count - 1 { #expect(!parts[3].hasSuffix("="), "\(word)") }
      }
      for line in lines { #expect(line.utf8.count <= 78, "\(line)") }
      // No character is divided.
      let value = Array(
        lines.filter { $0.hasPrefix("Subject:") || $0.hasPrefix(" ") }.joined(separator: "\r\n").utf8.dropFirst(8))
      #expect(EncodedWord.decode(value.span, 0..<value.count, charset: "", converter: CharsetConverter()) == text)
    }
  }

  /// `attribute-char` of RFC 2231, 7, is any character but blanks, controls, `*`, `'`, `%` and tspecials.
  @Test(arguments: ["a?ö.txt", "ö*'%.txt", "ö()<>@,;:.txt", "ö[]=\"\\.txt", "ö b.txt", "=ö.txt"])
  func parameters(_ name: String) throws {
    let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let lines = try Self.header(
      "\(Self.start)Subject: s\nMIME-Version: 1.0\nContent-Type: application/x-a\nContent-Disposition: attachment; filename=\"\(quoted)\"\n\nt\n"
    )
    let values = lines.compactMap { line -> Substring? in
      guard let equals = line.firstRange(of: "*="), let value = line[equals.upperBound...].split(separator: "''").last
      else { return nil }
      return value.last == ";" ? value.dropLast() : value
    }
    #expect(!values.isEmpty)
    for value in values {
      let allowed = value.utf8.allSatisfy { byte in
        byte > 32 && byte < 127 && !"*'()<>@,;:\\\"/[]?=".utf8.contains(byte)
      }
      #expect(allowed, "\(value)")
    }
  }

  /// No line is longer than 998, those that are carried neither; what has no blank to be folded at is divided or left out.
  @Test func longLines() throws {
    let word = String(repeating: "x", count: 1500)
    let identifiers = (1...80).map { "<\($0).\(String(repeating: "r", count: 40))@example.com>" }.joined(separator: " ")
    let lines = try Self.header(
      "\(Self.start)Subject: \(word)\nReferences: \(identifiers)\nReply-To: \(word)@example.com, c@example.com\nIn-Reply-To: <\(word)@example.com>\nSender: \"\(word)\" <d@example.com>\n\nt\n"
    )
    #expect(lines.contains { $0.hasPrefix("References:") })
    for line in lines { #expect(line.utf8.count <= 998, "\(line.prefix(60))") }
    for number in [1, 40, 80] { #expect(lines.contains { $0.contains("<\(number).rrr") }) }
  }

  /// The tab at which Lotus folds is no part of a file's name.
  @Test func foldedName() throws {
    let lines = try Self.header(
      "\(Self.start)Subject: s\nMIME-Version: 1.0\nContent-Type: application/x-a;\n\tname=\"A long name of a re\n\tport.doc\"\nContent-Disposition: attachment\n\nt\n"
    )
    #expect(lines.contains { $0.contains("name=\"A long name of a report.doc\"") }, "\(lines)")
  }
}
