import Synchronization

/// Counts of a run, read while it goes on.
public final class Statistics: Sendable {
  public let taken = Atomic<Int>(0)
  public let done = Atomic<Int>(0)
  public let failed = Atomic<Int>(0)
  public let quarantine = Atomic<Int>(0)
  public let results = Atomic<Int>(0)
  public let returned = Atomic<Int>(0)
  /// What could not be claimed, and was passed over.
  public let unclaimed = Atomic<Int>(0)
  public let bytes = Atomic<Int>(0)
  public let findings = Atomic<Int>(0)
}
