import Formats
import Glibc

/// The post office's clock: dates of .ccm files have no zone, they tell the time where the post office is. The zone is
/// the process's, TZ (tzset(3)).
enum PostOfficeClock {
  /// What the clock shows at a point in time.
  static func local(_ time: Timestamp) -> CCDate {
    var seconds = time_t(time.seconds)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return CCDate(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min))
  }

  /// The same point in time, told in the zone of the clock.
  static func zoned(_ time: Timestamp) -> Timestamp {
    var seconds = time_t(time.seconds)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return Timestamp(seconds: time.seconds, zone: parts.tm_gmtoff / 60)
  }

  /// When the clock shows a date, and the zone then; nil when there is no such date.
  static func time(_ date: CCDate) -> Timestamp? {
    guard date.exists else { return nil }
    var parts = tm()
    parts.tm_year = Int32(date.year - 1900)
    parts.tm_mon = Int32(date.month - 1)
    parts.tm_mday = Int32(date.day)
    parts.tm_hour = Int32(date.hour)
    parts.tm_min = Int32(date.minute)
    parts.tm_isdst = -1
    let seconds = mktime(&parts)
    return Timestamp(seconds: seconds, zone: parts.tm_gmtoff / 60)
  }
}
