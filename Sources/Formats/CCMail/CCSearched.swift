/// What has been found out about a message that is being read, so that sizes that lead nowhere, item after item, do not
/// make the reader search the same bytes each time.
///
/// It is for one attempt to read one message: what it holds depends on the sizes of the message and of its contents.
final class CCSearched {
  /// Where no colon ends a keyword whose size leads to a boundary; in order, apart from one another.
  private var regions: [Range<Int>] = []
  /// Where no colon ends a keyword from which sizes lead to the end of the contents.
  private var withoutChain = 0..<0
  /// Keywords from which sizes do not lead to the end of the contents.
  var broken = Set<Int>()
  private var lines: [(start: Int, end: Int, next: Int)] = []
  private var oldestLine = 0
  private var filler = 0..<0
  /// Whether a CR alone ends a line.
  var endsLinesWithCR = false

  /// The longest keyword with its colon and the blanks before it: so far behind the start of a search, a colon's keyword is part of it.
  static let reach = 10 + CCLine.blanksBeforeColon

  // MARK: Keywords

  /// The first position at or after `position` that was not searched yet, and where it ends.
  func unsearched(from position: Int) -> Range<Int> {
    var (low, high) = (0, regions.count)
    while low < high {
      let middle = (low + high) / 2
      if regions[middle].upperBound > position { high = middle } else { low = middle + 1 }
    }
    guard low < regions.count else { return position..<Int.max }
    guard regions[low].lowerBound <= position else { return position..<regions[low].lowerBound }
    let next = low + 1 < regions.count ? regions[low + 1].lowerBound : Int.max
    return regions[low].upperBound..<next
  }

  /// Notes that a search which began at `start` found nothing before `end`.
  func noteSearch(from start: Int, to end: Int) {
    guard start + Self.reach < end else { return }
    var region = (start + Self.reach)..<end
    let first = regions.firstIndex { $0.upperBound >= region.lowerBound } ?? regions.count
    var last = first
    while last < regions.count, regions[last].lowerBound <= region.upperBound {
      region = min(region.lowerBound, regions[last].lowerBound)..<max(region.upperBound, regions[last].upperBound)
      last += 1
    }
    regions.replaceSubrange(first..<last, with: CollectionOfOne(region))
  }

  /// Forgets where nothing was found: what counts as a keyword is another thing from now on.
  func forgetSearches() { regions.removeAll() }

  // MARK: Chains

  func withoutChain(from position: Int) -> Int {
    withoutChain.contains(position) ? withoutChain.upperBound : position
  }

  func noteNoChain(from start: Int, to end: Int) {
    let start = start + Self.reach
    guard start < end else { return }
    let isBeside = withoutChain.lowerBound <= start && start <= withoutChain.upperBound
    withoutChain = isBeside ? withoutChain.lowerBound..<max(end, withoutChain.upperBound) : start..<end
  }

  // MARK: Lines

  /// The line that begins at `start`. One line may hold any number of keywords.
  func line(_ bytes: Bytes, _ start: Int) -> (end: Int, next: Int) {
    for line in lines where line.start <= start && start < line.end { return (line.end, line.next) }
    let line =
      endsLinesWithCR ? bytes.lineOfAnyEnd(at: start, to: bytes.count) : bytes.line(at: start, to: bytes.count)
    // Short ones are found as fast anew.
    if line.end - start > 256 {
      if lines.count < 4 {
        lines.append((start, line.end, line.next))
      } else {
        lines[oldestLine] = (start, line.end, line.next)
        oldestLine = (oldestLine + 1) % 4
      }
    }
    return line
  }

  /// Where the line ends, blanks, NUL bytes, Ctrl-Z and byte order marks from `start` on end. Any number of sizes may lead there.
  func endOfFiller(_ bytes: Bytes, _ start: Int) -> Int {
    if filler.contains(start) { return filler.upperBound }
    let end = CCFiller.end(bytes, start)
    if end - start > 256 { filler = start..<end }
    return end
  }
}
