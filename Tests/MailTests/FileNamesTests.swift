import Formats
import Testing

@testable import Mail

@Suite struct FileNamesTests {
  private static func short(_ names: String..., type: MediaType = .data) -> [String] {
    var rule = FileNames(isLong: false)
    return names.map { rule.name(for: $0, type: type) }
  }

  private static func long(_ names: String...) -> [String] {
    var rule = FileNames(isLong: true)
    return names.map { rule.name(for: $0, type: .data) }
  }

  @Test(arguments: [
    ("report.doc", "REPORT.DOC"), ("A.B", "A.B"), ("Minutes of the meeting.document", "MINUTESO.DOC"),
    ("no suffix", "NOSUFFIX"),
    ("a.tar.gz", "ATAR.GZ"), (".profile", "PROFILE"), ("a+b=c;d.txt", "A_B_C_D.TXT"), ("Über.txt", "_BER.TXT"),
    ("資料.doc", "__.DOC"),
    ("keep(1)!#$%.txt", "KEEP(1)!.TXT"),
  ])
  func shortNames(_ name: String, _ short: String) {
    #expect(Self.short(name) == [short])
  }

  /// Names that say where a file is to be put.
  @Test(arguments: [
    ("../../etc/passwd", "PASSWD"), ("C:\\WINDOWS\\WIN.INI", "WIN.INI"), ("Macintosh HD:Folder:Letter", "LETTER"),
    ("a\u{0}\r\nb.txt", "AB.TXT"),
  ])
  func hostileNames(_ name: String, _ short: String) {
    #expect(Self.short(name) == [short])
  }

  /// Names of devices, with or without a suffix.
  @Test(arguments: [
    ("CON", "_CON"), ("aux.txt", "_AUX.TXT"), ("NUL.", "_NUL"), ("LPT1.DOC", "_LPT1.DOC"), ("com9", "_COM9"),
    ("COM", "COM"), ("console.txt", "CONSOLE.TXT"), ("LPTX.DOC", "LPTX.DOC"),
  ])
  func devices(_ name: String, _ short: String) {
    #expect(Self.short(name) == [short])
  }

  @Test func longDevices() { #expect(Self.long("aux.tar.gz", "con") == ["_aux.tar.gz", "_con"]) }

  @Test(arguments: ["", "..", ".", "/", "\\\\", "...", "\u{1}"])
  func noName(_ name: String) {
    #expect(Self.short(name) == ["ATTACH.DAT"])
    #expect(Self.short(name, type: .html) == ["ATTACH.HTM"])
    #expect(Self.short(name, type: MediaType("image/gif")) == ["ATTACH.GIF"])
  }

  /// Within one message no two are the same, whatever the case.
  @Test func twins() {
    #expect(Self.short("report.doc", "REPORT.DOC", "report.doc") == ["REPORT.DOC", "REPORT~1.DOC", "REPORT~2.DOC"])
    #expect(Self.short("long name one.txt", "long name two.txt") == ["LONGNAME.TXT", "LONGNA~1.TXT"])
    #expect(Self.long("Report.doc", "report.doc") == ["Report.doc", "report~1.doc"])
    let many = (0..<200).map { _ in "same name.txt" }
    var rule = FileNames(isLong: false)
    let names = many.map { rule.name(for: $0, type: .data) }
    #expect(Set(names).count == 200)
    #expect(names.allSatisfy { $0.utf8.count <= 12 })
  }

  @Test func longNames() {
    #expect(Self.long("Minutes of the meeting.document") == ["Minutes of the meeting.document"])
    #expect(Self.long("資料.doc", "a/b.txt") == ["資料.doc", "b.txt"])
    #expect(Self.long(String(repeating: "x", count: 300))[0].count == 200)
  }
}
