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
