import CZlib
import Formats
import Glibc
import Spool

/// A file, or standard input for `-`, read piece by piece; gzip is undone on the way.
///
/// `window` holds what has been read and not yet consumed. It grows to the longest message, not to the file.
public final class Input {
  public let name: String
  public private(set) var isAtEnd = false
  /// Where the window begins in the (unpacked) input.
  public private(set) var offset = 0
  /// Bytes that may be wanted at a time: an input that never ends must not take all memory. No .ccm can say a size of
  /// more than ten digits.
  public var limit = 1 << 31
  private var buffer: [UInt8] = []
  private var start = 0
  private let descriptor: Int32
  private var packed: Inflater?
  private var wide: UTF16Decoder?
  /// What of the buffer has been decoded already.
  private var decoded = 0

  /// Opens `path`.
  public convenience init(_ path: Path) throws(Failure) {
    let descriptor = path == "-" ? 0 : path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
    guard descriptor >= 0 else {
      let error = SystemError("open", path)
      if error.isTemporary { throw Failure(error) }
      throw Failure(.noInput, "\(path): \(SystemError.text(error.code))")
    }
    try self.init(owning: descriptor, name: path == "-" ? "standard input" : path.description)
  }

  /// Takes an open descriptor, which stays the caller's.
  public convenience init(descriptor: Int32, name: String) throws(Failure) {
    let copy = dup(descriptor)
    guard copy >= 0 else { throw Failure(SystemError("dup", name)) }
    try self.init(owning: copy, name: name)
  }

  /// Takes bytes that have been read already, the whole of a file.
  public init(_ bytes: [UInt8], name: String) {
    self.name = name
    descriptor = -1
    buffer = bytes
    isAtEnd = true
  }

  private init(owning descriptor: Int32, name: String) throws(Failure) {
    self.name = name
    self.descriptor = descriptor
    // A small file is read at once, with its end: a file gives less than it is asked for there only. One without a size
    // may be none of a disk.
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
    let wanted = isFile ? min(Self.piece, Int(status.st_size) + 1) : Self.piece
    try readMore(wanted)
    if buffer.count >= 2, buffer[0] == 0x1F, buffer[1] == 0x8B {
      packed = Inflater()
      let raw = buffer
      buffer = []
      try inflate(raw)
    } else if isFile, buffer.count < wanted {
      isAtEnd = true
    }
  }

  deinit { if descriptor > 0 { close(descriptor) } }

  private static let piece = 1 << 18

  /// Calls `body` with the window.
  public func withWindow<Result>(_ body: (Bytes) throws(Failure) -> Result) throws(Failure) -> Result {
    let window = buffer
    return try body(window.span.extracting(start..<window.count))
  }

  public var count: Int { buffer.count - start }

