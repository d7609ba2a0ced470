/// Reads an address list, RFC 5322, 3.4 and 4.4, and what real mail has in its place.
///
/// The parser goes over the bytes once, and puts each member of the list together from its words. A member that is only
/// a name waits for the next one: it is the first half of a name with a comma, when an address in angles follows
/// (`Doe, John <john@example.com>`), and a mailbox of its own otherwise.
struct AddressParser {
  private let charset: String
  private let converter: CharsetConverter
  private(set) var list = AddressList()

  /// One member of the list, as far as it has been read.
  private struct Member {
    /// The words outside of angles, unquoted, a blank between each two.
    var phrase: [UInt8] = []
    /// The same words as they stand, quotes and all.
    var raw: [UInt8] = []
    /// The last comment.
    var comment: [UInt8] = []
    /// Whether `comment` stands behind words of the phrase, and no further word behind it.
    var isCommentLast = false
    var angle: [UInt8]?
    /// How much of the phrase stands before the angle.
    var beforeAngle = 0
    /// Whether quotation marks stand around anything.
    var isQuoted = false
    /// What ended it.
    var separator: UInt8 = ASCII.comma

    mutating func clear() {
      phrase.removeAll(keepingCapacity: true)
      raw.removeAll(keepingCapacity: true)
      comment.removeAll(keepingCapacity: true)
      isCommentLast = false
      angle = nil
      isQuoted = false
    }
  }

  private var member = Member()
  /// Unquoted names without an address, which may be the beginning of the name of the next member.
  private var waiting: [Member] = []
  /// More of them are no name.
  private static let maximumWaiting = 8

  private var group: String?
  private var groupStart = 0
  /// Parentheses that nothing closes are looked for so often.
  private var unclosed = 0
  private static let maximumUnclosed = 8

  init(charset: String, converter: CharsetConverter) {
    self.charset = charset
    self.converter = converter
  }

  // MARK: The list

  /// Whether a byte may be more than a character of a word: a blank, `"`, `(`, `,`, `:`, `;`, `<` or `>`.
  private static func isSyntax(_ byte: UInt8) -> Bool {
    byte < 64 && 0x5C00_1105_0000_2600 >> UInt64(byte) & 1 == 1
  }

  mutating func parse(_ bytes: Bytes, _ range: Range<Int>) {
    var i = range.lowerBound
    let end = range.upperBound
    var space = false
    member.phrase.reserveCapacity(min(range.count, 128))
    member.raw.reserveCapacity(min(range.count, 128))
    while i < end, list.mailboxes.count + waiting.count < AddressList.maximum {
      let byte = bytes[i]
      switch byte {
      case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf:
        space = true
        i += 1
        continue
      case ASCII.leftParenthesis where isClosedComment(bytes, i, end):
        i = readComment(bytes, i, end)
        space = true
        continue
      case ASCII.quote where !isClosedQuote(bytes, i, end):
        // A quote that nothing closes quotes nothing.
        list.isIrregular = true
        i += 1
        continue
      case ASCII.quote:
        if space || member.isCommentLast { beginWord(after: space) }
        i = readQuoted(bytes, i, end)
      case ASCII.less:
        i = readAngle(bytes, i, end)
      case ASCII.comma:
        finish(ASCII.comma)
        i += 1
      case ASCII.semicolon:
        finish(ASCII.semicolon)
        if group != nil { endGroup() }
        i += 1
      case ASCII.colon where beginsGroup(bytes, i, range):
        group = text(member.phrase)
        flush()
        groupStart = list.mailboxes.count
        if !member.comment.isEmpty { list.hasComments = true }
        member.clear()
        i += 1
      case ASCII.greater:
        // An angle that nothing opened.
        list.isIrregular = true
        i += 1
        continue
      default:
        if space || member.isCommentLast { beginWord(after: space) }
        let start = i
        repeat { i += 1 } while i < end && !Self.isSyntax(bytes[i])
        member.phrase.append(bytes, start..<i)
        member.raw.append(bytes, start..<i)
      }
      space = false
    }
    // Commas and the end of a group behind the last one are no more of them.
    list.isCut = (i..<end).contains {
      bytes[$0] != ASCII.comma && bytes[$0] != ASCII.semicolon && !ASCII.isSpace(bytes[$0])
    }
    finish(ASCII.comma)
    flush()
    if group != nil { endGroup() }
  }

