import Formats
import TestSupport
import Testing

@testable import Mail

@Suite struct HTMLTextTests {
  private static func render(_ html: String) -> String {
    var output: [UInt8] = []
    let bytes = Array(html.utf8)
    HTMLText.render(bytes.span, to: &output)
    return text(output.filter { $0 != ASCII.cr })
  }

  @Test(arguments: [
    ("<p>One</p><p>Two</p>", "One\n\nTwo\n"), ("One<br>Two<BR/>Three", "One\nTwo\nThree\n"), ("a<br><br>b", "a\n\nb\n"),
    ("<div>One</div><div>Two</div>", "One\nTwo\n"), ("<h1>Title</h1>Text", "Title\n\nText\n"),
    ("  many \n\t blanks  ", "many blanks\n"),
    ("a&nbsp;b&eacute;&#233;&#xE9;&euro;&lt;&amp;&gt;&quot;", "a bééé€<&>\"\n"),
    ("&bogus; &#0; & &#x110000;", "&bogus; &#0; & &#x110000;\n"),
    ("&#150;&#8211;", "––\n"), ("<ul><li>One<li>Two</ul>", "* One\n* Two\n"),
    ("<ol><li>One</li><li>Two</li></ol>", "1. One\n2. Two\n"),
    ("x<ul><li>A<ul><li>B</ul><li>C</ul>y", "x\n\n* A\n  * B\n* C\n\ny\n"),
    ("<dl><dt>Term<dd>Meaning</dl>", "Term\n    Meaning\n"),
    ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A  B\n1  2\n"),
    ("<blockquote>said<br>twice</blockquote>no", "> said\n> twice\n\nno\n"),
    ("<pre>a  b\n  c</pre>", "a  b\n  c\n"), ("a<hr>b", "a\n\(String(repeating: "-", count: 60))\nb\n"),
    ("<a href=\"http://example.com/x\">there</a>", "there [1]\n\n[1] http://example.com/x\n"),
    ("<a href='http://example.com'>http://example.com</a>", "http://example.com\n"),
    ("<a href=http://example.com>example.com</a>", "example.com\n"),
    ("<a href=\"mailto:a@example.org\">a@example.org</a>", "a@example.org\n"),
    ("<a href=\"#top\">up</a> <a name=x>here</a>", "up here\n"),
    ("<img alt=\"Our logo\" src=x><img src=y>", "[Our logo]\n"),
    ("<title>No</title><style>p{}</style><script>if (a<b) x()</script>Yes<!-- <p>No</p> -->!", "Yes!\n"),
    ("<!DOCTYPE html><html><head><meta charset=utf-8></head><body>Text</body></html>", "Text\n"),
    ("<b>bold</b>er", "bolder\n"),
    ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2\n"), ("<p title=\"a > b\">Text</p>", "Text\n"), ("", ""), ("<p></p>", ""),
    ("   ", ""),
  ])
  func golden(_ html: String, _ expected: String) {
    #expect(Self.render(html) == expected)
  }

  @Test func wrapped() {
    let words = (1...60).map { "word\($0)" }.joined(separator: " ")
    let lines = Self.render("<p>\(words)</p>").split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 76 })
    #expect(lines.joined(separator: " ") == words)
    let items = Self.render("<ul><li>\(words)</ul>").split(separator: "\n")
    #expect(items.dropFirst().allSatisfy { $0.hasPrefix("  w") })
    let quoted = Self.render("<blockquote><blockquote>\(words)</blockquote></blockquote>").split(separator: "\n")
    #expect(quoted.allSatisfy { $0.hasPrefix("> > ") && $0.count <= 76 })
    // One word that is longer than a line stays one.
    let long = String(repeating: "x", count: 200)
    #expect(Self.render("a \(long) b") == "a\n\(long)\nb\n")
  }

  /// Whatever the HTML is: no crash, and it ends.
  @Test(arguments: [
    "<", "<a", "<a href", "<a href=", "<a href=\"", "</", "<!--", "<!", "<?", "&", "&#", "&#x", "<p", "<script>",
    "<script", "<ul><li",
    "</ul></ul>", "</blockquote>", "</pre>", "<table><td>", "<a href=\"x\"><a href='y'>", "\u{0}<\u{0}>",
    "<p a=b c='d e=\"f>g", "<<p>>",
  ])
  func broken(_ html: String) {
    _ = Self.render(html)
    _ = Self.render(html + "text")
    _ = Self.render(String(repeating: html, count: 1000))
  }

  @Test(
    arguments: [
      ("<meta charset=utf-8>", "utf-8"),
      ("<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=koi8-r\">", "koi8-r"),
      ("<meta charset=\"shift_jis\">", "shift_jis"), ("<meta name=x>", nil), ("charset=utf-8", nil),
      ("<meta charset=>", nil), ("", nil),
    ] as [(String, String?)])
  func declaredCharset(_ html: String, _ charset: String?) {
    let bytes = Array(html.utf8)
    #expect(HTMLText.declaredCharset(bytes.span) == charset)
  }
}
