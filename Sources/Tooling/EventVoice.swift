import CGlibc
import Formats
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
    let text = Self.text(event)
    if isHeard(event.severity) { Diagnostics.say(program, text) }
    log(event.id, event.severity, text)
  }

  /// What gets the fates of messages; nil when they are for the event log only: a message that has its report is nothing
  /// that cron should send mail about.
  public var fates: (@Sendable (Event) -> Void)? {
    guard usesSyslog else { return nil }
    return { event in self.log(event.id, event.severity, Self.text(event)) }
  }

  private static func text(_ event: Event) -> String { (event.name.map { "\($0): " } ?? "") + event.text }

  private func log(_ id: Int, _ severity: Event.Severity, _ text: String) {
    guard usesSyslog else { return }
    let priority =
      switch severity {
      case .info: LOG_INFO
      case .warning: LOG_WARNING
      case .error: LOG_ERR
      }
    ccmc_syslog(priority, PrintableText.text("event \(id): \(text)"))
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