  /// Whether the colon at `i` ends the name of a group: a semicolon follows, or nothing at all, or an address at once
  /// (`Staff: ann@example.com, ben@example.com`). Another colon belongs to a name: `Re: Ann <ann@example.com>`.
  private mutating func beginsGroup(_ bytes: Bytes, _ i: Int, _ range: Range<Int>) -> Bool {
    guard group == nil, member.angle == nil, !member.raw.isEmpty,
      // An `@` before the colon may stand in the quoted name of a group.
      !member.raw.contains(ASCII.at) || member.raw.last == ASCII.quote
    else { return false }
    if member.raw.count == 6, member.raw.span.equalsIgnoringCase(0..<6, "mailto") {
      list.isIrregular = true
      return false
    }
    if lastSemicolon(bytes, range) > i { return true }
    list.isIrregular = true
    var position = i + 1
    while position < range.upperBound, ASCII.isSpace(bytes[position]) { position += 1 }
    guard position < range.upperBound else { return true }
    var hasAt = false
    // A local part is no longer than this, RFC 5321, 4.5.3.1.1, and a domain no longer than 255.
    let limit = min(range.upperBound, position + 320)
    while position < limit, !ASCII.isSpace(bytes[position]), bytes[position] != ASCII.comma {
      if bytes[position] == ASCII.less || bytes[position] == ASCII.quote { return false }
      if bytes[position] == ASCII.at { hasAt = true }
      position += 1
    }
    return hasAt
  }

  /// Where the last semicolon of the field is; looked for once.
  private var semicolon: Int?

  private mutating func lastSemicolon(_ bytes: Bytes, _ range: Range<Int>) -> Int {
    if let semicolon { return semicolon }
    var position = range.upperBound - 1
    while position >= range.lowerBound, bytes[position] != ASCII.semicolon { position -= 1 }
    semicolon = position
    return position
  }

  private mutating func endGroup() {
    flush()
    guard let name = group else { return }
    group = nil
    guard list.mailboxes.count == groupStart else { return }
    if var mailbox = DowngradedMailbox.mailbox(inGroup: name) {
      mailbox.address = DomainName.asciiDomain(ofAddress: mailbox.address) ?? mailbox.address
      list.mailboxes.append(mailbox)
    } else {
      list.emptyGroups.append(name)
    }
  }

  // MARK: Members

  /// Puts a blank between two words, and a comment between them into the name, where it is a part of it:
  /// `Ann (Sales) Example <ann@example.com>`.
  private mutating func beginWord(after space: Bool) {
    if member.isCommentLast, !member.raw.contains(ASCII.at) {
      member.phrase.append(ASCII.space)
      member.phrase.append(ASCII.leftParenthesis)
      member.phrase.append(contentsOf: member.comment)
      member.phrase.append(ASCII.rightParenthesis)
      list.hasComments = true
    }
    member.isCommentLast = false
    guard space else { return }
    if !member.phrase.isEmpty, member.phrase.last != ASCII.space { member.phrase.append(ASCII.space) }
    if !member.raw.isEmpty, member.raw.last != ASCII.space { member.raw.append(ASCII.space) }
  }

  /// Ends a member of the list.
  private mutating func finish(_ separator: UInt8) {
    defer { member.clear() }
    member.separator = separator
    if member.angle != nil { return finishAngle() }
    while member.raw.last == ASCII.space { member.raw.removeLast() }
    guard !member.raw.isEmpty else {
      // A comment that is nobody's: `(the end of the group)`.
      if !member.comment.isEmpty { list.hasComments = true }
      if !waiting.isEmpty, separator == ASCII.comma { waiting[waiting.count - 1].separator = separator }
      return
    }
    if !member.isQuoted, !member.raw.contains(ASCII.at) {
      if waiting.count == Self.maximumWaiting { append(waiting.removeFirst()) }
      waiting.append(member)
      return
    }
    flush()
    append(member)
  }

  /// A member with an address in angles.
  private mutating func finishAngle() {
    guard let angle = member.angle else { return }
    if !member.isQuoted, Self.holdsSpecials(member.raw) { list.isIrregular = true }
    // `<>` alone is the null return path.
    if angle.isEmpty, member.phrase.isEmpty, member.comment.isEmpty { return flush() }
    var name = member.phrase
    if name.isEmpty {
      name = member.comment
      flush()
    } else {
      if !member.comment.isEmpty { list.hasComments = true }
      if !waiting.isEmpty, angle.contains(ASCII.at) {
        var whole: [UInt8] = []
        for part in waiting {
          whole.append(contentsOf: part.phrase)
          whole.append(part.separator)
          whole.append(ASCII.space)
        }
        name = whole + name
        list.dividedNames.append(text(name))
        list.isIrregular = true
        waiting.removeAll(keepingCapacity: true)
      } else {
        flush()
      }
    }
    append(name: text(name), address: angle)
  }

