import Formats
import Glibc

/// The path of a file: bytes, whatever they are, as the system takes them. An interpolation keeps them as they are:
/// `"\(directory)/\(name)"`.
public struct Path: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringInterpolation {
  public let bytes: [UInt8]

  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  public init(_ text: String) { bytes = Array(text.utf8) }

  public init(cString: UnsafePointer<CChar>) {
    bytes = Array(UnsafeRawBufferPointer(start: cString, count: strlen(cString)))
  }

  public init(stringLiteral text: String) { self.init(text) }

  public init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }

  /// Puts a path together from others, from names and from text.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    public init(literalCapacity: Int, interpolationCount: Int) { bytes.reserveCapacity(literalCapacity + 64) }

    public mutating func appendLiteral(_ text: String) { bytes.append(contentsOf: text.utf8) }
    public mutating func appendInterpolation(_ path: Path) { bytes += path.bytes }
    public mutating func appendInterpolation(_ name: FileName) { bytes += name.bytes }
    public mutating func appendInterpolation(_ text: some CustomStringConvertible) {
      bytes.append(contentsOf: text.description.utf8)
    }
  }

  /// For people: what is not UTF-8 becomes U+FFFD.
  public var description: String { String(decoding: bytes, as: UTF8.self) }

  /// As text; nil where it is none.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  public var isEmpty: Bool { bytes.isEmpty }

  public func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { room in
      for (i, byte) in bytes.enumerated() { room[i] = CChar(bitPattern: byte) }
      room[bytes.count] = 0
      return body(room.baseAddress!)
    }
  }

  /// Whether there is such a file, wherever a link leads. The corresponding C function is `access`.
  public var exists: Bool { withCString { access($0, F_OK) } == 0 }

  /// What is there, not followed where it is a link; nil when nothing is. The corresponding C function is `lstat`.
  public func status() throws(SystemError) -> stat? {
    var status = stat()
    if withCString({ lstat($0, &status) }) == 0 { return status }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw SystemError("stat", self)
  }

  /// Removes the file; that it is not there is no error. The corresponding C function is `unlink`.
  public func unlink() throws(SystemError) {
    guard withCString({ Glibc.unlink($0) }) == 0 || errno == ENOENT else { throw SystemError("unlink", self) }
  }

  /// What stands before the last slash; `.` for a name alone, `/` for one in the root.
  public var directory: Path {
    guard let slash = bytes.lastIndex(of: ASCII.slash) else { return "." }
    return slash == 0 ? "/" : Path(bytes: bytes[..<slash])
  }

  /// What follows the last slash.
  public var name: FileName {
    bytes.lastIndex(of: ASCII.slash).map { FileName(bytes: bytes[($0 + 1)...]) } ?? FileName(bytes: bytes)
  }

  /// The same file from the root, without links. The corresponding C function is `realpath`.
  public func resolved() throws(SystemError) -> Path {
    guard let resolved = withCString({ realpath($0, nil) }) else { throw SystemError("realpath", self) }
    defer { free(resolved) }
    return Path(cString: resolved)
  }
}
