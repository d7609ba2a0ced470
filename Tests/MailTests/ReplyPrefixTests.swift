import Testing

@testable import Mail

@Suite struct ReplyPrefixTests {
  @Test(arguments: [
    ("Lunch", "Lunch", "Lunch"), ("Re: Lunch", "Re: Lunch", "Re: Lunch"),
    ("RE: Re: re: Lunch", "Re[3]: Lunch", "Re: Lunch"),
    ("Re[2]: Lunch", "Re[2]: Lunch", "Re: Lunch"), ("Re[2]: Re: Lunch", "Re[3]: Lunch", "Re: Lunch"),
    ("Re[999]: Re[999]: Lunch", "Re[999]: Lunch", "Re: Lunch"),
    ("Regarding: Lunch", "Regarding: Lunch", "Regarding: Lunch"),
    ("Re[0]: Lunch", "Re[0]: Lunch", "Re[0]: Lunch"), ("Re[x]: Lunch", "Re[x]: Lunch", "Re[x]: Lunch"),
    ("Re[99999999999999999999]: x", "Re[99999999999999999999]: x", "Re[99999999999999999999]: x"),
    ("Re:", "Re:", "Re: "),
    ("", "", ""), ("Re:Re:Lunch", "Re[2]: Lunch", "Re: Lunch"),
  ])
  func prefixes(_ subject: String, _ counted: String, _ single: String) {
    #expect(ReplyPrefix.counted(subject) == counted)
    #expect(ReplyPrefix.single(subject) == single)
  }
}
