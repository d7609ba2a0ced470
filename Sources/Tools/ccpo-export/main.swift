// Takes messages out of a mailbox of a post office into a .ccm file, in place of Lotus EXPORT: the same switches,
// result codes and files.

import Formats
import Glibc
import PostOffice
import Spool
import Tooling

let console = Console(program: "ccpo-export", title: "EXPORT")

/// A file that must not be there yet, or standard output.
final class NewFile {
  private let file: FileDescriptor?
  private var buffer: [UInt8] = []

  init(_ path: Path?) throws(PostOfficeError) {
    do throws(SystemError) {
      if let path { file = try FileDescriptor.open(path: path, O_WRONLY | O_CREAT | O_EXCL) } else { file = nil }
    } catch {
      throw PostOfficeError(error)
    }
  }

  func write(_ bytes: Bytes) throws(PostOfficeError) {
    buffer.append(bytes)
    if buffer.count > 1 << 16 { try flush() }
  }

  func flush() throws(PostOfficeError) {
    let held = buffer
    buffer.removeAll(keepingCapacity: true)
    do throws(SystemError) {
      if file != nil {
        try file!.writeAll(held.span)
      } else if !console.write(held.span) {
        throw SystemError("write", "standard output")
      }
    } catch {
      throw PostOfficeError(error)
    }
  }
}

/// The order of /DIRECTORY/PROPADD: post offices, indirect ones, users, aliases, each by name (README of 5.1).
func rank(_ record: DirectoryRecord) -> Int {
  switch record.kind {
  case .postOffice: record.location == UInt8(ascii: "P") ? 0 : 1
  case .user: 2
  case .alias: 3
  case .mailingList: 4
  case .bulletinBoard: 5
  case nil: 6
  }
}

func exportDirectory(_ office: PostOffice, _ kind: String, _ path: Path?) throws(PostOfficeError) {
  var records = try office.readDirectory()
  if kind == "propadd" {
    records.sort {
      let (a, b) = (rank($0), rank($1))
      let (x, y) = ($0.name.map(ASCII.lowercased), $1.name.map(ASCII.lowercased))
      return a == b ? x.lexicographicallyPrecedes(y) : a < b
    }
  }
  let file = try NewFile(path)
  var bytes: [UInt8] = []
  for record in records {
    bytes.removeAll()
    record.append(to: &bytes)
    let held = bytes
    try file.write(held.span)
  }
  try file.flush()
}

console.main { () throws(PostOfficeError) in
  let switches: Switches
  do throws(Switches.Invalid) {
    switches = try Switches(
      CommandArguments.all,
      known: [
        .mailbox, .password, .passwordFile, .postOffice, .file, .itemSize, .batch, .files, .format, .date, .codepage,
        .directory, .folder, .messages, .list, .delete, .help, .version,
      ])
  } catch {
    console.banner(OptionParser.version)
    throw PostOfficeError(.commandLine, error.text)
  }
  // What goes to standard output goes there alone.
  let isData = (switches.has(.list) || switches.has(.directory)) && !switches.has(.file)
  if !isData { console.banner(OptionParser.version) }
  if switches.has(.version) { return .completed }
  if switches.has(.help) {
    console.say(
      """
      Usage: ccpo-export /Nmailbox [/Ppassword] /Ddirectory /@file [/ITEMSIZE] [/FORMAT/FAN] [/BATCH] [/FILES/MACBIN2]
             [/MSGS/n | /MSGS/ALL] [/MSG#] [/DELETE/n] [/DIRECTORY[/PROP|/PROPADD]] [/FOLDER] [/DATE/n]
      The manual page ccpo-export(1) describes the switches.
      """)
    return .completed
  }
  guard let mailbox = switches.path(.mailbox), let directory = switches.path(.postOffice) else {
    throw PostOfficeError(.commandLine, "A mailbox (/N) and a post office (/D) are wanted.")
  }
  if !isData { console.say("Post office directory: \(directory)") }
  let office = try PostOffice(
    path: directory, password: switches.password(), patience: Environment.patience,
    isDurable: Environment.isDurable)
  if let kind = switches[.directory] {
    try exportDirectory(office, kind, switches.path(.file))
    return .completed
  }
  let export = try Export(
    office, mailbox: mailbox.bytes, codePage: switches[.codepage].map { CodePage($0) })
  if switches.has(.list) {
    let file = try NewFile(switches.path(.file))
    try export.list { line throws(PostOfficeError) in try file.write(line) }
    try file.flush()
    return .completed
  }
  if let number = switches[.delete].flatMap({ UInt64($0) }) {
    try export.delete(number)
    console.say("Message \(number) deleted.")
    return .completed
  }
  guard let path = switches.path(.file) else { throw PostOfficeError(.commandLine, "A file (/@) is wanted.") }
  console.say("\n\nExporting messages in mailbox \"\(mailbox)\" to file \(path)")
  let limit = switches[.messages].flatMap { Int($0) } ?? .max
  let count = try export.run(to: path, limit: limit, isSized: switches.has(.itemSize))
  for remark in export.remarks { console.say(remark) }
  console.say("\(count) messages exported.")
  return .completed
}