  /// Takes the names that wait for what they are: mailboxes without an address, or nobody.
  private mutating func flush() {
    guard !waiting.isEmpty else { return }
    for member in waiting { append(member) }
    waiting.removeAll(keepingCapacity: true)
  }

  /// Appends a member without angles.
  private mutating func append(_ member: Member) {
    var raw = member.raw
    while raw.last == ASCII.space { raw.removeLast() }
    guard raw.contains(ASCII.at) else { return appendName(raw, member) }
    if let whole = Self.unquoted(raw), whole.contains(ASCII.at) {
      // `"ann@example.com"`
      list.isIrregular = true
      append(name: text(member.comment), address: whole)
      return
    }
    let (address, rest) = Self.address(in: raw)
    if !rest.isEmpty {
      // `Ann Example ann@example.com`
      list.isIrregular = true
      if !member.comment.isEmpty { list.hasComments = true }
    }
    append(name: text(rest.isEmpty ? member.comment : rest.filter { $0 != ASCII.quote }), address: address)
  }

  /// Appends a member that is only a name, if it is anybody's.
  private mutating func appendName(_ raw: [UInt8], _ member: Member) {
    if Self.isUndisclosed(raw) {
      list.emptyGroups.append(text(raw.filter { $0 != ASCII.colon && $0 != ASCII.quote }))
      list.isIrregular = true
      return
    }
    // An encoded word without an address, and a quoted one, is a name.
    let isName = raw.first == ASCII.quote || raw.starts(with: [ASCII.equals, ASCII.question])
    if isName {
      append(name: text(member.phrase), address: [])
    } else {
      append(name: text(member.comment), address: raw)
    }
  }

  /// Appends a mailbox.
  private mutating func append(name: String, address: [UInt8]) {
    if address.span.isASCII(0..<address.count), address.contains(ASCII.at) {
      let address = Self.bare(address, isIrregular: &list.isIrregular)
      list.mailboxes.append(
        Mailbox(name: name, address: String(decoding: address, as: UTF8.self), group: group))
      return
    }
    var mailbox = Mailbox(name: name, address: addressText(address), group: group)
    if !mailbox.address.utf8.contains(ASCII.at), let hidden = Self.mailbox(inName: name) {
      // `=?utf-8?Q?Ann_=3Cann=40example=2Ecom=3E?=`, `"ann@example.com" <>`
      list.isIrregular = true
      (mailbox.name, mailbox.address) = (hidden.name, hidden.address)
    }
    if !mailbox.address.utf8.allSatisfy({ $0 < 128 }) {
      list.isInternational = true
      if let ascii = DomainName.asciiDomain(ofAddress: mailbox.address) { mailbox.address = ascii }
    }
    list.mailboxes.append(mailbox)
  }

  // MARK: Words

  private mutating func text(_ text: [UInt8]) -> String {
    let word = EncodedWord.read(text.span, 0..<text.count, charset: charset, converter: converter)
    list.defects.formUnion(word.defects)
    return word.text
  }

  /// An address as text. Encoded words have no place in one, RFC 2047, 5 (3): where an `@` stands, what looks like one is
  /// a part of the address.
  private mutating func addressText(_ address: [UInt8]) -> String {
    guard address.contains(ASCII.at) else { return text(address) }
    let address = Self.bare(address, isIrregular: &list.isIrregular)
    var utf8: [UInt8] = []
    converter.appendUTF8(address.span, charset: charset, to: &utf8)
    return String(decoding: utf8, as: UTF8.self)
  }

  private mutating func readComment(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
    var depth = 0
    var i = start
    if !member.comment.isEmpty { list.hasComments = true }
    member.comment.removeAll(keepingCapacity: true)
    member.isCommentLast = !member.phrase.isEmpty && member.angle == nil
    while i < end {
      switch bytes[i] {
      case ASCII.leftParenthesis:
        if depth > 0 { member.comment.append(bytes[i]) }
        depth += 1
      case ASCII.rightParenthesis:
        depth -= 1
        if depth == 0 { return i + 1 }
        member.comment.append(bytes[i])
      case ASCII.backslash where i + 1 < end:
        i += 1
        member.comment.append(bytes[i])
      default: member.comment.append(bytes[i])
      }
      i += 1
    }
    return end
  }

