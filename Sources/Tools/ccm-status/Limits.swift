/// What a queue may have before somebody has to be told.
struct Limits {
  /// Seconds that the first message may have been waiting.
  var age = Int.max
  /// Messages in `in`, `failed` and `quarantine`.
  var waiting = Int.max
  var failed = Int.max
  var quarantine = Int.max

  func areExceeded(by report: QueueReport) -> Bool {
    report.waitingSeconds > age || report.inventory.waiting.count > waiting || report.inventory.failed.count > failed
      || report.inventory.quarantine.count > quarantine
  }
}
