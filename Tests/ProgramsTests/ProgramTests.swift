import CGlibc
import Glibc
import Testing

@testable import Programs
@testable import Spool

extension Running {
  /// A program that is run once, whatever it does.
  @Suite(.serialized) struct ProgramTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// Runs a program with its output in `out` and its standard error in `err`.
    private func run(_ program: Program) throws -> Program.Ending {
      let flags = O_WRONLY | O_CREAT | O_APPEND
      let null = try FileDescriptor.open(path: "/dev/null", O_RDONLY)
      let output = try FileDescriptor.open(path: Path(folder.path("out")), flags)
      let error = try FileDescriptor.open(path: Path(folder.path("err")), flags)
      return program.run(input: null.number, output: output.number, log: error.number)
    }

    @Test func resultCodes() throws {
      for code in [0, 1, 5, 127, 255] { #expect(try run(shell("exit \(code)")).outcome == .exited(code)) }
    }

    @Test func signals() throws {
      #expect(try run(shell("kill -SEGV $$")).outcome == .signalled(Int(SIGSEGV)))
      // Whatever this process ignores or blocks.
      signal(SIGUSR1, SIG_IGN)
      defer { signal(SIGUSR1, SIG_DFL) }
      #expect(try run(shell("kill -USR1 $$; exit 0")).outcome == .signalled(Int(SIGUSR1)))
    }

    @Test func notStarted() throws {
      #expect(try run(Program(arguments: ["/nonexistent/import"])).outcome == .notStarted(ENOENT))
      #expect(try run(Program(arguments: [folder.path])).outcome == .notStarted(EACCES))
    }

    /// A prompt ends at once: there is nothing to read (Q164695).
    @Test func standardInputIsEmpty() throws {
      #expect(try run(shell("read answer || exit 7")).outcome == .exited(7))
    }

    @Test func timeLimit() throws {
      let took = try seconds {
        let ending = try run(shell("while :; do :; done", timeLimit: 0.3))
        #expect(ending.outcome == .timedOut)
      }
      #expect(took < 30)
    }

    /// SIGTERM is ignored: SIGKILL comes five seconds later.
    @Test func timeLimitOfTheDeaf() throws {
      let took = try seconds {
        let ending = try run(shell("trap '' TERM; while :; do sleep 0.1; done", timeLimit: 0.2))
        #expect(ending.outcome == .timedOut)
      }
      #expect(took > Program.grace && took < 30)
    }

    @Test func environmentIsWhatIsGiven() throws {
      var program = Program(arguments: ["/usr/bin/env"])
      program.environment = ["A=1", "TMPDIR=/elsewhere"]
      program.temporary = folder.path
      _ = try run(program)
      let variables = folder.read("out")?.split(separator: "\n").map(String.init).sorted()
      #expect(variables == ["A=1", "TEMP=\(folder.path)", "TMP=\(folder.path)", "TMPDIR=\(folder.path)"])
    }

    /// No descriptor of this process goes along (Q179072).
    @Test func descriptors() throws {
      let message = open(folder.path("message"), O_RDWR | O_CREAT, 0o600)
      defer { close(message) }
      #expect(fcntl(message, F_SETFD, 0) == 0)
      _ = try run(shell("for n in 3 4 5 6 7 8 9; do (echo console >&$n) 2>/dev/null; done; ls /proc/$$/fd"))
      #expect(folder.read("out")?.split(separator: "\n").compactMap { Int($0) }.filter { $0 <= 2 } == [0, 1, 2])
      #expect(folder.read("message") == "")
    }

    @Test func directory() throws {
      var program = shell("pwd")
      program.directory = folder.path
      _ = try run(program)
      #expect(folder.read("out") == "\(folder.path)\n")
    }

    @Test func outputIsCutAtItsLimit() throws {
      var program = shell("yes 0123456789 | head -c 5000000; echo end")
      program.logLimit = 4096
      let ending = try run(program)
      #expect(ending.outcome == .exited(0))
      #expect(ending.isLogCut)
      #expect((folder.read("out")?.utf8.count ?? 0) <= 4096)
      #expect(folder.read("out")?.contains("\0") == false)
    }

    @Test func quietOutputIsNotCut() throws {
      var program = shell("echo short")
      program.logLimit = 4096
      #expect(try run(program).isLogCut == false)
      #expect(folder.read("out") == "short\n")
    }

    @Test func largestFile() throws {
      var program = shell("sleep 0.2; exec head -c 5000000 /dev/zero >large")
      program.directory = folder.path
      program.fileLimit = 100_000
      #expect(try run(program).outcome == .signalled(Int(SIGXFSZ)))
      #expect((folder.read("large")?.utf8.count ?? 0) <= 100_000)
    }

    // MARK: What it leaves behind

    @Test func childrenEndWithIt() throws {
      for command in ["sleep 60 &", "setsid sleep 60 &", "(setsid sh -c 'sleep 60 & exec sleep 60' &)"] {
        var program = shell("\(command)\n sleep 0.2; exit 3")
        program.endsDescendants = true
        var ending = Program.Ending(outcome: .timedOut)
        let took = try seconds { ending = try run(program) }
        #expect(ending.outcome == .exited(3), "\(command)")
        #expect(ending.leftBehind > 0, "\(command)")
        #expect(took < 30, "\(command)")
        #expect(try ProcessTable.children(of: getpid()).isEmpty)
      }
    }

    @Test func nothingIsLeftBehind() throws {
      var program = shell("sleep 0.1 & wait; exit 0")
      program.endsDescendants = true
      #expect(try run(program).leftBehind == 0)
    }
  }
}
