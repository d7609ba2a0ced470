import TestSupport
import Testing

@testable import Formats

@Suite struct JSONObjectTests {
  /// A line and what was read from it.
  private struct Read {
    let line: [UInt8]
    private(set) var object = JSONObject()

    init?(_ text: String) {
      line = Array(text.utf8)
      let line = line
      guard object.read(line.span) else { return nil }
    }

    func string(_ key: StaticString) -> String? {
      let line = line
      return object.string(key, in: line.span).map { String(decoding: $0, as: UTF8.self) }
    }

    func integer(_ key: StaticString) -> Int? {
      let line = line
      return object.integer(key, in: line.span)
    }

    func strings(_ key: StaticString) -> [String]? {
      let line = line
      return object.strings(key, in: line.span)?.map { String(decoding: $0, as: UTF8.self) }
    }

    func integers(_ key: StaticString) -> [Int]? {
      let line = line
      return object.integers(key, in: line.span)
    }
  }

  @Test func members() throws {
    let read = try #require(
      Read(#" { "id" : 20014, "name":"a\"b\\\u00e9\ud83d\ude00\n", "list":[1,-2] , "names":["x",""],"o":{"a":[{}]}} "#))
    #expect(read.integer("id") == 20014)
    #expect(read.string("name") == "a\"b\\é😀\n")
    #expect(read.integers("list") == [1, -2])
    #expect(read.strings("names") == ["x", ""])
    #expect(read.string("id") == nil)
    #expect(read.integer("name") == nil)
    #expect(read.strings("list") == nil)
    #expect(read.integer("na") == nil)
    #expect(read.integer("a") == nil)
  }

  /// What the writer writes is read back.
  @Test func roundTrip() throws {
    let text = String(decoding: (1...255).map { UInt8($0) }, as: UTF8.self) + "\u{0}\u{7F}\u{10FFFF}"
    var writer = JSONLine()
    writer.add("text", text)
    writer.add("number", -123_456)
    let read = try #require(Read(String(decoding: writer.closed, as: UTF8.self)))
    #expect(read.string("text") == text)
    #expect(read.integer("number") == -123_456)
  }

  @Test(arguments: [
    "", " ", "{", "{}}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":-}",
    "{\"a\":tru}", "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"b", "{\"a\":\"b\\",
    "{\"a\":[1,]}",
    "{\"a\":[1}", "{\"a\":{\"b\"}}", "{\"a\":1}x", "{a:1}", "{\"a\":1e}", "{\"a\":[}",
  ])
  func noObject(_ text: String) { #expect(Read(text) == nil) }

  @Test(arguments: ["{}", "{\"a\":[]}", "{\"a\":-0.5e+7}", "{\"a\":{\"b\":[null,true,{}]}}", "{\"\":\"\"}"])
  func object(_ text: String) { #expect(Read(text) != nil) }

  @Test func lonelySurrogate() {
    #expect(Read(#"{"a":"\ud83dx\ude00"}"#)?.string("a") == "\u{FFFD}x\u{FFFD}")
  }

  @Test func nestingIsBounded() {
    #expect(Read("{\"a\":" + String(repeating: "[", count: 60) + String(repeating: "]", count: 60) + "}") != nil)
    #expect(Read("{\"a\":" + String(repeating: "[", count: 1_000_000)) == nil)
  }

  /// Every line that is cut off is no object, and none of the damages traps.
  @Test func damaged() {
    let whole = Array(
      #"{"id":1,"name":"a\u00e9\ud83d\ude00","results":["x","y"],"sizes":[1,22],"o":{"p":[null,1.5e3]}}"#.utf8)
    var object = JSONObject()
    for end in 0..<whole.count {
      let isObject = object.read(whole.span.extracting(0..<end))
      #expect(!isObject)
    }
    for position in 0..<whole.count {
      for byte in UInt8.min...UInt8.max {
        var line = whole
        line[position] = byte
        if object.read(line.span) {
          _ = object.string("name", in: line.span)
          _ = object.strings("results", in: line.span)
          _ = object.integers("sizes", in: line.span)
        }
      }
    }
  }
}
