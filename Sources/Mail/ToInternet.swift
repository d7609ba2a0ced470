import CZlib
import Formats

/// Writes a message as RFC 5322 and MIME want it.
final class ToInternet {
  let options: ConversionOptions
  let converter: CharsetConverter
  var content: [UInt8] = []
  var boundaries = 0
  private(set) var seed: UInt32 = 0
  /// The Message-ID of a message that has none.
  private(set) var madeMessageID = ""
  private var identity = 0..<0
  private var identifier: MadeMessageID?
  /// Messages within the one that `begin` began.
  private var innerMessages = 0
  var isReport = false
  /// Whether a boundary is looked for in the source, for parts of it go into the message as they are.
  private var searchesSource = true

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
  }

  /// Appends `message`, whose contents are ranges of `source`, to `output`. `identity` is what the message was read
  /// from: of its bytes a Message-ID is made, always the same one for the same bytes, and `occurrences` tells equal ones
  /// apart. Returns what there is to say about the envelope, if one is wanted.
  @discardableResult
  func write(
    _ message: Message, source: Bytes, identity: Range<Int>, hasEnvelope: Bool = false,
    occurrences: inout MadeMessageID.Occurrences, to output: inout [UInt8]
  ) -> [Finding] {
    let findings = hasEnvelope ? writeEnvelope(message, to: &output) : []
    begin(source, identity)
    searchesSource = true
    if Self.needsMessageID(message) {
      let id = identifier(source)
      madeMessageID = id.text(occurrence: occurrences.next(of: id), inner: 0, domain: options.addresses.domain)
    }
    write(message, source: source, hasEnvelope: hasEnvelope, to: &output)
    return findings
  }

  /// Begins a message that holds others, all made of the same bytes: each of them is written by `writeWithin`.
  func begin(_ source: Bytes, _ identity: Range<Int>) {
    boundaries = 0
    innerMessages = 0
    self.identity = identity
    identifier = nil
    seed = source.extracting(identity).withUnsafeBufferPointer {
      UInt32(truncatingIfNeeded: crc32(crc32(0, nil, 0), $0.baseAddress, uInt($0.count)))
    }
  }

  /// Made once, however many messages are made of the same bytes.
  private func identifier(_ source: Bytes) -> MadeMessageID {
    let made = identifier ?? MadeMessageID(of: source.extracting(identity))
    identifier = made
    return made
  }

  static func needsMessageID(_ message: Message) -> Bool {
    !message.settled.contains(.messageID) && !message.carried.contains { $0.name == .messageID }
  }

  /// Appends the message that holds all those that `writeWithin` has written.
  func writeOuter(_ message: Message, source: Bytes, to output: inout [UInt8]) {
    writeWithin(message, source: source, inner: 0, to: &output)
  }

  /// Appends a message, those within it before it itself. No two have the same boundary, and what goes into them as it
  /// is holds none.
  func writeWithin(_ message: Message, source: Bytes, to output: inout [UInt8]) {
    innerMessages += 1
    writeWithin(message, source: source, inner: innerMessages, to: &output)
  }

  private func writeWithin(_ message: Message, source: Bytes, inner: Int, to output: inout [UInt8]) {
    searchesSource = false
    if Self.needsMessageID(message) {
      madeMessageID = identifier(source)
        .text(occurrence: 1, inner: inner, domain: options.addresses.domain)
    }
    write(message, source: source, hasEnvelope: false, to: &output)
  }

  func write(_ message: Message, source: Bytes, hasEnvelope: Bool, to output: inout [UInt8]) {
    isReport = message.reportType != nil
    writeHeader(message, hasEnvelope: hasEnvelope, to: &output)
    output.append("MIME-Version: 1.0\r\n")
    if let entity = message.entity {
      _ = entity.append(from: source, to: &output)
      return
    }
    let preambles = message.items.filter { $0.role == .preamble }
    let epilogues = message.items.filter { $0.role == .epilogue }
    let isBordered = !preambles.isEmpty || !epilogues.isEmpty
    let nodes = structure(
      isBordered ? message.items.filter { ![.preamble, .epilogue].contains($0.role) } : message.items)
    let root: Node
    if let type = message.reportType, !nodes.isEmpty {
      root = Node("report; report-type=\(type)", nodes)
    } else if nodes.count == 1, nodes[0].item == nil || !isBordered {
      root = nodes[0]
    } else if nodes.isEmpty, !isBordered {
      output.append("Content-Type: text/plain; charset=us-ascii\r\n\r\n")
      return
    } else {
      root = Node("mixed", nodes)
    }
    (root.preambles, root.epilogues) = (preambles, epilogues)
    write(root, source: source, to: &output)
  }

  // MARK: Structure

  /// An item, or a multipart of several.
  final class Node {
    var item: Item?
    var subtype = ""
    var children: [Node] = []
    /// Texts outside the boundaries.
    var preambles: [Item] = []
    var epilogues: [Item] = []

    init(_ item: Item) { self.item = item }

    init(_ subtype: String, _ children: [Node]) {
      self.subtype = subtype
      self.children = children
    }

    /// Puts an item beside what this is: both become a multipart, or one more part of it.
    func add(_ node: Node, subtype: String) {
      if let own = item {
        children = [Node(own)]
        self.subtype = subtype
        item = nil
      }
      children.append(node)
    }
  }

  /// Puts texts and their alternatives, and HTML and what it shows, together.
  private func structure(_ items: [Item]) -> [Node] {
    var nodes: [Node] = []
    // The last HTML, or the last text where there is none, alone or with what it shows beside it: RFC 2387 lets a text be
    // the root, too.
    var html: Node?
    var text: Node?
    for item in items {
      let node = Node(item)
      if item.role == .alternative, let last = nodes.last, last.item?.kind == .text || last.subtype == "alternative" {
        last.add(node, subtype: "alternative")
      } else if item.role != .alternative, item.isRelated, let root = html ?? text {
        root.add(node, subtype: "related")
        continue
      } else {
        nodes.append(node)
      }
      if item.type == .html { html = node }
      if item.kind == .text { text = node }
    }
    return nodes
  }

  // MARK: Parts

  func write(_ node: Node, source: Bytes, to output: inout [UInt8]) {
    if let item = node.item {
      write(item, source: source, to: &output)
      return
    }
    let boundary = BodyWriter.boundary(
      after: &boundaries, seed: seed, absentFrom: searchesSource ? source : source.extracting(0..<0))
    output.append("Content-Type: multipart/")
    output.append(text: node.subtype)
    output.append(";\r\n boundary=\"")
    output.append(contentsOf: boundary)
    output.append("\"\r\n")
    if isEightBit(node, source) { output.append("Content-Transfer-Encoding: 8bit\r\n") }
    output.appendLineEnd()
    for text in node.preambles { writeOutside(text, source: source, to: &output) }
    for child in node.children {
      output.append("--")
      output.append(contentsOf: boundary)
      output.appendLineEnd()
      write(child, source: source, to: &output)
      output.appendLineEnd()
    }
    output.append("--")
    output.append(contentsOf: boundary)
    output.append("--\r\n")
    for text in node.epilogues { writeOutside(text, source: source, to: &output) }
  }

  /// Appends a text that stands before the first boundary or behind the last one, where nothing can be said about it.
  private func writeOutside(_ text: Item, source: Bytes, to output: inout [UInt8]) {
    content.removeAll(keepingCapacity: true)
    _ = text.content.append(from: source, to: &content)
    let content = content
    output.append(linesOf: content.span)
    if output.last != ASCII.lf { output.appendLineEnd() }
  }

  /// Whether anything in a part is labelled 8bit: then all around it has to be, RFC 2045, 6.4.
  private func isEightBit(_ node: Node, _ source: Bytes) -> Bool {
    guard let item = node.item else { return node.children.contains { isEightBit($0, source) } }
    guard item.kind != .text, item.type.name.hasPrefix("message/") else { return false }
    content.removeAll(keepingCapacity: true)
    _ = item.content.append(from: source, to: &content)
    let content = content
    return !content.span.isASCII(0..<content.count)
  }
}
