// Any bytes as a file of a Macintosh, in each of its formats: read, and what could be read written and read again; as a
// part of a message and as an item of a .ccm file, there and back.

import Formats
import Mail

nonisolated(unsafe) private let converter = Converter(options: ConversionOptions())
nonisolated(unsafe) private let binHex: Converter = {
  var options = ConversionOptions()
  options.macintosh = .binHex
  options.layout.isSized = false
  return Converter(options: options)
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  readMacBinary(bytes)
  readAppleFile(bytes)
  readBinHex(bytes)
  var base64: [UInt8] = []
  Base64.encode(bytes.span, into: &base64)
  for type in ["application/applefile", "application/mac-binhex40", "text/plain"] {
    goThereAndBack(Array("From: a@example.org\nContent-Type: \(type)\n\n".utf8) + bytes)
    goThereAndBack(
      Array("From: a@example.org\nContent-Type: \(type)\nContent-Transfer-Encoding: base64\n\n".utf8) + base64)
  }
  goThereAndBack(
    Array(
      "From: a@example.org\nContent-Type: multipart/appledouble; boundary=b\n\n--b\nContent-Type: application/applefile\nContent-Transfer-Encoding: base64\n\n"
        .utf8) + base64 + Array("\n--b\nContent-Type: image/gif; name=a\n\nabc\n--b--\n".utf8))
  readItem(bytes)
  if bytes.count >= 128 {
    let valid = withChecksum(bytes)
    readMacBinary(valid)
    readItem(valid)
  }
  return 0
}

private func readMacBinary(_ bytes: [UInt8]) {
  guard let file = MacBinary(bytes.span, 0..<bytes.count) else { return }
  var again: [UInt8] = []
  MacBinary.append(
    file.info, data: bytes.span.extracting(file.dataFork), resources: bytes.span.extracting(file.resourceFork),
    to: &again)
  let same = MacBinary(again.span, 0..<again.count)
  precondition(same?.info == file.info, "MacBinary: other information")
  precondition(same.map { Array(again[$0.dataFork]) } == Array(bytes[file.dataFork]), "MacBinary: another data fork")
}

/// A header of MacBinary that is not refused for its checksum, which chance would hardly find.
private func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  for at in [0, 74, 82] { bytes[at] = 0 }
  var crc: UInt16 = 0
  for byte in bytes[..<124] {
    crc ^= UInt16(byte) << 8
    for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
  }
  bytes[124] = UInt8(crc >> 8)
  bytes[125] = UInt8(crc & 255)
  return bytes
}

private func readAppleFile(_ bytes: [UInt8]) {
  guard let file = try? AppleFile(bytes.span, 0..<bytes.count) else { return }
  var again: [UInt8] = []
  AppleFile.appendDouble(file.info, resources: bytes.span.extracting(file.resourceFork), to: &again)
  let same = try? AppleFile(again.span, 0..<again.count)
  precondition(same?.info == file.info || !AppleFile.canHold(file.info), "AppleDouble: other information")
  precondition(
    same.map { Array(again[$0.resourceFork]) } == Array(bytes[file.resourceFork]), "AppleDouble: another fork")
}

private func readBinHex(_ bytes: [UInt8]) {
  for found in BinHex.files(in: bytes.span, 0..<bytes.count) {
    precondition(!found.whole.isEmpty && found.whole.upperBound <= bytes.count, "BinHex: found elsewhere")
  }
  guard let text = BinHex.text(in: bytes.span, 0..<bytes.count), let file = try? BinHex(bytes.span, text) else {
    return
  }
  let own = file.bytes
  var again: [UInt8] = []
  BinHex.append(
    file.info, data: own.span.extracting(file.dataFork), resources: own.span.extracting(file.resourceFork), to: &again)
  guard let text = BinHex.text(in: again.span, 0..<again.count), let same = try? BinHex(again.span, text) else {
    preconditionFailure("BinHex: not read again")
  }
  precondition(same.info == file.info, "BinHex: other information")
  precondition(Array(same.bytes[same.dataFork]) == Array(own[file.dataFork]), "BinHex: another data fork")
}

private func goThereAndBack(_ eml: [UInt8]) {
  for converter in [converter, binHex] {
    var ccm: [UInt8] = []
    guard (try? converter.convertToCCMail(eml.span, to: &ccm)) != nil else { continue }
    convert(ccm, converter)
  }
}

private func convert(_ ccm: [UInt8], _ converter: Converter) {
  var scanner = CCScanner()
  var division = Converter.Division()
  guard case .message(let message, _) = scanner.next(in: ccm.span, isFinal: true) else { return }
  var eml: [UInt8] = []
  _ = converter.convertToInternet(message, ccm.span, division: &division, to: &eml)
  var again: [UInt8] = []
  _ = try? converter.convertToCCMail(eml.span, to: &again)
}

/// As the file item of a message.
private func readItem(_ bytes: [UInt8]) {
  var output: [UInt8] = []
  var writer = CCWriter(layout: CCLayout())
  writer.beginMessage(&output)
  writer.appendHeader(.from, Array("Admin at HUB".utf8).span, to: &output)
  writer.beginContents(&output)
  writer.beginItem(.file, title: Array("A.BMP".utf8).span, to: &output)
  writer.appendData(bytes.span, to: &output)
  writer.endItem(&output)
  writer.endContents(&output)
  writer.endMessage(&output)
  var scanner = CCScanner()
  var division = Converter.Division()
  guard case .message(let message, _) = scanner.next(in: output.span, isFinal: true), let item = message.items.first
  else { return }
  var eml: [UInt8] = []
  _ = converter.convertToInternet(message, output.span, division: &division, to: &eml)
  var again: [UInt8] = []
  _ = try? converter.convertToCCMail(eml.span, to: &again)
  var second = CCScanner()
  guard case .message(let back, _) = second.next(in: again.span, isFinal: true),
    let file = back.items.first(where: { $0.kind == .file })
  else { preconditionFailure("the file is lost") }
  precondition(Array(again[file.data]) == Array(output[item.data]), "another file came back")
}
