import Formats
import Glibc
import Spool

/// A command line of IMPORT or EXPORT: switches that begin with a slash, in any case, or the long options that mean
/// the same. A path may begin with a slash, too: only what is listed here is a switch.
public struct Switches: Sendable {
  /// The switches by the names of their long options.
  public enum Name: String, Sendable, CaseIterable {
    case mailbox, password
    case passwordFile = "password-file"
    case postOffice = "post-office"
    case file
    case itemSize = "item-size"
    case partial, batch, files, format, date, codepage, hilite, directory, folder, messages
    case list, delete, help, version
  }

  public struct Invalid: Error, Sendable {
    public let text: String
  }

  private var values: [Name: Path] = [:]

  /// Reads the arguments of a program that knows the switches `known`. They are bytes, as paths are.
  public init(_ arguments: [Path], known: Set<Name>) throws(Invalid) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard
        let (name, value) = argument.bytes.starts(with: "--".utf8)
          ? Self.long(argument, &rest) : Self.slashed(argument),
        known.contains(name)
      else { throw Invalid(text: "Bad parameter on the command line: \(argument)") }
      if !Self.isValid(name, value.description) {
        throw Invalid(text: "Bad parameter on the command line: \(argument)")
      }
      values[name] = value
    }
  }

  public subscript(_ name: Name) -> String? { values[name]?.description }

  /// The value of a switch as the bytes that it is.
  public func path(_ name: Name) -> Path? { values[name] }

  public func has(_ name: Name) -> Bool { values[name] != nil }

  private static let flags: [String: (Name, String)] = [
    "/ITEMSIZE": (.itemSize, ""), "/PARTIAL": (.partial, ""), "/BATCH": (.batch, ""), "/HILITE": (.hilite, ""),
    "/FOLDER": (.folder, ""), "/?": (.help, ""), "/FORMAT/FAN": (.format, "fan"), "/FILES/HEX": (.files, "hex"),
    "/FILES/MACBIN2": (.files, "macbin2"), "/FILES/SIZE0": (.files, "size0"), "/DIRECTORY": (.directory, ""),
    "/DIRECTORY/PROP": (.directory, "prop"), "/DIRECTORY/PROPADD": (.directory, "propadd"), "/MSG#": (.list, ""),
  ]

  private static let numbers: [(String, Name)] = [
    ("/DATE/", .date), ("/CODEPAGE/", .codepage), ("/MSGS/", .messages), ("/DELETE/", .delete),
  ]

  private static let texts: [(String, Name)] = [
    ("/N", .mailbox), ("/P", .password), ("/D", .postOffice), ("/@", .file),
  ]

  private static func slashed(_ argument: Path) -> (Name, Path)? {
    let text = argument.description
    let upper = text.uppercased()
    if let (name, value) = flags[upper] { return (name, Path(value)) }
    if let (prefix, name) = numbers.first(where: { upper.hasPrefix($0.0) }) {
      return (name, Path(text.dropFirst(prefix.count).lowercased()))
    }
    if upper.hasPrefix("/DIRECTORY/") { return nil }
    guard let (prefix, name) = texts.first(where: { upper.hasPrefix($0.0) }) else { return nil }
    var value = argument.bytes.dropFirst(prefix.utf8.count)
    // Quotes that a shell has left there.
    if value.count >= 2, value.first == ASCII.quote, value.last == ASCII.quote { value = value.dropFirst().dropLast() }
    return value.isEmpty ? nil : (name, Path(bytes: value))
  }

  private static let withoutValue: Set<Name> = [.itemSize, .partial, .batch, .hilite, .folder, .list, .help, .version]

  private static func long(_ argument: Path, _ rest: inout ArraySlice<Path>) -> (Name, Path)? {
    let parts = argument.bytes.dropFirst(2)
      .split(separator: ASCII.equals, maxSplits: 1, omittingEmptySubsequences: false).map { Path(bytes: $0) }
    guard let word = parts.first?.text, let name = word == "name" ? .mailbox : Name(rawValue: word),
      // A password on a command line is there for all to see; only /P does so, as ever.
      name != .password
    else { return nil }
    if parts.count == 2 { return withoutValue.contains(name) ? nil : (name, parts[1]) }
    if withoutValue.contains(name) || name == .directory { return (name, "") }
    return rest.popFirst().map { (name, $0) }
  }

  private static func isValid(_ name: Name, _ value: String) -> Bool {
    switch name {
    case .date: ["1", "2", "3"].contains(value)
    case .codepage: !value.isEmpty
    case .messages: value == "all" || Int(value).map { $0 > 0 } ?? false
    case .delete: UInt64(value) != nil
    case .files: ["hex", "macbin2", "size0"].contains(value)
    case .format: value == "fan"
    case .directory: ["", "prop", "propadd"].contains(value)
    default: withoutValue.contains(name) || !value.isEmpty
    }
  }

  /// The password: of /P, of the first line of a file, or of the environment.
  public func password() throws(PostOfficeError) -> String? {
    if let given = self[.password] { return given }
    guard let path = values[.passwordFile] else { return Environment.password }
    return try Self.password(inFile: path)
  }

  /// The first line of the file at `path`.
  public static func password(inFile path: Path) throws(PostOfficeError) -> String {
    var bytes: [UInt8] = []
    do throws(SystemError) {
      try FileDescriptor.open(path: path, O_RDONLY).readAll(into: &bytes, expecting: 64)
    } catch {
      throw PostOfficeError(.configuration, error.description)
    }
    return bytes.span.string(0..<bytes.span.line(at: 0, to: bytes.count).end)
  }
}
