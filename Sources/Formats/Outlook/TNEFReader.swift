/// Reads the Transport Neutral Encapsulation Format, [MS-OXTNEF]: what Exchange and Outlook put into `winmail.dat`.
///
/// A stream of attributes, those of the message first, then those of each attachment. Old ones hold one thing each; three
/// of them hold MAPI properties, which count for more where both say the same.
public struct TNEFReader {
  /// Reads the message in `bytes`. A stream that is cut off or damaged is read as far as it goes, with a finding.
  ///
  /// Throws `Unreadable` when the signature is not there.
  public static func read(_ bytes: Bytes) throws(Unreadable) -> OutlookMessage {
    guard isOne(bytes) else { throw Unreadable(offset: 0, text: "not TNEF: the signature is not there") }
    return read(bytes, 0..<bytes.count, depth: 0)
  }

  /// Whether `bytes` begin as TNEF does.
  public static func isOne(_ bytes: Bytes) -> Bool {
    bytes.count >= 6 && bytes.uint32(at: 0) == signature
  }

  private static let signature: UInt32 = 0x223E_9F78

  private var message = OutlookMessage()
  /// What old attributes say; properties of the same meaning stand before it.
  private var legacy = MAPIProperties()
  private var attachment: OutlookMessage.Attachment?
  private var attachmentLegacy = MAPIProperties()
  private var isFull = false
  private let depth: Int
  private let end: Int

  private init(depth: Int, end: Int) { (self.depth, self.end) = (depth, end) }

  /// The message in `range`, which begins with the signature.
  static func read(_ bytes: Bytes, _ range: Range<Int>, depth: Int) -> OutlookMessage {
    var reader = TNEFReader(depth: depth, end: range.upperBound)
    var position = range.lowerBound + 6
    while position < range.upperBound, let next = reader.readAttribute(bytes, position) { position = next }
    reader.endAttachment()
    for property in reader.legacy.all { reader.message.properties.append(property.id, property.type, property.value) }
    // An attribute of its own tells the code page as a rule.
    if reader.message.codePage == 0 { reader.message.findCodePage(inherited: 0) }
    return reader.message
  }

  // MARK: Attributes

  /// Reads the attribute at `position`; returns where the next one begins, nil when there can be none.
  private mutating func readAttribute(_ bytes: Bytes, _ position: Int) -> Int? {
    let level = bytes[position]
    guard level == 1 || level == 2 else {
      note(position, .tnefGarbage, "no attribute here; the \(end - position) bytes from here on are left out")
      return nil
    }
    guard position + 9 <= end else {
      note(position, .tnefCut, "the data end within an attribute")
      return nil
    }
    let id = bytes.uint32(at: position + 1)
    let length = Int(bytes.uint32(at: position + 5))
    let start = position + 9
    guard length <= end - start else {
      note(position, .tnefCut, "an attribute of \(length) bytes, of which \(end - start) are there")
      take(level, UInt16(truncatingIfNeeded: id), start..<end, bytes)
      return nil
    }
    let data = start..<start + length
    if data.upperBound + 2 <= end {
      let checksum = bytes.extracting(data).withUnsafeBufferPointer { $0.reduce(UInt16(0)) { $0 &+ UInt16($1) } }
      if checksum != bytes.uint16(at: data.upperBound) {
        note(position, .tnefChecksum, "the checksum of an attribute is wrong; it is taken all the same")
      }
    } else {
      note(data.upperBound, .tnefCut, "the data end before the checksum of an attribute")
    }
    take(level, UInt16(truncatingIfNeeded: id), data, bytes)
    return data.upperBound + 2
  }

  private mutating func take(_ level: UInt8, _ id: UInt16, _ data: Range<Int>, _ bytes: Bytes) {
    switch (level, id) {
    case (1, 0x9007):
      if data.count >= 4 {
        let page = Int(bytes.uint32(at: data.lowerBound))
        if WindowsCodePage.isKnown(page) { message.codePage = page }
      }
    case (1, 0x9003): message.properties = properties(bytes, data, rows: false).first ?? MAPIProperties()
    case (1, 0x9004): message.recipients = properties(bytes, data, rows: true)
    case (1, _): TNEFLegacy.append(id, data, bytes, to: &legacy)
    case (_, 0x9002):
      endAttachment()
      attachment = OutlookMessage.Attachment()
    case (_, 0x9005): takeProperties(data, bytes)
    default:
      if attachment == nil { attachment = OutlookMessage.Attachment() }
      TNEFLegacy.append(id, data, bytes, to: &attachmentLegacy)
    }
  }

  private mutating func takeProperties(_ data: Range<Int>, _ bytes: Bytes) {
    var current = attachment ?? OutlookMessage.Attachment()
    let found = properties(bytes, data, rows: false).first ?? MAPIProperties()
    for property in found.all {
      // An object begins with the identifier of its interface: a message, or the storage of an OLE object.
      if property.id == PropertyID.attachDataObject, property.type == PropertyType.object,
        case .data(let ranges) = property.value, let range = ranges.first, range.count >= 16
      {
        let content = range.lowerBound + 16..<range.upperBound
        let interface = PropertySet(bytes, at: range.lowerBound)
        let isMessage = interface == PropertySet(0x0002_0307) || Self.isOne(bytes.extracting(content))
        if isMessage, content.count >= 6 {
          if depth < OutlookMessage.maximumDepth {
            let inner = Self.read(bytes, content, depth: depth + 1)
            message.findings.note(inner.findings)
            current.embedded = [inner]
          } else {
            note(
              range.lowerBound, .nestedTooDeep,
              "more than \(OutlookMessage.maximumDepth) messages, each in another; deeper ones are not read")
          }
        } else {
          current.properties.append(property.id, PropertyType.binary, .data([content]))
          current.isObject = true
        }
        continue
      }
      current.properties.append(property.id, property.type, name: found.name(of: property), property.value)
    }
    attachment = current
  }

  private mutating func endAttachment() {
    guard var current = attachment else { return }
    for property in attachmentLegacy.all { current.properties.append(property.id, property.type, property.value) }
    if message.attachments.count < OutlookMessage.maximumAttachments {
      message.attachments.append(current)
    } else if !isFull {
      isFull = true
      note(end, .tooManyParts, "more than \(OutlookMessage.maximumAttachments) attachments; the others are left out")
    }
    attachment = nil
    attachmentLegacy = MAPIProperties()
  }

  private mutating func properties(_ bytes: Bytes, _ data: Range<Int>, rows: Bool) -> [MAPIProperties] {
    var reader = TNEFProperties(position: data.lowerBound, end: data.upperBound)
    let result = reader.read(bytes, rows: rows)
    if let defect = reader.defect {
      note(defect, .tnefProperty, "the properties are damaged here; those before it are taken")
    }
    return result
  }

  private mutating func note(_ offset: Int, _ rule: Rule, _ text: String) {
    message.findings.note(offset, rule, text)
  }
}
