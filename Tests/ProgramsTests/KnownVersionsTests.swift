import Programs
import Testing

/// Versions of IMPORT and EXPORT that `--check` warns of.
@Suite struct KnownVersionsTests {
  @Test(arguments: [
    ("EXPORT 6.01.00.5 Copyright(c) 1991, 1996 by cc:Mail, Inc.", "Q194905"),
    ("Import2 5.12", "Q183590"),
    ("EXPORT 8.30.00.1", "Q249133"),
    ("IMPORT 8.00.00.9", "Q192595"),
  ])
  func harmful(_ banner: String, _ article: String) {
    #expect(KnownVersions.warning(banner)?.contains(article) == true)
  }

  @Test(arguments: [
    "EXPORT 8.50.00.14 Copyright(c) 1991, 1999 by cc:Mail, Inc.", "IMPORT 8.30.00.1", "EXPORT 8.01.00.2",
    "IMPORT 6.01.00.5", "", " ", "EXPORT", "ccpo-export 1.0 (ccmc)", "R0002 Resource file not found: C:\\WINNT\\IE.RI.",
  ])
  func harmless(_ banner: String) { #expect(KnownVersions.warning(banner) == nil) }
}
