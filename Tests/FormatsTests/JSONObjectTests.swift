import Testing

@testable import Formats

@Suite struct JSONObjectTests {
  private static func read(_ text: String) -> JSONObject? {
    var object = JSONObject()
    return object.read(Array(text.utf8).span) ? object : nil
  }

  @Test func members() {
    let text =
      #" { "id" : 20014, "name":"a\"b\\\u00e9\ud83d\ude00\n", "list":[1,-2] , "names":["x",""],"o":{"a":[{}]}} "#
    let line = Array(text.utf8)
    var object = JSONObject()
    #expect(object.read(line.span))
    #expect(object.integer("id", in: line.span) == 20014)
    #expect(object.string("name", in: line.span) == Array("a\"b\\é😀\n".utf8))
    #expect(object.integers("list", in: line.span) == [1, -2])
    #expect(object.strings("names", in: line.span) == [Array("x".utf8), []])
    #expect(object.string("id", in: line.span) == nil)
    #expect(object.integer("name", in: line.span) == nil)
    #expect(object.strings("list", in: line.span) == nil)
    #expect(object.integer("na", in: line.span) == nil)
    #expect(object.integer("a", in: line.span) == nil)
  }

  /// What the writer writes is read back.
  @Test func roundTrip() {
    let text = String(decoding: (1...255).map { UInt8($0) }, as: UTF8.self) + "\u{0}\u{7F}\u{10FFFF}"
    var writer = JSONLine()
    writer.add("text", text)
    writer.add("number", Int.min / 1000)
    let line = writer.closed
    var object = JSONObject()
    #expect(object.read(line.span))
    #expect(object.string("text", in: line.span) == Array(text.utf8))
  }

  @Test(arguments: [
    "", " ", "{", "{}}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":-}",
    "{\"a\":tru}", "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"b", "{\"a\":\"b\\",
    "{\"a\":[1,]}",
    "{\"a\":[1}", "{\"a\":{\"b\"}}", "{\"a\":1}x", "{a:1}", "{\"a\":1e}", "{\"a\":[}",
  ])
  func noObject(_ text: String) { #expect(Self.read(text) == nil) }

  @Test(arguments: ["{}", "{\"a\":[]}", "{\"a\":-0.5e+7}", "{\"a\":{\"b\":[null,true,{}]}}", "{\"\":\"\"}"])
  func object(_ text: String) { #expect(Self.read(text) != nil) }

  @Test func lonelySurrogate() {
    let line = Array(#"{"a":"\ud83dx\ude00"}"#.utf8)
    var object = JSONObject()
    #expect(object.read(line.span))
    #expect(object.string("a", in: line.span) == Array("\u{FFFD}x\u{FFFD}".utf8))
  }

  @Test func nestingIsBounded() {
    #expect(Self.read("{\"a\":" + String(repeating: "[", count: 60) + String(repeating: "]", count: 60) + "}") != nil)
    #expect(Self.read("{\"a\":" + String(repeating: "[", count: 1_000_000)) == nil)
  }

  /// Every line that is cut off is no object, and none of the damages traps.
  @Test func damaged() {
    let whole = Array(
      #"{"id":1,"name":"a\u00e9\ud83d\ude00","results":["x","y"],"sizes":[1,22],"o":{"p":[null,1.5e3]}}"#.utf8)
    var object = JSONObject()
    for end in 0..<whole.count { #expect(!object.read(whole.span.extracting(0..<end))) }
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
