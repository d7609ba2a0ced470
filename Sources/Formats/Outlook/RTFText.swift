/// What RTF says: the HTML or the text that Outlook encapsulated in it, [MS-OXRTFEX], or else the text of a reader who
/// sees no formats.
public struct RTFText {
  public enum Kind: Sendable { case html, text, plain }

  /// Which of the three the RTF is: `\fromhtml1` and `\fromtext` stand in front of the fonts.
  public static func kind(_ rtf: Bytes) -> Kind {
    var position = 0
    while position < min(rtf.count, 1024),
      let slash = rtf.firstIndex(of: ASCII.backslash, from: position, to: rtf.count)
    {
      if rtf.hasPrefix(at: slash, to: rtf.count, "\\fromhtml1") { return .html }
      if rtf.hasPrefix(at: slash, to: rtf.count, "\\fromtext") { return .text }
      if rtf.hasPrefix(at: slash, to: rtf.count, "\\fonttbl") { return .plain }
      position = slash + 1
    }
    return .plain
  }

  /// The HTML or text, in UTF-8.
  public static func decode(_ rtf: Bytes, converter: CharsetConverter) -> [UInt8] {
    var reader = RTFText(kind: kind(rtf), converter: converter)
    reader.read(rtf)
    reader.flush()
    return reader.output
  }

  // MARK: State

  /// What a group changes until its end.
  struct Group {
    /// Between `\htmlrtf` and `\htmlrtf0`: for readers of RTF only.
    var isForRTF = false
    /// Within `{\*\htmltag`.
    var isTag = false
    /// A destination that holds no text.
    var isSkipped = false
    var isFontTable = false
    var isHidden = false
    /// Characters behind each `\u` that say the same for old readers.
    var skip = 1
    var page = 0
    /// Whether `page` is that of a font.
    var hasFontPage = false
  }

  let kind: Kind
  private let converter: CharsetConverter
  private var output: [UInt8] = []
  /// Bytes in the code page `pendingPage` that are not in the output yet.
  private var pending: [UInt8] = []
  private var pendingPage = 0
  private var high: UInt16?
  var group = Group()
  private var outer: [Group] = []
  /// Groups beyond those that are remembered.
  private var tooDeep = 0
  var defaultPage = 1252
  var fontPages: [Int: Int] = [:]
  var font = 0
  var toSkip = 0
  /// Behind `\*`: the next word begins a destination, which is skipped where it is not known.
  var isOptional = false

  private static let maximumDepth = 1000

  private init(kind: Kind, converter: CharsetConverter) {
    self.kind = kind
    self.converter = converter
  }

  // MARK: Tokens

  private mutating func read(_ rtf: Bytes) {
    var position = 0
    while position < rtf.count {
      let byte = rtf[position]
      switch byte {
      case UInt8(ascii: "{"):
        begin()
        position += 1
      case UInt8(ascii: "}"):
        end()
        position += 1
      case ASCII.backslash: position = readControl(rtf, position + 1)
      case ASCII.cr, ASCII.lf, 0: position += 1
      default:
        if toSkip > 0 { toSkip -= 1 } else { append(byte) }
        position += 1
      }
    }
  }

  private mutating func begin() {
    toSkip = 0
    isOptional = false
    if outer.count < Self.maximumDepth { outer.append(group) } else { tooDeep += 1 }
  }

  private mutating func end() {
    toSkip = 0
    isOptional = false
    if tooDeep > 0 { tooDeep -= 1 } else if let last = outer.popLast() { group = last }
  }

