import Glibc

/// A system call that failed: which one, on what, and why.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  public let call: String
  public let subject: String
  public let code: Int32

  public init(_ call: String, _ subject: String, _ code: Int32 = errno) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  public init(_ call: String, _ subject: Path, _ code: Int32 = errno) {
    self.init(call, subject.description, code)
  }

  public var description: String { "\(subject): \(call): \(Self.text(code))" }

  /// The system's words for an error number.
  public static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// Whether the same may go well later, on this message or any other: no space, no descriptors, no memory.
  public var isTemporary: Bool {
    [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN, EROFS, EBUSY, ESTALE, ETXTBSY].contains(code)
  }
}
