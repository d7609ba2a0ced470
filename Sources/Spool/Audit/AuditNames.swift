import Formats
import Glibc

/// The second reading of an audit: gives names to the counts that are not what they should be.
struct AuditNames {
  /// What an event says of a file that one of the counts is about.
  private struct Expected {
    var file: AuditFile
    /// The message whose result it is.
    var message: [UInt8]?
    var evidence: String
  }

  private struct Present {
    var file: AuditFile
    var name: FileName
    var kind: String?
  }

  private let audit: Audit
  private var expected: [UInt64: [Expected]] = [:]
  private var present: [UInt64: [Present]] = [:]
  /// Files of other sizes that were taken out of their fates: somebody had changed them there.
  private var taken: [UInt64: [AuditFile]] = [:]
  private var mended: [AuditFile] = []
  private var missing: [Expected] = []
  private var surplus: [Present] = []

  init(_ audit: Audit) { self.audit = audit }

  /// Names each file that is missing, that nobody knows, or whose size is another one.
  mutating func run() throws(SystemError) {
    let (unsound, count) = audit.ledger.unsound(limit: Audit.limit)
    if unsound.isEmpty { return }
    audit.notNamed(count - unsound.count)
    audit.isNaming = true
    try readLogs(unsound)
    try readFolders(unsound)
    for (key, entry) in unsound { resolve(key, entry) }
    pairMended()
    try pairSizes()
    for one in surplus { try nameSurplus(one) }
    for one in missing { try nameMissing(one) }
  }

  private mutating func readLogs(_ unsound: [UInt64: AuditLedger.Entry]) throws(SystemError) {
    var room = Audit.limit
    var found: [UInt64: [Expected]] = [:]
    var taken: [UInt64: [AuditFile]] = [:]
    let audit = audit
    func note(_ file: AuditFile, _ balance: Int, of message: [UInt8]?, _ evidence: @autoclosure () -> String) {
      let key = file.key
      guard balance != 0, unsound[key] != nil, room > 0 else { return }
      room -= 1
      if balance > 0 {
        found[key, default: []].append(Expected(file: file, message: message, evidence: evidence()))
      } else {
        taken[key, default: []].append(file)
      }
    }
    try audit.forEachInLedger { file, expected, _, reader in
      for _ in 0..<min(abs(expected), Audit.limit) {
        note(file, expected, of: nil, "log/\(Ledger.name) line \(reader.number)")
      }
    }
    try audit.forEachLog { (reader, group, isSettled) throws(SystemError) in
      while let line = try reader.read() {
        guard case .event = line else { continue }
        AuditEvent.forEach(reader, group, audit.context, isSettled: isSettled) { file, balance, _ in
          note(
            file, balance, of: file.folder == .results ? reader.string("name") : nil,
            "log/\(group.map { String(decoding: $0, as: UTF8.self) + ".jsonl" } ?? "\(reader.name)")"
              + " line \(reader.number)")
        }
      }
    }
    self.taken = taken
    expected = found
  }

  private mutating func readFolders(_ unsound: [UInt64: AuditLedger.Entry]) throws(SystemError) {
    var room = Audit.limit
    var found: [UInt64: [Present]] = [:]
    let audit = audit
    for folder in AuditFolder.allCases {
      try audit.readFolder(folder.rawValue) { (name, status) throws(SystemError) in
        let file = AuditFile(folder, name, size: status.isFile ? status.st_size : AuditFile.unknownSize)
        let key = file.key
        guard unsound[key] != nil, audit.isBefore(status), room > 0 else { return }
        // A report is none of the originals, unless an event made it one.
        if folder != .results, name.isReport, status.isFile, expected[key] == nil { return }
        if !audit.isInLog(status), expected[key] == nil { return }
        room -= 1
        found[key, default: []].append(Present(file: file, name: name, kind: status.isFile ? nil : status.kind))
      }
    }
    present = found
  }

  /// Crosses out the same names on both sides; what is left is what the count is about.
  private mutating func resolve(_ key: UInt64, _ entry: AuditLedger.Entry) {
    let expected = (expected[key] ?? []).sorted { $0.file.name.lexicographicallyPrecedes($1.file.name) }
    let present = (present[key] ?? []).sorted { $0.file.name.lexicographicallyPrecedes($1.file.name) }
    var (onlyExpected, onlyPresent): ([Expected], [Present]) = ([], [])
    var (i, j) = (0, 0)
    while i < expected.count || j < present.count {
      if i < expected.count, j < present.count, expected[i].file.name == present[j].file.name {
        (i, j) = (i + 1, j + 1)
      } else if j == present.count
        || (i < expected.count && expected[i].file.name.lexicographicallyPrecedes(present[j].file.name))
      {
        onlyExpected.append(expected[i])
        i += 1
      } else {
        onlyPresent.append(present[j])
        j += 1
      }
    }
    let count: Int
    if entry.balance > 0 {
      count = Int(entry.balance) - Int(max(0, entry.optional))
      let named = onlyExpected.prefix(count)
      missing += named
      audit.notNamed(count - named.count)
    } else {
      count = -Int(entry.balance)
      let named = onlyPresent.suffix(count)
      surplus += named
      let changed = (taken[key] ?? []).prefix(count - named.count)
      mended += changed
      audit.notNamed(count - named.count - changed.count)
    }
  }

