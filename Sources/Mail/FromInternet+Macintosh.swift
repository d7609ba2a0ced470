import Formats

/// Files of a Macintosh in an Internet message: AppleSingle, AppleDouble (RFC 1740) and BinHex 4.0 (RFC 1741). What is
/// none of them, though it says so, stays the file that it is (Q166561).
extension FromInternet {
  /// Reads the two parts of a multipart/appledouble as one file. Returns false when they are none.
  mutating func readAppleDouble(_ bytes: Bytes, _ children: [Int], _ context: Context) -> Bool {
    guard children.count == 2,
      let header = children.first(where: { structure.parts[$0].type == .appleFile }),
      let data = children.first(where: { $0 != header }), !structure.parts[data].isMultipart
    else {
      note(offset(of: children), .macintosh, "a multipart/appledouble without its two parts; kept as files")
      return false
    }
    let decoded = decoded(bytes, header)
    // Read as a part of its own it says what is wrong with it.
    guard let file = try? AppleFile(decoded.span, 0..<decoded.count), file.dataFork == nil else { return false }
    var item = self.file(bytes, data, context)
    if item.name.isEmpty { item.name = name(file.info) }
    item.macintosh = Item.Macintosh(file.info, resources: Array(decoded[file.resourceFork]))
    message.items.append(item)
    return true
  }

  private func offset(of children: [Int]) -> Int { children.first.map { structure.parts[$0].whole.lowerBound } ?? 0 }

  private func decoded(_ bytes: Bytes, _ index: Int) -> [UInt8] {
    let part = structure.parts[index]
    var decoded: [UInt8] = []
    _ = part.encoding.decode(bytes, part.body, into: &decoded)
    return decoded
  }

  /// The name that the Macintosh has for a file, in UTF-8.
  private func name(_ info: FinderInfo) -> String {
    var utf8: [UInt8] = []
    converter.appendUTF8(info.name.span, charset: "macintosh", to: &utf8)
    return String(decoding: utf8, as: UTF8.self)
  }

  /// Takes apart a part that is AppleSingle or BinHex.
  mutating func readMacintosh(_ bytes: Bytes, _ part: InternetMessage.Part, _ item: inout Item) {
    switch part.type {
    case .appleFile, .binHex: break
    default: return
    }
    var decoded: [UInt8] = []
    _ = part.encoding.decode(bytes, part.body, into: &decoded)
    do throws(Unreadable) {
      if part.type == .appleFile {
        let file = try AppleFile(decoded.span, 0..<decoded.count)
        guard let data = file.dataFork else {
          throw Unreadable(offset: 0, text: "AppleDouble without the file that it belongs to")
        }
        item.content = .bytes(Array(decoded[data]))
        item.macintosh = Item.Macintosh(file.info, resources: Array(decoded[file.resourceFork]))
      } else {
        guard let text = BinHex.text(in: decoded.span, 0..<decoded.count) else {
          throw Unreadable(offset: 0, text: "no text between two colons")
        }
        take(try BinHex(decoded.span, text), &item)
      }
    } catch {
      note(part.whole.lowerBound, .macintosh, "a Macintosh file is damaged, \(error.text); kept as it is")
      return
    }
    // The name of the part is that of the text, or that of the file within: then it has its character set.
    let isText = part.type == .binHex && item.name.lowercased().hasSuffix(".hqx")
    let outer = isText ? item.name.dropLast(4) : ""
    if outer.contains(".") || outer.utf8.contains(where: { $0 > 127 }) {
      // `letter.txt.hqx`: the name of the file itself, and in a character set that is known.
      item.name = String(outer)
    } else if let info = item.macintosh?.info, item.name.isEmpty || isText {
      item.name = name(info)
    }
    if part.type == .binHex, let info = item.macintosh?.info, name(info) == item.name { item.macintosh?.info.name = [] }
    item.type = FileTypes.type(forName: item.name)
    item.charset = ""
  }

  private func take(_ file: BinHex, _ item: inout Item) {
    item.content = .bytes(Array(file.bytes[file.dataFork]))
    item.macintosh = Item.Macintosh(file.info, resources: Array(file.bytes[file.resourceFork]))
  }

  /// The files in a text that BinHex put there. One that is damaged stays in the text.
  mutating func binHexFiles(in text: Bytes, _ range: Range<Int>) -> [Embedded] {
    var files: [Embedded] = []
    for found in BinHex.files(in: text, range) {
      do throws(Unreadable) {
        let file = try BinHex(text, found.text)
        var item = Item(kind: .file, type: .data, content: .bytes([]))
        take(file, &item)
        item.name = name(file.info)
        item.type = FileTypes.type(forName: item.name)
        files.append(Embedded(whole: found.whole, item: item))
      } catch {
        note(range.lowerBound, .macintosh, "a BinHex file in a text is damaged, \(error.text); it stays in the text")
      }
    }
    return files
  }

  /// Type and creator in `x-mac-type` and `x-mac-creator`, as four characters or eight hexadecimal digits; what
  /// this product puts beside them.
  func macintosh(_ bytes: Bytes, _ field: InternetMessage.Field) -> Item.Macintosh? {
    func code(_ name: StaticString) -> [UInt8]? {
      guard let text = ContentType.parameter(name, in: bytes, field.value)?.bytes else { return nil }
      if text.count == 4 { return text }
      var code: [UInt8] = []
      CCText.appendHex(text.span, 0..<text.count, to: &code)
      return code.count == 4 ? code : nil
    }
    guard let type = code("x-mac-type"), let creator = code("x-mac-creator") else { return nil }
    var info = FinderInfo(name: [], type: type, creator: creator)
    if let digits = ContentType.parameter("x-mac-finder", in: bytes, field.value)?.bytes { info.readFinder(digits) }
    if let digits = ContentType.parameter("x-mac-name", in: bytes, field.value)?.bytes, digits.count <= 126 {
      CCText.appendHex(digits.span, 0..<digits.count, to: &info.name)
    }
    return Item.Macintosh(info)
  }
}

extension MediaType {
  static let appleFile = MediaType("application/applefile")
  static let binHex = MediaType("application/mac-binhex40")
  static let macBinary = MediaType("application/macbinary")
}

extension FinderInfo {
  /// Whether all that the Finder knows, but for a comment, is type, creator and name.
  var isBare: Bool {
    flags == 0 && location == 0 && window == 0 && !isProtected && created == 0 && modified == 0
  }

  /// The rest of it in hexadecimal digits, for the parameter `x-mac-finder`: flags, location, window, protection, the
  /// two dates.
  var finderDigits: String {
    var bytes: [UInt8] = []
    for (value, count) in [
      (UInt32(flags), 2), (location, 4), (UInt32(window), 2), (isProtected ? 1 : 0, 1), (created, 4), (modified, 4),
    ] {
      for shift in (0..<count).reversed() { bytes.append(UInt8(value >> UInt32(8 * shift) & 255)) }
    }
    var digits: [UInt8] = []
    for byte in bytes { digits.append(hexadecimal: byte) }
    return String(decoding: digits, as: UTF8.self)
  }

  /// Takes back what `finderDigits` says; other digits mean nothing.
  mutating func readFinder(_ digits: [UInt8]) {
    guard digits.count == 34 else { return }
    var bytes: [UInt8] = []
    CCText.appendHex(digits.span, 0..<digits.count, to: &bytes)
    guard bytes.count == 17 else { return }
    func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
    flags = UInt16(number(0..<2))
    location = number(2..<6)
    window = UInt16(number(6..<8))
    isProtected = bytes[8] != 0
    created = number(9..<13)
    modified = number(13..<17)
  }
}
