#!/usr/bin/env python3
"""storm.py embedded|foreign SECONDS SEED [FAR]: prints what is wrong after a storm.

Internet messages go to cc:Mail, into a post office, out of it, and back to Internet mail: ccm-convert, ccm-import and
ccm-export, two of each at a time, with repairing audits and pruning beside them, while whatever runs is killed, interrupted and
stopped at random. The post office is ours, or one whose IMPORT and EXPORT know nothing of crashes. Each message has a
token by which it is counted at the end: it came once, or it is put aside and nobody passed it on; one that cannot be
delivered is told of once. With FAR, a directory on another file system, ccm-move brings the messages from there, and
what came of them back to there. The working directory, and FAR, have to be empty.
"""
import os
import random
import signal
import subprocess
import sys
import time

from tokens import below, counted, eml, family, leftovers, put, send, tokens, unknown

kind, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
far = (sys.argv[4:] or [None])[0]
chance = random.Random(seed)
here, bin = os.getcwd(), os.environ["BIN"]
errors = open("errors", "ab")
queues = ["a", "i", "e"]

# Takes all messages that it can deliver, in a file that nobody reads before it is whole, and tells of the others.
IMPORT = """#!/usr/bin/env python3
import fcntl, os, random, sys, time
lock = open("@/lock", "a"); fcntl.flock(lock, fcntl.LOCK_EX)
nap = lambda: time.sleep(random.random() * 0.02)
parts = [b"Message:" + p for p in open("IMPORT.CCM", "rb").read().split(b"Message:")[1:]]
lost = [p for p in parts if b"To: Nobody at HUB" in p]
nap()
if lost: open("CCMAIL.UND", "wb").write(b"".join(b"***  Unknown recipient  ***\\r\\n\\r\\n" + p for p in lost))
name = "%f-%d" % (time.time(), os.getpid())
open("@/box/." + name, "wb").write(b"".join(p for p in parts if p not in lost))
nap(); os.rename("@/box/." + name, "@/box/" + name)
nap(); os.remove("IMPORT.CCM"); nap()
sys.exit(5 if lost else 0)
"""
# Half of the time its file grows under its own name, as a killed program leaves it.
EXPORT = """#!/bin/bash
exec 5>>@/lock; flock 5
files=$(ls @/box | head -4); [ "$files" ] || exit 0
if [ $((RANDOM % 2)) = 0 ]; then
    for x in $files; do cat @/box/$x; done >X.TMP; sleep 0.0$((RANDOM % 3)); mv X.TMP EXPORT.CCM
else
    for x in $files; do head -c 100 @/box/$x; sleep 0.00$((RANDOM % 9)); tail -c +101 @/box/$x; done >EXPORT.CCM
fi
sleep 0.0$((RANDOM % 3)); for x in $files; do rm @/box/$x; done; exit 0
"""


def program(name, text):
    with open(name, "w") as file:
        file.write(text.replace("@", here))
    os.chmod(name, 0o755)


for folder in ("a/in", "i/in", "e/in", "pickup", "box"):
    os.makedirs(folder)
connector = ["-q", "--no-sync", "--post-office", "po"]
imports, exports = [*connector, "--retry", "0", "--import-batch", "3"], [*connector, "--into", "pickup"]
if kind == "embedded":
    os.environ["CCPO_NO_SYNC"] = "1"
    subprocess.run([f"{bin}/ccpo-init", "--name", "HUB", "--remote", "EX", "--remote", "INTERNET", "po"], check=True)
    imports += ["--mailbox", "EX", "--environment", "CCPO_NO_SYNC"]
    exports += ["--mailbox", "INTERNET", "--environment", "CCPO_NO_SYNC", "--export-batch", "4"]
else:
    os.makedirs("po")
    open("po/CCPOMBOX.000", "w").close()
    program("import", IMPORT)
    program("export", EXPORT)
    imports += ["--import-program", f"{here}/import", "--import-time-limit", "2"]
    exports += ["--export-program", f"{here}/export", "--export-time-limit", "2"]
steps = {
    "convert": lambda: [f"{bin}/ccm-convert", "-q", "--no-sync", "--workers", "2", "--into", "i/in", "a"],
    "import": lambda: [f"{bin}/ccm-import", *imports, "i"],
    "export": lambda: [f"{bin}/ccm-export", *exports, "e"],
}
drop, arrived = "a/in", ["pickup"]
if far:
    drop, arrived = f"{far}/drop", ["pickup", f"{far}/pickup"]
    for folder in ("drop", "pickup"):
        os.makedirs(f"{far}/{folder}")
    steps = {"bring": lambda: [f"{bin}/ccm-move", "-q", drop, "a/in"], **steps,
             "take": lambda: [f"{bin}/ccm-move", "-q", "pickup", f"{far}/pickup"]}
