/// The control words that mean something for the text.
extension RTFText {
  mutating func perform(_ rtf: Bytes, _ word: Range<Int>, _ number: Int?, _ isOptional: Bool) {
    func named(_ name: StaticString) -> Bool { rtf.equals(word, name) }
    switch rtf[word.lowerBound] {
    case UInt8(ascii: "h"):
      if named("htmltag") {
        group.isTag = kind == .html
        group.isSkipped = kind != .html
        return
      }
      if named("htmlrtf") {
        group.isForRTF = number != 0
        return
      }
      if named("header") || named("headerl") || named("headerr") || named("headerf") { group.isSkipped = true }
    case UInt8(ascii: "u"):
      if named("u"), let number {
        unicode(UInt16(truncatingIfNeeded: number))
        toSkip = group.skip
      } else if named("uc") {
        group.skip = max(0, min(number ?? 1, 16))
      }
    case UInt8(ascii: "f"):
      if named("f") {
        font = number ?? 0
        if !group.isFontTable { usePage(ofFont: font) }
      } else if named("fcharset") {
        if group.isFontTable, fontPages.count < 4096 {
          fontPages[font] = WindowsCodePage.page(ofFontCharset: number ?? 0)
        }
      } else if named("fonttbl") {
        group.isFontTable = true
        group.isSkipped = true
      } else if named("footer") || named("footerl") || named("footerr") || named("footerf") {
        group.isSkipped = true
      }
    case UInt8(ascii: "a"):
      if named("ansicpg"), let number, number > 0 { defaultPage = number }
    case UInt8(ascii: "m"):
      if named("mac") { defaultPage = 10000 } else if named("mhtmltag") { group.isSkipped = true }
    case UInt8(ascii: "p"):
      switch rtf.string(word) {
      case "par", "page": lineEnd()
      case "pc": defaultPage = 437
      case "pca": defaultPage = 850
      case "plain":
        group.hasFontPage = false
        group.isHidden = false
      case "pict", "private", "panose": group.isSkipped = true
      case "pntext": if kind != .plain { group.isSkipped = true }
      default: break
      }
    case UInt8(ascii: "t"): if named("tab") { character("\t", "\t") }
    case UInt8(ascii: "l"):
      switch rtf.string(word) {
      case "line", "lbr": lineEnd()
      case "lquote": character("\u{2018}", "&lsquo;")
      case "ldblquote": character("\u{201C}", "&ldquo;")
      default: break
      }
    case UInt8(ascii: "r"):
      switch rtf.string(word) {
      case "rquote": character("\u{2019}", "&rsquo;")
      case "rdblquote": character("\u{201D}", "&rdquo;")
      case "row": if kind == .plain { lineEnd() }
      default: break
      }
    case UInt8(ascii: "b"): if named("bullet") { character("\u{2022}", "&bull;") }
    case UInt8(ascii: "c"):
      if named("cell") {
        if kind == .plain { character("\t", "\t") }
      } else if named("colortbl") {
        group.isSkipped = true
      }
    case UInt8(ascii: "e"):
      switch rtf.string(word) {
      case "endash": character("\u{2013}", "&ndash;")
      case "emdash": character("\u{2014}", "&mdash;")
      case "emspace", "enspace": character(" ", "&nbsp;")
      default: break
      }
    case UInt8(ascii: "s"):
      if named("stylesheet") { group.isSkipped = true } else if named("sect") { lineEnd() }
    case UInt8(ascii: "i"): if named("info") { group.isSkipped = true }
    case UInt8(ascii: "o"): if named("objdata") || named("objclass") { group.isSkipped = true }
    case UInt8(ascii: "v"): if named("v"), kind == .plain { group.isHidden = number != 0 }
    default: break
    }
    // A destination that is not known, behind `\*`, holds nothing for us.
    if isOptional, !named("htmltag") { group.isSkipped = true }
  }

  private mutating func usePage(ofFont font: Int) {
    if let page = fontPages[font] {
      group.page = page
      group.hasFontPage = true
    } else {
      group.hasFontPage = false
    }
  }
}