  /// A message that is missing with one size, and was taken out of its fate with another one, was mended there by hand
  /// and then put back: that is what should be done with it.
  private mutating func pairMended() {
    struct Class: Hashable {
      var folder: AuditFolder
      var name: [UInt8]
      init(_ file: AuditFile) { (folder, name) = (file.folder, NameClass.of(file.name)) }
    }
    var numbers: [Class: Int] = [:]
    for file in mended { numbers[Class(file), default: 0] += 1 }
    missing.removeAll { lost in
      guard let number = numbers[Class(lost.file)], number > 0 else { return false }
      numbers[Class(lost.file)] = number - 1
      return true
    }
    audit.notNamed(numbers.values.reduce(0, +))
  }

  /// A file that is missing with one size and there with another one is one damage, not two.
  private mutating func pairSizes() throws(SystemError) {
    struct Class: Hashable {
      var folder: AuditFolder
      var name: [UInt8]
    }
    var waiting: [Class: [Present]] = [:]
    for one in surplus where one.kind == nil {
      waiting[Class(folder: one.file.folder, name: NameClass.of(one.file.name)), default: []].append(one)
    }
    var paired: Set<AuditFile> = []
    missing.removeAll { lost in
      let key = Class(folder: lost.file.folder, name: NameClass.of(lost.file.name))
      guard var candidates = waiting[key], !candidates.isEmpty else { return false }
      let index = candidates.firstIndex { $0.file.name == lost.file.name } ?? 0
      let other = candidates.remove(at: index)
      waiting[key] = candidates
      paired.insert(other.file)
      audit.found(
        Damage(
          other.file.folder == .results ? .resultSize : .originalSize, other.file.folder.rawValue, other.name,
          "\(other.file.size) bytes; it had \(lost.file.size)", evidence: lost.evidence, expected: lost.file.size,
          present: other.file.size))
      return true
    }
    surplus.removeAll { paired.contains($0.file) }
  }

  private func nameSurplus(_ one: Present) throws(SystemError) {
    let folder = one.file.folder
    if audit.reportedLinks.contains(Audit.AuditPlace(folder: folder.rawValue, name: one.name)) { return }
    let damage: Damage
    if let kind = one.kind {
      damage = Damage(
        .foreignFile, folder.rawValue, one.name, "no file, but \(kind)", evidence: "no event knows it",
        present: one.file.size)
    } else if folder == .results {
      damage = Damage(
        .resultUnknown, folder.rawValue, one.name, "a result that nobody made, \(one.file.size) bytes",
        evidence: "no event has such a name and size that is not there already", present: one.file.size)
    } else if let other = try elsewhere(one.name, but: folder) {
      damage = Damage(
        .twoPlaces, folder.rawValue, one.name, "an original of this name is in \(other) as well",
        evidence: "no event gives it this fate", present: one.file.size)
    } else {
      damage = Damage(
        .originalUnknown, folder.rawValue, one.name, "an original that no event gives this fate",
        evidence: "nothing in log", present: one.file.size)
    }
    audit.found(damage)
  }

  private func nameMissing(_ one: Expected) throws(SystemError) {
    let folder = one.file.folder
    let name = FileName(bytes: one.file.name)
    let bytes = one.file.size == AuditFile.unknownSize ? "" : ", \(one.file.size) bytes"
    let damage: Damage
    if folder == .results {
      let message = one.message ?? Array("a message".utf8)
      damage = Damage(
        .resultMissing, folder.rawValue, name,
        "the result of \(String(decoding: message, as: UTF8.self)) is gone or was published twice in the log\(bytes)",
        evidence: one.evidence, expected: one.file.size)
    } else {
      let other = try elsewhere(name, but: folder)
      damage = Damage(
        .originalMissing, folder.rawValue, name,
        other.map { "an event gives it this fate, and it is in \($0)" }
          ?? "an event gives it this fate, and it is not there\(bytes)",
        evidence: one.evidence, expected: one.file.size)
    }
    audit.found(damage)
  }

  /// Where else in the queue a file of this name is.
  private func elsewhere(_ name: FileName, but folder: AuditFolder) throws(SystemError) -> String? {
    guard !name.bytes.isEmpty, name.count <= FileName.maximum, !name.bytes.contains(ASCII.slash) else { return nil }
    for other in ["in"] + AuditFolder.allCases.map(\.rawValue)
    where other != folder.rawValue && other != AuditFolder.results.rawValue {
      guard let directory = try audit.queue.folder(other) else { continue }
      if try directory.status(of: name) != nil { return other }
    }
    return nil
  }
}
