import Formats
import Glibc
import Spool

/// The files that a process has open, of those that this one may ask.
struct OpenFiles {
  private struct File: Hashable {
    var device: UInt
    var number: UInt
  }

  private var files: Set<File> = []

  /// Looks for files of these names, in whatever directory: only of them it is asked what they are.
  init(named names: Set<FileName>) throws(SystemError) {
    let processes = try FileDescriptor.open(path: "/proc", O_RDONLY | O_DIRECTORY)
    for process in try processes.fileNames() where process.bytes.allSatisfy({ ASCII.isDigit($0) }) {
      // It may have ended, or be another user's.
      guard
        let folder = try? FileDescriptor.open(
          FileName(bytes: process.bytes + Array("/fd".utf8)), in: processes, O_RDONLY | O_DIRECTORY),
        let open = try? folder.fileNames()
      else { continue }
      for descriptor in open { add(descriptor, in: folder.number, if: names) }
    }
  }

  private mutating func add(_ descriptor: FileName, in folder: Int32, if names: Set<FileName>) {
    let length = 4096
    let path = [UInt8](unsafeUninitializedCapacity: length) { room, count in
      count = room.withMemoryRebound(to: CChar.self) { room in
        max(0, descriptor.withCString { readlinkat(folder, $0, room.baseAddress!, length) })
      }
    }
    guard path.first == ASCII.slash, names.contains(Path(bytes: path).name) else { return }
    var status = stat()
    guard descriptor.withCString({ fstatat(folder, $0, &status, 0) }) == 0 else { return }
    files.insert(File(device: UInt(status.st_dev), number: UInt(status.st_ino)))
  }

  func contains(_ status: stat) -> Bool {
    files.contains(File(device: UInt(status.st_dev), number: UInt(status.st_ino)))
  }
}
