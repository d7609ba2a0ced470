/// A mailbox of RFC 5322, 3.4: `Mary Smith <mary@example.net>`. Both texts are in UTF-8, decoded and unquoted.
public struct Mailbox: Sendable, Equatable {
  /// The display name, or else the comment after the address; empty when there is neither.
  public var name: String
  /// The addr-spec, `mary@example.net`; whatever stands there where no `@` is.
  public var address: String
  /// The name of the group that it is in, RFC 5322, 3.4: `A Group:Ed <ed@example.org>;`
  public var group: String?

  public init(name: String, address: String, group: String? = nil) {
    self.name = name
    self.address = address
    self.group = group
  }
}

/// The address lists of From, To, Cc and their like, in every form met in real mail: groups, comments, routes,
/// quoted and unquoted names, names without an address, semicolons between addresses.
public struct AddressList: Sendable, Equatable {
  public var mailboxes: [Mailbox] = []
  /// Groups without members: `undisclosed-recipients:;`
  public var emptyGroups: [String] = []
  /// Whether there are more mailboxes than `maximum`; those behind it are not read.
  public var isCut = false

  /// Mailboxes in one field.
  public static let maximum = 50_000

  public init(_ bytes: Bytes, _ range: Range<Int>, charset: String = "", converter: CharsetConverter) {
    var parser = Parser(charset: charset, converter: converter)
    parser.parse(bytes, range)
    mailboxes = parser.mailboxes
    emptyGroups = parser.emptyGroups
    isCut = parser.isCut
  }

  private struct Parser {
    let charset: String
    let converter: CharsetConverter
    var mailboxes: [Mailbox] = []
    var emptyGroups: [String] = []
    var isCut = false
    private var group: String?
    private var groupStart = 0
    /// The words outside of angles, unquoted, a blank between each two.
    private var phrase: [UInt8] = []
    /// The same words as they stand, quotes and all.
    private var raw: [UInt8] = []
    private var comment: [UInt8] = []
    private var angle: [UInt8]?

    init(charset: String, converter: CharsetConverter) {
      self.charset = charset
      self.converter = converter
    }

    mutating func parse(_ bytes: Bytes, _ range: Range<Int>) {
      var i = range.lowerBound
      let end = range.upperBound
      var space = false
      phrase.reserveCapacity(min(range.count, 128))
      raw.reserveCapacity(min(range.count, 128))
      while i < end, mailboxes.count < AddressList.maximum {
        let byte = bytes[i]
        switch byte {
        case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf:
          space = true
          i += 1
          continue
        case ASCII.leftParenthesis:
          i = readComment(bytes, i, end)
          space = true
          continue
        case ASCII.quote where !isClosed(bytes, i, end):
          // A quote that nothing closes quotes nothing.
          i += 1
          continue
        case ASCII.quote:
          if space { separate() }
          i = readQuoted(bytes, i, end)
        case ASCII.less:
          i = readAngle(bytes, i, end)
        case ASCII.comma:
          finish()
          i += 1
        case ASCII.semicolon:
          finish()
          endGroup()
          i += 1
        // An `@` before the colon may stand in the quoted name of a group.
        case ASCII.colon
        where group == nil && angle == nil && !raw.isEmpty && (!raw.contains(ASCII.at) || raw.last == ASCII.quote):
          group = decoded(phrase)
          groupStart = mailboxes.count
          clear()
          i += 1
        case ASCII.greater:
          // An angle that nothing opened.
          i += 1
          continue
        default:
          if space { separate() }
          phrase.append(byte)
          raw.append(byte)
          i += 1
        }
        space = false
      }
      // Commas and the end of a group behind the last one are no more of them.
      isCut = (i..<end).contains {
        bytes[$0] != ASCII.comma && bytes[$0] != ASCII.semicolon && !ASCII.isSpace(bytes[$0])
      }
      finish()
      endGroup()
    }

    /// Whether the quote at `start` has its other end.
    private func isClosed(_ bytes: Bytes, _ start: Int, _ end: Int) -> Bool {
      var i = start + 1
      while i < end {
        if bytes[i] == ASCII.quote { return true }
        i += bytes[i] == ASCII.backslash ? 2 : 1
      }
      return false
    }

    private mutating func separate() {
      if !phrase.isEmpty, phrase.last != ASCII.space { phrase.append(ASCII.space) }
      if !raw.isEmpty, raw.last != ASCII.space { raw.append(ASCII.space) }
    }

    private mutating func clear() {
      phrase.removeAll(keepingCapacity: true)
      raw.removeAll(keepingCapacity: true)
      comment.removeAll(keepingCapacity: true)
      angle = nil
    }

    private mutating func endGroup() {
      guard let name = group else { return }
      if mailboxes.count == groupStart { emptyGroups.append(name) }
      group = nil
    }

