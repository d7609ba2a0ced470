import Formats

/// Which of the elements that are open hide what is in them. Elements are followed only from one on whose style says
/// something of that, so that other HTML pays nothing for it.
struct HTMLVisibility {
  /// An element by its name, and what holds within it.
  private struct Element {
    var key: UInt64
    var isLeftOut = false
    var hasNoSize = false
    var isInvisible = false
  }

  private var open: [Element] = []
  /// Elements that are open at once and are followed.
  private static let limit = 100

  /// Whether there are elements to be followed.
  var isActive: Bool { !open.isEmpty }
  /// Whether nothing here has any part in the text, not even its blocks and lists.
  var isLeftOut: Bool { open.last?.isLeftOut == true }
  /// Whether text is not seen here.
  var isMuted: Bool { open.last.map { $0.isLeftOut || $0.hasNoSize || $0.isInvisible } ?? false }

  /// Takes the start of an element; one without an end of its own, `isVoid`, holds nothing. Returns whether the element
  /// itself is left out.
  mutating func start(_ name: HTMLTag?, key: UInt64, style: HTMLStyle?, isHidden: Bool, isVoid: Bool) -> Bool {
    if isActive { closeImplied(name) }
    var element = open.last ?? Element(key: 0)
    element.key = key
    if let style {
      if let hasNoSize = style.hasNoSize { element.hasNoSize = hasNoSize }
      if let isInvisible = style.isInvisible { element.isInvisible = isInvisible }
      // A button is hidden from Outlook alone where it gets another one.
      element.isLeftOut = element.isLeftOut || style.isLeftOut || style.isLeftOutByOutlook && name != .a
    }
    element.isLeftOut = element.isLeftOut || isHidden
    let isOfInterest = element.isLeftOut || element.hasNoSize || element.isInvisible
    if isVoid { return isOfInterest }
    if isActive || isOfInterest, open.count < Self.limit { open.append(element) }
    return element.isLeftOut
  }

  /// A size that is not said by a style: `<font size=2>`.
  mutating func setSize() {
    if isActive { open[open.count - 1].hasNoSize = false }
  }

  /// Takes the end of an element. Returns whether it was left out.
  mutating func end(_ name: HTMLTag?, key: UInt64) -> Bool {
    if let index = open.lastIndex(where: { $0.key == key }) {
      let isLeftOut = open[index].isLeftOut
      open.removeSubrange(index...)
      return isLeftOut
    }
    guard name?.isContainer == true else { return isLeftOut }
    // It began before all that is followed, and they end with it.
    open.removeAll(keepingCapacity: true)
    return false
  }

  /// Ends the elements that the start of another one ends, HTML 4.01, 9.3.1 and elsewhere.
  private mutating func closeImplied(_ name: HTMLTag?) {
    guard let name else { return }
    switch name {
    case .li: close([.li], within: [.ul, .ol, .menu, .dir])
    case .dt, .dd: close([.dt, .dd], within: [.dl])
    case .td, .th: close([.td, .th], within: [.table, .tr])
    case .tr: close([.tr], within: [.table])
    case .tbody, .thead: close([.tbody, .thead, .tr], within: [.table])
    case .option, .optgroup: close([.option], within: [.select])
    default: break
    }
    if name.isBlock, let last = open.last, last.key == HTMLTag.p.key { open.removeLast() }
  }

  private mutating func close(_ names: [HTMLTag], within containers: [HTMLTag]) {
    let keys = names.map(\.key)
    let ends = containers.map(\.key)
    var found: Int?
    for (index, element) in open.enumerated().reversed() {
      if ends.contains(element.key) { break }
      if keys.contains(element.key) { found = index }
    }
    if let found { open.removeSubrange(found...) }
  }
}
