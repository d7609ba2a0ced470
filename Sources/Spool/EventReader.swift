import Formats
import Glibc

/// Reads a log of events, line by line, whatever stands in it (ccm-events(7)).
final class EventReader {
  enum Line {
    case event
    /// Not an event, and why.
    case damaged(String)
  }

  /// No event is that long: one of a dump of ten million messages is not.
  private static let maximumLine = 1 << 30
  private static let step = 1 << 18

  let name: FileName
  /// The number of the line last read, from 1.
  private(set) var number = 0
  private let file: FileDescriptor
  private var buffer: [UInt8] = []
  private var line = 0..<0
  private var next = 0
  private var isAtEnd = false
  private var object = JSONObject()

  init(_ name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) {
    self.name = name
    file = try FileDescriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  }

  /// Whether this is a log: `ID.jsonl` or `ID.N.jsonl`.
  static func isLog(_ name: FileName) -> Bool { name.bytes.ends(with: ".jsonl") && !name.isHidden }

  /// `ID.N` for the log of a group; nil for any other one.
  static func group(_ log: FileName) -> [UInt8]? {
    let stem = log.bytes.dropLast(6)
    guard let dot = stem.lastIndex(of: ASCII.dot), dot + 1 < stem.endIndex, stem[(dot + 1)...].allSatisfy(ASCII.isDigit)
    else { return nil }
    return Array(stem)
  }

  /// Goes to the next line; nil at the end.
  func read() throws(SystemError) -> Line? {
    while true {
      if let feed = buffer.span.firstIndex(of: ASCII.lf, from: next, to: buffer.count) {
        line = next..<feed
        next = feed + 1
        number += 1
        return parse() ? .event : .damaged("no JSON object")
      }
      if isAtEnd {
        guard next < buffer.count else { return nil }
        line = next..<buffer.count
        next = buffer.count
        number += 1
        return .damaged("the line is cut off")
      }
      try fill()
    }
  }

  private func fill() throws(SystemError) {
    buffer.removeSubrange(..<next)
    next = 0
    guard buffer.count < Self.maximumLine else {
      buffer = []
      isAtEnd = true
      number += 1
      throw SystemError("read", "\(file.path): line \(number)", EFBIG)
    }
    // Doubled for a long line, so that its beginning is not searched again and again.
    let room = max(Self.step, buffer.count)
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: room))
    let descriptor = file.number
    let count = buffer.withUnsafeMutableBytes { bytes -> Int in
      while true {
        let count = Glibc.read(descriptor, bytes.baseAddress! + old, room)
        if count >= 0 || errno != EINTR { return count }
      }
    }
    guard count >= 0 else {
      let error = SystemError("read", file.path)
      buffer.removeSubrange(old...)
      isAtEnd = true
      throw error
    }
    buffer.removeSubrange((old + count)...)
    isAtEnd = count == 0
  }

  private func parse() -> Bool {
    let buffer = buffer
    return object.read(buffer.span.extracting(line))
  }

  // MARK: The event last read

  /// Appends the line, ended, to `output`; false, and nothing, where it is no event. One that has only lost its end is.
  func append(to output: inout [UInt8]) -> Bool {
    guard parse() else { return false }
    output.append(contentsOf: buffer[line])
    output.append(ASCII.lf)
    return true
  }

  /// A member that is text, as UTF-8.
  func string(_ key: StaticString) -> [UInt8]? {
    let buffer = buffer
    return object.string(key, in: buffer.span.extracting(line))
  }

  /// A member that is a whole number.
  func integer(_ key: StaticString) -> Int? {
    let buffer = buffer
    return object.integer(key, in: buffer.span.extracting(line))
  }

  /// A member that is a list of texts; empty when there is none.
  func strings(_ key: StaticString) -> [[UInt8]] {
    let buffer = buffer
    return object.strings(key, in: buffer.span.extracting(line)) ?? []
  }

  /// A member that is a list of whole numbers; empty when there is none.
  func integers(_ key: StaticString) -> [Int] {
    let buffer = buffer
    return object.integers(key, in: buffer.span.extracting(line)) ?? []
  }

  func has(_ key: StaticString) -> Bool { string(key) != nil }
}

extension Array where Element == UInt8 {
  func ends(with suffix: StaticString) -> Bool {
    let length = suffix.utf8CodeUnitCount
    return count >= length && span.hasPrefix(at: count - length, to: count, suffix)
  }
}
