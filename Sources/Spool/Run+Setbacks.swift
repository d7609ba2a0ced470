import Glibc

/// Messages that meet what any other would meet: no space, no memory, no descriptors. The run ends, and they wait; but one
/// that meets it again and again while others pass is itself the trouble, and would block its queue for ever.
extension Run {
  /// Counts that a claimed message met such an error: it is the last one of the next run, and has a strike when others
  /// passed in this run, or did so when it met one before. Returns why it goes to `failed`, with its third strike.
  func setBack(_ message: FileName, in group: Group, by error: SystemError) -> String? {
    guard error.isTemporary else { return nil }
    do throws(SystemError) {
      let counts = passed.load(ordering: .relaxed) > 0 || setbacks.count(message, in: group.source).count > 0
      let count = try setbacks.add(message, in: group.source, counts: counts)
      return count >= Strikes.maximum ? "\(error), \(count) times while others passed" : nil
    } catch {
      // For the same error, most likely: then it is not counted.
      return nil
    }
  }
}
