#!/usr/bin/env python3
"""random-errors.py RUNS SEED [PROGRAM [RUN]]: prints what is wrong after random errors of the system.

In each run, one program (and whatever it starts) meets one to three random errors at random system calls, once, from
there on, or every few calls. Then it is started again without errors until nothing is left to do. Each message has to
be in its one place then, whole, and the audit has to be sound, with --repair once at most. With a PROGRAM and a RUN,
only that run is made again. The working directory has to be empty.
"""
import collections
import concurrent.futures
import filecmp
import json
import os
import random
import re
import shutil
import subprocess
import sys

from tokens import below, ccm, counted, eml, leftovers, put, tokens

runs, seed = int(sys.argv[1]), int(sys.argv[2])
only, again = (sys.argv[3:4] or [None])[0], int((sys.argv[4:5] or [0])[0])
bin, here = os.environ["BIN"], os.getcwd()
samples = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../Samples/mail/outlook")
errors = ["EIO", "ENOSPC", "EMFILE", "EINTR", "EAGAIN", "ENOMEM", "ESTALE", "EDQUOT"]
# What no error of a disk, of memory or of a server can come from, or what would keep strace from its work.
never = {"execve", "exit", "exit_group", "rt_sigreturn", "futex", "rt_sigaction", "rt_sigprocmask", "set_robust_list",
         "set_tid_address", "rseq", "arch_prctl", "clock_nanosleep", "nanosleep", "gettid", "getpid", "getppid", "getuid",
         "geteuid", "getgid", "getegid", "umask", "sched_yield", "restart_syscall", "uname", "wait4", "kill", "alarm",
         "prctl", "time", "gettimeofday", "clock_gettime", "vfork", "poll", "ppoll", "pselect6", "select", "sigaltstack"}
# An allocator that gets no memory ends its program.
memory = {"mmap", "brk", "munmap", "mprotect", "mremap", "madvise"}


def run(command, folder, timeout=60, **options):
    """Runs a command; returns its exit status, that of a shell for signals, and what it said."""
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, **options)
    except subprocess.TimeoutExpired:
        return 124, b""
    return (done.returncode if done.returncode >= 0 else 128 - done.returncode), done.stdout + done.stderr


class Scenario:
    """What a program is run with; the folder holds a copy of what `prepare` made."""
    queues = ["q"]

    def prepare(self, folder):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def is_left(self, folder):
        return any(os.listdir(f"{folder}/{q}/in") or leftovers(f"{folder}/{q}") for q in self.queues)

    def begin(self, folder):
        """What each run needs besides."""

    def settle(self, folder):
        """Until nothing is left to do."""
        for _ in range(6):
            status, said = run(self.command(), folder)
            if status == 0 and not self.is_left(folder):
                return []
        return [f"does not come to its end: exit status {status}: {said[-300:]!r}, {self.places(folder)}"]

    def places(self, folder):
        """Each message, and where it is: what a clean run leads to is right."""
        raise NotImplementedError

    def may_be(self, message, place, met, hit):
        """Whether it may be elsewhere than after a clean run."""
        return False


def fates(queue):
    """The fate of each message, the names of those without one, and reports that are alone or half."""
    found, wrong = collections.defaultdict(list), []
    for fate in ("in", "done", "failed", "quarantine"):
        folder = f"{queue}/{fate}"
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            if not name.endswith(".report"):
                found[name.partition("~")[0]].append(fate)
                if fate in ("failed", "quarantine") and not os.path.exists(f"{folder}/{name}.report"):
                    wrong.append(f"{fate}/{name} has no report")
                continue
            try:
                json.load(open(f"{folder}/{name}"))
            except ValueError:
                wrong.append(f"{fate}/{name} is half")
            if not os.path.lexists(f"{folder}/{name[:-7]}"):
                wrong.append(f"{fate}/{name} is alone")
    return found, wrong