  /// Whether the parenthesis at `start` has its other end; one that has none is a character of a name.
  private mutating func isClosedComment(_ bytes: Bytes, _ start: Int, _ end: Int) -> Bool {
    guard unclosed < Self.maximumUnclosed else { return false }
    var depth = 0
    var i = start
    while i < end {
      switch bytes[i] {
      case ASCII.leftParenthesis: depth += 1
      case ASCII.rightParenthesis:
        depth -= 1
        if depth == 0 { return true }
      case ASCII.backslash: i += 1
      default: break
      }
      i += 1
    }
    unclosed += 1
    list.isIrregular = true
    return false
  }

  /// Whether the quote at `start` has its other end.
  private func isClosedQuote(_ bytes: Bytes, _ start: Int, _ end: Int) -> Bool {
    var i = start + 1
    while i < end {
      if bytes[i] == ASCII.quote { return true }
      i += bytes[i] == ASCII.backslash ? 2 : 1
    }
    return false
  }

  private mutating func readQuoted(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
    var i = start + 1
    member.raw.append(ASCII.quote)
    while i < end, bytes[i] != ASCII.quote {
      let word = i
      while i < end, !Self.isSyntax(bytes[i]), bytes[i] != ASCII.backslash { i += 1 }
      if i > word {
        member.phrase.append(bytes, word..<i)
        member.raw.append(bytes, word..<i)
        continue
      }
      if bytes[i] == ASCII.backslash, i + 1 < end {
        member.raw.append(bytes[i])
        i += 1
      }
      if bytes[i] != ASCII.cr, bytes[i] != ASCII.lf {
        member.phrase.append(bytes[i])
        member.raw.append(bytes[i])
      }
      i += 1
    }
    member.raw.append(ASCII.quote)
    // Two marks with nothing between them, as in `""Doe, John""`, quote nothing.
    if i > start + 1 { member.isQuoted = true } else { list.isIrregular = true }
    return min(i + 1, end)
  }

  private mutating func readAngle(_ bytes: Bytes, _ start: Int, _ end: Int) -> Int {
    if let before = member.angle {
      list.isIrregular = true
      if before.contains(ASCII.at) {
        // `Ann <ann@example.com> Ben <ben@example.com>`: the comma is missing.
        let next = member.phrase[min(member.beforeAngle, member.phrase.count)...].drop { $0 == ASCII.space }
        member.phrase.removeSubrange(min(member.beforeAngle, member.phrase.count)...)
        finish(ASCII.comma)
        member.phrase.append(contentsOf: next)
      } else {
        // `Ann <at work> <ann@example.com>`
        member.phrase.append(contentsOf: [ASCII.space, ASCII.less] + before + [ASCII.greater])
      }
    }
    var i = start + 1
    var isQuoted = false
    // Nearly all of it is one word.
    while i < end, !Self.isSyntax(bytes[i]) { i += 1 }
    var text = bytes.array((start + 1)..<i)
    while i < end {
      let byte = bytes[i]
      if byte == ASCII.quote { isQuoted.toggle() }
      if !isQuoted, byte == ASCII.leftParenthesis, isClosedComment(bytes, i, end) {
        // A comment is no part of the address, RFC 5322, 3.2.2.
        let name = member.comment
        i = readComment(bytes, i, end)
        member.isCommentLast = false
        if !member.phrase.isEmpty || member.comment.isEmpty { member.comment = name }
        list.hasComments = true
        continue
      }
      if !isQuoted {
        if byte == ASCII.greater { break }
        // `<mary@example.net, next`: no closing angle.
        if byte == ASCII.comma, text.contains(ASCII.at), text.first != ASCII.at {
          list.isIrregular = true
          break
        }
        // `<<mary@example.net>`
        if byte == ASCII.less {
          list.isIrregular = true
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
    member.angle = text
    member.beforeAngle = member.phrase.count
    member.isCommentLast = false
    if i >= end { list.isIrregular = true }
    while i < end, bytes[i] == ASCII.greater { i += 1 }
    return i
  }
}
