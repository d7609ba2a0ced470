import CGlibc
import Glibc
import Spool

/// A shell command that turns one text into another: `w3m -dump -T text/html`.
public enum TextFilter {
  /// The output of `sh -c command` for `input`; nil when it fails, or takes longer than a minute.
  ///
  /// Input and output are files without a name, so that neither side ever waits for the other.
  public static func run(_ command: String, _ input: [UInt8]) -> [UInt8]? {
    let from = memfd_create("input", UInt32(ccmc_memfd_cloexec))
    let to = memfd_create("output", UInt32(ccmc_memfd_cloexec))
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { for descriptor in [from, to, null] where descriptor >= 0 { close(descriptor) } }
    guard from >= 0, to >= 0, null >= 0 else { return nil }
    var done = 0
    while done < input.count {
      let count = input.withUnsafeBytes { write(from, $0.baseAddress! + done, input.count - done) }
      guard count > 0 else { return nil }
      done += count
    }
    lseek(from, 0, SEEK_SET)
    let outcome = Program(arguments: ["/bin/sh", "-c", Path(command)], timeLimit: 60)
      .run(input: from, output: to, log: null).outcome
    guard outcome == .exited(0) else { return nil }
    let size = Int(lseek(to, 0, SEEK_END))
    guard size >= 0, size < 1 << 30 else { return nil }
    var output = [UInt8](repeating: 0, count: size)
    let count = output.withUnsafeMutableBytes { pread(to, $0.baseAddress, size, 0) }
    return count == size ? output : nil
  }
}
