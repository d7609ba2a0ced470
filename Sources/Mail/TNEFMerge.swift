import CZlib
import Formats

/// Opens the TNEF that a message holds, its winmail.dat, and merges what is in it with the message around it: one
/// message, as if it had come without.
///
/// The text of the message stays, for it says the same as that of the TNEF. HTML or RTF stand beside it where the
/// message has none; the files take the place of the winmail.dat, which stays only where something of it could not be
/// read.
struct TNEFMerge {
  let options: ConversionOptions
  let converter: CharsetConverter
  private var items: [Item] = []
  private var bodies: [Item] = []
  /// The files of the message itself, by name: one that was opened before, and kept beside its parts, is not opened
  /// into the same parts again.
  private var files: [String: [Item]] = [:]
  private var sums: [String: Set<UInt64>] = [:]

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
  }

  /// Merges all TNEF that `message`, whose contents are ranges of `source`, holds.
  static func merge(_ message: inout Message, _ source: Bytes, options: ConversionOptions, converter: CharsetConverter)
  {
    guard message.items.contains(where: isTNEF) else { return }
    var merge = TNEFMerge(options: options, converter: converter)
    merge.merge(&message, source)
  }

  private static let types = ["application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef"]

  private static func isTNEF(_ item: Item) -> Bool {
    item.kind == .file && item.macintosh == nil
      && (types.contains(item.type.name) || item.name.lowercased() == "winmail.dat")
  }

  private mutating func merge(_ message: inout Message, _ source: Bytes) {
    for item in message.items where !Self.isTNEF(item) { files[item.name.lowercased(), default: []].append(item) }
    for item in message.items {
      var tnef: [UInt8] = []
      if Self.isTNEF(item) { _ = item.content.append(from: source, to: &tnef) }
      if let outlook = try? TNEFReader.read(tnef.span) {
        open(outlook, tnef, item, &message, source)
      } else {
        items.append(item)
      }
    }
    placeBodies(source)
    message.items = items
  }

  // MARK: Files

  /// What is said of TNEF that was not read to its end.
  private static let losses: Set<Rule> = [.tnefCut, .tnefProperty, .nestedTooDeep, .tooManyParts, .rtfDamaged]

  private mutating func open(
    _ outlook: OutlookMessage, _ tnef: [UInt8], _ raw: Item, _ message: inout Message, _ source: Bytes
  ) {
    let writer = ToInternet(options: options, converter: converter)
    writer.begin(tnef.span, 0..<tnef.count)
    let surroundings = FromOutlook.Surroundings(
      sender: message.sender, recipients: message.recipients, date: message.date)
    let reading = FromOutlook.read(outlook, tnef.span, options: options, writer: writer, surroundings: surroundings)
    let inner = reading.message
    for finding in inner.findings {
      message.findings.note(0, finding.rule, "in winmail.dat, offset \(finding.offset): \(finding.text)")
    }
    // A signed message stays whole, and so does what says nothing.
    if inner.items.isEmpty || inner.entity != nil { return items.append(raw) }
    let own = inner.items.map { item in
      var own = item
      if case .pieces(let ranges) = item.content { own.content = .bytes(ranges.bytes(of: tnef.span)) }
      return own
    }
    if bodies.isEmpty { bodies = Array(own[..<reading.bodies]) }
    let isReport = message.reportType != nil
    for item in own[reading.bodies...] where !isHeld(item, source) {
      // The report around it says it already.
      if isReport, Self.reportTypes.contains(item.type.name) { continue }
      items.append(item)
    }
    if inner.findings.contains(Self.losses) { items.append(raw) }
    if message.reportType == nil, message.items.count == 1 { message.reportType = inner.reportType }
    mergeHeader(inner, &message)
  }

  /// The parts of reports that are for programs.
  private static let reportTypes = ["message/delivery-status", "message/disposition-notification"]

  /// Whether the message had a file of that name and content already.
  private mutating func isHeld(_ item: Item, _ source: Bytes) -> Bool {
    let name = item.name.lowercased()
    guard let others = files[name] else { return false }
    if sums[name] == nil {
      var found = Set<UInt64>()
      for other in others { found.insert(Self.sum(other, source)) }
      sums[name] = found
    }
    return sums[name]?.contains(Self.sum(item, source)) ?? false
  }

  private static func sum(_ item: Item, _ source: Bytes) -> UInt64 {
    var content: [UInt8] = []
    _ = item.content.append(from: source, to: &content)
    let sum = content.withUnsafeBufferPointer { crc32(crc32(0, nil, 0), $0.baseAddress, uInt($0.count)) }
    return UInt64(sum) << 32 | UInt64(truncatingIfNeeded: content.count)
  }

  // MARK: Bodies

  private mutating func placeBodies(_ source: Bytes) {
    guard !bodies.isEmpty else { return }
    let text = items.firstIndex { $0.kind == .text && !Self.isBlank($0, source) }
    let hasHTML = items.contains { $0.type == .html && $0.role != .plain }
    if text == nil, !hasHTML {
      // A blank text beside the TNEF is no text.
      items = bodies + items.filter { $0.kind != .text }
      return
    }
    // A titled text says what no mail does: when and where an appointment is.
    for item in bodies where item.kind == .text && !item.title.isEmpty && !isHeld(item, source) { items.append(item) }
    guard let text, !hasHTML else { return }
    var alternatives: [Item] = []
    for item in bodies where item.kind == .file && !isHeld(item, source) {
      var alternative = item
      alternative.role = .alternative
      alternatives.append(alternative)
    }
    items.insert(contentsOf: alternatives, at: text + 1)
  }

  private static func isBlank(_ item: Item, _ source: Bytes) -> Bool {
    var content: [UInt8] = []
    _ = item.content.append(from: source, to: &content)
    return FromOutlook.isBlank(content)
  }

  // MARK: Header

  /// Says what the message around it does not; nobody is named twice.
  private func mergeHeader(_ inner: Message, _ message: inout Message) {
    if message.sender == nil { message.sender = inner.sender }
    if message.subject.isEmpty, !message.headers.contains(where: { $0.name == .subject }) {
      message.subject = inner.subject
    }
    if message.date == nil { message.date = inner.date }
    var addresses = Set(message.recipients.map { $0.mailbox.address.lowercased() })
    let names = Set(message.recipients.map { $0.mailbox.name.lowercased() })
    let isEmpty = message.recipients.isEmpty
    for recipient in inner.recipients {
      let mailbox = recipient.mailbox
      // An address of Exchange's own is that of somebody whom the message names by another.
      if !isEmpty,
        mailbox.address.hasPrefix("IMCEA") || names.contains(mailbox.name.lowercased()) && !mailbox.name.isEmpty
      {
        continue
      }
      if addresses.insert(mailbox.address.lowercased()).inserted { message.recipients.append(recipient) }
    }
  }
}
