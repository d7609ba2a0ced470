import TestSupport
import Testing

@testable import Formats

/// The entries of an undeliverable file, for comparison: reasons, and the first text of the message.
private func entries(_ file: String) -> [(reasons: [String], text: String?)] {
  let bytes = crlf(file)
  var reader = UndeliverableFile()
  var found: [(reasons: [String], text: String?)] = []
  while let entry = reader.next(in: bytes.span) {
    let window = bytes.span.extracting(entry.window)
    found.append(
      (
        entry.reasons.map { bytes.span.string($0) },
        entry.message.map { message in
          message.items.map { window.string(window.trimmed($0.data)) }.joined(separator: "+")
        }
      ))
  }
  return found
}

/// A message with sizes, of one text or two.
private func sized(_ texts: String..., between: String = "") -> String {
  let items = texts.map { "Text item: \n\($0.utf8.count + 2)\n\($0)\n" }
  let contents = "Contents:\n\(crlf(items.joined()).count)\n"
  let header = "From: Jeff at Hub\nTo: Ben at PLANT3\n"
  return "Message:\n\(crlf(header + contents + items.joined()).count)\n\(header)\(contents)"
    + items.joined(separator: between)
}

private func plain(_ text: String) -> String {
  "Message:\nFrom: Jeff at Hub\nTo: Ben at PLANT3\nContents:\nText item: \n\(text)\n"
}

@Suite struct UndeliverableFileTests {
  @Test(arguments: [{ sized($0) }, { plain($0) }] as [@Sendable (String) -> String])
  func reasonsBeforeTheirMessages(_ message: @Sendable (String) -> String) {
    let found = entries(
      "***  Unknown Date Format  ***\n\n" + message("One") + "\n***  First reason  ***\n***  Second reason  ***\n\n"
        + message("Two"))
    #expect(found.map(\.reasons) == [["Unknown Date Format"], ["First reason", "Second reason"]])
    #expect(found.map(\.text) == ["One", "Two"])
  }

  @Test(arguments: [{ sized($0) }, { plain($0) }] as [@Sendable (String) -> String])
  func reasonsBehindTheirMessages(_ message: @Sendable (String) -> String) {
    let found = entries(
      "IMPORT 6.0\n" + message("One") + "***  Unknown Date Format  ***\n" + message("Two") + message("Three")
        + "\n***  Header Buffer Full  ***\n***  Header Buffer Full  ***\n")
    #expect(
      found.map(\.reasons) == [["Unknown Date Format"], [], ["Header Buffer Full", "Header Buffer Full"]])
    #expect(found.map(\.text) == ["One", "Two", "Three"])
  }

  /// Where reasons come first, those at the end are of a message that is not there: the file was cut off.
  @Test(arguments: [{ sized($0) }, { plain($0) }] as [@Sendable (String) -> String])
  func reasonsOfAMessageThatIsNotThere(_ message: @Sendable (String) -> String) {
    let found = entries("***  First reason  ***\n\n" + message("One") + "\n***  Second reason  ***\n\n")
    if message("One") == sized("One") {
      #expect(found.map(\.reasons) == [["First reason"], ["Second reason"]])
      #expect(found.map(\.text) == ["One", nil])
    } else {
      // In a text without an end, they may be text.
      #expect(found.map(\.reasons) == [["First reason"]])
    }
  }

  @Test func reasonsBetweenItems() {
    let found = entries(
      sized("One", "Two", between: "***  Disk error in creating message item  ***\n") + sized("Three"))
    #expect(found.map(\.reasons) == [["Disk error in creating message item"], []])
    #expect(found.map(\.text) == ["One+Two", "Three"])
  }

  /// Reasons behind a file in hexadecimal do not make it anything else.
  @Test func reasonsBehindAFile() {
    let file = "Message:\nFrom: Jeff at Hub\nTo: Ben at PLANT3\nContents:\nFile item: A.BIN\n414243\n"
    for bytes in [
      crlf("***  One  ***\n" + file + "\n***  Two  ***\n" + file),
      crlf(file + "***  One  ***\n" + file + "***  Two  ***\n"),
    ] {
      var reader = UndeliverableFile()
      var count = 0
      while let entry = reader.next(in: bytes.span) {
        count += 1
        #expect(entry.message?.items.map(\.isHex) == [true])
        #expect(entry.message?.findings.isEmpty == true)
        #expect(entry.reasons.map { bytes.span.string($0) } == [count == 1 ? "One" : "Two"])
      }
      #expect(count == 2)
    }
  }

  @Test func asterisksInTextsAreText() {
    let found = entries(
      "***  A reason  ***\n" + sized("One\n***  no reason  ***") + "***  Another  ***\n" + plain("***  end  ***"))
    #expect(found.map(\.reasons) == [["A reason"], ["Another"]])
    #expect(found.map(\.text) == ["One\r\n***  no reason  ***", "***  end  ***"])
  }

  @Test func linesThatAreNoReasons() {
    let found = entries(
      "***\n******\n***  ***\n*** half\nhalf ***\n*** tight ***\n***glued***\n***  To: *Star*  ***\n" + sized("One"))
    #expect(found.map(\.reasons) == [["tight", "glued", "To: *Star*"]])
  }

  @Test func reasonsWithoutMessages() {
    #expect(entries("***  Disk full  ***\n").map(\.reasons) == [["Disk full"]])
    #expect(entries("***  Disk full  ***\n").map(\.text) == [nil])
    #expect(entries("").isEmpty)
    #expect(entries("\u{1A}\n\nnothing\n").isEmpty)
  }

  @Test func whatRemainsOfAFindingAboutReasons() {
    let bytes = crlf("***  A reason  ***\n" + sized("One") + "other text\n" + sized("Two"))
    var reader = UndeliverableFile()
    #expect(reader.next(in: bytes.span)?.message?.findings.isEmpty == true)
    #expect(reader.next(in: bytes.span)?.message?.findings.map(\.rule) == [.textBeforeMessage])
  }
}
