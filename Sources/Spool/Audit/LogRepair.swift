import Formats
import Glibc

/// Leaves out of a log of events what is no event: the half of a line that a power failure left, or the noise of a disk.
/// The log as it was stays beside it, for the rest of a line may say to a person what it no longer says to a program.
enum LogRepair {
  private static let step = 1 << 18

  /// Writes the log anew. Returns what was done; nil when there is nothing to be left out.
  ///
  /// The log as it was has its second name before the new one takes its place: a kill in between leaves both.
  static func mend(_ name: FileName, of queue: borrowing Queue) throws(SystemError) -> String? {
    let lock = try LedgerLock(queue)
    try lock.take()
    let mended = FileName(".\(name).mended")
    do throws(SystemError) {
      let reader = try EventReader(name, in: queue.log)
      var file = try FileDescriptor.open(
        mended, in: queue.log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: FileDescriptor.privateMode)
      var output: [UInt8] = []
      var (isDamaged, lost) = (false, 0)
      while let line = try reader.read() {
        if case .damaged = line { isDamaged = true }
        if !reader.append(to: &output) { lost += 1 }
        if output.count >= step {
          try file.writeAll(output.span)
          output = []
        }
      }
      try file.writeAll(output.span)
      try file.sync()
      try file.closeChecked()
      guard isDamaged else {
        try queue.log.unlink(mended)
        return nil
      }
      let kept = try FileCopy.link(name, in: queue.log, as: FileName("\(name).damaged"), in: queue.log)
      guard renameat(queue.log.number, mended.description, queue.log.number, name.description) == 0 else {
        throw SystemError("rename", "\(queue.log.path)/\(mended)")
      }
      let left = lost == 1 ? "a line that is no event" : "\(lost) lines that are no events"
      return "the log was written anew, without \(left); as it was it is now log/\(kept)"
    } catch {
      try? queue.log.unlink(mended)
      throw error
    }
  }
}
