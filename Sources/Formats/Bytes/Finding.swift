/// Something that a reader met or a writer did which its user should know: a defect of the input, a limit obeyed,
/// a thing that could not be carried. Findings are never errors; what cannot go on is thrown as `Unreadable`.
public struct Finding: Sendable, Equatable {
  /// Where in the input, in bytes from its beginning.
  public var offset: Int
  /// A stable name for scripts, in kebab case: `size-too-long`.
  public var rule: String
  /// What was met and what was done, for people.
  public var text: String

  public init(offset: Int, rule: String, text: String) {
    self.offset = offset
    self.rule = rule
    self.text = text
  }
}

/// The input cannot be understood as what it should be.
public struct Unreadable: Error, Sendable, Equatable {
  /// Where in the input, in bytes from its beginning.
  public var offset: Int
  public var text: String

  public init(offset: Int, text: String) {
    self.offset = offset
    self.text = text
  }
}
