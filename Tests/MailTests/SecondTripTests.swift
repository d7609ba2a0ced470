import Formats
import TestSupport
import Testing

@testable import Mail

/// A second trip changes nothing, whatever the options are.
@Suite struct SecondTripTests {
  private static func isStable(_ eml: [UInt8], _ change: (inout ConversionOptions) -> Void) throws -> [UInt8] {
    let converter = converter(change)
    let there = try converter.ccm(eml).bytes
    let back = try #require(try converter.internet(there).first).bytes
    #expect(try converter.ccm(back).bytes == there)
    #expect(try converter.internet(converter.ccm(back).bytes).first?.bytes == back)
    return back
  }

  private static let start =
    "From: a@example.com\nTo: b@example.org\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nSubject: s\n"

  /// In the plain dialect the line ends behind a message are all that an empty text has.
  @Test(arguments: ["", "\n", "\n\n\n", "x", "x\n\n"], [0, 1, 2])
  func emptyText(_ text: String, _ lead: Int) throws {
    for trail in 1...3 {
      for end in 0...3 {
        _ = try Self.isStable(crlf("\(Self.start)\n\(text)")) {
          $0.layout.isSized = false
          $0.layout.textLead = lead
          $0.layout.textTrail = trail
          $0.layout.messageEnd = end
        }
      }
    }
  }

  /// Line ends count two bytes in cc:Mail, whatever they were.
  @Test(arguments: 1900...2010)
  func textAtTheLimit(_ count: Int) throws {
    let text = String(repeating: "123456789\n", count: count / 10)
    _ = try Self.isStable(Array("\(Self.start)\n\(text)".utf8)) {
      $0.textLimit = 2000
      $0.attachesLongText = true
    }
  }

  /// Bytes that are not what their label says, in a code page that has every character.
  @Test func invalidUTF8() throws {
    let eml = crlf(
      "\(Self.start)MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nabc")
    let back = try Self.isStable(eml + [0x8A, 0x20, 0xE8, 0xAD, 0x0D, 0x0A]) { $0.codePage = CodePage("utf-8") }
    let message = try FromInternet.read(back.span, converter: CharsetConverter())
    var text: [UInt8] = []
    _ = message.items[0].content.append(from: back.span, to: &text)
    #expect(text == Array("abc".utf8) + [0x8A, 0x20, 0xE8, 0xAD, 0x0D, 0x0A])
  }

  /// Reports are from nobody, and need not carry it.
  @Test func reportWithEnvelope() throws {
    let eml = crlf(
      "\(Self.start)MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nFailed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.com\n\nFinal-Recipient: rfc822; c@example.net\nAction: failed\nStatus: 5.1.1\n--b--\n"
    )
    _ = try Self.isStable(eml) { $0.writesEnvelope = true }
  }

  /// Long names that are the same in the code page, and not on the Internet.
  @Test func longNamesInJapanese() throws {
    let names = ["通知.eml", "承認.eml", "差戻.eml", "承認.eml"]
    let parts = names.map { name in
      "--b\nContent-Type: application/x-\(name.utf8.count)\nContent-Disposition: attachment; filename*=utf-8''\(name.utf8.map { "%" + String($0, radix: 16) }.joined())\n\n\(name.hashValue)\n"
    }
    let back = try Self.isStable(
      crlf("\(Self.start)MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\(parts.joined())--b--\n")
    ) { $0.longNames = true }
    let message = try FromInternet.read(back.span, converter: CharsetConverter())
    #expect(message.items.map(\.name) == names)
  }

  /// A Macintosh file whose name is beyond ASCII, with a name of its own in an AppleDouble, or none.
  @Test(arguments: [ConversionOptions.Macintosh.appleDouble, .binHex])
  func macintoshName(_ way: ConversionOptions.Macintosh) throws {
    for name in ["Frösche.txt", "\u{F6}.txt", "ann.txt"] {
      var file: [UInt8] = []
      for own in [[UInt8](), Array("Fr\u{F6}".unicodeScalars.map { UInt8($0.value) })] {
        file.removeAll()
        AppleFile.appendDouble(
          FinderInfo(name: own, type: Array("TEXT".utf8), creator: Array("ttxt".utf8)), resources: [UInt8]().span,
          to: &file)
        var encoded: [UInt8] = []
        Base64.encode(file.span, into: &encoded)
        let eml =
          "\(Self.start)MIME-Version: 1.0\nContent-Type: multipart/appledouble; boundary=b\n\n--b\nContent-Type: application/applefile\nContent-Transfer-Encoding: base64\n\n\(text(encoded))\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''\(name.utf8.map { "%" + String($0, radix: 16) }.joined())\n\ntext\n--b--\n"
        let back = try Self.isStable(crlf(eml)) { $0.macintosh = way }
        let message = try FromInternet.read(back.span, converter: CharsetConverter())
        #expect(message.items.map(\.name) == [name])
      }
    }
  }
}
