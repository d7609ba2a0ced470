import Formats

/// Files of a Macintosh towards the Internet. One with a data fork alone is a part like others, with parameters.
extension ToInternet {
  /// Appends type and creator as parameters of a Content-Type, in the digits that mail programs of the Macintosh know,
  /// and what else there is in digits of our own.
  func appendParameters(_ info: FinderInfo, to output: inout [UInt8]) {
    HeaderWriter.append(parameter: "x-mac-type", Self.digits(info.type), to: &output)
    HeaderWriter.append(parameter: "x-mac-creator", Self.digits(info.creator), to: &output)
    if !info.isBare { HeaderWriter.append(parameter: "x-mac-finder", info.finderDigits, to: &output) }
    if !info.name.isEmpty { HeaderWriter.append(parameter: "x-mac-name", Self.digits(info.name), to: &output) }
  }

  private static func digits(_ bytes: [UInt8]) -> String {
    var digits: [UInt8] = []
    for byte in bytes { digits.append(hexadecimal: byte) }
    return String(decoding: digits, as: UTF8.self)
  }

  /// Appends a file with a resource fork or a comment as multipart/appledouble, RFC 1740, 4: all but its data fork, and
  /// then its data fork, a part that any mail program can read.
  func writeAppleDouble(_ item: Item, _ macintosh: Item.Macintosh, source: Bytes, to output: inout [UInt8]) {
    let boundary = BodyWriter.boundary(after: &boundaries, seed: seed, absentFrom: source)
    func delimit(_ end: StaticString) {
      output.append("--")
      output.append(contentsOf: boundary)
      output.append(end)
    }
    output.append("Content-Type: multipart/appledouble;\r\n boundary=\"")
    output.append(contentsOf: boundary)
    output.append("\"\r\n\r\n")
    delimit("\r\n")
    // By custom, the name of the file with a sign in front.
    let name = "%" + item.name
    output.append("Content-Type: application/applefile")
    HeaderWriter.append(parameter: "name", name, to: &output)
    output.append("\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment")
    HeaderWriter.append(parameter: "filename", name, to: &output)
    output.append("\r\n\r\n")
    let resources = macintosh.resources
    var header: [UInt8] = []
    var info = macintosh.info
    if info.name.isEmpty { info.name = asciiName(item) }
    AppleFile.appendDouble(info, resources: resources.span, to: &header)
    Base64.encode(header.span, into: &output)
    output.appendLineEnd()
    delimit("\r\n")
    var data = item
    data.macintosh = nil
    writeFile(data, to: &output)
    output.appendLineEnd()
    delimit("--\r\n")
  }

  /// The name that the file has in MacBinary, where it is the same in Mac Roman; else none.
  private func asciiName(_ item: Item) -> [UInt8] {
    let name = CCHeaderMapping(options: options, converter: converter).macintoshName(item.name, inFile: [])
    return name.span.isASCII(0..<name.count) ? name : []
  }

  /// Appends a file as application/mac-binhex40, RFC 1741.
  func writeBinHex(_ item: Item, _ macintosh: Item.Macintosh, to output: inout [UInt8]) {
    let content = content
    var info = macintosh.info
    if info.name.isEmpty { info.name = asciiName(item) }
    if info.name.isEmpty {
      _ = converter.append(Array(item.name.utf8).span, codePage: CodePage("macintosh"), to: &info.name)
    }
    if info.name.isEmpty { info.name = Array("File".utf8) }
    output.append("Content-Type: application/mac-binhex40")
    var named = item
    named.name = item.name.isEmpty ? "" : item.name + ".hqx"
    if !named.name.isEmpty { HeaderWriter.append(parameter: "name", named.name, to: &output) }
    output.append("\r\nContent-Transfer-Encoding: 7bit\r\n")
    writeContentID(item, to: &output)
    if !item.title.isEmpty { HeaderWriter.append("Content-Description", text: item.title, to: &output) }
    writeDisposition(named, to: &output)
    output.appendLineEnd()
    let resources = macintosh.resources
    BinHex.append(info, data: content.span, resources: resources.span, to: &output)
  }
}
