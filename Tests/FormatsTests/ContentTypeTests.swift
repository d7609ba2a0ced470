import TestSupport
import Testing

@testable import Formats

@Suite struct ContentTypeTests {
  private static func parameter(_ name: StaticString, _ value: String) -> String? {
    let bytes = crlf(value)
    guard let parameter = ContentType.parameter(name, in: bytes.span, 0..<bytes.count) else { return nil }
    guard let charset = parameter.charset else { return text(parameter.bytes) }
    return text(write { CharsetConverter().appendUTF8(parameter.bytes.span, charset: charset, to: &$0) })
  }

  private static func type(_ value: String) -> String? {
    let bytes = value.bytes
    return ContentType.mediaType(bytes.span, 0..<bytes.count)?.name
  }

  @Test(arguments: [
    ("text/plain", "text/plain"), (" TEXT/Html; charset=x", "text/html"), ("(why) text/plain (so)", "text/plain"),
    ("text", "text/plain"), ("application/x-foo;", "application/x-foo"), ("", nil), ("nonsense", nil),
    (";charset=x", nil),
  ])
  func mediaType(_ value: String, _ type: String?) {
    #expect(Self.type(value) == type)
  }

  @Test(arguments: [
    ("text/plain; charset=utf-8", "utf-8"), ("text/plain;charset=\"utf-8\"", "utf-8"),
    ("text/plain; CHARSET = utf-8", "utf-8"),
    ("text/plain; x=y; charset=utf-8; z", "utf-8"), ("text/plain;;; charset=utf-8", "utf-8"),
    ("text/plain; charset=", ""),
    ("text/plain; charset=utf-8 (Unicode)", "utf-8"), ("text/plain;\n\tcharset=utf-8", "utf-8"),
    ("text/plain; x=\"; charset=no\"; charset=utf-8", "utf-8"), ("text/plain", nil), ("text/plain; xcharset=no", nil),
    ("text/plain; charset=\"utf-8", "utf-8"),
  ])
  func charset(_ value: String, _ charset: String?) {
    #expect(Self.parameter("charset", value) == charset)
  }

  /// RFC 2231, sections 3 and 4.
  @Test(arguments: [
    ("x; name=\"a\\\"b\\\\c.txt\"", "a\"b\\c.txt"), ("x; name=my file.txt", "my file.txt"),
    ("x; name*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "This is ***fun***"),
    (
      "x; name*0*=us-ascii'en'This%20is%20even%20more%20; name*1*=%2A%2A%2Afun%2A%2A%2A%20; name*2=\"isn't it!\"",
      "This is even more ***fun*** isn't it!"
    ),
    ("x; name*1=def; name*0=abc", "abcdef"), ("x; name*=iso-8859-1''%FCber.txt", "über.txt"),
    ("x; name=plain.txt; name*=utf-8''%C3%BC.txt", "ü.txt"), ("x; name*=utf-8''%zz%4", "%zz%4"),
    ("x; name*0=a; name*12345678901234567890=b", "a"), ("x; name=\"C:\\dir\\a.txt\"", "C:\\dir\\a.txt"),
  ])
  func fileName(_ value: String, _ name: String) {
    #expect(Self.parameter("name", value) == name)
  }

  /// What is written is read again, in lines of at most 78 characters.
  @Test(arguments: [
    "a.txt", "", "über.txt", "資料ソ.doc", "quote\"and\\backslash.txt", "100%.txt", "o'clock.txt", "a;b=c.txt",
    String(repeating: "long name ", count: 30), String(repeating: "ü", count: 200),
  ])
  func roundTrip(_ name: String) {
    let header = write {
      $0.append("Content-Type: text/plain")
      HeaderWriter.append(parameter: "name", name, to: &$0)
    }
    #expect(header.allSatisfy { $0 < 128 })
    #expect(text(header).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    #expect(Self.parameter("name", text(header).replacing("\r\n", with: "\n")) == name)
  }

  @Test func transferEncodings() {
    func encoding(_ value: String) -> TransferEncoding? {
      let bytes = value.bytes
      return TransferEncoding(bytes.span, 0..<bytes.count)
    }
    #expect(encoding(" Base64 ") == .base64)
    #expect(encoding("QUOTED-PRINTABLE; x") == .quotedPrintable)
    #expect(encoding("x-uuencode") == .uuencode)
    #expect(encoding("8bit") == .identity)
    #expect(encoding("") == .identity)
    #expect(encoding("rot13") == nil)
  }
}
