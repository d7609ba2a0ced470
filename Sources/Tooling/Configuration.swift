import Formats
import Glibc
import Spool

/// Reads ccm.conf(5): lines `key = value`, of which the keys are the long options of the programs. `#` begins a comment.
public enum Configuration {
  /// An option `--config FILE`, which applies the file where it stands: options after it win.
  ///
  /// - Parameter options: the keys that the file may have. A file serves several programs, so each of them has to know
  ///   the keys of all.
  public static func option(_ options: [Option]) -> Option {
    .path("config") { path throws(UsageError) in
      let text: [UInt8]
      do throws(Failure) { text = try Input.readFile(path) } catch {
        throw UsageError(error.text ?? "\(path)", .configuration)
      }
      try apply(text.span, path, options)
    }
  }

  private static func apply(_ text: Bytes, _ path: Path, _ options: [Option]) throws(UsageError) {
    var position = 0
    var number = 0
    while position < text.count {
      let line = text.line(at: position, to: text.count)
      let range = text.trimmed(position..<line.end)
      position = line.next
      number += 1
      guard let first = range.first, text[first] != UInt8(ascii: "#") else { continue }
      guard let equals = text.firstIndex(of: ASCII.equals, from: first, to: range.upperBound) else {
        throw UsageError("\(path): line \(number): not `key = value`", .configuration)
      }
      let key = text.string(text.trimmed(first..<equals))
      let value = Path(bytes: text.array(text.trimmed((equals + 1)..<range.upperBound)))
      guard let option = options.first(where: { $0.name == key }) else {
        throw UsageError("\(path): line \(number): `\(key)` is no key", .configuration)
      }
      do throws(UsageError) { try apply(option, value) } catch {
        throw UsageError("\(path): line \(number): \(error.text)", .configuration)
      }
    }
  }

  private static func apply(_ option: Option, _ value: Path) throws(UsageError) {
    if option.takesArgument { return try option.apply(value) }
    switch value.description.lowercased() {
    case "yes", "on", "true", "1": try option.apply("")
    case "no", "off", "false", "0": break
    default: throw UsageError("\(option.name): yes or no is wanted, not `\(value)`")
    }
  }
}