beside = {
    "audit": lambda: [f"{bin}/ccm-audit", "-q", "--repair", chance.choice(queues)],
    "prune": lambda: [f"{bin}/ccm-prune", "-q", "--consumed", "--older-than", "2s", "--to", "pruned", chance.choice(queues)],
}


def start(command):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True)


def waiting():
    """What is on its way; not what has a hidden name, as what a foreign IMPORT was killed over."""
    return [f"{folder}/{name}" for folder in (*(f"{q}/in" for q in queues), "box", *([drop, "pickup"] if far else []))
            for name in os.listdir(folder) if not name.startswith(".")]


count, lost, kills = 0, set(), 0
running = {name: [] for name in (*steps, *beside)}
stopped = []
end = time.monotonic() + seconds
while (now := time.monotonic()) < end:
    # No more than the chain takes away: the storm is to meet all of its steps.
    for _ in range(chance.randrange(4) if len(os.listdir(drop)) < 50 else 0):
        count += 1
        isLost = chance.random() < 0.125
        if isLost:
            lost.add(count)
        put(drop, f"m{count:06d}.eml", eml(count, unknown() if isLost else "Bob Example <bob@example.com>"))
    for process, until in [s for s in stopped if s[1] < now]:
        send(signal.SIGCONT, family(process.pid))
        stopped.remove((process, until))
    for name, make in (steps | beside).items():
        running[name] = [p for p in running[name] if p.poll() is None]
        while len(running[name]) < (2 if name in steps else 1):
            running[name].append(start(make()))
    time.sleep(chance.random() * 0.08)
    victim, how = chance.choice([p for group in running.values() for p in group]), chance.random()
    if how < 0.35:
        send(chance.choice([signal.SIGKILL] * 5 + [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]), [victim.pid])
    elif how < 0.55:
        send(signal.SIGKILL, family(victim.pid))
    elif how < 0.7:
        send(signal.SIGKILL, family(victim.pid)[1:])
    elif how < 0.8:
        send(signal.SIGSTOP, family(victim.pid) if chance.random() < 0.5 else [victim.pid])
        stopped.append((victim, now + chance.random()))
    kills += how < 0.8

everything = [p for group in running.values() for p in group]
for process in everything:
    send(signal.SIGCONT, family(process.pid))
    # They come to their end after the message that they have in hand, however many wait.
    send(signal.SIGTERM, [process.pid])
for process in everything:
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        send(signal.SIGKILL, family(process.pid))
        print(f"does not end: {process.args}")

# Until nothing is left: what a killed program holds has to reach its time limit.
end = time.monotonic() + 60
while time.monotonic() < end:
    for make in steps.values():
        subprocess.run(make(), stdout=errors, stderr=errors)
    if kind == "embedded":
        subprocess.run([f"{bin}/ccpo-import", "/NEX", "/Dpo", "/@/dev/null"], stdout=errors)
    if not any(leftovers(q) for q in queues) and not waiting():
        break
    time.sleep(0.1)
else:
    print("does not come to its end:", [leftovers(q) for q in queues], waiting())

wrong = []
passed, told = counted(*arrived), counted("i/results")
aside = counted(*(f"{q}/{fate}" for q in queues for fate in ("failed", "quarantine")))
uncertain = counted("i/quarantine", "e/quarantine")
for t in range(1, count + 1):
    found = f"{t:06d}{', undeliverable' if t in lost else ''}: came {passed[t]} times, told of {told[t]} times, put aside {aside[t]} times"
    if t in lost:
        # Put aside without a report, where nobody saw what became of it.
        right = passed[t] == 0 and (told[t] == 1 or (told[t] == 0 and aside[t] > 0))
    elif passed[t]:
        # A foreign IMPORT may have taken what is put aside, because nobody knows; a foreign EXPORT gives what it was
        # killed over once more, which is put aside.
        right = passed[t] == 1 and not told[t] and (not aside[t] or (kind == "foreign" and uncertain[t] == aside[t]))
    else:
        right = aside[t] > 0 and told[t] <= 1
    if not right:
        wrong.append(found)
for path in (path for folder in arrived for path in below(folder)):
    if len(tokens(path)) != 1 and "/.ccm-move/" not in path:
        wrong.append(f"half, or several: {path}")
repaired = 0
for queue in queues:
    audit = [f"{bin}/ccm-audit", *(["--consumed"] if queue == "a" or far else []), queue]
    if subprocess.run(audit, capture_output=True).returncode:
        repaired += 1
        subprocess.run([*audit, "--repair"], stdout=errors, stderr=errors)
        found = subprocess.run(audit, capture_output=True, text=True)
        if found.returncode:
            wrong.append(f"the audit of {queue}, after --repair: {found.stdout}{found.stderr}")
print(f"{count} messages, {sum(1 for t in passed)} came, {sum(aside.values())} put aside, {sum(told.values())} told of, "
      f"{repaired} queues repaired, {kills} kills", file=sys.stderr)
print("\n".join(wrong[:20]), end="\n" if wrong else "")
