import CZlib
import Formats

/// Writes a message as RFC 5322 and MIME want it.
final class ToInternet {
  let options: ConversionOptions
  let converter: CharsetConverter
  var content: [UInt8] = []
  var boundaries = 0
  private(set) var seed: UInt32 = 0
  var length = 0
  var isReport = false
  /// Whether a boundary is looked for in the source, for parts of it go into the message as they are.
  private var searchesSource = true

  init(options: ConversionOptions, converter: CharsetConverter) {
    self.options = options
    self.converter = converter
  }

  /// Appends `message`, whose contents are ranges of `source`, to `output`. `identity` is what the message was read
  /// from: of its bytes a Message-ID is made, always the same one for the same bytes. Returns what there is to say about
  /// the envelope, if one is wanted.
  @discardableResult
  func write(
    _ message: Message, source: Bytes, identity: Range<Int>, hasEnvelope: Bool = false, to output: inout [UInt8]
  ) -> [Finding] {
    let findings = hasEnvelope ? writeEnvelope(message, to: &output) : []
    begin(source, identity)
    searchesSource = true
    write(message, source: source, hasEnvelope: hasEnvelope, to: &output)
    return findings
  }

  /// Begins a message that holds others, all made of the same bytes: each of them is written by `writeWithin`.
  func begin(_ source: Bytes, _ identity: Range<Int>) {
    boundaries = 0
    length = identity.count
    seed = source.extracting(identity).withUnsafeBufferPointer {
      UInt32(truncatingIfNeeded: crc32(crc32(0, nil, 0), $0.baseAddress, uInt($0.count)))
    }
  }

  /// Appends a message, those within it before it itself. No two have the same boundary, and what goes into them as it
  /// is holds none.
  func writeWithin(_ message: Message, source: Bytes, to output: inout [UInt8]) {
    searchesSource = false
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
    let nodes = structure(message.items)
    if let type = message.reportType, !nodes.isEmpty {
      write(.multipart("report; report-type=\(type)", nodes), source: source, to: &output)
    } else if nodes.count == 1 {
      write(nodes[0], source: source, to: &output)
    } else if nodes.isEmpty {
      output.append("Content-Type: text/plain; charset=us-ascii\r\n\r\n")
    } else {
      write(.multipart("mixed", nodes), source: source, to: &output)
    }
  }

  // MARK: Structure

  indirect enum Node {
    case leaf(Item)
    case multipart(String, [Node])

    var isHTML: Bool {
      if case .leaf(let item) = self { return item.type == .html }
      return false
    }
  }

  /// Puts texts and their alternatives, and HTML and what it shows, together.
  private func structure(_ items: [Item]) -> [Node] {
    var nodes: [Node] = []
    for item in items {
      if item.role == .alternative, let last = nodes.indices.last {
        switch nodes[last] {
        case .leaf(let text) where text.kind == .text:
          nodes[last] = .multipart("alternative", [nodes[last], .leaf(item)])
          continue
        case .multipart("alternative", let parts):
          nodes[last] = .multipart("alternative", parts + [.leaf(item)])
          continue
        default: break
        }
      } else if item.isRelated, let at = nodes.lastIndex(where: { related($0, item) != nil }),
        let node = related(nodes[at], item)
      {
        nodes[at] = node
        continue
      }
      nodes.append(.leaf(item))
    }
    return nodes
  }

  /// `node` with `item` beside its HTML; nil when it has none.
  private func related(_ node: Node, _ item: Item) -> Node? {
    switch node {
    case .leaf: return node.isHTML ? .multipart("related", [node, .leaf(item)]) : nil
    case .multipart("related", let parts): return .multipart("related", parts + [.leaf(item)])
    case .multipart(_, var parts):
      for at in parts.indices.reversed() {
        if let inner = related(parts[at], item) {
          parts[at] = inner
          return .multipart("alternative", parts)
        }
      }
      return nil
    }
  }

  // MARK: Parts

  func write(_ node: Node, source: Bytes, to output: inout [UInt8]) {
    switch node {
    case .leaf(let item): write(item, source: source, to: &output)
    case .multipart(let subtype, let nodes):
      let boundary = BodyWriter.boundary(
        after: &boundaries, seed: seed, absentFrom: searchesSource ? source : source.extracting(0..<0))
      output.append("Content-Type: multipart/")
      output.append(text: subtype)
      output.append(";\r\n boundary=\"")
      output.append(contentsOf: boundary)
      output.append("\"\r\n")
      if isEightBit(node, source) { output.append("Content-Transfer-Encoding: 8bit\r\n") }
      output.appendLineEnd()
      for node in nodes {
        output.append("--")
        output.append(contentsOf: boundary)
        output.appendLineEnd()
        write(node, source: source, to: &output)
        output.appendLineEnd()
      }
      output.append("--")
      output.append(contentsOf: boundary)
      output.append("--\r\n")
    }
  }

  /// Whether anything in a part is labelled 8bit: then all around it has to be, RFC 2045, 6.4.
  private func isEightBit(_ node: Node, _ source: Bytes) -> Bool {
    switch node {
    case .leaf(let item):
      guard item.kind != .text, item.type.name.hasPrefix("message/") else { return false }
      content.removeAll(keepingCapacity: true)
      _ = item.content.append(from: source, to: &content)
      let content = content
      return !content.span.isASCII(0..<content.count)
    case .multipart(_, let nodes): return nodes.contains { isEightBit($0, source) }
    }
  }
}
