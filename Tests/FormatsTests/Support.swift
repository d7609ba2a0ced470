@testable import Formats

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

/// Bytes that look random and are always the same.
func noise(_ count: Int) -> [UInt8] {
  var state: UInt32 = 1
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
}

/// What a decoder made of a text, and where it met a defect.
struct Decoded: Equatable {
  var bytes: [UInt8] = []
  var defect: Int?

  init(_ text: String, _ decode: (Bytes, Range<Int>, inout [UInt8]) -> Int?) {
    self.init(text.bytes, decode)
  }

  init(_ text: [UInt8], _ decode: (Bytes, Range<Int>, inout [UInt8]) -> Int?) {
    defect = decode(text.span, 0..<text.count, &bytes)
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

func write(_ body: (inout [UInt8]) -> Void) -> [UInt8] {
  var output: [UInt8] = []
  body(&output)
  return output
}
