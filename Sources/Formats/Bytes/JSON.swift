/// Appends JSON, RFC 8259, piece by piece: reports, events and summaries are lines of it.
public struct JSONLine {
  public private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

  public init() {}

  /// Adds a member whose value is text; what is not UTF-8 in it becomes U+FFFD.
  public mutating func add(_ key: StaticString, _ value: String) {
    addKey(key)
    Self.append(value, to: &bytes)
  }

  public mutating func add(_ key: StaticString, _ value: Int) {
    addKey(key)
    bytes.append(decimal: value)
  }

  /// Adds a member whose value is an object.
  public mutating func add(_ key: StaticString, object: JSONLine) {
    addKey(key)
    bytes.append(contentsOf: object.closed)
  }

  /// Adds a member whose value is a list of JSON texts.
  public mutating func add(_ key: StaticString, list: [[UInt8]]) {
    addKey(key)
    bytes.append(UInt8(ascii: "["))
    for (index, element) in list.enumerated() {
      if index > 0 { bytes.append(ASCII.comma) }
      bytes.append(contentsOf: element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// Adds a member whose value is a number with `digits` decimal places.
  public mutating func add(_ key: StaticString, _ value: Double, digits: Int) {
    addKey(key)
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let rounded = Int((value * Double(scale)).rounded())
    bytes.append(decimal: rounded / scale)
    if digits > 0 {
      bytes.append(ASCII.dot)
      bytes.append(decimal: rounded % scale, width: digits)
    }
  }

  /// The object, closed.
  public var closed: [UInt8] { bytes + [UInt8(ascii: "}")] }

  private mutating func addKey(_ key: StaticString) {
    if bytes.count > 1 { bytes.append(ASCII.comma) }
    bytes.append(ASCII.quote)
    bytes.append(key)
    bytes.append(ASCII.quote)
    bytes.append(ASCII.colon)
  }

  /// Appends a JSON string. What may not be shown (PrintableText) is an escape in it: somebody may print the line.
  public static func append(_ text: String, to output: inout [UInt8]) {
    output.append(ASCII.quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        output.append(ASCII.backslash)
        output.append(UInt8(scalar.value))
      case "\n": output.append("\\n")
      case "\r": output.append("\\r")
      case "\t": output.append("\\t")
      default:
        if PrintableText.isPrintable(scalar) {
          output.append(contentsOf: UTF8.encode(scalar)!)
        } else {
          // All of them are in the first plane.
          output.append("\\u")
          output.append(hexadecimal: UInt8(scalar.value >> 8))
          output.append(hexadecimal: UInt8(scalar.value & 0xFF))
        }
      }
    }
    output.append(ASCII.quote)
  }
}

extension Finding {
  /// The finding as a JSON object: `{"offset":12,"rule":"size-blank","text":"..."}`.
  public var json: [UInt8] {
    var line = JSONLine()
    line.add("offset", offset)
    line.add("rule", rule.rawValue)
    line.add("text", text)
    return line.closed
  }
}
