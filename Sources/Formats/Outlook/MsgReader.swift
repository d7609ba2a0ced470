/// Reads .msg files, [MS-OXMSG]: a compound file whose storages are the message, its recipients and its attachments,
/// and whose streams are properties.
///
/// Texts and data are found by their streams, which tell their own sizes; the stream of properties is wanted for values
/// of fixed size alone. A file that lost one of the two is still read.
public struct MsgReader {
  private let file: CompoundFile
  private var names = NamedProperties()
  private var findings: [Finding] = []

  /// Reads the message in `bytes`.
  ///
  /// Throws `Unreadable` when they are no compound file, or one that holds no message.
  public static func read(_ bytes: Bytes) throws(Unreadable) -> OutlookMessage {
    var reader = MsgReader(file: try CompoundFile(bytes))
    reader.findings = reader.file.findings
    if let storage = reader.file.child("__nameid_version1.0", of: 0) {
      reader.names = NamedProperties(reader.file, storage, bytes)
    }
    var message = reader.message(0, header: 32, depth: 0, codePage: 0, bytes)
    guard !message.properties.all.isEmpty || !message.attachments.isEmpty else {
      throw Unreadable(offset: 0, text: "a compound file without properties of a message")
    }
    message.findings = reader.findings
    return message
  }

  private init(file: CompoundFile) { self.file = file }

  // MARK: Storages

  private mutating func message(_ storage: Int, header: Int, depth: Int, codePage: Int, _ bytes: Bytes)
    -> OutlookMessage
  {
    var message = OutlookMessage()
    message.properties = properties(storage, header: header, bytes)
    message.findCodePage(inherited: codePage)
    for recipient in children("__recip_version1.0_#", of: storage) {
      message.recipients.append(properties(recipient, header: 8, bytes))
    }
    for attachment in children("__attach_version1.0_#", of: storage) {
      message.attachments.append(self.attachment(attachment, depth, message.codePage, bytes))
    }
    return message
  }

  /// The storages whose names begin so, in the order of the numbers behind that.
  private func children(_ prefix: String, of storage: Int) -> [Int] {
    file.entries[storage].children.filter { file.entries[$0].isStorage && file.entries[$0].name.hasPrefix(prefix) }
      .sorted { file.entries[$0].name < file.entries[$1].name }
  }

  private mutating func attachment(_ storage: Int, _ depth: Int, _ codePage: Int, _ bytes: Bytes)
    -> OutlookMessage.Attachment
  {
    var attachment = OutlookMessage.Attachment()
    attachment.properties = properties(storage, header: 8, bytes)
    guard let object = file.child("__substg1.0_3701000D", of: storage), file.entries[object].isStorage else {
      return attachment
    }
    // Some writers forget the method; a message has its stream of properties, an OLE object has not.
    guard file.child("__properties_version1.0", of: object) != nil else {
      attachment.object = CompoundFileWriter.file(of: object, in: file, bytes)
      return attachment
    }
    if depth < OutlookMessage.maximumDepth {
      attachment.embedded = [message(object, header: 24, depth: depth + 1, codePage: codePage, bytes)]
    } else {
      findings.note(
        0, .nestedTooDeep,
        "more than \(OutlookMessage.maximumDepth) messages, each in another; deeper ones are not read")
    }
    return attachment
  }

  // MARK: Properties

  private func properties(_ storage: Int, header: Int, _ bytes: Bytes) -> MAPIProperties {
    var properties = MAPIProperties()
    // Values of lists have streams of their own, numbered behind the tag.
    var elements: [(tag: UInt32, index: Int, entry: Int)] = []
    for child in file.entries[storage].children where !file.entries[child].isStorage {
      let entry = file.entries[child]
      if entry.name == "__properties_version1.0" {
        readFixed(file.read(child, from: bytes), header, &properties)
      } else if let (tag, index) = Self.tag(entry.name) {
        if let index { elements.append((tag, index, child)) } else { readStream(tag, child, bytes, &properties) }
      }
    }
    elements.sort { ($0.tag, $0.index) < ($1.tag, $1.index) }
    var first = 0
    while first < elements.count {
      let tag = elements[first].tag
      var last = first
      while last < elements.count, elements[last].tag == tag { last += 1 }
      let values = elements[first..<last].prefix(MAPIProperties.maximumList).map { file.entries[$0.entry].ranges }
      append(tag, .list(values), &properties)
      first = last
    }
    return properties
  }

  /// Property tag and index in `__substg1.0_3001001F` and `__substg1.0_8001101F-00000002`.
  private static func tag(_ name: String) -> (tag: UInt32, index: Int?)? {
    let prefix = "__substg1.0_"
    guard name.hasPrefix(prefix) else { return nil }
    let rest = name.utf8.dropFirst(prefix.utf8.count)
    guard rest.count == 8 || rest.count == 17, let tag = UInt32(Substring(rest.prefix(8)), radix: 16) else {
      return nil
    }
    if rest.count == 8 { return (tag, nil) }
    guard let index = UInt32(Substring(rest.suffix(8)), radix: 16) else { return nil }
    return (tag, Int(index))
  }

  private func append(_ tag: UInt32, _ value: MAPIProperties.Value, _ properties: inout MAPIProperties) {
    let id = UInt16(truncatingIfNeeded: tag >> 16)
    properties.append(id, UInt16(truncatingIfNeeded: tag), name: id >= 0x8000 ? names[id] : nil, value)
  }

  private func readStream(_ tag: UInt32, _ entry: Int, _ bytes: Bytes, _ properties: inout MAPIProperties) {
    let type = UInt16(truncatingIfNeeded: tag)
    if type & PropertyType.multiple == 0 {
      append(tag, .data(file.entries[entry].ranges), &properties)
      return
    }
    // The lengths of a list of texts say nothing that their streams do not; a list of numbers is all here.
    guard let size = PropertyType.size(of: type & ~PropertyType.multiple), size > 0, size <= 8 else { return }
    let stream = file.read(entry, from: bytes, limit: size * MAPIProperties.maximumList)
    var numbers: [UInt64] = []
    for at in stride(from: 0, to: stream.count / size * size, by: size) {
      var number: UInt64 = 0
      for i in 0..<size { number |= UInt64(stream[at + i]) << UInt64(8 * i) }
      numbers.append(number)
    }
    append(tag, .numbers(numbers), &properties)
  }

  /// The entries of 16 bytes each behind the header of `__properties_version1.0`, [MS-OXMSG] 2.4.2.
  private func readFixed(_ stream: [UInt8], _ header: Int, _ properties: inout MAPIProperties) {
    var position = header
    while position + 16 <= stream.count {
      let tag = stream.span.uint32(at: position)
      if let size = PropertyType.size(of: UInt16(truncatingIfNeeded: tag)), size > 0, size <= 8 {
        let bits = stream.span.uint64(at: position + 8)
        append(tag, .number(size == 8 ? bits : bits & (1 << UInt64(8 * size) - 1)), &properties)
      }
      position += 16
    }
  }
}
