import Formats
import Mail

/// What ccm.conf(5) and the command line say of ccm-import.
public struct ImportSettings: Sendable {
  public var program = ConnectorProgram()
  /// How often a message is tried alone before it is put aside.
  public var attempts = 3
  /// How often a message may be with IMPORT when nobody sees how that ends.
  public var deaths = 25
  /// Seconds before a message that was not taken is tried again; twice as many after each further attempt.
  public var retry = 60
  /// Whether each message that is handed over is told (event 11001).
  public var isVerbose = false
  /// Whether IMPORT delivers to those it can where it cannot deliver to all (/PARTIAL).
  var isPartial: Bool { program.options.contains { $0.uppercased() == "/PARTIAL" } }
  /// How messages are turned into Internet messages, for reports.
  public var conversion = ConversionOptions()
  /// Who reports come from.
  public var postmaster = Mailbox(name: "", address: "postmaster@localhost")
  /// What reports call this host.
  public var host = "localhost"

  public init() {}
}
