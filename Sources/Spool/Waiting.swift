import Glibc
import Synchronization

/// The messages that wait in a queue, handed out to workers one after the other, while producers bring new ones.
final class Waiting: Sendable {
  private struct State {
    var reader: DirectoryReader
    var claimedInPass = 0
    /// Messages that this run passes over: they had to wait.
    var passedOver: Set<FileName> = []
    /// Messages with a strike: taken alone, when all the others are through.
    var struck: [FileName] = []
  }

  private let state: Mutex<State>
  private let input: FileDescriptor
  private let strikes: Strikes
  private let setbacks: Strikes
  /// Whether a message's time has come; nil when every message's has.
  private let isDue: (@Sendable (FileName, borrowing FileDescriptor) -> Bool)?

  init(
    _ queue: borrowing Queue, strikes: Strikes, setbacks: Strikes,
    isDue: (@Sendable (FileName, borrowing FileDescriptor) -> Bool)? = nil
  ) throws(SystemError) {
    input = try queue.input.reopened()
    state = Mutex(State(reader: try DirectoryReader(queue.input)))
    self.strikes = strikes
    self.setbacks = setbacks
    self.isDue = isDue
  }

  /// The next name; after the last one, the queue is read again as long as that brings new ones.
  func next() throws(SystemError) -> DirectoryReader.Entry? {
    var failure: SystemError?
    let entry = state.withLock { state -> DirectoryReader.Entry? in
      do {
        while true {
          guard let entry = try state.reader.next() else {
            let isLast = state.claimedInPass == 0
            state.claimedInPass = 0
            state.reader.rewind()
            if isLast { return nil }
            continue
          }
          if entry.name.isHidden || state.passedOver.contains(entry.name) { continue }
          if let isDue, !isDue(entry.name, input) {
            state.passedOver.insert(entry.name)
            continue
          }
          if strikes.has(entry.name, in: input) || setbacks.has(entry.name, in: input) {
            state.struck.append(entry.name)
            state.passedOver.insert(entry.name)
            continue
          }
          state.claimedInPass += 1
          return entry
        }
      } catch let error as SystemError {
        failure = error
      } catch {}
      return nil
    }
    if let failure { throw failure }
    return entry
  }

  /// Begins anew: what was passed over may be taken again.
  func beginPass() {
    state.withLock { state in
      state.passedOver = []
      state.struck = []
    }
  }

  /// Passes over a message that has to wait for another run.
  func passOver(_ name: FileName) { state.withLock { _ = $0.passedOver.insert(name) } }

  /// The messages with a strike that were met since the last time.
  func takeStruck() -> [FileName] {
    state.withLock { state in
      defer { state.struck = [] }
      return state.struck
    }
  }
}