class Convert(Scenario):
    def prepare(self, folder):
        os.makedirs(f"{folder}/q/in")
        for i in (1, 2):
            put(f"{folder}/q/in", f"m{i}.eml", eml(i))
        put(f"{folder}/q/in", "m3.eml", eml(3).replace("Date: ", "X: "))
        put(f"{folder}/q/in", "m4.mbox", "".join("From a@b Tue Jun  2 08:39:00 1998\n" + eml(i).replace("\r", "") + "\n" for i in (4, 5)))
        put(f"{folder}/q/in", "m6.eml", "\1\2\3 nothing")

    def command(self):
        return [f"{bin}/ccm-convert", "-q", "--workers", "1", "q"]

    def places(self, folder):
        found, wrong = fates(f"{folder}/q")
        for name in os.listdir(f"{folder}/q/results"):
            whole = os.path.exists(f"clean.{self.name}/q/results/{name}") and filecmp.cmp(
                f"{folder}/q/results/{name}", f"clean.{self.name}/q/results/{name}", shallow=False)
            original = {"m4.1.ccm": "m4.mbox", "m4.2.ccm": "m4.mbox"}.get(name, name.replace(".ccm", ".eml"))
            found[original].append(name if whole else f"{name} that differs")
        return {**{n: tuple(sorted(p)) for n, p in found.items()}, **{w: () for w in wrong}}

    def may_be(self, message, place, met, hit):
        # An error of reading may be that of the message.
        return "EIO" in met and place in (("failed",), ("quarantine",))


class Replay(Convert):
    """Messages that failed are put back, and converted."""

    def prepare(self, folder):
        super().prepare(folder)
        run([f"{bin}/ccm-convert", "-q", "--workers", "1", "q", "--", "false"], folder)

    def command(self):
        return [f"{bin}/ccm-replay", "-q", "--all", "q"]

    def is_left(self, folder):
        return any(not n.endswith(".report") for n in os.listdir(f"{folder}/q/failed"))

    def settle(self, folder):
        return super().settle(folder) or Convert.settle(self.after, folder)


class Repair(Convert):
    """An audit repairs what a converter left that was killed."""

    def prepare(self, folder):
        super().prepare(folder)
        run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e", "inject=renameat2:signal=KILL:when=12",
             f"{bin}/ccm-convert", "-q", "--workers", "1", "q"], folder)

    def command(self):
        return [f"{bin}/ccm-audit", "-q", "--repair", "q"]

    def settle(self, folder):
        return Convert.settle(self.after, folder)


class Prune(Convert):
    """What has been done goes, and is told of."""

    def prepare(self, folder):
        super().prepare(folder)
        run([f"{bin}/ccm-convert", "-q", "--workers", "1", "q"], folder)

    def command(self):
        return [f"{bin}/ccm-prune", "-q", "--older-than", "0s", "--to", "away", "q"]

    def is_left(self, folder):
        return any(not n.endswith(".report") for n in os.listdir(f"{folder}/q/done"))

    def settle(self, folder):
        return super().settle(folder) or Convert.settle(self.after, folder)

    def places(self, folder):
        found = super().places(folder)
        for path in below(f"{folder}/away"):
            if not path.endswith(".jsonl"):
                found[os.path.basename(path)] = found.get(os.path.basename(path), ()) + (os.path.basename(os.path.dirname(path)),)
        return found


class Move(Scenario):
    """Messages go to another file system, where there is one."""
    queues = []

    def prepare(self, folder):
        os.makedirs(f"{folder}/from")
        for i in (1, 2, 3):
            put(f"{folder}/from", f"m{i}.eml", eml(i))

    def command(self):
        # A folder of its own for each run, which is named after its directory here.
        return ["sh", "-c", 'exec "$0" -q from "${FAR:-$PWD}/${PWD##*/}/to"', f"{bin}/ccm-move"]

    def begin(self, folder):
        os.makedirs(f"{os.environ.get('FAR', folder)}/{os.path.basename(folder)}/to")

    def is_left(self, folder):
        return any(not n.startswith(".") for n in os.listdir(f"{folder}/from"))

    def places(self, folder):
        far = f"{os.environ.get('FAR', folder)}/{os.path.basename(folder)}/to"
        half = [p for p in below(far) if "/.ccm-move/" not in p and len(tokens(p)) != 1]
        staged = [p for p in below(far) if "/.ccm-move/" in p and tokens(p)]
        return {**{i: (counted(far)[i], counted(f"{folder}/from")[i]) for i in (1, 2, 3)}, **{f"half: {p}": () for p in half + staged}}


