import Spool
import Testing

@testable import PostOffice

@Suite struct SwitchesTests {
  private static func read(_ arguments: String...) -> String {
    guard let switches = try? Switches(arguments.map { Path($0) }, known: Set(Switches.Name.allCases)) else {
      return "wrong"
    }
    return Switches.Name.allCases.compactMap { name in switches[name].map { "\(name.rawValue)=\($0)" } }
      .joined(separator: " ")
  }

  @Test func slashes() {
    #expect(
      Self.read("/N\"Okafor, Ben\"", "/D/tmp/po", "/@/tmp/x.ccm")
        == "mailbox=Okafor, Ben post-office=/tmp/po file=/tmp/x.ccm")
    #expect(Self.read("/psecret", "/itemsize", "/Partial") == "password=secret item-size= partial=")
    #expect(Self.read("/DIRECTORY", "/DATE/2", "/DELETE/7") == "date=2 directory= delete=7")
    #expect(Self.read("/Directory/PropAdd", "/MSGS/ALL", "/MSG#") == "directory=propadd messages=all list=")
    #expect(Self.read("/FILES/MACBIN2", "/FORMAT/FAN", "/CODEPAGE/850") == "files=macbin2 format=fan codepage=850")
    #expect(Self.read("/?") == "help=")
  }

  @Test func long() {
    #expect(
      Self.read("--name=Ann", "--post-office", "po", "--directory", "--messages=3")
        == "mailbox=Ann post-office=po directory= messages=3")
    #expect(Self.read("--directory=prop", "--files=hex") == "files=hex directory=prop")
  }

  @Test(arguments: [
    "/tmp/x.ccm", "x.ccm", "/", "", "--", "--password=x", "--item-size=1", "--file", "/DATE/4", "/MSGS/0", "/MSGS/x",
    "/DELETE/-1", "/DIRECTORY/OTHER", "/N", "/FILES/ZIP", "/X", "-h", "--files=zip",
  ])
  func wrong(_ argument: String) { #expect(Self.read(argument) == "wrong") }
}
