import Glibc
import Testing

@testable import Programs
@testable import Spool

extension Running {
  /// The directory of one run of IMPORT or EXPORT.
  @Suite(.serialized) struct RunDirectoryTests {
    let folder: Folder
    let runs: Path
    let logs: Path

    init() throws {
      folder = try Folder()
      runs = Path(folder.make("run"))
      logs = Path(folder.make("log"))
    }

    private func directory(secret: String = "") throws -> RunDirectory {
      try RunDirectory(of: .import, in: runs, owner: "ID-1", logs: logs, secret: secret)
    }

    /// Its name is one that DOS can take, and nobody else may look into it.
    @Test func nameAndRights() throws {
      let directory = try directory()
      #expect(directory.name.utf8.count == 7 && directory.name.hasPrefix("i"))
      #expect(directory.path == "\(runs)/\(directory.name)")
      #expect(folder.mode("run/\(directory.name)") == 0o700)
      #expect(try RunOwner.read(directory.path) == "ID-1")
      #expect(try directory.files().isEmpty)
      #expect(try self.directory().name != directory.name)
    }

    @Test func aRun() throws {
      let directory = try directory()
      let ending = try directory.run(
        shell("pwd; echo \"$TMPDIR\"; echo trouble >&2; echo data >RESULT; exit 4"), apart: [])
      #expect(ending.outcome == .exited(4))
      #expect(folder.read("log/ID-1.\(directory.name).out") == "\(directory.path)\n\(directory.path)\n")
      #expect(folder.read("log/ID-1.\(directory.name).err") == "trouble\n")
      #expect(folder.mode("log/ID-1.\(directory.name).out") == 0o600)
      #expect(try directory.files() == ["RESULT"])
      #expect(directory.lastWords == "trouble")
      directory.remove()
      #expect(try folder.names("run").isEmpty)
      #expect(try folder.names("log").count == 2)
    }

    @Test func emptyLogsGoWithIt() throws {
      let directory = try directory()
      _ = try directory.run(shell("echo words"), apart: [])
      directory.remove()
      #expect(try folder.names("log") == ["ID-1.\(directory.name).out"])
    }

    /// A log that is there already, or leads elsewhere, is not written to.
    @Test func logsAreNew() throws {
      try folder.write("message", "Message:\r\n")
      let directory = try directory()
      #expect(symlink(folder.path("message"), folder.path("log/ID-1.\(directory.name).out")) == 0)
      #expect(throws: SystemError.self) { _ = try directory.run(shell("echo console"), apart: []) }
      #expect(folder.read("message") == "Message:\r\n")
    }

    @Test func lastWords() throws {
      let directory = try directory(secret: "geheim")
      _ = try directory.run(shell("printf 'first\\r\\nlast /Pgeheim geheim\\r\\n\\r\\n \\032'"), apart: [])
      #expect(directory.lastWords == "last /P**** ****")
      #expect(try RunDirectory(adopting: directory.name, in: runs, logs: logs, secret: "").lastWords.hasPrefix("last"))
    }

    @Test func noWords() throws {
      let directory = try directory()
      #expect(directory.lastWords == "")
      _ = try directory.run(shell("printf '\\n\\n \\n'"), apart: [])
      #expect(directory.lastWords == "")
    }

    @Test func manyWords() throws {
      let directory = try directory()
      _ = try directory.run(shell("head -c 100000 /dev/zero | tr '\\0' x"), apart: [])
      #expect(directory.lastWords.utf8.count == 200)
    }

    /// What the link says becomes part of a path: nothing else than a name is taken.
    @Test(arguments: ["../../etc", "a/b", "a\nb", String(repeating: "x", count: 256)])
    func strangeOwner(_ owner: String) throws {
      let directory = try directory()
      let link = "\(directory.path)\(RunOwner.suffix)"
      #expect(unlink(link) == 0 && symlink(owner, link) == 0)
      #expect(try RunOwner.read(directory.path) == nil)
    }

