import Formats
import Glibc
import Testing

@testable import Mail

extension Converter {
  /// An Internet message as .ccm.
  func ccm(_ message: [UInt8]) throws -> (bytes: [UInt8], findings: [Finding]) {
    var output: [UInt8] = []
    let findings = try convertToCCMail(message.span, to: &output)
    return (output, findings)
  }

  /// The messages of a .ccm file as Internet messages. What the scanner cannot read is thrown.
  func internet(_ file: [UInt8]) throws -> [(bytes: [UInt8], findings: [Finding])] {
    var results: [(bytes: [UInt8], findings: [Finding])] = []
    var scanner = CCScanner()
    var division = Division()
    var start = 0
    while true {
      let rest = file.span.extracting(start..<file.count)
      switch scanner.next(in: rest, isFinal: true) {
      case .message(let message, let next):
        var output: [UInt8] = []
        let envelope = convertToInternet(message, rest, division: &division, to: &output)
        results += division.takeBroken().map { ($0.bytes, $0.envelope.findings) }
        if let envelope { results.append((output, envelope.findings)) }
        start += next
      case .end, .needsMore:
        return results + division.takeBroken(isLast: true).map { ($0.bytes, $0.envelope.findings) }
      case .unreadable(let error): throw error
      }
    }
  }
}

/// The sample files of a folder of Samples/mail.
struct Sample: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  var testDescription: String { name }
  /// Not damaged on purpose (Samples/mail/README).
  var isSound: Bool { !name.hasPrefix("defect-") }

  static func all(_ folder: String) -> [Sample] {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let path = "\(root)/Samples/mail/\(folder)"
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var samples: [Sample] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      samples.append(Sample(name: name, bytes: read("\(path)/\(name)")))
    }
    return samples.sorted { $0.name < $1.name }
  }

  private static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}
