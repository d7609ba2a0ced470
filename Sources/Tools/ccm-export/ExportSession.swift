import Programs
import Spool

/// Fetches and converts by turns, until the mailbox is empty.
struct ExportSession {
  let run: Run
  let fetcher: ExportFetcher
  let processor: ExportProcessor
  let memory: ExportMemory

  func pass(fetches: Bool) {
    do throws(SystemError) {
      guard try memory.begin() else { return leave() }
      defer { memory.end() }
      // First what an earlier invocation left, in its runs and in the queue.
      guard fetches else { return convert() }
      guard try fetcher.settle() else {
        convert()
        // What still runs has to be asked for again.
        return run.stop(exit: 75)
      }
      convert()
      while !run.isStopping {
        let before = processor.fresh
        let result = try fetcher.fetch()
        if case .nothing = result { try forget() }
        guard case .fetched = result else { break }
        convert()
        // Nothing but what came before: asking again would bring the same.
        if processor.fresh == before { break }
      }
    } catch { run.stop(error, doing: "fetching") }
  }

  private func convert() { run.process(with: processor) }

  /// The mailbox is empty. What was fetched from it before has to be converted before it is forgotten.
  private func forget() throws(SystemError) {
    guard !memory.isReliable, !run.isWaiting, try run.isAlone() else { return }
    try memory.forget()
  }

  private func leave() {
    run.report(
      Event(
        Event.ID.exportLocked, .warning,
        "another ccm-export works on this queue; where EXPORT may bring a message twice, one has to do it alone"))
    run.stop(exit: 75)
  }
}
