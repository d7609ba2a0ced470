/// Something that a reader met or a writer did which its user should know: a defect of the input, a limit obeyed,
/// a thing that could not be carried. Findings are never errors; what cannot go on is thrown as `Unreadable`.
public struct Finding: Sendable, Equatable {
  /// Where in the input, in bytes from its beginning.
  public var offset: Int
  public var rule: Rule
  /// What was met and what was done, for people.
  public var text: String

  public init(offset: Int, rule: Rule, text: String) {
    self.offset = offset
    self.rule = rule
    self.text = text
  }
}

extension [Finding] {
  /// Findings of one message at the most; the last one says that there are more.
  static var limit: Int { 1000 }

  /// Adds a finding, unless there are a thousand.
  ///
  /// - Parameters:
  ///   - offset: Where in the input, in bytes from its beginning.
  ///   - text: What was met and what was done, for people.
  public mutating func note(_ offset: Int, _ rule: Rule, _ text: String) {
    if count < Self.limit - 1 {
      append(Finding(offset: offset, rule: rule, text: text))
    } else if count < Self.limit {
      append(Finding(offset: offset, rule: .moreFindings, text: "more is wrong from here on than is told: \(text)"))
    }
  }

  /// Adds the findings on a part, unless there are a thousand.
  public mutating func note(_ findings: [Finding]) {
    for finding in findings.prefix(Self.limit) { note(finding.offset, finding.rule, finding.text) }
  }

  /// Whether one of the findings is of these.
  public func contains(_ rules: Set<Rule>) -> Bool { contains { rules.contains($0.rule) } }
}
