import CZlib
import Formats

/// What a .ccm file cannot say of an item, in a line of the text item `RFC822 headers`:
/// `X-ccmc-Item: file; item="MESSAGE.HTM"; role=body; text=1A2B3C4D; type="text/html"; charset="utf-8"`.
///
/// Files are found again by the name they have in the .ccm file, texts by their CRC-32: an item that somebody has
/// changed, or that stands in another message now, is left as it is.
struct CarriedItem {
  /// The name in the .ccm file; empty for a text.
  var item = ""
  var name: String?
  var title: String?
  var type: String?
  var charset: String?
  var contentID: String?
  var role: Item.Role?
  var isInline = false
  var isRelated = false
  var date: Timestamp?
  /// The text that this one describes, or is the original of; of a file made from another item, its own checksum.
  var text: UInt32?
  /// The parameters of its Content-Type that have no place of their own, written as `type-method="REQUEST"`.
  var parameters: [(name: String, value: String)] = []

  static let fieldName: StaticString = "X-ccmc-Item"
  /// `X-ccmc-Headers: all`: the item holds every field of the header.
  static let allName: StaticString = "X-ccmc-Headers"
  /// `X-ccmc-Divided: 2/3`: which part this is of a message with too long a header.
  static let divisionName: StaticString = "X-ccmc-Divided"
  /// `X-ccmc-Report: delivery-status`: the message was a multipart/report of this type.
  static let reportName: StaticString = "X-ccmc-Report"
  static let title = "RFC822 headers"

  var isNeeded: Bool {
    name != nil || title != nil || type != nil || charset != nil || contentID != nil || role != nil || isInline
      || isRelated
      || date != nil || !parameters.isEmpty
  }

  func append(to output: inout [UInt8]) {
    output.append(Self.fieldName)
    output.append(item.isEmpty ? ": text" : ": file")
    func put(_ name: StaticString, _ value: String?) {
      if let value { HeaderWriter.append(parameter: name, value, to: &output) }
    }
    put("item", item.isEmpty ? nil : item)
    put("role", role?.rawValue)
    put("text", text.map { String($0, radix: 16) })
    put("name", name)
    put("title", title)
    put("type", type)
    for parameter in parameters {
      HeaderWriter.append(parameter: Self.parameterPrefix + parameter.name, parameter.value, to: &output)
    }
    put("charset", charset)
    put("cid", contentID)
    put("inline", isInline ? "yes" : nil)
    put("related", isRelated ? "yes" : nil)
    put(
      "date",
      date.map {
        var text: [UInt8] = []
        DateField.append($0, to: &text)
        return String(decoding: text, as: UTF8.self)
      })
    output.appendLineEnd()
  }

  private static let parameterPrefix = "type-"

  init() {}

  init(_ bytes: Bytes, _ value: Range<Int>, converter: CharsetConverter) {
    func get(_ name: String) -> String? {
      guard let parameter = ContentType.parameter(name, in: bytes, value) else { return nil }
      var utf8: [UInt8] = []
      converter.appendUTF8(parameter.bytes.span, charset: parameter.charset ?? "utf-8", to: &utf8)
      return String(decoding: utf8, as: UTF8.self)
    }
    item = get("item") ?? ""
    role = get("role").flatMap(Item.Role.init)
    text = get("text").flatMap { UInt32($0, radix: 16) }
    name = get("name")
    title = get("title")
    type = get("type")
    charset = get("charset")
    contentID = get("cid")
    isInline = get("inline") != nil
    isRelated = get("related") != nil
    for name in ContentType.names(in: bytes, value) where name.hasPrefix(Self.parameterPrefix) {
      let own = String(name.dropFirst(Self.parameterPrefix.count))
      if !own.isEmpty, !Item.isPlaced(parameter: own), let value = get(name) { parameters.append((own, value)) }
    }
    if let date = ContentType.parameter("date", in: bytes, value) {
      self.date = DateField.parse(date.bytes.span, 0..<date.bytes.count)
    }
  }

  /// The CRC-32 of a file.
  static func checksum(ofFile data: Bytes) -> UInt32 {
    let crc = data.withUnsafeBufferPointer { $0.isEmpty ? 0 : crc32_z(0, $0.baseAddress, $0.count) }
    return UInt32(truncatingIfNeeded: crc)
  }

  /// The CRC-32 of a text in the post office's code page, by its lines: CR LF after each.
  static func checksum(_ text: Bytes, _ range: Range<Int>) -> UInt32 {
    var crc = crc32(0, nil, 0)
    let lineEnd: [UInt8] = [ASCII.cr, ASCII.lf]
    // Lines that end in CR LF are taken as they stand, as many of them as there are.
    var start = range.lowerBound
    var position = start
    func add(to end: Int) {
      crc = text.extracting(start..<end).withUnsafeBufferPointer {
        $0.isEmpty ? crc : crc32(crc, $0.baseAddress, uInt($0.count))
      }
    }
    while position < range.upperBound {
      let line = text.line(at: position, to: range.upperBound)
      if line.next - line.end != 2 {
        add(to: line.end)
        crc = crc32(crc, lineEnd, 2)
        start = line.next
      }
      position = line.next
    }
    add(to: position)
    return UInt32(truncatingIfNeeded: crc)
  }
}