    private mutating func finish() {
      defer { clear() }
      if let angle {
        let name = phrase.isEmpty ? comment : phrase
        // `<>` alone is the null return path.
        if angle.isEmpty, name.isEmpty { return }
        mailboxes.append(Mailbox(name: decoded(name), address: decoded(angle), group: group))
        return
      }
      guard !raw.isEmpty else {
        if !comment.isEmpty { mailboxes.append(Mailbox(name: decoded(comment), address: "", group: group)) }
        return
      }
      while raw.last == ASCII.space { raw.removeLast() }
      // `Mary Smith mary@example.net`: the word with the at sign is the address.
      if let at = raw.lastIndex(of: ASCII.at), raw.contains(ASCII.space), raw.first != ASCII.quote {
        let start = raw[..<at].lastIndex(of: ASCII.space).map { $0 + 1 } ?? 0
        let end = raw[at...].firstIndex(of: ASCII.space) ?? raw.endIndex
        if start < at, at + 1 < end {
          var name = Array(raw[..<start]) + Array(raw[end...])
          while name.last == ASCII.space { name.removeLast() }
          mailboxes.append(
            Mailbox(
              name: decoded(name.isEmpty ? comment : name.filter { $0 != ASCII.quote }),
              address: decoded(Array(raw[start..<end])),
              group: group))
          return
        }
      }
      if raw.contains(ASCII.at) {
        var isQuoted = false
        raw.removeAll { byte in
          if byte == ASCII.quote { isQuoted.toggle() }
          return byte == ASCII.space && !isQuoted
        }
      }
      // An encoded word without an address, and a quoted one, is a name.
      let isName =
        !raw.contains(ASCII.at) && (raw.first == ASCII.quote || raw.starts(with: [ASCII.equals, ASCII.question]))
      if isName {
        mailboxes.append(Mailbox(name: decoded(phrase), address: "", group: group))
      } else {
        mailboxes.append(Mailbox(name: decoded(comment), address: decoded(raw), group: group))
      }
    }

    private func decoded(_ text: [UInt8]) -> String {
      EncodedWord.decode(text.span, 0..<text.count, charset: charset, converter: converter)
    }

    private mutating func readComment(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
      var depth = 0
      var i = start
      comment.removeAll(keepingCapacity: true)
      while i < end {
        switch bytes[i] {
        case ASCII.leftParenthesis:
          if depth > 0 { comment.append(bytes[i]) }
          depth += 1
        case ASCII.rightParenthesis:
          depth -= 1
          if depth == 0 { return i + 1 }
          comment.append(bytes[i])
        case ASCII.backslash where i + 1 < end:
          i += 1
          comment.append(bytes[i])
        default: comment.append(bytes[i])
        }
        i += 1
      }
      return end
    }

    private mutating func readQuoted(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
      var i = start + 1
      raw.append(ASCII.quote)
      while i < end, bytes[i] != ASCII.quote {
        if bytes[i] == ASCII.backslash, i + 1 < end {
          raw.append(bytes[i])
          i += 1
        }
        if bytes[i] != ASCII.cr, bytes[i] != ASCII.lf {
          phrase.append(bytes[i])
          raw.append(bytes[i])
        }
        i += 1
      }
      raw.append(ASCII.quote)
      return min(i + 1, end)
    }

    private mutating func readAngle(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
      var i = start + 1
      var isQuoted = false
      var text: [UInt8] = []
      text.reserveCapacity(min(end - start, 64))
      while i < end {
        let byte = bytes[i]
        if byte == ASCII.quote { isQuoted.toggle() }
        if !isQuoted, byte == ASCII.leftParenthesis {
          // A comment is no part of the address, RFC 5322, 3.2.2.
          let name = comment
          i = readComment(bytes, i, end)
          if !phrase.isEmpty || comment.isEmpty { comment = name }
          continue
        }
        if !isQuoted {
          if byte == ASCII.greater { break }
          // `<mary@example.net, next`: no closing angle.
          if byte == ASCII.comma, text.contains(ASCII.at), text.first != ASCII.at { break }
          // `<<mary@example.net>`
          if byte == ASCII.less {
            text.removeAll()
            i += 1
            continue
          }
        }
        if isQuoted || !ASCII.isSpace(byte) {
          // Blanks beside `@` and dots are no part of an address, RFC 5322, 4.4; other ones make it none.
          if !isQuoted, byte == ASCII.at || byte == ASCII.dot, text.last == ASCII.space { text.removeLast() }
          text.append(byte)
        } else if let last = text.last, last != ASCII.space, last != ASCII.at, last != ASCII.dot {
          text.append(ASCII.space)
        }
        i += 1
      }
      while text.last == ASCII.space { text.removeLast() }
      // A source route, RFC 5322, 4.4: `<@a,@b:mary@example.net>`.
      if text.first == ASCII.at, let colon = text.firstIndex(of: ASCII.colon) { text.removeSubrange(...colon) }
      angle = text
      while i < end, bytes[i] == ASCII.greater { i += 1 }
      return i
    }
  }
}
