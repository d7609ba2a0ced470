import TestSupport
import Testing

@testable import Formats

@Suite struct FormatFlowedTests {
  private static func unflow(_ text: String, deletingSpace: Bool = false) -> String {
    let source = crlf(text)
    return String(
      decoding: write { FormatFlowed.unflow(source.span, deletingSpace: deletingSpace, into: &$0) }.filter {
        $0 != ASCII.cr
      },
      as: UTF8.self)
  }

  /// RFC 3676, section 4.
  @Test(arguments: [
    ("one \ntwo \nthree\n", "one two three\n"), ("fixed\nlines\n", "fixed\nlines\n"), ("", ""),
    (" From me\n", "From me\n"), ("  indented\n", " indented\n"),
    ("> one \n> two\n>> deep \n>> er\n", "> one two\n>> deep er\n"),
    // A quote depth that changes ends a paragraph, whatever its last line says.
    ("> one \nanswer\n", "> one \nanswer\n"),
    // The signature's separator is no flowed line, and nothing flows into it.
    ("end\n-- \nJeff\n", "end\n-- \nJeff\n"), ("end \n-- \nJeff\n", "end \n-- \nJeff\n"), ("last \n", "last \n"),
  ])
  func paragraphs(_ flowed: String, _ plain: String) {
    #expect(Self.unflow(flowed) == plain)
  }

  /// RFC 3676, 4.1: DelSp, for languages without blanks.
  @Test func deletedSpace() {
    #expect(Self.unflow("資料 \nです\n", deletingSpace: true) == "資料です\n")
  }
}
