import Spool

/// The result codes of IMPORT and EXPORT (events 58 to 63 and 67 to 71 of the Exchange connector).
public enum ResultCode: Int32, Sendable {
  case completed = 0
  /// Did not complete successfully; the input is kept.
  case incomplete = 1
  case commandLine = 2
  /// Not configured correctly, or the post office is not accessible.
  case configuration = 3
  /// Locked by another process, or no space, memory or descriptors: later.
  case locked = 4
  /// Undeliverable message or updates.
  case undeliverable = 5
}

/// Why a program of the post office ends before its end.
public struct PostOfficeError: Error, Sendable {
  public let code: ResultCode
  public let text: String

  public init(_ code: ResultCode, _ text: String) {
    self.code = code
    self.text = text
  }

  /// A system call that failed, anywhere but while the post office was opened. What any other input would meet, too, is
  /// no fault of this one: as with a lock, the same may go well later.
  public init(_ error: SystemError) { self.init(error.isTemporary ? .locked : .incomplete, error.description) }
}
