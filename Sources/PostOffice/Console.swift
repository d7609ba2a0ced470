import Formats
import Glibc
import Spool

/// What IMPORT and EXPORT say, on standard output as those of cc:Mail do, and how they end.
public struct Console: Sendable {
  private let program: String
  private let title: String

  /// `program` is the name of the executable, `title` what cc:Mail calls it.
  public init(program: String, title: String) {
    self.program = program
    self.title = title
  }

  /// Writes a line, or several, of what may be shown.
  public func say(_ text: String) {
    var line = PrintableText.bytes(text.utf8, keeping: ASCII.lf)
    line.append(ASCII.lf)
    write(line.span)
  }

  /// Writes bytes as they are; false when that fails.
  @discardableResult
  public func write(_ bytes: Bytes) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(1, bytes.baseAddress! + done, bytes.count - done)
        if count < 0, errno != EINTR { return false }
        done += max(0, count)
      }
      return true
    }
  }

  public func banner(_ version: String) { say("\(program) \(version) (ccmc)") }

  /// Ends the program with a result code as its exit status.
  public func end(_ code: ResultCode) -> Never {
    if code != .completed { say("\(title) process ended with error: \(code.rawValue).") }
    exit(code.rawValue)
  }

  /// Runs the program's body; says why it ended.
  public func main(_ body: () throws(PostOfficeError) -> ResultCode) -> Never {
    if let missing = Surroundings.settle() {
      say("\(program): \(missing)")
      // EX_OSERR of sysexits.h, which is no result code.
      exit(71)
    }
    do throws(PostOfficeError) {
      end(try body())
    } catch {
      say(error.text)
      end(error.code)
    }
  }
}

/// What the environment says to IMPORT and EXPORT.
public enum Environment {
  private static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// CCM_PASSWORD: the password, where it is not given otherwise.
  public static var password: String? { value("CCM_PASSWORD") }

  /// CCM_DELIVERIES: the file that tells which delivery each message is.
  public static var deliveries: Path? {
    getenv("CCM_DELIVERIES").map { Path(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// CCPO_LOCK_WAIT: how many seconds to wait for the lock; 15, as cc:Mail's network drivers did (Q150097).
  public static var patience: Double {
    value("CCPO_LOCK_WAIT").flatMap(Double.init).map { min(max($0, 0), 86_400) } ?? 15
  }

  /// CCPO_NO_SYNC: do not wait for the disk.
  public static var isDurable: Bool { value("CCPO_NO_SYNC").map { $0.isEmpty || $0 == "0" } ?? true }

  /// CCPO_HEADER_LIMIT: bytes of a header.
  public static var headerLimit: Int? { value("CCPO_HEADER_LIMIT").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } }
}
