import Formats
import TestSupport
import Testing

@testable import Mail

/// Files of a Macintosh: MacBinary in cc:Mail; AppleSingle, AppleDouble, BinHex and parameters on the Internet side.
@Suite struct MacintoshTests {
  private static func info(_ change: (inout FinderInfo) -> Void = { _ in }) -> FinderInfo {
    var info = FinderInfo(name: Array("Plan".utf8), type: Array("BMPp".utf8), creator: Array("ogle".utf8))
    change(&info)
    return info
  }

  private static func macBinary(_ info: FinderInfo, _ data: [UInt8], _ resources: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    MacBinary.append(info, data: data.span, resources: resources.span, to: &bytes)
    return bytes
  }

  /// A .ccm file with one file item.
  private static func ccm(_ name: String, _ data: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var writer = CCWriter(layout: CCLayout())
    writer.beginMessage(&output)
    writer.appendHeader(.from, Array("Adler, Ruth at Hub".utf8).span, to: &output)
    writer.appendHeader(.to, Array("ben@example.org at INTERNET".utf8).span, to: &output)
    writer.beginContents(&output)
    writer.beginItem(.file, title: Array(name.utf8).span, to: &output)
    writer.appendData(data.span, to: &output)
    writer.endItem(&output)
    writer.endContents(&output)
    writer.endMessage(&output)
    return output
  }

  private static func data(_ file: [UInt8]) -> [UInt8] {
    var scanner = CCScanner()
    guard case .message(let message, _) = scanner.next(in: file.span, isFinal: true),
      let item = message.items.first(where: { $0.kind == .file })
    else { return [] }
    return Array(file[item.data])
  }

  private func items(_ eml: [UInt8]) throws -> [(item: Item, data: [UInt8])] {
    let message = try FromInternet.read(eml.span, converter: CharsetConverter())
    return message.items.map { item in
      var data: [UInt8] = []
      _ = item.content.append(from: eml.span, to: &data)
      return (item, data)
    }
  }

  private static let fork: [UInt8] = (0..<300).map { UInt8(truncatingIfNeeded: $0) }

  private static let files: [(String, FinderInfo, [UInt8])] = [
    ("PLAN", info(), []), ("Plan", info(), []), ("PLAN.BMP 10/1/96 9:00AM", info { $0.flags = 0x0102 }, []),
    (
      "PLAN.BMP",
      info {
        $0.created = 2_900_000_000
        $0.modified = 1
        $0.location = 7
        $0.window = 8
        $0.isProtected = true
      }, []
    ),
    ("PLAN.BMP", info(), fork), ("PLAN", info { $0.flags = 0xFFFF }, fork),
    ("PLAN.BMP", info { $0.comment = [1, 2, 3] }, []),
    ("PLAN.BMP", info { $0.name = Array(repeating: 0x8E, count: 63) }, fork),
    ("PLAN.BMP", info { $0.name = Array(repeating: 0x8E, count: 63) }, []),
    ("PL\u{C4}N.BMP", info { $0.name = [0x50, 0x8E] }, fork),
    ("A[1].BMP", info { $0.name = Array("A[1].BMP".utf8) }, fork),
  ]

