#!/bin/bash
# Sixteen processes at once on a connector in both directions (Q184524: messages sent twice, because two threads took
# the same notification). Eight ccm-import hand over what waits, eight ccm-export fetch it from the other side of the
# post office: each message arrives once, and each is told once.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import ccm-export ccpo-init ccpo-import ccpo-export
require "many processes" python3
messages=10000 processes=8 batch=50
[ "$TEST_SIZE" = quick ] && messages=1000 batch=10
[ "$TEST_SIZE" = full ] && messages=40000
start=$SECONDS

cat >ccm.conf <<EOT
post-office = $tmp/po
environment = CCPO_NO_SYNC=1
import-queue = $tmp/out
import-batch = $batch
export-queue = $tmp/back
export-batch = $batch
pickup = $tmp/pickup
retry = 0
zone = UTC
EOT
connector() {
    local program=$1
    shift
    "$BIN/ccm-$program" --config "$tmp/ccm.conf" --no-sync --quiet "$@"
}

# messages QUEUE FIRST LAST: each written elsewhere and renamed into `in`, as producers do.
messages() {
    python3 - "$@" <<'PY'
import os, sys
q, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(q + "/in", exist_ok=True)
for n in range(first, last + 1):
    text = "\r\n\r\nThe mark is <%d>.\r\n\r\n" % n
    item = "Text item: \r\n%-11d\r\n%s" % (len(text), text)
    rest = "From: Ann Example at EX\r\nDate: 6/2/98 8:39\r\nTo: Bob Example at FAR\r\nSubject: Number %d\r\nContents:\r\n%-11d\r\n%s\r\n\r\n" % (n, len(item), item)
    with open("%s/in/.m%d" % (q, n), "w", newline="") as f: f.write("Message:\r\n%-11d\r\n%s" % (len(rest), rest))
    os.rename("%s/in/.m%d" % (q, n), "%s/in/m%d.ccm" % (q, n))
PY
}

# once DIR COUNT: what was not delivered exactly once, by the marks in the files of a directory.
once() {
    python3 - "$@" <<'PY'
import os, re, sys
where, count = {}, int(sys.argv[2])
for name in os.listdir(sys.argv[1]):
    for mark in re.findall(rb"The mark is <(\d+)>", open(os.path.join(sys.argv[1], name), "rb").read()):
        where.setdefault(int(mark), []).append(name)
twice = [n for n in where if len(where[n]) > 1]
missing = [n for n in range(1, count + 1) if n not in where]
strange = [n for n in where if not 1 <= n <= count]
if twice: print("%d messages came twice: %d as %s;" % (len(twice), twice[0], where[twice[0]]))
if missing: print("%d messages are missing: %s;" % (len(missing), missing[:5]))
if strange: print("%d messages were never sent: %s;" % (len(strange), strange[:5]))
PY
}

# told_once QUEUE SUFFIX COUNT: originals whose fate is not told exactly once, or that are not in done.
told_once() {
    python3 - "$@" <<'PY'
import glob, json, os, sys
q, suffix, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
told, wrong, results = {}, [], {}
for log in glob.glob(q + "/log/*.jsonl"):
    for line in open(log, "rb"):
        event = json.loads(line)
        if "fate" in event:
            told.setdefault(event["name"], []).append(event["fate"])
            for name in event.get("results", []): results[name] = results.get(name, 0) + 1
        if event["severity"] != "info": wrong.append(event["text"])
done = [n for n in os.listdir(q + "/done") if n.endswith(suffix)]
if count and len(done) != count: wrong.append("%d in done" % len(done))
wrong += ["%s is told %s" % (n, told.get(n)) for n in done if told.get(n) != ["done"]]
wrong += ["%s is told, but not there" % n for n in told if n not in set(done)]
wrong += ["result %s is told %d times" % (n, results[n]) for n in results if results[n] != 1]
for place in "in", "failed", "quarantine", "run", "returns":
    if os.path.isdir(q + "/" + place) and os.listdir(q + "/" + place): wrong.append("%s: %s" % (place, os.listdir(q + "/" + place)[:3]))
left = [n for n in os.listdir(q + "/work") if n not in ("strikes", "attempts", "known", "deaths")]
if left: wrong.append("left in work: %s" % left)
print("; ".join(wrong[:5]))
PY
}

"$BIN/ccpo-init" --no-sync --name HUB --remote INTERNET --remote FAR po >/dev/null || { fail "a post office" "ccpo-init"; exit 0; }
mkdir pickup
messages out 1 $((messages / 2))

# A producer goes on meanwhile; eight processes of each kind at a time.
messages out $((messages / 2 + 1)) $messages & producer=$!
wrong=
rounds=0
imports() { local i pids=(); for ((i = 0; i < processes; i++)); do connector import 2>>import.err & pids+=($!); done; for i in "${pids[@]}"; do wait $i || echo "ccm-import: $?"; done; }
exports() { local i pids=(); for ((i = 0; i < processes; i++)); do connector export --mailbox FAR 2>>export.err & pids+=($!); done; for i in "${pids[@]}"; do wait $i || echo "ccm-export: $?"; done; }
{ imports; wait $producer 2>/dev/null; } >import.status & importers=$!
while kill -0 $importers 2>/dev/null; do exports; rounds=$((rounds + 1)); done >export.status
wait $importers $producer
imports >>import.status
exports >>export.status
is "eight ccm-import and eight ccm-export at once: exit status" "$(cat import.status export.status)" ""
is "eight ccm-import and eight ccm-export at once: what they complain of" "$(cat import.err export.err | sort | uniq -c | head -n 5)" ""
is "$messages messages: each came once" "$(once pickup $messages)" ""
is "$messages messages: one file each" "$(count pickup)" $messages
is "$messages messages: imported and told once" "$(told_once out .ccm $messages)" ""
is "$messages messages: exported and told once" "$(told_once back .ccm 0)" ""
is "nothing is left in the post office" "$(find po -name '*.ccm' | wc -l) $(names po/import)" "0 "
check "it took less than 90 seconds" [ $((SECONDS - start)) -lt 90 ]

# ---- Sixteen of a kind, on few messages: all of them want the same ones.
rm -rf out back pickup po
"$BIN/ccpo-init" --no-sync --name HUB --remote INTERNET --remote FAR po >/dev/null
mkdir pickup
n=160 processes=16 few=(--import-batch 1 --export-batch 3)
messages out 1 $n
connector() { local program=$1; shift; "$BIN/ccm-$program" --config "$tmp/ccm.conf" --no-sync --quiet "${few[@]}" "$@"; }
imports >import.status
exports >export.status
is "sixteen of a kind on $n messages: each once" "$(cat import.status export.status)$(once pickup $n)$(told_once out .ccm $n)$(told_once back .ccm 0)" ""

leave

# ---- The naive one.
office fakes
ccm_queue naive 60
for i in 1 2 3 4; do "$here/naive/Q184524" "$tmp/naive" "$here/fake/import" "$tmp/fakes" 2>/dev/null & pids[i]=$!; done
wait ${pids[1]} ${pids[2]} ${pids[3]} ${pids[4]}
mkdir arrived; cp fakes/delivered arrived/all; sed -i 's/^/The mark is /' arrived/all
caught Q184524 "$(once arrived 60)"
