import Glibc

/// ASCII that reads like a character which a code page lacks: `é` is `e`, `“` is `"`, `Ж` is `Zh`.
///
/// glibc has the tables: its built-in ones (quotes, dashes, Cyrillic, Greek) in locale C, those for accented Latin
/// letters in locale C.UTF-8.
final class Transliteration {
  private let descriptor: iconv_t?
  private let locales: [locale_t?]

  init() {
    let opened = iconv_open("ASCII//TRANSLIT", "UTF-8")
    descriptor = opened == iconv_t(bitPattern: -1) ? nil : opened
    locales = [newlocale(1 << LC_CTYPE, "C", nil), newlocale(1 << LC_CTYPE, "C.UTF-8", nil)]
  }

  deinit {
    for locale in locales { if let locale { freelocale(locale) } }
    if let descriptor { iconv_close(descriptor) }
  }

  /// What to write for one character of UTF-8: its transliteration, or `?`.
  func ascii(_ character: Bytes) -> [UInt8] {
    if Self.isInvisible(character) { return [] }
    guard let descriptor, !Self.isFarEastern(character) else { return [ASCII.question] }
    for locale in locales {
      guard let locale else { continue }
      let before = uselocale(locale)
      defer { uselocale(before) }
      iconv(descriptor, nil, nil, nil, nil)
      let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { room in
        let written = character.withUnsafeBufferPointer { source in
          var from: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(
            mutating: UnsafeRawPointer(source.baseAddress!).assumingMemoryBound(to: CChar.self))
          var fromLeft = source.count
          var to = room.baseAddress
          var toLeft = room.count
          return iconv(descriptor, &from, &fromLeft, &to, &toLeft) == -1 ? 0 : room.count - toLeft
        }
        // Nothing, or the question mark that stands for nothing.
        if written == 0 || written == 1 && room[0] == CChar(ASCII.question) { return [UInt8]() }
        return room.withMemoryRebound(to: UInt8.self) { Array(UnsafeBufferPointer(rebasing: $0[..<written])) }
      }
      if !text.isEmpty { return text }
    }
    return [ASCII.question]
  }

  /// Ideographs from U+4E00 to U+9FFF and syllables of Hangul, which no table has; a text in them has thousands.
  private static func isFarEastern(_ c: Bytes) -> Bool {
    guard c.count == 3 else { return false }
    return switch (c[0], c[1], c[2]) {
    case (0xE4, 0xB8..., _), (0xE5...0xE9, _, _), (0xEA, 0xB0..., _), (0xEB...0xEC, _, _), (0xED, ...0x9D, _),
      (0xED, 0x9E, ...0xA3):
      true
    default: false
    }
  }

  /// Marks that have no look of their own: byte order marks, zero-width spaces, directional marks, variation selectors.
  private static func isInvisible(_ c: Bytes) -> Bool {
    guard c.count == 3 else { return false }
    switch (c[0], c[1], c[2]) {
    case (0xEF, 0xBB, 0xBF), (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xAA...0xAE), (0xE2, 0x81, 0xA0),
      (0xEF, 0xB8, 0x80...0x8F):
      return true
    default: return false
    }
  }
}
