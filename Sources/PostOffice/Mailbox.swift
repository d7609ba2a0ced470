import Formats
import Glibc
import Spool

/// A mailbox: a folder in `mail`, with messages in `new/BUCKET/NUMBER.ccm`. A bucket holds the numbers of one
/// thousand, so that the oldest messages are found without reading all names.
struct Mailbox: ~Copyable {
  let folder: FileDescriptor
  let new: FileDescriptor

  static let bucketSize: UInt64 = 1000

  /// Opens the mailbox with this folder, made where it is missing.
  init(_ name: String, in mail: borrowing FileDescriptor) throws(SystemError) {
    try Self.make(name, in: mail)
    let folder = try FileDescriptor.open(FileName(name), in: mail, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    let new = try FileDescriptor.open(FileName("new"), in: folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    self.folder = folder
    self.new = new
  }

  /// Makes the folders of a mailbox where they are missing.
  static func make(_ name: String, in mail: borrowing FileDescriptor) throws(SystemError) {
    try mail.makeDirectory(FileName(name), mayExist: true)
    for inner in ["tmp", "new", "cur"] { try mail.makeDirectory(FileName("\(name)/\(inner)"), mayExist: true) }
  }

  static func bucket(_ number: UInt64) -> String { padded(number / bucketSize, 9) }

  static func file(_ number: UInt64) -> String { padded(number, 12) + ".ccm" }

  private static func padded(_ number: UInt64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The number in a name of digits, or of digits and `suffix`.
  static func number(_ name: FileName, suffix: String = "") -> UInt64? {
    let text = name.description
    guard text.hasSuffix(suffix), !text.hasPrefix("+") else { return nil }
    return UInt64(text.dropLast(suffix.count))
  }

  /// Renames a staged copy into a mailbox as message `number`. Returns false when it is not there, because it was
  /// published before or taken out.
  static func publish(
    _ path: String, in directory: borrowing FileDescriptor, to mailbox: String, _ number: UInt64, _ office: PostOffice
  ) throws(SystemError) -> Bool {
    var number = number
    while true {
      // All parts of the paths are names of this post office's making.
      let target = FileName("\(mailbox)/new/\(bucket(number))/\(file(number))")
      do throws(SystemError) {
        if try Move.rename(FileName(path), in: directory, to: target, in: office.mail) { return true }
      } catch {
        guard error.code == ENOENT else { throw error }
        guard try directory.has(FileName(path)) else { return false }
        // The first of its bucket; or the last message of the bucket has just been exported.
        try make(mailbox, in: office.mail)
        try office.mail.makeDirectory(FileName("\(mailbox)/new/\(bucket(number))"), mayExist: true)
        continue
      }
      // Somebody else's file has this name.
      try office.state.lock()
      defer { office.state.unlock() }
      number = try office.state.take(1)
    }
  }

  /// The buckets, the oldest first.
  ///
  /// Files that another program has put into `new` itself, as in any Maildir, are moved into buckets before: by their
  /// names, ten thousand at a time, so that a folder with a million of them needs neither memory nor a second look.
  func buckets(_ office: PostOffice) throws(SystemError) -> [UInt64] {
    var buckets = Set<UInt64>()
    var strays: [FileName] = []
    let reader = try DirectoryReader(new)
    while let entry = try reader.next() {
      if entry.name.isHidden { continue }
      if try isDirectory(entry) {
        if let number = Self.number(entry.name) { buckets.insert(number) }
      } else {
        strays.append(entry.name)
        if strays.count == 10_000 { try sort(&strays, into: &buckets, office) }
      }
    }
    try sort(&strays, into: &buckets, office)
    return buckets.sorted()
  }

  private func isDirectory(_ entry: DirectoryReader.Entry) throws(SystemError) -> Bool {
    guard entry.type == DT_UNKNOWN else { return entry.type == DT_DIR }
    guard let status = try new.status(of: entry.name) else { return false }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  private func sort(_ strays: inout [FileName], into buckets: inout Set<UInt64>, _ office: PostOffice)
    throws(SystemError)
  {
    guard !strays.isEmpty else { return }
    try office.state.lock()
    let first: UInt64
    do throws(SystemError) {
      first = try office.state.take(strays.count)
    } catch {
      office.state.unlock()
      throw error
    }
    office.state.unlock()
    strays.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    for (i, name) in strays.enumerated() {
      let number = first &+ UInt64(i)
      let target = FileName("\(Self.bucket(number))/\(Self.file(number))")
      try new.makeDirectory(FileName(Self.bucket(number)), mayExist: true)
      buckets.insert(number / Self.bucketSize)
      do throws(SystemError) {
        _ = try Move.rename(name, in: new, to: target, in: new)
      } catch {
        // Another export had the same idea.
        if error.code != ENOENT { throw error }
      }
    }
    strays.removeAll(keepingCapacity: true)
  }

  /// The numbers of the messages in a bucket, the oldest first; none when the bucket is gone.
  func numbers(inBucket bucket: UInt64) throws(SystemError) -> [UInt64] {
    do throws(SystemError) {
      let directory = try FileDescriptor.open(
        FileName(Self.bucket(bucket * Self.bucketSize)), in: new, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      return try DirectoryReader.names(directory).compactMap { Self.number($0, suffix: ".ccm") }.sorted()
    } catch {
      if error.code == ENOENT { return [] }
      throw error
    }
  }

  /// Removes a bucket, if it is empty.
  func removeIfEmpty(bucket: UInt64) { unlinkat(new.number, Self.bucket(bucket * Self.bucketSize), AT_REMOVEDIR) }

  /// The path of a message within `new`.
  static func path(_ number: UInt64) -> FileName { FileName("\(bucket(number))/\(file(number))") }
}
