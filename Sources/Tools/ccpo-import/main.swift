// Delivers the messages of a .ccm file into a post office, in place of Lotus IMPORT: the same switches, result codes
// and files.

import Formats
import Glibc
import PostOffice
import Spool
import Tooling

let console = Console(program: "ccpo-import", title: "IMPORT")

/// The messages of an input, one after the other, as an import takes them.
func stage(_ input: Input, _ run: Import) throws(PostOfficeError) {
  var stopped: PostOfficeError?
  do throws(Failure) {
    try MessageReader.ccm(input, maximumMessage: 1 << 31) { message, bytes, offset throws(Failure) in
      do throws(PostOfficeError) {
        try run.add(message, bytes, offset: offset)
      } catch {
        stopped = error
        throw Failure(.software, nil)
      }
    }
  } catch {
    throw stopped ?? error.error.map { PostOfficeError($0) } ?? PostOfficeError(.incomplete, error.text ?? "")
  }
}

func open(_ path: Path) throws(PostOfficeError) -> FileDescriptor {
  do throws(SystemError) { return try FileDescriptor.open(path: path, O_RDONLY | O_NOCTTY) } catch {
    if error.isTemporary { throw PostOfficeError(error) }
    throw PostOfficeError(.incomplete, "Cannot open the input. \(error)")
  }
}

/// What CCM_DELIVERIES says of the messages; nil when it is not set.
func readDeliveries() throws(PostOfficeError) -> DeliveryList? {
  guard let path = Environment.deliveries else { return nil }
  var bytes: [UInt8] = []
  do throws(SystemError) {
    let file = try FileDescriptor.open(path: path, O_RDONLY | O_NOCTTY)
    try file.readAll(into: &bytes, expecting: 1 << 12)
  } catch {
    if error.isTemporary { throw PostOfficeError(error) }
    throw PostOfficeError(.incomplete, "Cannot read the list of deliveries. \(error)")
  }
  return try DeliveryList(bytes.span)
}

func importDirectory(_ office: PostOffice, _ path: Path) throws(PostOfficeError) -> ResultCode {
  var bytes: [UInt8] = []
  let file = try open(path)
  do throws(SystemError) { try file.readAll(into: &bytes, expecting: 0) } catch {
    throw PostOfficeError(error)
  }
  let records = DirectoryRecord.read(bytes.span)
  if records.isEmpty { throw PostOfficeError(.incomplete, "\(path): no `Name:` line, not a directory") }
  let additions = try office.add(records)
  for conflict in additions.conflicts { console.say("Not added: \(String(decoding: conflict, as: UTF8.self))") }
  console.say("\(additions.added) directory entries added.")
  path.withCString { _ = unlink($0) }
  return additions.conflicts.isEmpty ? .completed : .undeliverable
}

func importMessages(_ office: PostOffice, _ switches: Switches, _ mailbox: [UInt8], _ path: Path)
  throws(PostOfficeError) -> ResultCode
{
  console.say("Importing messages from file \(path)")
  if let code = try Import.recover(office, input: path) {
    console.say("An import that was interrupted is complete now.")
    return code
  }
  var options = ImportOptions()
  options.isPartial = switches.has(.partial)
  options.codePage = switches[.codepage].map { CodePage($0) }
  options.dateOrder = switches[.date].flatMap { Int($0) }.map { [.monthDayYear, .dayMonthYear, .yearMonthDay][$0 - 1] }
  if let limit = Environment.headerLimit { options.headerLimit = limit }
  let file = try open(path)
  let input: Input
  do throws(Failure) { input = try Input(descriptor: file.number, name: path.description) } catch {
    throw error.error.map { PostOfficeError($0) } ?? PostOfficeError(.incomplete, error.text ?? path.description)
  }
  let run = try Import(
    office, mailbox: mailbox, input: path, descriptor: file.number, options: options, deliveries: readDeliveries())
  do throws(PostOfficeError) {
    try stage(input, run)
  } catch {
    run.abandon()
    throw error
  }
  let outcome = try run.finish()
  console.say("\(outcome.messages) messages read, \(outcome.delivered) copies delivered.")
  if outcome.refused > 0 { console.say("\(outcome.refused) copies refused: they were delivered before.") }
  if outcome.undeliverable > 0 { console.say("\(outcome.undeliverable) messages undeliverable, see CCMAIL.UND.") }
  return outcome.code
}

console.main { () throws(PostOfficeError) in
  console.banner(OptionParser.version)
  let switches: Switches
  do throws(Switches.Invalid) {
    switches = try Switches(
      CommandArguments.all,
      known: [
        .mailbox, .password, .passwordFile, .postOffice, .file, .itemSize, .partial, .batch, .files, .date, .codepage,
        .hilite, .directory, .help, .version,
      ])
  } catch {
    throw PostOfficeError(.commandLine, error.text)
  }
  if switches.has(.version) { return .completed }
  if switches.has(.help) {
    console.say(
      """
      Usage: ccpo-import /Nname [/Ppassword] /Ddirectory /@file [/ITEMSIZE] [/PARTIAL] [/BATCH] [/FILES/MACBIN2]
             [/DATE/n] [/CODEPAGE/n] [/HILITE] [/DIRECTORY]
      The manual page ccpo-import(1) describes the switches.
      """)
    return .completed
  }
  guard let mailbox = switches.path(.mailbox), let directory = switches.path(.postOffice),
    let path = switches.path(.file)
  else {
    throw PostOfficeError(.commandLine, "A mailbox (/N), a post office (/D) and a file (/@) are wanted.")
  }
  console.say("Post office directory: \(directory)")
  let office = try PostOffice(
    path: directory, password: switches.password(), patience: Environment.patience,
    isDurable: Environment.isDurable)
  if switches.has(.directory) { return try importDirectory(office, path) }
  return try importMessages(office, switches, mailbox.bytes, path)
}
