import Programs
import Spool

/// Fetches and converts by turns, until the mailbox is empty.
struct ExportSession {
  let run: Run
  let fetcher: ExportFetcher
  let processor: ExportProcessor

  func pass(fetches: Bool) {
    do throws(SystemError) {
      // First what an earlier invocation left, in its runs and in the queue.
      if fetches, try !fetcher.settle() { return convert() }
      convert()
      while fetches, !run.isStopping {
        let before = processor.fresh
        guard case .fetched = try fetcher.fetch() else { break }
        convert()
        // Nothing but what came before: asking again would bring the same.
        if processor.fresh == before { break }
      }
    } catch { run.stop(error, doing: "fetching") }
  }

  private func convert() { run.process(with: processor) }
}