class Import(Scenario):
    def prepare(self, folder):
        os.makedirs(f"{folder}/q/in")
        run([f"{bin}/ccpo-init", "--name", "HUB", "--user", "Bob", "--remote", "EX", "po"], folder)
        for i in (1, 3):
            put(f"{folder}/q/in", f"m{i}.ccm", ccm(i, "Ann at EX", ["Bob at HUB"]))
        put(f"{folder}/q/in", "m2.ccm", ccm(2, "Ann at EX", ["Bob at HUB", "Nobody at HUB"]))

    def command(self):
        return [f"{bin}/ccm-import", "-q", "--retry", "0", "--post-office", "po", "--mailbox", "EX", "q"]

    def is_left(self, folder):
        # What is left in the post office, the next IMPORT finishes.
        run([f"{bin}/ccpo-import", "/NEX", "/Dpo", "/@/dev/null"], folder)
        return super().is_left(folder) or os.listdir(f"{folder}/q/run") or os.listdir(f"{folder}/po/import")

    def places(self, folder):
        found, wrong = fates(f"{folder}/q")
        copies, reports = counted(f"{folder}/po/mail"), counted(f"{folder}/q/results")
        for i in (1, 2, 3):
            found[f"m{i}.ccm"] += [f"{copies[i]} copies", f"{reports[i]} reports"]
        return {**{n: tuple(sorted(p)) for n, p in found.items()}, **{w: () for w in wrong}}

    def may_be(self, message, place, met, hit):
        # Put aside and not delivered; its sender may have been told so. What can be delivered is not delivered twice.
        # Where nobody could see what became of it, it is put aside, and nobody is told that it failed.
        return "EIO" in met and place in (
            ("0 reports", "1 copies", "quarantine"), ("0 copies", "0 reports", "failed"), ("0 copies", "1 reports", "failed"),
            ("0 copies", "0 reports", "quarantine"), ("0 copies", "1 reports", "quarantine"))


class Export(Scenario):
    def prepare(self, folder):
        os.makedirs(f"{folder}/q/in")
        os.makedirs(f"{folder}/pickup")
        run([f"{bin}/ccpo-init", "--name", "HUB", "--user", "Ann", "--remote", "INTERNET", "po"], folder)
        put(folder, "x.ccm", "".join(ccm(i) for i in (1, 2, 3)))
        run([f"{bin}/ccpo-import", "/NHUB", "/Dpo", "/@x.ccm"], folder)

    def command(self):
        return [f"{bin}/ccm-export", "-q", "--post-office", "po", "--mailbox", "INTERNET", "--into", "pickup", "q"]

    def is_left(self, folder):
        return super().is_left(folder) or os.listdir(f"{folder}/q/run") or list(below(f"{folder}/po/mail/internet/new")) \
            or os.path.isdir(f"{folder}/po/mail/internet/out") and os.listdir(f"{folder}/po/mail/internet/out")

    def places(self, folder):
        passed, aside = counted(f"{folder}/pickup"), counted(f"{folder}/q/quarantine", f"{folder}/q/failed")
        half = [p for p in below(f"{folder}/pickup") if len(tokens(p)) != 1]
        return {**{i: (passed[i], aside[i]) for i in (1, 2, 3)}, **{f"half: {p}": () for p in half}}

    def may_be(self, message, place, met, hit):
        return "EIO" in met and place == (0, 1)


class ForeignImport(Scenario):
    """An IMPORT that takes a message as often as it gets it."""

    def prepare(self, folder):
        os.makedirs(f"{folder}/q/in")
        os.makedirs(f"{folder}/po")
        open(f"{folder}/po/CCPOMBOX.000", "w").close()
        for i in (1, 2, 3):
            put(f"{folder}/q/in", f"m{i}.ccm", ccm(i))
        os.makedirs(f"{folder}/taken")
        # What meets an error itself dies of it: what it says must be true.
        put(folder, "prog", '#!/bin/sh\ntaken=${0%/*}/taken/$$\n'
            'cat IMPORT.CCM >.X && cmp -s IMPORT.CCM .X && mv .X "$taken" && [ -e "$taken" ] && rm IMPORT.CCM || kill -KILL $$\n')
        os.chmod(f"{folder}/prog", 0o755)

    def command(self):
        return ["sh", "-c", f'exec {bin}/ccm-import -q --retry 0 --post-office po --import-program "$PWD/prog" q']

    def is_left(self, folder):
        return super().is_left(folder) or os.listdir(f"{folder}/q/run")

    def places(self, folder):
        found, wrong = fates(f"{folder}/q")
        taken = [t for path in below(f"{folder}/taken") for t in tokens(path)]
        reports = counted(f"{folder}/q/results")
        for i in (1, 2, 3):
            found[f"m{i}.ccm"] += [f"{taken.count(i)} taken", f"{reports[i]} reports"]
        return {**{n: tuple(sorted(p)) for n, p in found.items()}, **{w: () for w in wrong}}

    def may_be(self, message, place, met, hit):
        # Nobody knows whether it was taken: a person looks, and no sender is told.
        return place in (("0 reports", "0 taken", "quarantine"), ("0 reports", "1 taken", "quarantine"))