  /// Reads a control word or symbol; returns where the text behind it begins.
  private mutating func readControl(_ rtf: Bytes, _ start: Int) -> Int {
    guard start < rtf.count else { return start }
    guard ASCII.isLetter(rtf[start]) else {
      if rtf[start] == ASCII.apostrophe, start + 2 < rtf.count, let upper = ASCII.hexadecimalValue(rtf[start + 1]),
        let lower = ASCII.hexadecimalValue(rtf[start + 2])
      {
        if toSkip > 0 { toSkip -= 1 } else { append(upper << 4 | lower) }
        return start + 3
      }
      if toSkip > 0, rtf[start] != ASCII.asterisk { toSkip -= 1 } else { symbol(rtf[start]) }
      return start + 1
    }
    var end = start
    while end < rtf.count, ASCII.isLetter(rtf[end]), end - start < 32 { end += 1 }
    let word = start..<end
    var number: Int?
    let isNegative = end < rtf.count && rtf[end] == ASCII.hyphen
    if isNegative { end += 1 }
    while end < rtf.count, ASCII.isDigit(rtf[end]) {
      number = min((number ?? 0) * 10 + Int(rtf[end] - ASCII.zero), 1 << 31)
      end += 1
    }
    if isNegative { number = number.map { -$0 } }
    // One blank ends the word and is no text.
    if end < rtf.count, rtf[end] == ASCII.space { end += 1 }
    if rtf.equals(word, "bin") {
      // So many bytes that are no RTF.
      return min(rtf.count, end + max(0, number ?? 0))
    }
    if toSkip > 0 {
      toSkip -= 1
      return end
    }
    let optional = isOptional
    isOptional = false
    perform(rtf, word, number, optional)
    return end
  }

  // MARK: Symbols

  private mutating func symbol(_ byte: UInt8) {
    switch byte {
    case ASCII.asterisk: isOptional = true
    case ASCII.tilde: character("\u{A0}", "&nbsp;")
    case ASCII.underscore: character("\u{2011}", "&shy;")
    case ASCII.hyphen: if kind == .html { character("\u{AD}", "&shy;") }
    case ASCII.backslash, UInt8(ascii: "{"), UInt8(ascii: "}"): append(byte)
    case ASCII.cr, ASCII.lf: lineEnd()
    default: return
    }
  }

  // MARK: Text

  private var isSilent: Bool { group.isSkipped || group.isHidden || (kind == .html && group.isForRTF) }

  /// A byte of text in the code page of the font.
  private mutating func append(_ byte: UInt8) {
    if isSilent { return }
    high = nil
    let page = group.hasFontPage && !group.isTag ? group.page : defaultPage
    if page != pendingPage {
      flush()
      pendingPage = page
    }
    pending.append(byte)
  }

  mutating func unicode(_ unit: UInt16) {
    if isSilent { return }
    flush()
    // Characters beyond the basic plane come in two halves.
    if let first = high, (0xDC00...0xDFFF).contains(unit) {
      high = nil
      let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(unit) - 0xDC00)
      if let scalar = Unicode.Scalar(value) { output.append(text: String(Character(scalar))) }
      return
    }
    if high != nil { output.append("\u{FFFD}") }
    high = (0xD800...0xDBFF).contains(unit) ? unit : nil
    if high == nil, let scalar = Unicode.Scalar(unit), unit != 0 { output.append(text: String(Character(scalar))) }
    if (0xDC00...0xDFFF).contains(unit) { output.append("\u{FFFD}") }
  }

  mutating func character(_ text: StaticString, _ html: StaticString) {
    if isSilent { return }
    flush()
    output.append(kind == .html ? html : text)
  }

  mutating func lineEnd() {
    if isSilent { return }
    flush()
    output.appendLineEnd()
  }

  /// Puts what waits for its code page into the output.
  private mutating func flush() {
    guard !pending.isEmpty else { return }
    let bytes = pending
    converter.appendUTF8(
      bytes.span, charset: WindowsCodePage.charset(pendingPage) ?? "windows-1252", to: &output)
    pending.removeAll(keepingCapacity: true)
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes at `range` are exactly `text`.
  func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount && hasPrefix(at: range.lowerBound, to: range.upperBound, text)
  }
}