  /// Type, creator, all that the Finder knows and both forks are the same again, byte for byte (Q168300).
  @Test(arguments: files.indices, [[], [0x42, 0x4D, 0x0D, 0x0A, 0x0D], fork])
  func ccmToInternetAndBack(_ index: Int, _ data: [UInt8]) throws {
    let (name, info, resources) = Self.files[index]
    let file = Self.macBinary(info, data, resources)
    for sized in [true, false] {
      let converter = converter { $0.layout.isSized = sized }
      // What is one step further is written by ourselves, and has to be the same file as a whole.
      let eml = try #require(try converter.internet(Self.ccm(name, file)).first).bytes
      let back = try converter.ccm(eml).bytes
      if sized { #expect(Self.data(back) == file) }
      let again = try #require(try converter.internet(back).first).bytes
      #expect(try converter.ccm(again).bytes == back)
      let item = try #require(try items(eml).first)
      #expect(item.data == data)
      #expect(item.item.macintosh?.resources == resources)
      #expect(item.item.macintosh?.info.type == info.type)
      #expect(text(eml).contains("multipart/appledouble") == (!resources.isEmpty || !info.comment.isEmpty))
    }
  }

  /// BinHex has no room for all of it; for both forks, type, creator and flags it has.
  @Test(arguments: files.indices) func binHexAndBack(_ index: Int) throws {
    let (name, info, resources) = Self.files[index]
    let converter = converter { $0.macintosh = .binHex }
    let eml = try #require(try converter.internet(Self.ccm(name, Self.macBinary(info, [1, 2], resources))).first).bytes
    #expect(text(eml).contains("Content-Type: application/mac-binhex40;\r\n"))
    let back = Self.data(try converter.ccm(eml).bytes)
    let found = MacBinary(back.span, 0..<back.count)
    let file = try #require(found)
    #expect(Array(back[file.dataFork]) == [1, 2])
    #expect(Array(back[file.resourceFork]) == resources)
    #expect(file.info.type == info.type)
    #expect(file.info.creator == info.creator)
    #expect(file.info.flags == info.flags)
  }

  /// What cannot be put together again as it was stays whole.
  @Test func otherMacBinary() throws {
    let good = Self.macBinary(Self.info(), [1, 2, 3], Self.fork)
    let files = [
      good + [0], Self.macBinary(Self.info { $0.created = 882_045_952 }, [], []),
      Array(good.prefix(128)) + [9] + Array(repeating: 1, count: good.count - 129),
    ]
    for file in files {
      let eml = try #require(try converter().internet(Self.ccm("PLAN", file)).first).bytes
      #expect(text(eml).contains("application/macbinary"))
      #expect(Self.data(try converter().ccm(eml).bytes) == file)
    }
  }

  // MARK: From the Internet

  private static func message(_ parts: String, type: String = "multipart/mixed") -> [UInt8] {
    crlf(
      "From: ruth@example.org\nTo: ben@example.org\nMIME-Version: 1.0\nContent-Type: \(type); boundary=b\n\n\(parts)--b--\n"
    )
  }

  private static func part(_ type: String, _ data: [UInt8], name: String? = nil) -> String {
    var base64: [UInt8] = []
    Base64.encode(data.span, into: &base64)
    let text = String(decoding: base64.filter { $0 != ASCII.cr }, as: UTF8.self)
    return
      "--b\nContent-Type: \(type)\(name.map { "; name=\"\($0)\"" } ?? "")\nContent-Transfer-Encoding: base64\n\n\(text)\n"
  }

  private static func double(_ info: FinderInfo = info(), _ resources: [UInt8] = fork) -> [UInt8] {
    var bytes: [UInt8] = []
    AppleFile.appendDouble(info, resources: resources.span, to: &bytes)
    return bytes
  }

  private static func binHex(_ info: FinderInfo = info(), _ data: [UInt8] = [1, 2, 3]) -> [UInt8] {
    var bytes: [UInt8] = []
    BinHex.append(info, data: data.span, resources: fork.span, to: &bytes)
    return bytes
  }

  @Test(arguments: [false, true]) func appleDouble(_ isSwapped: Bool) throws {
    let parts = [
      Self.part("application/applefile", Self.double(), name: "%Plan of 1996"),
      Self.part("image/bmp", [1, 2, 3], name: "Plan of 1996"),
    ]
    let eml = Self.message((isSwapped ? parts.reversed() : parts).joined(), type: "multipart/appledouble")
    let file = Self.data(try converter().ccm(eml).bytes)
    #expect(file == Self.macBinary(Self.info(), [1, 2, 3], Self.fork))
    // And as it came.
    let back = try #require(try converter().internet(try converter().ccm(eml).bytes).first).bytes
    let (before, after) = try (items(eml), items(back))
    #expect(before.count == 1 && after.count == 1)
    #expect(before[0].data == after[0].data)
    #expect(before[0].item.name == after[0].item.name)
    #expect(before[0].item.type == after[0].item.type)
    #expect(before[0].item.macintosh == after[0].item.macintosh)
  }

  /// A text in it is a file, not the text of the message.
  @Test func appleDoubleOfAText() throws {
    let parts =
      Self.part("application/applefile", Self.double()) + "--b\nContent-Type: text/plain\n\nDear Ben\n"
    let items = try items(Self.message(parts, type: "multipart/appledouble"))
    #expect(items.map(\.item.kind) == [.file])
    #expect(items.map(\.item.name) == ["Plan"])
    #expect(items.map { text($0.data) } == ["Dear Ben"])
  }

  @Test func appleSingle() throws {
    // An AppleDouble file is one of AppleSingle without its data fork.
    var single = Self.double()
    single[3] = 0
    let items = try items(Self.message(Self.part("application/applefile", single)))
    #expect(items.map(\.data) == [[]])
    #expect(items.first?.item.macintosh?.resources == Self.fork)
    #expect(items.first?.item.name == "Plan")
  }

  @Test func binHexPart() throws {
    let eml = Self.message(
      "--b\nContent-Type: application/mac-binhex40; name=\"Plan.hqx\"\n\n"
        + text(
          Self.binHex(Self.info { $0.name = [0x50, 0x6C, 0x8A, 0x6E, 0x2E, 0x74, 0x78, 0x74] }).filter { $0 != 13 })
        + "\n")
    let item = try #require(try items(eml).first)
    #expect(item.data == [1, 2, 3])
    #expect(item.item.name == "Plän.txt")
    #expect(item.item.type == .plainText)
    #expect(item.item.macintosh?.resources == Self.fork)
    // Programs of Windows write it in another character set; the name of the part is right.
    let named = text(eml).replacing("Plan.hqx", with: "Plan.bmp")
    #expect(try items(Array(named.utf8)).map(\.item.name) == ["Plan.bmp"])
  }

  @Test func binHexInAText() throws {
    let eml = crlf(
      "From: ruth@example.org\nTo: ben@example.org\n\nDear Ben,\n" + text(Self.binHex().filter { $0 != 13 }) + "Ruth\n")
    for text in [eml, eml.filter { $0 != 13 }] {
      let items = try items(text)
      #expect(items.map(\.item.kind) == [.text, .file, .text])
      #expect(items.map(\.item.name) == ["", "Plan", ""])
      #expect(items[1].data == [1, 2, 3])
      #expect(Self.data(try converter().ccm(text).bytes) == Self.macBinary(Self.info(), [1, 2, 3], Self.fork))
    }
  }

  /// What is damaged stays as it is, and it is said.
  @Test func damaged() throws {
    var wrong = Self.binHex()
    wrong[80] ^= 1
    let hqx = text(wrong.filter { $0 != 13 })
    let short = Array(Self.double()[..<60])
    let cases: [([UInt8], [[UInt8]])] = [
      (
        Self.message(
          Self.part("application/applefile", short) + Self.part("image/bmp", [1]), type: "multipart/appledouble"),
        [short, [1]]
      ),
      (Self.message(Self.part("application/applefile", short)), [short]),
      (Self.message(Self.part("application/applefile", Self.double())), [Self.double()]),
      (Self.message(Self.part("image/bmp", [1]), type: "multipart/appledouble"), [[1]]),
      (Self.message("--b\nContent-Type: application/mac-binhex40\n\n\(hqx)\n"), [crlf(hqx)]),
      (Self.message("--b\nContent-Type: application/mac-binhex40\n\nnothing\n"), [Array("nothing".utf8)]),
    ]
    for (eml, files) in cases {
      let (file, findings) = try converter().ccm(eml)
      #expect(findings.contains { $0.rule == .macintosh })
      #expect(try items(eml).map(\.data) == files)
      let back = try #require(try converter().internet(file).first).bytes
      #expect(try items(back).map(\.data) == files)
    }
    let (_, findings) = try converter().ccm(
      crlf("From: ruth@example.org\nTo: ben@example.org\n\nDear Ben,\n\(hqx)Ruth\n"))
    #expect(findings.map(\.rule) == [.noDate, .macintosh])
  }

  /// A file that is MacBinary on the Internet side stays that.
  @Test func macBinaryPart() throws {
    let file = Self.macBinary(Self.info(), [1, 2], Self.fork)
    let eml = Self.message(Self.part("application/macbinary", file, name: "plan.bin"))
    let ccm = try converter().ccm(eml).bytes
    #expect(Self.data(ccm) == file)
    let mail = try #require(try converter().internet(ccm).first).bytes
    let back = try #require(try items(mail).first)
    #expect(back.data == file)
    #expect(back.item.type == .macBinary)
  }
}