class ForeignExport(Export):
    """An EXPORT that gives its messages again when it could not take them away."""

    def prepare(self, folder):
        for one in ("q/in", "pickup", "po", "box"):
            os.makedirs(f"{folder}/{one}")
        open(f"{folder}/po/CCPOMBOX.000", "w").close()
        for i in (1, 2, 3):
            put(f"{folder}/box", f"m{i}", ccm(i))
        put(folder, "prog", '#!/bin/sh\ncd "$(dirname "$0")/box" || exit 1\nset -- *; [ -e "$1" ] || exit 0\n'
            'cat "$@" >"$OLDPWD/X.TMP" && mv "$OLDPWD/X.TMP" "$OLDPWD/EXPORT.CCM" && rm "$@"\n')
        os.chmod(f"{folder}/prog", 0o755)

    def command(self):
        return ["sh", "-c", f'exec {bin}/ccm-export -q --post-office po --export-program "$PWD/prog" --into pickup q']

    def is_left(self, folder):
        return Scenario.is_left(self, folder) or os.listdir(f"{folder}/q/run") or os.listdir(f"{folder}/box")

    def may_be(self, message, place, met, hit):
        # What comes again is put aside; so is what was half, beside the whole that came later.
        return place[0] == 1 or place == (0, 1)


class PostOffice(Import):
    """IMPORT and EXPORT themselves, started again until they end well."""
    queues = []

    def prepare(self, folder):
        super().prepare(folder)
        put(folder, "IMPORT.CCM", "".join(ccm(i, "Ann at EX", ["Bob at HUB", "Nobody at HUB"][:2 if i == 2 else 1]) for i in (1, 2, 3)))

    def command(self):
        return ["sh", "-c", 'for i in 1 2 3; do [ -e IMPORT.CCM ] || break; "$0" /NEX /Dpo /@IMPORT.CCM; done; '
                '"$0" /NEX /Dpo /@/dev/null; "$1" "/NBob" /Dpo /@EXPORT.CCM; exit 0', f"{bin}/ccpo-import", f"{bin}/ccpo-export"]

    def is_left(self, folder):
        return os.path.exists(f"{folder}/IMPORT.CCM") or os.listdir(f"{folder}/po/import") or os.path.isdir(f"{folder}/po/mail/bob/new") and list(below(f"{folder}/po/mail/bob/new"))

    def places(self, folder):
        passed, told = [], []
        for name in os.listdir(folder):
            (passed if name == "EXPORT.CCM" else told if name == "CCMAIL.UND" else []).extend(tokens(f"{folder}/{name}") if os.path.isfile(f"{folder}/{name}") else [])
        return {i: (passed.count(i), told.count(i)) for i in (1, 2, 3)}

    def may_be(self, message, place, met, hit):
        return False


class Filter(Scenario):
    """A filter says all, or that it failed."""

    def __init__(self, name, text):
        self.words, self.text = [f"{bin}/{name}"], text

    queues = []

    def prepare(self, folder):
        put(folder, "input", self.text)

    def command(self):
        return ["sh", "-c", '"$0" input >output; echo $? >status', *self.words]

    def settle(self, folder):
        return []

    def places(self, folder):
        try:
            with open(f"{folder}/status") as file:
                status = int(file.read() or 99)
        except OSError:
            status = 99
        if status >= 128:
            return {"output": f"signal {status - 128}"}
        with open(f"{folder}/output", "rb") as file:
            return {"output": file.read() if status in (0, 65) else b"none"}

    def may_be(self, message, place, met, hit):
        return place == b"none" or (hit & memory and str(place).startswith("signal"))


