import Formats
import Glibc
import Spool

/// Exit statuses of sysexits.h, as mail programs use them.
public enum ExitStatus: Int32, Sendable {
  case ok = 0
  /// The command line was wrong.
  case usage = 64
  /// The input could not be understood.
  case dataError = 65
  /// There is no such input, or it cannot be read.
  case noInput = 66
  /// A program that is needed could not be run.
  case unavailable = 69
  case software = 70
  case osError = 71
  /// The output cannot be made.
  case cannotCreate = 73
  case ioError = 74
  /// The same may go well later.
  case temporaryFailure = 75
  case configuration = 78
}

/// What a program ends with before its end: a status, and a line for standard error unless all has been said.
public struct Failure: Error, Sendable {
  public var status: ExitStatus
  public var text: String?
  /// The call of the system that failed, where it was one.
  public private(set) var error: SystemError?

  public init(_ status: ExitStatus, _ text: String?) {
    self.status = status
    self.text = text
  }

  /// A call of the system failed on what a program was to read.
  public init(_ error: SystemError) {
    let isAbsent = [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(error.code)
    self.init(isAbsent ? .noInput : error.isTemporary ? .temporaryFailure : .ioError, "\(error)")
    self.error = error
  }

  /// What is to be done with a message that could not be read for this. Throws what any message would have met.
  public func verdict(_ findings: [Finding]) throws(SystemError) -> Verdict {
    if let error, error.isTemporary { throw error }
    let text = text ?? "could not be read"
    return status == .dataError
      ? .quarantine(text, exit: Int(status.rawValue), findings) : .failed(text, exit: Int(status.rawValue), findings)
  }
}

/// Says things on standard error.
public enum Diagnostics {
  /// Writes `program: text` in one line, of what may be shown.
  public static func say(_ program: String, _ text: String) {
    let line = PrintableText.bytes("\(program): \(text)".utf8) + [ASCII.lf]
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }

  /// Writes a finding as a line `program: file: offset N: text`; `offset` is where the message begins in the input.
  public static func say(_ program: String, _ finding: Finding, in input: Input, at offset: Int) {
    say(program, "\(input.name): offset \(offset + finding.offset): \(finding.text)")
  }

  /// Runs a program's body and ends with its status.
  public static func main(_ program: String, _ body: () throws(Failure) -> ExitStatus) -> Never {
    if let missing = Surroundings.settle() {
      say(program, missing)
      exit(ExitStatus.osError.rawValue)
    }
    do {
      exit(try body().rawValue)
    } catch {
      if let text = error.text { say(program, text) }
      exit(error.status.rawValue)
    }
  }
}
