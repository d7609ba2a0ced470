import Glibc

/// A system call that failed: which one, on what, and why. Or something that was refused before one could fail.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  public let call: String
  public let subject: String
  public let code: Int32
  /// Whether `call` is no call, but says all that there is to say.
  public let isRefusal: Bool

  public init(_ call: String, _ subject: String, _ code: Int32 = errno) {
    self.call = call
    self.subject = subject
    self.code = code
    isRefusal = false
  }

  public init(_ call: String, _ subject: Path, _ code: Int32 = errno) {
    self.init(call, subject.description, code)
  }

  /// Something that is not what it has to be.
  ///
  /// - Parameter why: in words, with what to do about it.
  /// - Parameter code: the error that a call would have met.
  public init(refusing subject: Path, _ why: String, _ code: Int32) {
    self.subject = subject.description
    call = why
    self.code = code
    isRefusal = true
  }

  public var description: String { isRefusal ? "\(subject): \(call)" : "\(subject): \(call): \(Self.text(code))" }

  /// The system's words for an error number.
  public static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// Whether the same may go well later, on this message or any other: no space, no descriptors, no memory, or a signal
  /// in a call that is not simply made again.
  public var isTemporary: Bool {
    [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN, EROFS, EBUSY, EINTR, ESTALE, ETXTBSY].contains(code)
  }

  /// Whether an error is due to the entry of a folder that is to be moved, and not to the folder: a directory of another
  /// user, a file in a sticky directory, an immutable one, a place where something is mounted, a directory that this file
  /// system cannot rename.
  func isOfEntry(of folder: borrowing FileDescriptor) throws(SystemError) -> Bool {
    guard [EACCES, EPERM, EBUSY, EXDEV].contains(code) else { return false }
    return try folder.isWritable()
  }
}
