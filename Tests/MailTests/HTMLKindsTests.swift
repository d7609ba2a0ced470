import Formats
import TestSupport
import Testing

@testable import Mail

/// Kinds of HTML that mail is made of: numbers of lists, links, what is raised, hidden or not seen.
@Suite struct HTMLKindsTests {
  private static func render(_ html: String, _ links: LinkStyle = .end) -> String {
    var output: [UInt8] = []
    let bytes = Array(html.utf8)
    HTMLText.render(bytes.span, links: links, to: &output)
    return text(output.filter { $0 != ASCII.cr })
  }

  @Test(arguments: [
    ("<ol start=4><li>four<li value=10>ten<li>eleven</ol>", "4. four\n10. ten\n11. eleven\n"),
    ("<ol start='-1'><li>a<li>b<li>c</ol>", "-1. a\n0. b\n1. c\n"),
    ("<ol start=x><li>a</ol>", "1. a\n"),
    ("<ol start=99999999999999999999><li>a<li>b</ol>", "999999999. a\n1000000000. b\n"),
    ("<ol type=a><li>x<li>y</ol>", "a. x\nb. y\n"), ("<ol type=A start=26><li>x<li>y</ol>", "Z. x\nAA. y\n"),
    ("<ol type=i start=3><li>x<li>y</ol>", "iii. x\niv. y\n"), ("<ol type=I start=1999><li>x</ol>", "MCMXCIX. x\n"),
    ("<ol type=i start=0><li>x<li>y</ol>", "0. x\ni. y\n"), ("<ol type=I start=4000><li>x</ol>", "4000. x\n"),
    ("<ol type=a start=0><li>x</ol>", "0. x\n"),
    ("<ol><li>x<li type=A>y</ol>", "1. x\nB. y\n"),
    ("<ol reversed><li>x<li>y<ol><li>z</ol><li>w</ol>", "3. x\n2. y\n  1. z\n1. w\n"),
    ("<ol reversed start=5><li>x<li>y</ol>", "5. x\n4. y\n"),
    ("<ol style='list-style-type: lower-roman'><li>x<li>y</ol>", "i. x\nii. y\n"),
    ("<ul style=\"list-style:none\"><li>x<li>y</ul>", "x\ny\n"), ("<ul type=square><li>x</ul>", "* x\n"),
    ("<div style='list-style:none'>a</div><ol><li>x</ol>", "a\n\n1. x\n"),
  ])
  func lists(_ html: String, _ expected: String) { #expect(Self.render(html) == expected) }

  @Test(arguments: [
    ("10<sup>6</sup> m<sup>2</sup>", "10^6 m^2\n"), ("H<sub>2</sub>O", "H2O\n"), ("x<SUP>n+1</SUP>", "x^n+1\n"),
    ("10<sup>&minus;3</sup>", "10^−3\n"), ("1<sup>st</sup> of May", "1st of May\n"), ("Brand<sup>®</sup>", "Brand®\n"),
    ("Brand<sup>TM</sup>", "BrandTM\n"), ("a<sup></sup>b", "ab\n"), ("a<sup> </sup>b", "a b\n"),
    ("text<sup><a href='#f'>1</a></sup>", "text^1\n"), ("e<sup><i>x</i></sup>", "e^x\n"),
  ])
  func raised(_ html: String, _ expected: String) { #expect(Self.render(html) == expected) }

  @Test(arguments: [
    ("Exam&shy;ple hy\u{AD}phen", "Example hyphen\n"), ("zero&#8203;width\u{FEFF}", "zerowidth\n"),
    ("<p>&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#8199;&#65279;&#847;\u{2007}\u{034F} \u{200D}\u{2060}</p>Text", "Text\n"),
    ("می&zwnj;خواهم", "می\u{200C}خواهم\n"), ("क्\u{200D}ष", "क्\u{200D}ष\n"),
    ("\u{1F468}\u{200D}\u{1F469}", "\u{1F468}\u{200D}\u{1F469}\n"),
    ("\u{2764}\u{FE0F}\u{200D}\u{1F525}", "\u{2764}\u{FE0F}\u{200D}\u{1F525}\n"),
    ("example&zwnj;.com", "example.com\n"), ("a\u{200D} b", "a b\n"), ("a\u{A0}b\u{2003}c", "a b c\n"),
    ("\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", "\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}\n"), ("a\u{E0067}b", "ab\n"),
    ("日本\u{3000}語", "日本\u{3000}語\n"), ("&#12644;x", "x\n"),
  ])
  func invisible(_ html: String, _ expected: String) { #expect(Self.render(html) == expected) }

  @Test(arguments: [
    "<div style='display:none'>x<div>y</div><br>z</div>", "<div style=\"DISPLAY : None\">x</div>",
    "<div style=display:none>x</div>", "<div style = \"display:none\">x</div>", "<span hidden>x</span>",
    "<p hidden=''>x</p>",
    "<p HIDDEN class=a>x</p>", "<div style='color:red;mso-hide:all'>x</div>", "<div style='font-size:0'>x</div>",
    "<div style='font-size:0px;line-height:0'>x</div>", "<div style='font-size: 0.0em'>x<b>y</b></div>",
    "<div style='font:0/0 a'>x</div>", "<div style='visibility:hidden'>x</div>", "<div style='opacity:0'>x</div>",
    "<div style='max-height:0px;overflow:hidden'>x</div>", "<div style='display:none!important;display:block'>x</div>",
    "<div style='display:block;display:none'>x</div>", "<table style='display:none'><tr><td>x<tr><td>y</table>",
    "<div style='display:none'><a href='http://example.com/'>x</a><img alt='y'></div>",
    "<img style='display:none' alt=x>",
    "<div style='display:none'><ul><li>x</ul><hr><blockquote>y</blockquote></div>",
    "<span style='display:none'>x<span>y</span>z</span>", "<datalist><option>x</datalist>", "<template>x</template>",
    "<span style='visibility:hidden'>x<p>y</p></span>", "<iframe>x</iframe>",
  ])
  func hidden(_ html: String) {
    #expect(Self.render("<p>Before</p>\(html)<p>After</p>") == "Before\n\nAfter\n")
    // Where nothing else is there, it is shown.
    if html.contains("style=") { #expect(!Self.render(html).isEmpty) }
  }

  @Test(arguments: [
    ("<td style='font-size:0'><div style='font-size:14px'>x</div></td>", "x\n"),
    ("<div style='font-size:0'><font size=2>x</font></div>y", "x\ny\n"),
    ("<div style='visibility:hidden'>n<b style='visibility:visible'>x</b></div>y", "x\ny\n"),
    ("<div style='font-size:10px'>x</div>", "x\n"), ("<div style='font-size:0.9em'>x</div>", "x\n"),
    ("<div style='display:block'>x</div>", "x\n"), ("<div style='max-height:0'>x</div>", "x\n"),
    ("<div data-style='display:none'>x</div>", "x\n"), ("<div aria-hidden=true>x</div>", "x\n"),
    ("<div title='style=display:none'>x</div>", "x\n"),
    ("<p style='display:none'>n<p>x", "x\n"), ("<ul><li style='display:none'>n<li>x</ul>", "* x\n"),
    ("<table><tr><td style='display:none'>n<td>x</table>", "x\n"),
    ("<table><tr hidden><td>n<tr><td>x</table>y", "x\n\ny\n"),
    ("<div><span style='display:none'>n</div>x", "x\n"), ("<input type=hidden value=n>x", "x\n"),
    ("<br style='display:none'>x", "x\n"), ("<a style='mso-hide:all'>Buy</a>", "Buy\n"),
    ("<div style='display:none;display:inline'>x</div>", "x\n"),
  ])
  func shown(_ html: String, _ expected: String) {
    #expect(Self.render(html) == expected)
  }

  @Test(arguments: [
    ("<p>a</p><blockquote>one<blockquote>two</blockquote>back</blockquote>", "a\n\n> one\n>\n> > two\n>\n> back\n"),
    ("<blockquote><p>one<p>two</blockquote><p>out", "> one\n>\n> two\n\nout\n"),
    ("a<blockquote></blockquote>b", "a\n\nb\n"),
    ("<blockquote>a<br><br>b</blockquote>", "> a\n>\n> b\n"),
    ("<blockquote><blockquote>a</blockquote></blockquote>b", "> > a\n\nb\n"),
  ])
  func quotations(_ html: String, _ expected: String) { #expect(Self.render(html) == expected) }

  @Test(arguments: [
    ("<select><option>one</option><option>two</option></select>after", "one\ntwo\nafter\n"),
    ("<select><option>one<option>two</select>", "one\ntwo\n"), ("<input type=submit value='Press me'>", "[Press me]\n"),
    ("a<button>Go</button>b", "a Go b\n"), ("<input type=text value=n>x", "x\n"),
  ])
  func forms(_ html: String, _ expected: String) { #expect(Self.render(html) == expected) }

  private static let two = "<a href='https://example.com/a?b=1&amp;c=2'>One</a>, <a href=https://example.org/>Two</a>"

  @Test func links() {
    let list = "\n[1] https://example.com/a?b=1&c=2\n[2] https://example.org/\n"
    #expect(Self.render(Self.two) == "One [1], Two [2]\n\(list)")
    #expect(Self.render(Self.two, .inline) == "One <https://example.com/a?b=1&c=2>, Two <https://example.org/>\n")
    #expect(Self.render(Self.two, .none) == "One, Two\n")
    // Each address once.
    #expect(
      Self.render("\(Self.two) <a href='https://example.com/a?b=1&c=2'>again</a>")
        == "One [1], Two [2] again [1]\n\(list)")
  }

  @Test(arguments: [
    ("<a href='http://example.com/'>www.example.com</a>", "www.example.com\n"),
    ("<a href='HTTPS://Example.com'>https://example.com/</a>", "https://example.com/\n"),
    ("<a href='mailto:a@example.org?subject=x'>write</a>", "write [1]\n\n[1] a@example.org?subject=x\n"),
    ("<a href='JavaScript:void(0)'>no</a> <a href='data:,x'>no</a>", "no no\n"),
    ("<a href='http://example.com/x'><img src=y></a>", "[1]\n\n[1] http://example.com/x\n"),
    ("<a href='http://example.com/x'><img alt=Logo></a>", "[Logo] [1]\n\n[1] http://example.com/x\n"),
    ("<a href='http://example.com/x'></a>text", "text\n"),
    ("<a href=' http://example.com/a\n b'>x</a>", "x [1]\n\n[1] http://example.com/a%20b\n"),
    ("<a href='http://example.com/x'>unclosed", "unclosed [1]\n\n[1] http://example.com/x\n"),
    ("<blockquote><a href='http://example.com/x'>q</a></blockquote>", "> q [1]\n\n[1] http://example.com/x\n"),
    ("<pre><a href='http://example.com'>http://example.com</a></pre>", "http://example.com\n"),
  ])
  func link(_ html: String, _ expected: String) { #expect(Self.render(html) == expected) }

  /// However the HTML is nested, the time is in proportion to its length.
  @Test(arguments: [
    "<ol reversed>", "<div style='display:none'>", "<div style='font-size:0'><li>", "<sup>", "<a href=x>",
    "<select><option>",
    "<p hidden>", "<ol reversed><li>", "<div style=", "<td style='font-size:0'>", "<a href=x style =", "\u{200D}",
    "&zwj;",
  ])
  func nested(_ piece: String) {
    func time(_ count: Int) -> Duration {
      let html = Array(String(repeating: piece, count: count).utf8)
      return ContinuousClock().measure {
        var output: [UInt8] = []
        HTMLText.render(html.span, to: &output)
      }
    }
    _ = time(10)
    let (small, large) = (time(2000), time(32_000))
    #expect(large < small * 16 * 8 + .milliseconds(100))
  }
}