class Outlook(Filter):
    """The same of a file of Outlook's."""

    def prepare(self, folder):
        shutil.copy(f"{samples}/{self.text}", f"{folder}/input")


class Split(Filter):
    """Files with a message each, whole, or not there."""

    def command(self):
        return ["sh", "-c", '"$0" -d out input >output; echo $? >status', *self.words]

    def places(self, folder):
        found = super().places(folder)
        for path in below(f"{folder}/out"):
            with open(path, "rb") as file:
                text = file.read()
            if not os.path.basename(path).startswith(".") and (len(tokens(path)) != 1 or not text.endswith(b"\n")):
                found[path] = "half"
        return found


class Setup(Filter):
    """A post office that is made, or can be made once more."""

    def command(self):
        return ["sh", "-c", '"$0" --name HUB --user Bob --remote EX po >output; echo $? >status', *self.words]

    def settle(self, folder):
        status, said = run([f"{bin}/ccpo-init", "--name", "HUB", "--user", "Bob", "--remote", "EX", "po"], folder)
        put(folder, "x.ccm", ccm(1, "Ann at EX", ["Bob at HUB"]))
        imported, words = run([f"{bin}/ccpo-import", "/NEX", "/Dpo", "/@x.ccm"], folder)
        return [f"made again: {status}: {said!r}; import: {imported}: {words!r}"] if status or imported else []


class Status(Filter):
    def __init__(self):
        self.words = []

    def prepare(self, folder):
        Convert().prepare(folder)
        run([f"{bin}/ccm-convert", "-q", "--workers", "1", "q"], folder)

    def command(self):
        return ["sh", "-c", f'"{bin}/ccm-status" --json q >output; echo $? >status']

    def places(self, folder):
        found = super().places(folder)
        found["output"] = re.sub(rb'"(time|oldest|newest)":"[^"]*"', b"", found["output"]) if isinstance(found["output"], bytes) else found["output"]
        return found


convert = Convert()
mbox = "".join("From a@b Tue Jun  2 08:39:00 1998\n" + eml(i).replace("\r", "") + "\n" for i in (1, 2, 3))
scenarios = {
    "ccm-convert": convert, "ccm-replay": Replay(), "ccm-audit": Repair(), "ccm-import": Import(), "ccm-export": Export(),
    "foreign-import": ForeignImport(), "foreign-export": ForeignExport(),
    "ccpo-import": PostOffice(), "ccm-prune": Prune(), "ccm-move": Move(),
    "eml2ccm": Filter("eml2ccm", mbox), "ccm2eml": Filter("ccm2eml", ccm(1)), "ccmcheck": Filter("ccmcheck", ccm(1)[:-9]),
    "ccm-status": Status(), "msg2eml": Outlook("msg2eml", "html-and-files.msg"), "tnef2eml": Outlook("tnef2eml", "winmail-legacy.dat"),
    "mboxsplit": Split("mboxsplit", mbox), "ccmsplit": Split("ccmsplit", ccm(1) + ccm(2) + ccm(3)), "ccpo-init": Setup("ccpo-init", ""),
}
# Most is to be lost where mail is moved.
weights = {"ccpo-import": 4, "foreign-import": 3, "foreign-export": 3, "ccm-import": 6, "ccm-export": 6, "ccm-convert": 5, "ccm-replay": 3, "ccm-audit": 3, "ccm-prune": 3, "ccm-move": 3}
for name, scenario in scenarios.items():
    scenario.name = name
    scenario.after = convert


def calls_of(log):
    """The calls of a clean run, as (name, how many of that name its process had made), from where programs are their own."""
    made, begun, calls = collections.Counter(), set(), []
    for line in open(log, errors="replace"):
        match = re.match(r"(\d+) +([a-z_0-9]+)\(", line)
        if not match:
            continue
        process, call = match.groups()
        made[process, call] += 1
        if call == "access" and "/proc/self/cmdline" in line:
            begun.add(process)
        elif process in begun and call not in never:
            calls.append((call, made[process, call]))
    return calls


