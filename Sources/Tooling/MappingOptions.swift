import Formats
import Glibc
import Mail
import Programs
import Spool

/// The options that eml2ccm, ccm2eml and ccm-convert share: how messages are mapped.
public final class MappingOptions {
  public private(set) var conversion = ConversionOptions()
  private var mapFile: Path?
  private var release: Int?
  private var hasInternetPostOffice = false
  private var hasZone = false
  private var overrides: [(inout ConversionOptions) -> Void] = []

  public init() {}

  public var options: [Option] {
    [
      .value("codepage") { text throws(UsageError) in
        let page = CodePage(text)
        guard CharsetConverter().knows(page.iconvName) else {
          throw UsageError("--codepage: iconv knows no code page `\(text)`")
        }
        // The keywords of a .ccm are ASCII; behind a slash iconv has options of its own.
        guard page.containsASCII, !text.isEmpty, !text.contains("/") else {
          throw UsageError("--codepage: no .ccm can be in `\(text)`")
        }
        self.conversion.codePage = page
      },
      .value("date-order") { text throws(UsageError) in
        guard let order = CCDateOrder(rawValue: text) else {
          throw UsageError("--date-order: mdy, dmy or ymd is wanted, not `\(text)`")
        }
        self.conversion.dateOrder = order
      },
      .flag("four-digit-year") { self.conversion.fourDigitYear = true },
      .value("zone") { text throws(UsageError) in
        guard ZoneName.set(text) else { throw UsageError("--zone: \(ZoneName.unknown(text))") }
        self.hasZone = true
      },
      .flag("plain") { self.conversion.layout.isSized = false },
      .number("size-width", in: 1...64) { self.conversion.layout.sizeWidth = $0 },
      .number("text-lead", in: 0...16) { self.conversion.layout.textLead = $0 },
      .number("text-trail", in: 1...16) { self.conversion.layout.textTrail = $0 },
      .number("message-end", in: 0...16) { self.conversion.layout.messageEnd = $0 },
      .number("release", in: 5...8) { self.release = $0 },
      .number("header-limit", in: 256...1 << 30) { number in self.overrides.append { $0.headerLimit = number } },
      .number("header-entries", in: 6...1 << 30) { self.conversion.headerEntries = $0 },
      .number("text-limit", in: 256...1 << 30) { self.conversion.textLimit = $0 },
      .number("subject-limit", in: 8...1 << 16) { self.conversion.subjectLimit = $0 },
      .number("title-limit", in: 8...1 << 16) { self.conversion.titleLimit = $0 },
      .value("brackets") { text throws(UsageError) in
        guard text == "keep" || text == "replace" else {
          throw UsageError("--brackets: keep or replace is wanted, not `\(text)`")
        }
        self.overrides.append { $0.replacesBrackets = text == "replace" }
      },
      .flag("long-names") { self.conversion.longNames = true },
      .flag("no-file-dates") { self.overrides.append { $0.fileDates = false } },
      .flag("long-items") { self.conversion.allowsManyItems = true },
      .value("long-text") { text throws(UsageError) in
        guard text == "split" || text == "attach" else {
          throw UsageError("--long-text: split or attach is wanted, not `\(text)`")
        }
        self.conversion.attachesLongText = text == "attach"
      },
      .value("macintosh") { text throws(UsageError) in
        guard let way = ConversionOptions.Macintosh(rawValue: text) else {
          throw UsageError("--macintosh: appledouble or binhex is wanted, not `\(text)`")
        }
        self.conversion.macintosh = way
      },
      .flag("keep-headers") { self.conversion.keepsHeaders = true },
      .path("map") { path throws(UsageError) in self.mapFile = path },
      .value("domain") { text throws(UsageError) in
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "@") }) else {
          throw UsageError("--domain: `\(text)` is no domain")
        }
        self.conversion.addresses.domain = text
      },
      .value("exchange-domain") { text throws(UsageError) in
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "@") }) else {
          throw UsageError("--exchange-domain: `\(text)` is no domain")
        }
        self.conversion.exchangeDomain = text
      },
      .value("internet-po") { text throws(UsageError) in
        guard !text.isEmpty else { throw UsageError("--internet-po: a name is wanted") }
        // Addresses are written with the first name; those that follow are only read.
        if text == "*" || self.hasInternetPostOffice {
          self.conversion.addresses.furtherInternetPostOffices.insert(text.lowercased())
        } else {
          self.conversion.addresses.internetPostOffice = text
          self.hasInternetPostOffice = true
        }
      },
      .flag("smtputf8") { self.conversion.writesUTF8Addresses = true },
      .flag("envelope") { self.conversion.writesEnvelope = true },
      .value("envelope-po") { text throws(UsageError) in
        self.conversion.addresses.outsidePostOffices.insert(text.lowercased())
      },
      .flag("omit-po") { self.conversion.addresses.omitsPostOffice = true },
      .value("default-sender") { text throws(UsageError) in self.conversion.defaultSender = text },
      .flag("normalise-re") { self.conversion.normalisesRe = true },
      .value("links") { text throws(UsageError) in
        guard let links = LinkStyle(rawValue: text) else {
          throw UsageError("--links: inline, end or none is wanted, not `\(text)`")
        }
        self.conversion.links = links
      },
      .value("html-filter") { text throws(UsageError) in
        self.conversion.htmlFilter = { TextFilter.run(text, $0) }
      },
    ]
  }

  /// The options once all have been read, with the address map. Without `--zone` the zone is that of TZ.
  public func finished() throws(Failure) -> ConversionOptions {
    if !hasZone, let text = getenv("TZ").map({ String(cString: $0) }), !ZoneName.set(text) {
      throw Failure(.configuration, "TZ: \(ZoneName.unknown(text))")
    }
    var finished = conversion
    if let release { finished.setRelease(release) }
    for override in overrides { override(&finished) }
    if let mapFile {
      let text = try Input.readFile(mapFile)
      do { finished.addresses.map = try AddressMap(text.span) } catch {
        throw Failure(.configuration, "\(mapFile): offset \(error.offset): \(error.text)")
      }
    }
    return finished
  }
}