  /// Gives up the first `count` bytes of the window.
  public func consume(_ count: Int) {
    start += count
    offset += count
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 4 << 20)
      decoded = 0
      start = 0
    }
  }

  /// Reads more, as much again as there is, so that a long message is looked at a few times only.
  public func more() throws(Failure) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      decoded = max(0, decoded - start)
      start = 0
    }
    let wanted = buffer.count + max(Self.piece, buffer.count)
    while !isAtEnd, buffer.count < wanted {
      try checkLimit(buffer.count)
      try readMore(Self.piece)
      decode()
    }
  }

  private func checkLimit(_ count: Int) throws(Failure) {
    if count > limit { throw Failure(.dataError, "\(name): offset \(offset): more than \(limit) bytes") }
  }

  /// Whether the window begins with UTF-16, told by its byte order mark. Reads it as UTF-8 from here on; offsets are
  /// those of the UTF-8.
  public func decodeUTF16() -> Bool {
    guard wide == nil, count >= 2, let order = UTF16Decoder(mark: buffer[start], buffer[start + 1]) else {
      return wide != nil
    }
    buffer.removeSubrange(..<start)
    start = 0
    wide = order
    decoded = 0
    decode()
    return true
  }

  private func decode() {
    guard wide != nil else { return }
    let raw = Array(buffer[decoded...])
    buffer.removeSubrange(decoded...)
    wide?.append(raw, isLast: isAtEnd, to: &buffer)
    decoded = buffer.count
  }

  /// Reads everything that is left.
  public func readAll() throws(Failure) {
    var status = stat()
    if packed == nil, !isAtEnd, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      let size = buffer.count + max(0, status.st_size - offset - count)
      try checkLimit(size)
      readRest(size)
    }
    while !isAtEnd {
      try checkLimit(buffer.count)
      try readMore(1 << 20)
    }
  }

  /// Reads a file of known size right into its buffer. What goes wrong is met, and said, by the next read.
  private func readRest(_ size: Int) {
    let before = buffer
    buffer = [UInt8](unsafeUninitializedCapacity: size + 1) { room, filled in
      LargePages.advise(room.baseAddress!, size)
      before.withUnsafeBytes {
        room.baseAddress!.update(from: $0.bindMemory(to: UInt8.self).baseAddress!, count: before.count)
      }
      filled = before.count
      while filled < size {
        let count = read(descriptor, room.baseAddress! + filled, size - filled)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return }
        filled += count
      }
    }
  }

  private func readMore(_ size: Int) throws(Failure) {
    var failure: Int32 = 0
    var raw: [UInt8] = []
    let isPacked = packed != nil
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { room in
      while true {
        let count = read(descriptor, room.baseAddress!, size)
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
        } else if count == 0 {
          isAtEnd = true
        } else if isPacked {
          raw.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[0..<count]))
        } else {
          buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[0..<count]))
        }
        return
      }
    }
    if failure != 0 {
      let error = SystemError("read", name, failure)
      if error.isTemporary { throw Failure(error) }
      throw Failure(
        failure == EISDIR ? .noInput : .ioError, "\(name): \(String(cString: strerror(failure)))")
    }
    if isPacked {
      if isAtEnd, let packed, !packed.isComplete {
        throw Failure(.dataError, "\(name): offset \(offset + count): the gzip data end too early")
      }
      try inflate(raw)
    }
  }

  private func inflate(_ raw: [UInt8]) throws(Failure) {
    guard let packed else { return }
    if !packed.inflate(raw, to: &buffer) {
      throw Failure(.dataError, "\(name): offset \(offset + count): the gzip data are damaged")
    }
  }

  /// All of a file, which is none of messages.
  public static func readFile(_ path: Path) throws(Failure) -> [UInt8] {
    let input = try Input(path)
    input.limit = 1 << 28
    try input.readAll()
    return input.buffer
  }
}

/// Undoes gzip, RFC 1952, with zlib; several members one after the other are one stream.
final class Inflater {
  private var stream = z_stream()
  private(set) var isComplete = false

  init() { inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) }

  deinit { inflateEnd(&stream) }

  /// Appends what `raw` unpacks to; false when it is damaged.
  func inflate(_ raw: [UInt8], to output: inout [UInt8]) -> Bool {
    var raw = raw
    var isSound = true
    let size = 1 << 16
    raw.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { room in
        while stream.avail_in > 0 {
          if isComplete {
            // Another member, or the zeros that tapes are filled up with.
            if stream.next_in[0] == 0 { return }
            inflateReset(&stream)
            isComplete = false
          }
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(size)
          let result = CZlib.inflate(&stream, Z_NO_FLUSH)
          output.append(contentsOf: UnsafeBufferPointer(rebasing: room[0..<(size - Int(stream.avail_out))]))
          if result == Z_STREAM_END {
            isComplete = true
          } else if result != Z_OK && !(result == Z_BUF_ERROR && stream.avail_in == 0) {
            isSound = false
            return
          }
        }
      }
    }
    return isSound
  }
}
