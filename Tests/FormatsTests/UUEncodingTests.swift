import TestSupport
import Testing

@testable import Formats

@Suite struct UUEncodingTests {
  private static let file = "begin 644 cat.txt\n#0V%T\n`\nend\n"

  @Test func decoding() {
    let decoded = Decoded(Self.file) { UUEncoding.decode($0, $1, into: &$2) }
    #expect(decoded.text == "Cat")
    #expect(decoded.defect == nil)
  }

  /// Text before, between and behind files, and lines that begin with `begin` and are text.
  @Test func filesInText() {
    let source = crlf(
      "See below.\n\n" + Self.file + "between\nbegin 64 no\nbegin with this\nbegin 644 \n"
        + "begin 755 b.bin\n#0V%T\n \nend\nbehind\n")
    let files = UUEncoding.files(in: source.span, 0..<source.count)
    #expect(files.map { text(source[$0.name]) } == ["cat.txt", "b.bin"])
    #expect(files.map { text(source[$0.whole]).hasPrefix("begin ") } == [true, true])
    #expect(files.map { text(source[$0.whole]).hasSuffix("end\r\n") } == [true, true])
    for file in files {
      var output: [UInt8] = []
      #expect(UUEncoding.decode(source.span, file.data, into: &output) == nil)
      #expect(text(output) == "Cat")
    }
  }

  /// A line that is not as long as its first character says is text, and so is a file without its end.
  @Test(arguments: [
    "begin 644 a\n#0V%T and more\nend\n", "begin 644 a\n#0V%T\n", "begin 644 a\nlower case\nend\n", "begin 644 a",
    "begin 644 a\n", "begin 644\n#0V%T\nend\n",
  ])
  func noFile(_ source: String) {
    let bytes = source.bytes
    #expect(UUEncoding.files(in: bytes.span, 0..<bytes.count).isEmpty)
  }

  /// Blanks at the ends of lines are often cut off on the way.
  @Test func blanksCutOff() {
    let decoded = Decoded("begin 644 a\n#      \n#\n`\nend\n") { UUEncoding.decode($0, $1, into: &$2) }
    #expect(decoded.bytes == [0, 0, 0, 0, 0, 0])
  }

  @Test func damagedLine() {
    let decoded = Decoded("#0V%T\nwhat?\n#0V%T\n") { UUEncoding.decode($0, $1, into: &$2) }
    #expect(decoded.text == "CatCat")
    #expect(decoded.defect == 6)
  }
}