    @Test func ownerIsNoLink() throws {
      let directory = try directory()
      #expect(unlink("\(directory.path)\(RunOwner.suffix)") == 0)
      #expect(try RunOwner.read(directory.path) == nil)
      try folder.write("run/\(directory.name)\(RunOwner.suffix)", "ID-2")
      #expect(try RunOwner.read(directory.path) == nil)
    }

    /// A program may write what it likes, as late as it likes: its run is as old as it is.
    @Test func ageIsThatOfTheLink() throws {
      let directory = try directory()
      let times = [timespec(tv_sec: time(nil) - 100, tv_nsec: 0), timespec(tv_sec: time(nil) - 100, tv_nsec: 0)]
      #expect(utimensat(AT_FDCWD, "\(directory.path)\(RunOwner.suffix)", times, AT_SYMLINK_NOFOLLOW) == 0)
      try folder.write("run/\(directory.name)/owner", "something new")
      #expect((100...105).contains(directory.age))
    }

    /// The clock was set back since it began: nobody waits until it is as late again.
    @Test func aRunFromTheFuture() throws {
      let directory = try directory()
      let times = [timespec(tv_sec: time(nil) + 9999, tv_nsec: 0), timespec(tv_sec: time(nil) + 9999, tv_nsec: 0)]
      #expect(utimensat(AT_FDCWD, "\(directory.path)\(RunOwner.suffix)", times, AT_SYMLINK_NOFOLLOW) == 0)
      #expect(directory.age == .infinity)
    }

    /// Processes of a run are known by its directory, wherever they have gone.
    @Test func processes() throws {
      let directory = try directory()
      let other = try self.directory()
      let null = try FileDescriptor.open(path: "/dev/null", O_RDWR)
      var program = shell("setsid sleep 60 & sleep 0.1")
      program.temporary = directory.path
      _ = program.run(input: null.number, output: null.number, log: null.number)
      #expect(try directory.isRunning())
      #expect(try !other.isRunning())
      try directory.endProcesses()
      #expect(try !directory.isRunning())
    }

    /// One that has lost its environment is known by its log, which it writes; who reads it is let alone.
    @Test func processWithoutEnvironment() throws {
      let directory = try directory()
      let log = try FileDescriptor.open(path: Path(folder.path("log/ID-1.\(directory.name).out")), O_RDWR | O_CREAT)
      let null = try FileDescriptor.open(path: "/dev/null", O_RDWR)
      let reader = try FileDescriptor.open(path: Path(folder.path("log/ID-1.\(directory.name).out")), O_RDONLY)
      let program = shell("setsid sleep 60 & sleep 0.1")
      _ = program.run(input: reader.number, output: null.number, log: null.number)
      #expect(try !directory.isRunning())
      _ = program.run(input: null.number, output: log.number, log: null.number)
      #expect(try directory.isRunning())
      try directory.endProcesses()
      #expect(try !directory.isRunning())
    }

    /// Of one that nothing else is to be seen of, there is the lock.
    @Test func processOfAnother() throws {
      let directory = try directory()
      #expect(try !directory.isRunning())
      let log = open(folder.path("log/ID-1.\(directory.name).out"), O_WRONLY | O_CREAT, 0o600)
      #expect(flock(log, LOCK_EX | LOCK_NB) == 0)
      #expect(try directory.isRunning())
      close(log)
      #expect(try !directory.isRunning())
    }

    @Test func removesWhateverIsThere() throws {
      let directory = try directory()
      try folder.write("kept", "kept")
      _ = try directory.run(
        shell("mkdir -p a/b/c; : >a/b/c/file; ln -s '\(folder.path)' a/link; mkfifo a/fifo; chmod 500 a/b"), apart: [])
      directory.remove()
      #expect(try folder.names("run").isEmpty)
      #expect(folder.read("kept") == "kept")
    }
  }
}
