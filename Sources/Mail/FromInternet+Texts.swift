import Formats

/// Texts, and the files that uuencode or BinHex put into them.
extension FromInternet {
  /// Appends a text; files that uuencode or BinHex put into it become items of their own.
  mutating func appendText(_ bytes: Bytes, _ item: Item, _ part: InternetMessage.Part) {
    if part.encoding == .identity {
      appendText(bytes, item, in: bytes, part.body) { .source($0, .identity) }
      return
    }
    // Encoded text that could hold such a file has to be decoded first.
    var decoded: [UInt8] = []
    if let defect = part.encoding.decode(bytes, part.body, into: &decoded) {
      note(defect, .transferEncoding, "the encoding of a text is damaged here; what could be read is kept")
    }
    var item = item
    let hasFile =
      !UUEncoding.files(in: decoded.span, 0..<decoded.count).isEmpty
      || !BinHex.files(in: decoded.span, 0..<decoded.count).isEmpty
    if !hasFile {
      item.content = .bytes(decoded)
      message.items.append(item)
    } else {
      let copy = decoded
      appendText(bytes, item, in: copy.span, 0..<copy.count) { .bytes(Array(copy[$0])) }
    }
  }

  mutating func appendText(
    _ bytes: Bytes, _ item: Item, in text: Bytes, _ range: Range<Int>, content: (Range<Int>) -> Item.Content
  ) {
    let attached = uuencodedFiles(item, in: text, range) + binHexFiles(in: text, range)
    var start = range.lowerBound
    for file in attached.sorted(by: { $0.whole.lowerBound < $1.whole.lowerBound }) {
      // One within the other is nothing that was ever written so.
      guard file.whole.lowerBound >= start else { continue }
      if start == range.lowerBound || !text.trimmed(start..<file.whole.lowerBound).isEmpty {
        var piece = item
        piece.content = content(start..<file.whole.lowerBound)
        message.items.append(piece)
      }
      message.items.append(file.item)
      start = file.whole.upperBound
    }
    if start == range.lowerBound || !text.trimmed(start..<range.upperBound).isEmpty {
      var piece = item
      piece.content = content(start..<range.upperBound)
      message.items.append(piece)
    }
  }

  /// A file within a text, and where it stands there.
  struct Embedded {
    var whole: Range<Int>
    var item: Item
  }

  private mutating func uuencodedFiles(_ around: Item, in text: Bytes, _ range: Range<Int>) -> [Embedded] {
    var files: [Embedded] = []
    let found = UUEncoding.files(in: text, range)
    if found.count > InternetMessageReader.maximumParts {
      note(
        range.lowerBound, .tooManyParts,
        "more than \(InternetMessageReader.maximumParts) uuencoded files in a text; the others are left in it")
    }
    for file in found.prefix(InternetMessageReader.maximumParts) {
      var data: [UInt8] = []
      if UUEncoding.decode(text, file.data, into: &data) != nil {
        note(range.lowerBound, .uuencoding, "a uuencoded file is damaged; what could be read is kept")
      }
      let name = EncodedWord.decode(text, file.name, charset: around.charset, converter: converter)
      var item = Item(kind: .file, type: FileTypes.type(forName: name), content: .bytes(data))
      item.name = name
      files.append(Embedded(whole: file.whole, item: item))
    }
    return files
  }
}
