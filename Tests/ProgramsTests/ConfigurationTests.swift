import Formats
import Glibc
import Programs
import Spool
import TestSupport
import Testing

@testable import Tooling

/// ccm.conf(5).
@Suite struct ConfigurationTests {
  /// What a file says: keys and values in their order. Throws the text of what is wrong, and the exit status.
  private func read(_ text: String) throws -> [String] {
    let folder = try Folder()
    try folder.write("ccm.conf", text)
    var said: [String] = []
    let options: [Option] = [
      .value("word") { text throws(UsageError) in
        guard text != "bad" else { throw UsageError("--word: not bad") }
        said.append("word=\(text)")
      },
      .number("count", in: 1...9) { said.append("count=\($0)") },
      .flag("switch") { said.append("switch") },
    ]
    do { try Configuration.option(options).apply(Path(folder.path("ccm.conf"))) } catch {
      throw Wrong(text: error.text.replacing(folder.path("ccm.conf"), with: "FILE"), status: error.status.rawValue)
    }
    return said
  }

  struct Wrong: Error, Equatable {
    var text: String
    var status: Int32
  }

  @Test func keysAndValues() throws {
    #expect(try read("word = a\ncount = 3\n") == ["word=a", "count=3"])
    #expect(try read("") == [])
    #expect(try read("word=a") == ["word=a"])
    #expect(try read("word = a\r\nword = b\r\n") == ["word=a", "word=b"])
    #expect(try read("\t word \t=\t a b  c \t\n") == ["word=a b  c"])
    #expect(try read("word = a = b\n") == ["word=a = b"])
    #expect(try read("word =\n") == ["word="])
  }

  @Test func comments() throws {
    #expect(try read("# word = a\n\n   \n  # another\nword = b\n") == ["word=b"])
    #expect(try read("word = a # no comment\n") == ["word=a # no comment"])
  }

  @Test func lettersOfAnyKind() throws {
    #expect(try read("word = /srv/köln\n") == ["word=/srv/köln"])
  }

  @Test(arguments: ["yes", "on", "true", "1", "Yes", "TRUE"]) func yes(_ value: String) throws {
    #expect(try read("switch = \(value)\n") == ["switch"])
  }

  @Test(arguments: ["no", "off", "false", "0", "No"]) func no(_ value: String) throws {
    #expect(try read("switch = \(value)\n") == [])
  }

  @Test(
    arguments: [
      ("word = a\nnonsense\n", "FILE: line 2: not `key = value`"),
      ("= a\n", "FILE: line 1: `` is no key"),
      ("word2 = a\n", "FILE: line 1: `word2` is no key"),
      ("wor = a\n", "FILE: line 1: `wor` is no key"),
      ("--word = a\n", "FILE: line 1: `--word` is no key"),
      ("config = ccm.conf\n", "FILE: line 1: `config` is no key"),
      ("\n\nword = bad\n", "FILE: line 3: --word: not bad"),
      ("count = 10\n", "FILE: line 1: --count: a number from 1 to 9 is wanted, not `10`"),
      (
        "count = 99999999999999999999\n",
        "FILE: line 1: --count: a number from 1 to 9 is wanted, not `99999999999999999999`"
      ),
      ("count = 1x\n", "FILE: line 1: --count: a number from 1 to 9 is wanted, not `1x`"),
      ("count =\n", "FILE: line 1: --count: a number from 1 to 9 is wanted, not ``"),
      ("switch = maybe\n", "FILE: line 1: switch: yes or no is wanted, not `maybe`"),
      ("switch =\n", "FILE: line 1: switch: yes or no is wanted, not ``"),
    ])
  func wrong(_ text: String, _ what: String) throws {
    #expect(throws: Wrong(text: what, status: ExitStatus.configuration.rawValue)) { try read(text) }
  }

  @Test func noFile() throws {
    #expect(throws: UsageError.self) { try Configuration.option([]).apply("/nonexistent/ccm.conf") }
  }

  /// Bytes of any kind are a wrong line at the worst.
  @Test func garbage() throws {
    for text in ["\0\0\0", "\u{FEFF}word = a", "=====", "word", String(repeating: "=", count: 100_000), "word = \0\n"] {
      _ = try? read(text)
    }
  }

  // MARK: The keys of ccm-import and ccm-export

  private func connector(_ text: String) throws -> ConnectorOptions {
    let folder = try Folder()
    try folder.write("ccm.conf", text)
    let connector = ConnectorOptions()
    try Configuration.option(connector.options).apply(Path(folder.path("ccm.conf")))
    try connector.finish()
    return connector
  }

  /// Those of the original connector.
  @Test func defaults() throws {
    let connector = try connector("post-office = /tmp\n")
    #expect((connector.imports.batch, connector.exports.batch) == (5, 16))
    #expect((connector.importInterval, connector.exportInterval) == (15, 15))
    #expect(connector.imports.options == ["/ITEMSIZE", "/PARTIAL", "/BATCH", "/FILES/MACBIN2"])
    #expect(connector.exports.options.prefix(4) == ["/ITEMSIZE", "/FORMAT/FAN", "/BATCH", "/FILES/MACBIN2"])
    #expect((connector.imports.timeLimit, connector.exports.timeLimit) == (300, 300))
    #expect((connector.settings.attempts, connector.settings.retry) == (3, 60))
    #expect(connector.imports.isReliable && connector.exports.isReliable)
    #expect(connector.imports.passwordIsArgument == false)
    #expect(connector.settings.postmaster.address == "postmaster@\(connector.settings.host)")
  }

  @Test func aProgramOfTheSiteIsNotReliableUnlessItSaysSo() throws {
    let own = "post-office = /tmp\nimport-program = /opt/import\nexport-program = sh /opt/export\n"
    var connector = try connector(own)
    #expect(!connector.imports.isReliable && !connector.exports.isReliable)
    #expect(connector.exports.command.count == 2)
    connector = try self.connector(own + "import-reliable = yes\nexport-reliable = yes\n")
    #expect(connector.imports.isReliable && connector.exports.isReliable)
    connector = try self.connector("post-office = /tmp\nimport-reliable = no\n")
    #expect(!connector.imports.isReliable && connector.exports.isReliable)
  }

  @Test func environment() throws {
    let connector = try connector(
      "post-office = /tmp\nenvironment = MINE=a b=c\nenvironment = NOT_SET_ANYWHERE\nenvironment = TZ=Europe/Berlin\n")
    let environment = connector.imports.environment.map(\.description)
    #expect(environment.contains("MINE=a b=c"))
    #expect(environment.filter { $0.hasPrefix("TZ=") } == ["TZ=Europe/Berlin"])
    #expect(!environment.contains { $0.hasPrefix("NOT_SET_ANYWHERE") })
    let known = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "MINE"]
    #expect(environment.allSatisfy { variable in known.contains { variable.hasPrefix($0 + "=") } })
  }

  @Test func withoutAPostOffice() throws {
    #expect(throws: Failure.self) { try connector("import-batch = 1\n") }
  }

  @Test(arguments: [
    "import-batch = 0", "import-batch = 100001", "attempts = 0", "retry = -1", "retry = 86401", "log-limit = 10",
    "import-reliable = perhaps", "export-reliable = 1", "mailbox =", "postmaster = joe", "import-program =",
    "diagnostics = all", "release = 9", "codepage = nothing-of-the-kind", "domain = a b",
  ])
  func wrongValue(_ line: String) throws {
    #expect(throws: UsageError.self) { try connector("post-office = /tmp\n\(line)\n") }
  }
}
