import CGlibc
import Glibc
import Spool

/// Says events for people: on standard error at the chosen level, and to syslog(3) where that is wanted.
public struct EventVoice: Sendable {
  let program: String
  /// `none`, `errors`, `minimum` (warnings and errors), `medium`, `maximum` (everything), as the original's diagnostics logging.
  let level: String
  let usesSyslog: Bool

  public init(program: String, level: String = "minimum", usesSyslog: Bool = false) {
    (self.program, self.level, self.usesSyslog) = (program, level, usesSyslog)
    if usesSyslog { openlog(strdup(program), LOG_PID, LOG_MAIL) }
  }

  public func say(_ event: Event) {
    let text = (event.name.map { "\($0): " } ?? "") + event.text
    if isHeard(event.severity) { Diagnostics.say(program, text) }
    guard usesSyslog else { return }
    let priority =
      switch event.severity {
      case .info: LOG_INFO
      case .warning: LOG_WARNING
      case .error: LOG_ERR
      }
    ccmc_syslog(priority, "event \(event.id): \(text)")
  }

  private func isHeard(_ severity: Event.Severity) -> Bool {
    switch level {
    case "none": false
    case "errors": severity == .error
    case "maximum", "medium": true
    default: severity != .info
    }
  }
}
