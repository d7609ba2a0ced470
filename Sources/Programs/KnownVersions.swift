/// Versions of IMPORT and EXPORT of which something is known that a site should know too.
public enum KnownVersions {
  /// What there is to say about a program by the line with which it says its version; nil when nothing is known.
  ///
  /// - Parameter banner: `EXPORT 8.50.00.14 Copyright(c) 1991, 1999 by cc:Mail, Inc.` (Q282172).
  public static func warning(_ banner: String) -> String? {
    let words = banner.split(separator: " ").map(String.init)
    guard
      let index = words.firstIndex(where: { ["IMPORT", "EXPORT", "IMPORT2", "EXPORT2"].contains($0.uppercased()) }),
      index + 1 < words.count
    else { return nil }
    let program = words[index].uppercased()
    let version = words[index + 1]
    if program.hasSuffix("2") { return "this is the program for OS/2, which was never supported (Q183590)" }
    if program == "EXPORT", version.hasPrefix("6.01.00.5") {
      return "this version damages attachments of release 7 clients; 8.01 does not (Q194905)"
    }
    if program == "EXPORT", version.hasPrefix("8.30") || version == "8.3" {
      return "this version loses the names of recipients; 8.01 does not (Q249133)"
    }
    if program == "IMPORT", version.hasPrefix("8.0") || version == "8.0" {
      return "this version takes the year 00 for 1900; 8.3 does not (Q192595)"
    }
    return nil
  }
}