def prepare(name):
    scenario = scenarios[name]
    os.makedirs(f"first.{name}")
    scenario.prepare(f"first.{name}")
    shutil.copytree(f"first.{name}", f"clean.{name}", symlinks=True)
    scenario.begin(f"clean.{name}")
    run(["strace", "-f", "-qq", "-o", f"{here}/calls.{name}", *scenario.command()], f"clean.{name}")
    wrong = scenario.settle(f"clean.{name}")
    scenario.calls, scenario.clean = calls_of(f"calls.{name}"), scenario.places(f"clean.{name}")
    if wrong or not scenario.calls:
        sys.exit(f"{name}: a clean run: {wrong}")


def injections(chance, calls):
    """What strace is told, and the errors that come of it."""
    words, met, hit = [], set(), set()
    for _ in range(chance.choice([1, 1, 1, 1, 1, 1, 2, 2, 2, 3])):
        call, number = chance.choice(calls)
        error = chance.choice(errors)
        if call in hit:
            continue
        # Interrupted for ever, a call would be made again for ever.
        when = chance.choice([f"{number}"] * 6 + [f"{number}+{chance.randrange(2, 6)}"] * 2 + ([] if error == "EINTR" else [f"{number}+"] * 2))
        words += ["-e", f"inject={call}:error={error}:when={when}"]
        hit.add(call)
        met.add(error)
    return ["-e", "trace=" + ",".join(sorted(hit)), *words], met, hit


def sound(scenario, folder):
    """What the audit finds, after it has repaired what it found before, if it found anything; and whether it had to."""
    wrong, repaired = [], False
    for q in scenario.queues:
        audit = [f"{bin}/ccm-audit", q] + (["--consumed"] if isinstance(scenario, Export) else [])
        status, said = run(audit, folder)
        if status == 0:
            continue
        repaired = said.decode(errors="replace")
        run(audit + ["--repair"], folder)
        status, said = run(audit, folder)
        if status:
            wrong.append(f"the audit, after --repair: {said.decode(errors='replace')}")
    return wrong, repaired


def attempt(number):
    """One run; returns what is wrong with it."""
    chance = random.Random(f"{seed}.{number}")
    name = chance.choices(names, [weights.get(n, 1) for n in names])[0]
    scenario = scenarios[name]
    folder = f"{here}/run.{number}"
    shutil.copytree(f"first.{name}", folder, symlinks=True)
    scenario.begin(folder)
    words, met, hit = injections(chance, scenario.calls)
    status, said = run(["strace", "-f", "-qq", "-o", f"{folder}/hits", *words, *scenario.command()], folder)
    with open(f"{folder}/hits", errors="replace") as file:
        hits = file.read().count("INJECTED")
    wrong = ["hangs"] if status == 124 else []
    if status > 128 and not hit & memory:
        wrong.append(f"ends with signal {status - 128}: {said[-300:]!r}")
    wrong += scenario.settle(folder)
    unsound, repaired = sound(scenario, folder)
    wrong += unsound
    found = scenario.places(folder)
    for message in sorted(set(found) | set(scenario.clean), key=str):
        place, clean = found.get(message), scenario.clean.get(message)
        if place != clean and not (hits and scenario.may_be(message, place, met, hit)):
            wrong.append(f"{message}: {place}, not {clean}")
    if wrong and os.environ.get("KEEP"):
        shutil.copytree(folder, f"{os.environ['KEEP']}/{number}", symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return number, name, hits, repaired, [f"run {number}, {name}, {' '.join(words[3::2])}: {w}" for w in wrong]


names = [n for n in scenarios if only in (None, n)]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    list(pool.map(prepare, names))
    if again:
        names = list(scenarios)
    told = list(pool.map(attempt, [again] if again else range(1, runs + 1)))
met = sum(1 for t in told if t[2])
print(f"{len(told)} runs, {met} with errors, {sum(1 for t in told if t[3])} repaired", file=sys.stderr)
for t in told:
    if t[3] and os.environ.get("KEEP"):
        print(f"run {t[0]}, {t[1]}: repaired: {t[3]}", file=sys.stderr)
print("\n".join(w for t in told for w in t[4]), end="\n" if any(t[4] for t in told) else "")
