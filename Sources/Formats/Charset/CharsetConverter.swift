import Glibc

/// Converts text between character sets with iconv(3), keeping descriptors open from message to message.
///
/// One for each thread: an iconv descriptor has state.
public final class CharsetConverter {
  private var descriptors: [String: iconv_t?] = [:]
  private var encoders: [String: CharacterEncoder] = [:]
  /// The iconv names for the labels met so far; mail has few, again and again.
  private var names: [String: String] = [:]
  /// Labels are anybody's text: no more of them are remembered.
  private static let mostNames = 1000

  public init() {}

  deinit {
    for descriptor in descriptors.values { if let descriptor { iconv_close(descriptor) } }
  }

  /// What became of a conversion to UTF-8.
  public enum Outcome: Sendable, Equatable {
    case exact
    /// The bytes are UTF-8, whatever their label says, and were taken as that.
    case mislabelled
    /// Bytes that mean nothing in the character set became U+FFFD; the first of them was at this offset.
    case replaced(at: Int)
    /// The label names no character set known here; the text was taken as UTF-8, or else as windows-1252.
    case unknownCharset
  }

  /// Appends `bytes`, text in the character set that `label` names in mail, to `output` as UTF-8.
  ///
  /// Valid UTF-8 is UTF-8 where the label names a set of single bytes, and where it names one of several bytes that the
  /// text is not in; never where it names one with escapes.
  @discardableResult
  public func appendUTF8(_ bytes: Bytes, charset label: String, to output: inout [UInt8]) -> Outcome {
    if bytes.isASCII(0..<bytes.count),
      CharsetName.containsASCII(label) || Self.isPlain(bytes)
    {
      output.append(bytes)
      return .exact
    }
    let name = iconvName(label)
    // Nothing looks like UTF-8 by chance in text labelled iso-8859-1 or not at all.
    if name == "UTF-8" || name == "WINDOWS-1252", appendValidUTF8(bytes, to: &output) {
      return name == "UTF-8" || label.isEmpty ? .exact : .mislabelled
    }
    if name == "WINDOWS-1252" { return Windows1252.appendUTF8(bytes, to: &output) }
    let start = output.count
    guard let outcome = convert(bytes, from: name, to: &output) else {
      if !appendValidUTF8(bytes, to: &output) { _ = appendUTF8(bytes, charset: "", to: &output) }
      return .unknownCharset
    }
    let kind = CharsetName.kind(ofIconv: name)
    guard kind != .other, name != "UTF-8", Self.isUTF8(bytes) else { return outcome }
    if kind == .multiple, outcome == .exact {
      // Some labels are read as the larger set that they are used for; whether they are right the smaller one tells.
      var ignored: [UInt8] = []
      let narrow = CharsetName.narrow(ofIconv: name)
      if narrow == name || convert(bytes, from: narrow, to: &ignored) == .exact { return outcome }
    }
    if kind == .single,
      MislabelledText.isLabelRight(label: output.span.extracting(start..<output.count), utf8: bytes)
    {
      return outcome
    }
    output.removeSubrange(start...)
    output.append(bytes)
    return .mislabelled
  }

  /// Converts by iconv, or by a reader of our own where iconv has none; nil when neither knows the name.
  private func convert(_ bytes: Bytes, from name: String, to output: inout [UInt8]) -> Outcome? {
    if name == "CP1252" { return Windows1252.appendUTF8(bytes, to: &output) }
    if name == "HZ" {
      guard let text = EscapedText.gb2312(fromHZ: bytes) else { return nil }
      return convert(text.span, from: "GB18030", to: &output)
    }
    guard let descriptor = descriptor(from: name) else { return nil }
    let start = output.count
    guard let replaced = convert(bytes, with: descriptor, to: &output) else { return .exact }
    if name == "ISO-2022-JP-3", let text = EscapedText.cp932(fromISO2022JP: bytes) {
      var again: [UInt8] = []
      if convert(text.span, from: "CP932", to: &again) == .exact {
        output.removeSubrange(start...)
        output.append(contentsOf: again)
        return .exact
      }
    }
    return .replaced(at: replaced)
  }

  private func iconvName(_ label: String) -> String {
    if let known = names[label] { return known }
    let name = CharsetName.iconv(label)
    if names.count < Self.mostNames { names[label] = name }
    return name
  }

  /// Whether text with this label can be read: an empty label can.
  public func canRead(label: String) -> Bool {
    let name = iconvName(label)
    return name == "UTF-8" || name == "WINDOWS-1252" || name == "CP1252" || name == "HZ"
      || descriptor(from: name) != nil
  }

