import Formats
import Glibc
import Spool

/// Makes a post office, or finds that there is one.
public enum PostOfficeSetup {
  /// Makes the post office `name` at `path`; where there is one already, nothing but what is missing is made. Throws
  /// when that one has another name. Nil for a name is for one that exists.
  public static func make(path: Path, name: String?, codePage: CodePage?, password: String?, isDurable: Bool)
    throws(PostOfficeError) -> PostOffice
  {
    let isNew: Bool
    do throws(SystemError) { isNew = try !isThere(path) } catch {
      throw PostOfficeError(.configuration, error.description)
    }
    if isNew, name == nil { throw PostOfficeError(.commandLine, "\(path): a new post office needs a name") }
    do throws(SystemError) {
      try makeFiles(path, name, codePage, isDurable: isDurable)
      let office = try PostOffice(opening: path, isDurable: isDurable)
      try check(office, name, codePage)
      if let password { try set(password, office) }
      return office
    } catch {
      throw PostOfficeError(.configuration, error.description)
    }
  }

  private static func isThere(_ path: Path) throws(SystemError) -> Bool {
    try ("\(path)/\(PostOffice.nameFile)" as Path).status() != nil
  }

  private static func makeFiles(_ path: Path, _ name: String?, _ codePage: CodePage?, isDurable: Bool)
    throws(SystemError)
  {
    if path.withCString({ mkdir($0, 0o777) }) != 0, errno != EEXIST { throw SystemError("mkdir", path) }
    guard let name, try !isThere(path) else { return }
    let page = codePage ?? CodePage.standard
    var text = Array("Name: ".utf8)
    text += try encoded(name, page)
    text += Array("\r\nCode page: \(page.name)\r\n".utf8)
    let root = try FileDescriptor.open(path: path, O_RDONLY | O_DIRECTORY)
    try DeliveryState.make(in: root, isDurable: isDurable)
    // Last: without it there is no post office yet.
    try WholeFile.write(text.span, PostOffice.nameFile, in: root, isDurable: isDurable)
  }

  /// Throws when the post office has another name or code page than the ones given.
  private static func check(_ office: PostOffice, _ name: String?, _ codePage: CodePage?) throws(SystemError) {
    if let codePage, codePage != office.codePage {
      throw SystemError("its code page is \(office.codePage.name)", office.path, EINVAL)
    }
    guard let name else { return }
    let keys = NameKeys()
    let (given, own) = (try encoded(name, office.codePage), office.name)
    if keys.key(given.span, office.codePage) != keys.key(own.span, office.codePage) {
      throw SystemError("its name is \(String(decoding: office.name, as: UTF8.self))", office.path, EEXIST)
    }
  }

  private static func set(_ password: String, _ office: PostOffice) throws(SystemError) {
    var random = SystemRandomNumberGenerator()
    let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    try WholeFile.write(
      Password.entry(password, salt: salt).span, Password.fileName, in: office.root, isDurable: office.isDurable,
      mode: 0o600)
  }

  /// A name from a command line, which is UTF-8, in the code page of the post office. Throws when it has characters
  /// that the code page lacks, and for names that no header line could have.
  public static func encoded(_ name: String, _ codePage: CodePage) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    let text = Array(name.utf8)
    guard CharsetConverter().append(text.span, codePage: codePage, to: &bytes) else {
      throw SystemError("code page \(codePage.name) lacks a character of it", name, EILSEQ)
    }
    guard !bytes.isEmpty, bytes.count <= 1024, !bytes.contains(where: ASCII.isControl) else {
      throw SystemError("not a name", name, EINVAL)
    }
    return bytes
  }
}
