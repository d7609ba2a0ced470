import Formats
import Glibc

/// The folders whose content is proved: what events say is compared with what is there.
enum AuditFolder: String, CaseIterable {
  case results, done, failed, quarantine

  init?(_ name: [UInt8]?) {
    guard let name else { return nil }
    self.init(rawValue: String(decoding: name, as: UTF8.self))
  }

  init(_ fate: Fate) {
    self =
      switch fate {
      case .done: .done
      case .failed: .failed
      case .quarantine: .quarantine
      }
  }
}

/// A file as events and folders know it: its folder, its name and its size.
struct AuditFile: Hashable {
  /// For what is no regular file, and where an event says no size.
  static let unknownSize = -1

  var folder: AuditFolder
  /// As events have it: what is not UTF-8 is U+FFFD.
  var name: [UInt8]
  var size: Int

  init(_ folder: AuditFolder, _ name: [UInt8], size: Int) {
    (self.folder, self.name, self.size) = (folder, name, size)
  }

  init(_ folder: AuditFolder, _ name: FileName, size: Int) {
    let bytes = name.bytes
    self.init(folder, bytes.span.isASCII(0..<bytes.count) ? bytes : Array(name.description.utf8), size: size)
  }

  /// Stands for the folder, the size and the class of the name. It is keyed anew in each process, so that nobody can
  /// choose names that meet.
  var key: UInt64 {
    var hasher = Hasher()
    hasher.combine(folder)
    hasher.combine(size)
    let parts = NameClass.parts(of: name)
    name.withUnsafeBytes { bytes in
      hasher.combine(parts.stem.count)
      hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[parts.stem]))
      hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[parts.suffix]))
    }
    let value = UInt64(bitPattern: Int64(hasher.finalize()))
    return value == 0 ? 1 : value
  }

  var withoutSize: AuditFile { AuditFile(folder, name, size: Self.unknownSize) }
}

/// What all the names have in common that one name may have become where it was taken: `X.eml`, `X~2.eml` and so on,
/// and `X.eml~2`. A stem that was cut to make room for the number is still the same up to here.
enum NameClass {
  private static let stemLimit = 200
  private static let suffixLimit = 16

  static func parts(of name: [UInt8]) -> (stem: Range<Int>, suffix: Range<Int>) {
    let dot = name.lastIndex(of: ASCII.dot).flatMap { $0 > 0 ? $0 : nil } ?? name.count
    return (
      unnumbered(0..<dot, name).prefix(stemLimit), unnumbered(dot..<name.count, name).prefix(suffixLimit)
    )
  }

  /// The class itself.
  static func of(_ name: [UInt8]) -> [UInt8] {
    let parts = parts(of: name)
    return Array(name[parts.stem] + name[parts.suffix])
  }

  /// The class of a report's original, or of an original, without its suffix: a long name may lose that in its report,
  /// and which dot is its last one is another question then.
  static func stem(_ name: [UInt8]) -> [UInt8] {
    name.count > stemLimit ? Array(name[..<stemLimit]) : Array(name[parts(of: name).stem])
  }

  /// `range` without `~2` at its end, or several of them.
  private static func unnumbered(_ range: Range<Int>, _ name: [UInt8]) -> Range<Int> {
    var end = range.upperBound
    while true {
      var digit = end
      while digit > range.lowerBound, ASCII.isDigit(name[digit - 1]) { digit -= 1 }
      guard digit < end, digit - 1 > range.lowerBound, name[digit - 1] == ASCII.tilde else {
        return range.lowerBound..<end
      }
      end = digit - 1
    }
  }
}

extension FileName {
  /// Whether this may be the name of a report.
  var isReport: Bool { bytes.ends(with: ".report") && bytes.count > 7 }

  /// What `X.report` is the report of.
  var original: FileName { FileName(bytes: bytes.dropLast(7)) }
}
