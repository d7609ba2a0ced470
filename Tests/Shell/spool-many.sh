#!/bin/bash
# Many processes on one queue: each message is claimed by one of them (Q184524: duplicates, because two threads took
# the same notification), also while a producer still delivers, and while some of the processes are killed.
. "$(dirname "$0")/lib.sh"
programs ccm-convert
require "many processes" python3
convert=$BIN/ccm-convert
processes=8
messages=5000
[ "$TEST_SIZE" = quick ] && messages=1000
[ "$TEST_SIZE" = full ] && messages=20000

# deliver DIR FIRST LAST: writes each message elsewhere and renames it into DIR/in, as producers do.
deliver() {
    python3 - "$@" <<'PY'
import os, sys
q, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(q + "/in", exist_ok=True)
os.makedirs(q + "/new", exist_ok=True)
for n in range(first, last + 1):
    with open("%s/new/m%d.eml" % (q, n), "w", newline="") as f:
        f.write("From: Ann Example <ann@example.org>\r\nTo: bob@example.com\r\nDate: Tue, 2 Jun 1998 08:39:00 +0000\r\n"
                "Subject: Number %d\r\n\r\nThe mark is <%d>.\r\n" % (n, n))
    os.rename("%s/new/m%d.eml" % (q, n), "%s/in/m%d.eml" % (q, n))
os.rmdir(q + "/new")
PY
}

# audit QUEUE COUNT: each message has one result that holds its own mark, and one original in done.
audit() {
    python3 - "$@" <<'PY'
import os, re, sys
q, n = sys.argv[1], int(sys.argv[2])
wrong = []
results, marks = os.listdir(q + "/results"), {}
done = {name for name in os.listdir(q + "/done") if not name.endswith(".report")}
for name in results:
    for mark in re.findall(rb"The mark is <(\d+)>", open(q + "/results/" + name, "rb").read()):
        marks.setdefault(int(mark), []).append(name)
for i in range(1, n + 1):
    if marks.get(i) != ["m%d.ccm" % i]: wrong.append("m%d has results %s" % (i, marks.get(i)))
    if "m%d.eml" % i not in done: wrong.append("m%d.eml is not in done" % i)
if len(results) != n: wrong.append("%d results" % len(results))
if len(done) != n: wrong.append("%d originals in done" % len(done))
for place in "in", "failed", "quarantine":
    left = os.listdir(q + "/" + place)
    if left: wrong.append("%d in %s" % (len(left), place))
left = [name for name in os.listdir(q + "/work") if name != "strikes"]
if left: wrong.append("left in work: %s" % left)
print("; ".join(wrong[:6]))
sys.exit(bool(wrong))
PY
}

# start QUEUE OPTION...: the processes at once, each with its summary and errors in N.json, N.err. Then wait: $failed.
start() {
    local i
    pids=()
    for ((i = 1; i <= processes; i++)); do
        "$convert" --json --no-sync "${@:2}" "$1" >$i.json 2>$i.err &
        pids+=($!)
    done
}
finish() {
    local pid
    failed=
    for pid in "${pids[@]}"; do wait $pid || failed+="$? "; done
}

deliver q 1 $messages
start q --workers 1
finish
is "$processes processes, $messages messages: exit status" "$failed" ""
check "$processes processes, $messages messages: each once" audit q $messages
is "$processes processes, $messages messages: the summaries add up" \
    "$(cat [0-9].json | python3 -c 'import json,sys; r = [json.loads(l) for l in sys.stdin]; print(sum(v["done"] for v in r), sum(v["results"] for v in r), sum(v["failed"] + v["quarantine"] for v in r))')" \
    "$messages $messages 0"
check "$processes processes, $messages messages: the log is JSON" json q/log/*.jsonl
check "$processes processes, $messages messages: nobody complains" test -z "$(cat [0-9].err)"
rm -rf q

# Several queues whose results have the same names go into one folder: none replaces another.
for i in 1 2 3 4; do deliver q$i 1 200; done
mkdir together
for i in 1 2 3 4; do "$convert" --no-sync --workers 2 --into together q$i 2>$i.err & pids[i]=$!; done
finish
is "four queues into one folder: exit status" "$failed" ""
is "four queues into one folder: results" "$(count together)" 800
is "four queues into one folder: each message four times" \
    "$(cat together/* | grep -ao 'The mark is <[0-9]*>' | sort | uniq -c | awk '$1 != 4' | head -n 3)" ""
rm -rf q[1-4] together

# A producer delivers meanwhile, and the processes come again and again, as from cron.
n=$((messages / 2))
mkdir -p q/in
deliver q 1 $n &
producer=$!
rounds=0 bad=
while kill -0 $producer 2>/dev/null; do start q --workers 2; finish; bad+=$failed; rounds=$((rounds + 1)); done
wait $producer
start q --workers 2; finish; bad+=$failed
is "a producer delivers meanwhile: exit status" "$bad" ""
check "a producer delivers meanwhile ($rounds rounds): each once" audit q $n
rm -rf q

# Half of the processes are killed, twice; a message can be in hand of a dead one twice at most, so none is suspected.
deliver q 1 $n
for round in 1 2; do
    start q --workers 2
    sleep 0.1$round
    for i in 1 3 5 7; do kill -KILL ${pids[i - 1]}; done
    wait "${pids[@]}"
done 2>/dev/null
for i in 1 2 3; do run "$convert" --json q; done
is "half of them are killed: the last run" $status 0
check "half of them are killed: each once" audit q $n
