import TestSupport
import Testing

@testable import Formats

@Suite struct EncodedWordTests {
  private static func decode(_ text: String, charset: String = "") -> String {
    decode(crlf(text), charset: charset)
  }

  private static func decode(_ bytes: [UInt8], charset: String = "") -> String {
    EncodedWord.decode(bytes.span, 0..<bytes.count, charset: charset, converter: CharsetConverter())
  }

  /// RFC 2047, section 8, and RFC 2231, section 5.
  @Test(arguments: [
    ("=?ISO-8859-1?Q?a?=", "a"), ("=?ISO-8859-1?Q?a?= b", "a b"), ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
    ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"), ("=?ISO-8859-1?Q?a?=\n    =?ISO-8859-1?Q?b?=", "ab"),
    ("=?ISO-8859-1?Q?a_b?=", "a b"), ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
    ("=?iso-8859-1?q?Andr=E9?= Pirard", "André Pirard"), ("=?utf-8?B?w6k=?=", "é"), ("=?utf-8*de?Q?=C3=A9?=", "é"),
    ("=?ISO-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", "םולש ןב ילטפנ"),
  ])
  func words(_ encoded: String, _ plain: String) {
    #expect(Self.decode(encoded) == plain)
  }

  /// A character that stands half in one word and half in the next one.
  @Test func characterCutInTwo() {
    #expect(Self.decode("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=") == "é")
    #expect(Self.decode("=?utf-8?B?5pel5g==?= =?utf-8?B?nKw=?=") == "日本")
  }

  /// ISO-2022-JP: each word begins in ASCII.
  @Test func statefulWords() {
    #expect(Self.decode("=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?= =?ISO-2022-JP?B?GyRCO3FOQRsoQg==?=") == "会議資料")
  }

  /// What is no encoded word stays as it stands.
  @Test(arguments: [
    "=?utf-8?X?abc?=", "=?utf-8?Q?abc", "=?utf-8", "=?", "=", "a =?= b", "=?utf-8?Q?", "1+1=?", "=?? ?=",
  ])
  func noWords(_ text: String) {
    #expect(Self.decode(text) == text)
  }

  @Test func unfolding() {
    #expect(Self.decode("one\n two\n\tthree") == "one two three")
    #expect(Self.decode("  one  ") == "one")
  }

  @Test func rawEightBitText() {
    #expect(Self.decode([0x4D, 0xFC, 0x6C], charset: "iso-8859-1") == "Mül")
    #expect(Self.decode([0xCD, 0xC5, 0xC4], charset: "koi8-r") == "мед")
    #expect(Self.decode("é".bytes, charset: "iso-8859-1") == "é")
  }
}