  /// Appends UTF-8 text to `output` in a code page. Characters that it lacks are transliterated, or become `?`.
  ///
  /// Returns whether the code page holds all of `text` exactly.
  public func append(_ text: Bytes, codePage: CodePage, to output: inout [UInt8]) -> Bool {
    if codePage.containsASCII, text.isASCII(0..<text.count) {
      output.append(text)
      return true
    }
    let encoder: CharacterEncoder
    if let known = encoders[codePage.iconvName] {
      encoder = known
    } else {
      encoder = CharacterEncoder(codePage)
      encoders[codePage.iconvName] = encoder
    }
    return encoder.append(text, to: &output)
  }

  /// Whether iconv knows this name.
  public func knows(_ name: String) -> Bool { descriptor(from: name) != nil }

  /// Whether `bytes` are text in the character set that iconv knows by `name`, each byte of them; false where it knows
  /// none of that name.
  public func holds(_ bytes: Bytes, iconvName name: String) -> Bool {
    guard let descriptor = descriptor(from: name) else { return false }
    var text: [UInt8] = []
    return convert(bytes, with: descriptor, to: &text) == nil
  }

  private func appendValidUTF8(_ bytes: Bytes, to output: inout [UInt8]) -> Bool {
    let valid = Self.isUTF8(bytes)
    if valid { output.append(bytes) }
    return valid
  }

  private static func isUTF8(_ bytes: Bytes) -> Bool {
    bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
  }

  /// Seven-bit text without a byte that could begin an escape of ISO-2022, HZ or UTF-7.
  private static func isPlain(_ bytes: Bytes) -> Bool {
    for i in 0..<bytes.count {
      switch bytes[i] {
      case 0, 14, 15, ASCII.escape, ASCII.plus, ASCII.tilde: return false
      default: continue
      }
    }
    return true
  }

  /// Converts to UTF-8; nil when iconv does not know `source`.
  private func descriptor(from source: String) -> iconv_t? {
    if let known = descriptors[source] { return known }
    let opened = iconv_open("UTF-8", source)
    let failed = opened == nil || opened == iconv_t(bitPattern: -1)
    descriptors[source] = .some(failed ? nil : opened)
    return failed ? nil : opened
  }

  /// Runs `bytes` through an iconv descriptor; a byte that it cannot convert becomes U+FFFD. Returns the offset of the
  /// first one.
  private func convert(_ bytes: Bytes, with descriptor: iconv_t, to output: inout [UInt8]) -> Int? {
    iconv(descriptor, nil, nil, nil, nil)
    var firstReplaced: Int?
    var position = 0
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { room in
      while position < bytes.count {
        var failure: Int32 = 0
        let (read, written) = bytes.withUnsafeBufferPointer { source in
          var from: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(
            mutating: UnsafeRawPointer(source.baseAddress! + position).assumingMemoryBound(to: CChar.self))
          var fromLeft = bytes.count - position
          var to: UnsafeMutablePointer<CChar>? = room.baseAddress!
          var toLeft = room.count
          let left = fromLeft
          if iconv(descriptor, &from, &fromLeft, &to, &toLeft) == -1 { failure = errno }
          return (left - fromLeft, room.count - toLeft)
        }
        room.withMemoryRebound(to: UInt8.self) {
          output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[0..<written]))
        }
        position += read
        // EILSEQ: not a character here, or none there. EINVAL: cut off in the middle of one.
        if failure != 0, failure != E2BIG, position < bytes.count {
          if firstReplaced == nil { firstReplaced = position }
          output.append("\u{FFFD}")
          position += 1
        }
      }
      // Back to the initial shift state, for the stateful ones (ISO-2022).
      var to: UnsafeMutablePointer<CChar>? = room.baseAddress!
      var toLeft = room.count
      iconv(descriptor, nil, nil, &to, &toLeft)
      let written = room.count - toLeft
      room.withMemoryRebound(to: UInt8.self) {
        output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[0..<written]))
      }
    }
    return firstReplaced
  }
}

/// The code page of a post office: one for all its text.
public struct CodePage: Sendable, Equatable {
  /// As the user named it: `850`, `cp932`, `windows-1252`.
  public let name: String
  public let iconvName: String
  /// Whether text of bytes below 128 is the same text in ASCII.
  public let containsASCII: Bool

  public init(_ name: String) {
    self.name = name
    iconvName = CharsetName.codePageNumber(name).map { "CP\($0)" } ?? name
    containsASCII = CharsetName.containsASCII(iconvName)
  }

  /// The code page of western European releases; PMDF takes it too.
  public static let standard = CodePage("850")

  /// Whether the byte is the first of a character of two: those of code pages 932, 936, 949 and 950. The second may
  /// be any of `@` to `~`, brackets and backslash included (KB Q198861).
  public func isLeadByte(_ byte: UInt8) -> Bool {
    switch iconvName {
    case "CP932": (0x81...0x9F).contains(byte) || (0xE0...0xFC).contains(byte)
    case "CP936", "CP949", "CP950", "GBK", "GB18030", "BIG5", "UHC": (0x81...0xFE).contains(byte)
    default: false
    }
  }
}
