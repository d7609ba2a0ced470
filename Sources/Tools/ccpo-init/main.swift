// Makes a post office, or adds users, post offices, aliases, lists and bulletin boards to one. What is there stays.

import Formats
import PostOffice
import Spool
import Tooling

let program = "ccpo-init"

Diagnostics.main(program) { () throws(Failure) in
  var name: String?
  var codePage: CodePage?
  var isDurable = Environment.isDurable
  var passwordFile: Path?
  var files: [Path] = []
  // Letter, name, and what `Addr` shall be.
  var entries: [(location: Character, name: String, address: String)] = []

  func assigned(_ option: String, _ text: String) throws(UsageError) -> (String, String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError("--\(option): NAME=... is wanted, not `\(text)`")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  let operands = try OptionParser(
    program: program,
    synopsis:
      "[--name NAME] [--codepage NAME] [--user NAME] [--remote PO] [--alias NAME=TARGET] [--list NAME=MEMBER;MEMBER] "
      + "[--board NAME] [--directory FILE] [--password-file FILE] [--no-sync] DIR",
    options: [
      .value("name") { text throws(UsageError) in name = text },
      .value("codepage") { text throws(UsageError) in
        let page = CodePage(text)
        guard CharsetConverter().knows(page.iconvName) else {
          throw UsageError("--codepage: iconv knows no code page `\(text)`")
        }
        codePage = page
      },
      .value("user") { text throws(UsageError) in entries.append(("L", text, "")) },
      .value("remote") { text throws(UsageError) in entries.append(("P", text, "")) },
      .value("alias") { text throws(UsageError) in
        let (name, target) = try assigned("alias", text)
        entries.append(("A", name, target))
      },
      .value("list") { text throws(UsageError) in
        let (name, members) = try assigned("list", text)
        entries.append(("M", name, members))
      },
      .value("board") { text throws(UsageError) in entries.append(("B", text.hasPrefix("#") ? text : "#" + text, "")) },
      .path("directory") { path throws(UsageError) in files.append(path) },
      .path("password-file") { path throws(UsageError) in passwordFile = path },
      .flag("no-sync") { isDurable = false },
    ]
  ).parse()
  guard operands.count == 1 else { throw Failure(.usage, "one directory is wanted; see \(program) --help") }

  let office: PostOffice
  do throws(PostOfficeError) {
    var password: String?
    if let passwordFile { password = try Switches.password(inFile: passwordFile) }
    office = try PostOfficeSetup.make(
      path: operands[0], name: name, codePage: codePage, password: password, isDurable: isDurable)
  } catch {
    throw Failure(error.code == .commandLine ? .usage : .configuration, error.text)
  }

  var records: [DirectoryRecord] = []
  func encoded(_ text: String) throws(Failure) -> [UInt8] {
    do throws(SystemError) { return try PostOfficeSetup.encoded(text, office.codePage) } catch {
      throw Failure(.dataError, error.description)
    }
  }
  for entry in entries {
    records.append(
      DirectoryRecord(
        name: try encoded(entry.name), location: entry.location.asciiValue ?? 0,
        address: entry.address.isEmpty
          ? ["P", "M", "A"].contains(entry.location) ? [] : office.name : try encoded(entry.address)))
  }
  for file in files {
    let bytes = try Input.readFile(file)
    let found = DirectoryRecord.read(bytes.span)
    if found.isEmpty { throw Failure(.dataError, "\(file): offset 0: no `Name:` line, not a directory") }
    records += found
  }
  do throws(PostOfficeError) {
    let additions = try office.add(records)
    for conflict in additions.conflicts {
      Diagnostics.say(
        program,
        "\(String(decoding: conflict, as: UTF8.self)): the name stands for something else, or its `Locn:` is unknown")
    }
    if !additions.conflicts.isEmpty { return .dataError }
  } catch {
    throw Failure(.ioError, error.text)
  }
  return .ok
}
