#!/usr/bin/env python3
"""foreign-storm.py import|export SECONDS SEED: prints what is wrong after a storm.

Connectors, two at a time, with an IMPORT or EXPORT that knows nothing of crashes: the one accepts a second copy, the
other takes messages out of the mailbox after it has written its file. Connectors, programs, and both are killed at
random moments. Each message has a token, by which it is counted at the end. The working directory has to be empty.
"""
import collections
import os
import random
import signal
import subprocess
import sys
import time

from tokens import below, ccm, family, put, send, tokens

side, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
here, bin = os.getcwd(), os.environ["BIN"]
signals = [signal.SIGKILL] * 6 + [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]

IMPORT = """#!/bin/bash
exec 5>>@/lock; flock 5
sleep 0.0$((RANDOM % 4)); cat IMPORT.CCM >>@/taken || exit 1; sleep 0.0$((RANDOM % 3))
rm IMPORT.CCM; sleep 0.0$((RANDOM % 2)); exit 0
"""
# Half of the time the file grows under its own name, as a killed program leaves it.
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


for folder in ("q/in", "po", "box"):
    os.makedirs(folder)
open("po/CCPOMBOX.000", "w").close()
open("taken", "w").close()
with open("program", "w") as program:
    program.write((IMPORT if side == "import" else EXPORT).replace("@", here))
os.chmod("program", 0o755)
command = [f"{bin}/ccm-{side}", "-q", "--no-sync", "--post-office", "po", f"--{side}-program", f"{here}/program",
           f"--{side}-time-limit", "2"] + (["--retry", "0", "--import-batch", "3"] if side == "import" else []) + ["q"]
errors = open("errors", "ab")
count, kills, running = 0, 0, []
end = time.monotonic() + seconds
while time.monotonic() < end:
    for _ in range(chance.randrange(4)):
        count += 1
        folder = "q/in" if side == "import" else "box"
        put(folder, f"m{count:06d}.ccm", ccm(count))
    running = [p for p in running if p.poll() is None]
    while len(running) < 2:
        running.append(subprocess.Popen(command, stdout=errors, stderr=errors, start_new_session=True))
    time.sleep(chance.random() * 0.1)
    victim, how = chance.choice(running).pid, chance.random()
    if how < 0.4:
        send(chance.choice(signals), [victim])
    elif how < 0.7:
        send(signal.SIGKILL, family(victim))
    elif how < 0.9:
        send(signal.SIGKILL, family(victim)[1:])
    kills += how < 0.9
for process in running:
    process.wait()

# Until nothing is left: what a killed program holds has to reach its time limit.
end = time.monotonic() + 60
while time.monotonic() < end:
    subprocess.run(command, stdout=errors, stderr=errors)
    if not os.listdir("q/in") and not os.listdir("box") and not [n for n in os.listdir("q/work") if "Z-" in n]:
        break
    time.sleep(0.1)

everyone = range(1, count + 1)
wrong = []
if side == "import":
    taken = collections.Counter(tokens("taken"))
    places = {f: [t for path in below(f"q/{f}") for t in tokens(path)] for f in ("in", "done", "failed", "quarantine")}
    fates = collections.Counter(t for found in places.values() for t in found)
    wrong += [f"taken twice: {t}" for t in everyone if taken[t] > 1]
    wrong += [f"done and not taken: {t}" for t in places["done"] if not taken[t]]
    wrong += [f"failed: {t}" for t in places["failed"]] + [f"waits: {t}" for t in places["in"]]
    wrong += [f"in {fates[t]} places: {t}" for t in everyone if fates[t] != 1]
    wrong += [f"reported: {name}" for name in os.listdir("q/results")]
else:
    passed = collections.Counter(t for path in below("q/results") for t in set(tokens(path)))
    aside = {t for path in below("q/quarantine") for t in tokens(path)}
    wrong += [f"passed on {passed[t]} times: {t}" for t in everyone if passed[t] > 1]
    wrong += [f"lost: {t}" for t in everyone if not passed[t] and t not in aside]
    wrong += [f"half passed on: {path}" for path in below("q/results") if not tokens(path)]
audit = subprocess.run([f"{bin}/ccm-audit", "q"], capture_output=True, text=True)
if audit.returncode:
    wrong.append(f"the audit: {audit.stdout}{audit.stderr}")
print(f"{count} messages, {kills} kills", file=sys.stderr)
print("\n".join(wrong[:20]), end="\n" if wrong else "")
