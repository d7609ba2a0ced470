import Formats
import Glibc

/// The time of day, for events and names.
public struct Clock: Sendable {
  public let seconds: Int
  let nanoseconds: Int

  /// - Parameter seconds: since 1970, in UTC.
  public init(seconds: Int, nanoseconds: Int = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  public static var now: Clock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Clock(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  public var timestamp: Timestamp { Timestamp(seconds: seconds, zone: 0) }

  /// Seconds of the monotonic clock.
  public static var monotonic: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func text(separated: Bool) -> String {
    let calendar = Timestamp(seconds: seconds, zone: 0).calendar
    var text: [UInt8] = []
    for (index, field) in [
      calendar.year, calendar.month, calendar.day, calendar.hour, calendar.minute, calendar.second,
    ]
    .enumerated() {
      if index == 3 {
        text.append(UInt8(ascii: "T"))
      } else if separated, index > 0 {
        text.append(index < 3 ? ASCII.hyphen : ASCII.colon)
      }
      text.append(decimal: field, width: index == 0 ? 4 : 2)
    }
    if separated {
      text.append(ASCII.dot)
      text.append(decimal: nanoseconds / 1_000_000, width: 3)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// `1999-08-19T13:02:00.123Z`
  public var text: String { text(separated: true) }
  /// `19990819T130200Z`
  var compact: String { text(separated: false) }
}
