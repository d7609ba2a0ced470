import Formats

/// Files that are more than their bytes: fax pages, and those of a Macintosh.
extension FromCCMail {
  /// Gives a fax page the type and the extension that its first bytes tell (Q184053, Q166614). One that came from the
  /// Internet has the name and the type that it had there.
  func setFaxType(_ item: inout Item, _ bytes: Bytes, _ source: CCMessage.Item, isCarried: Bool) {
    item.title = FromInternet.faxTitle
    var start = bytes.array(source.data.prefix(source.isHex ? 256 : 128))
    if source.isHex {
      let digits = start
      start = []
      CCText.appendHex(digits.span, 0..<digits.count, to: &start)
    }
    let kind = FaxImage(start)
    if item.name.isEmpty { item.name = "FAX" }
    if isCarried, item.type.name.hasPrefix("image/") { return }
    if let kind, item.type != kind.type {
      item.type = kind.type
      item.name += ".\(kind.suffix)"
    } else if !item.type.name.hasPrefix("image/") {
      item.type = FaxImage.pcx.type
    }
  }

  /// Takes a Macintosh file apart, when it can be put together again as it was; any other stays whole.
  func readMacBinary(_ item: inout Item, _ bytes: Bytes, _ name: [UInt8]) {
    if case .hexadecimal(let range) = item.content {
      guard range.count >= 256, bytes[range.lowerBound] == ASCII.zero else { return }
      var decoded: [UInt8] = []
      CCText.appendHex(bytes, range, to: &decoded)
      takeApart(&item, decoded.span, 0..<decoded.count, name) { .bytes(Array(decoded[$0])) }
    } else if case .source(let range, .identity) = item.content {
      takeApart(&item, bytes, range, name) { .source($0, .identity) }
    }
  }

  private func takeApart(
    _ item: inout Item, _ bytes: Bytes, _ range: Range<Int>, _ name: [UInt8],
    content: (Range<Int>) -> Item.Content
  ) {
    guard range.count >= 128, bytes[range.lowerBound] == 0, let file = MacBinary(bytes, range) else { return }
    var again: [UInt8] = []
    MacBinary.append(
      file.info, data: bytes.extracting(file.dataFork), resources: bytes.extracting(file.resourceFork), to: &again)
    guard again.count == range.count, again.elementsEqual(bytes.array(range)), AppleFile.canHold(file.info) else {
      item.type = .macBinary
      return
    }
    var info = file.info
    if info.name == mapping.macintoshName(item.name, inFile: name) { info.name = [] }
    item.content = content(file.dataFork)
    item.macintosh = Item.Macintosh(info, resources: bytes.array(file.resourceFork))
  }
}
