#!/bin/bash
# ccm-status: what it counts is what is there, it changes nothing, and its three forms are well formed.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-status
require "forms" python3
convert=$BIN/ccm-convert st=$BIN/ccm-status

# value EXPRESSION: of the object in `out`.
value() { python3 -c 'import json,sys; o = json.loads(open("out").readline()); print(eval(sys.argv[1], {"o": o}))' "$1" 2>&1; }

run "$st" --help; is "--help" $status 0
run "$st" --version; is "--version" $status 0
run "$st"; is "no queue" $status 64
run "$st" --warn-age soon q; is "--warn-age: no number" $status 64
run "$st" nothing; is "no such queue" $status 66
check "and it is not made" test ! -e nothing
mkdir -p empty/in; run "$st" --json empty
is "a queue in which nothing was ever" "$status $(value 'o["in"]["count"], o["done"]["count"], o["events"]') $(ls empty)" "0 (0, 0, []) in"

queue q 5
garbage 1 300 >q/in/noise
"$convert" --no-sync -q q
eml 6 >q/in/m6.eml; eml 7 >q/in/m7.eml; eml 8 >q/in/.m8.eml; touch -d '2001-01-01' q/in/m6.eml
dead=20211121T101010Z-host-1
mkdir -p q/work/$dead/1/src q/work/$dead/2.commit/failed q/work/attempts q/run/iABCDEF q/returns; ln -s $dead q/run/iABCDEF.owner; ln -s $dead q/run/eGHIJKL.owner; : >q/work/$dead/lock
eml 10 >q/work/$dead/1/src/m10.eml; eml 11 >q/work/$dead/2.commit/failed/m11.eml
echo -n x >q/work/strikes/12-34; echo -n x >q/work/attempts/12-34; echo -n x >q/work/attempts/12-35; echo x >q/returns/r.eml
echo '{"time":"2001-01-01T00:00:00.000Z","id":20020,"severity":"error","name":"old.eml","text":"old"}' >q/log/old.jsonl
printf '%s\n' '{"time":"2036-01-01T00:00:00.000Z","id":98,"severity":"error","name":"a\"b\n.eml","text":"no space"}' 'no JSON' >q/log/new.jsonl
before=$(find q -printf '%p %T@ %C@\n' | sort)
run "$st" --json q
is "--json: exit status" $status 0
is "in" "$(value 'o["in"]["count"], o["in"]["bytes"]')" "(2, $(cat q/in/m6.eml q/in/m7.eml | wc -c))"
is "done, failed, quarantine, results" "$(value 'o["done"]["count"], o["failed"]["count"], o["quarantine"]["count"], o["results"]["count"]')" "(5, 0, 1, 5)"
is "claimed by the dead, and by the living" "$(value 'o["dead"]["count"], o["dead_invocations"], o["work"]["count"], o["invocations"]')" "(2, 1, 0, 0)"
is "returns, runs, strikes, attempts" "$(value 'o["returns"]["count"], o["runs"], o["strikes"], o["attempts"]')" "(1, 2, 1, 2)"
is "events" "$(value '[(e["id"], e["severity"], e["total"], e["day"]) for e in o["events"]]')" "[(54, 'warning', 1, 1), (98, 'error', 1, 1), (20000, 'info', 5, 5), (20020, 'error', 1, 0)]"
is "the last error" "$(value 'o["last_error"]["id"], o["last_error"]["text"], o["last_error"]["name"]')" "(98, 'no space', 'a\"b\\n.eml')"
is "lines that are no events" "$(value 'o["damaged_lines"]')" 1
check "oldest: when it came, not when it was written" test "$(value 'o["in"]["oldest"][:4] >= "2026" or int(o["in"]["oldest"][:4]) > 2001')" = True
run "$st" q
is "the table: exit status" $status 0
check "the table: in" grep -qE "^  in  +2 +$(cat q/in/m6.eml q/in/m7.eml | wc -c) " out
check "the table: the last error" grep -q 'last error: 2036-01-01.* 98 a"b?.eml: no space' out
is "nothing was changed" "$(find q -printf '%p %T@ %C@\n' | sort)" "$before"

# The living: a claim of theirs is no claim of the dead, and the lock is not disturbed.
exec 9>>q/work/$dead/lock; flock -n 9
run "$st" --json q
is "a living invocation" "$(value 'o["dead"]["count"], o["dead_invocations"], o["work"]["count"], o["invocations"]')" "(0, 0, 2, 1)"
check "a living invocation: it still has its lock" bash -c "! flock -n q/work/$dead/lock true"
exec 9>&-

# For cron and monitoring.
run "$st" --warn-count 2 q; is "--warn-count: not exceeded" $status 0
run "$st" --warn-count 1 q; is "--warn-count: exceeded" $status 65
run "$st" --warn-age 3600 q; is "--warn-age: not exceeded" $status 0
sleep 2.1; run "$st" --warn-age 1 q; is "--warn-age: exceeded" $status 65
run "$st" --warn-age 1 empty; is "--warn-age: nothing waits" $status 0

run "$st" --warn-quarantine 1 --warn-failed 0 q; is "--warn-quarantine, --warn-failed: not exceeded" $status 0
run "$st" --warn-quarantine 0 q; is "--warn-quarantine: exceeded" $status 65
mv q/quarantine/noise q/failed/
run "$st" --warn-quarantine 0 q; is "--warn-quarantine: nothing there" $status 0
run "$st" --warn-failed 0 q; is "--warn-failed: exceeded" $status 65
mv q/failed/noise q/quarantine/
run "$st" --warn-failed q; is "--warn-failed: no number" $status 64

# Prometheus: the text format, by its grammar, and by promtool where there is one.
mkdir -p $'odd"\\\nname/in'
run "$st" --prometheus q $'odd"\\\nname' q
is "--prometheus: exit status" $status 0
cp out metrics.prom
check "--prometheus: by the grammar" python3 - <<'PY'
import re
text = open("metrics.prom", newline="").read()
assert text.endswith("\n")
known, current, seen = {}, None, set()
sample = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?\d+)')
for line in text[:-1].split("\n"):
    if line.startswith("# HELP "):
        current = line.split()[2]
        assert current not in known, "HELP twice: " + current
        known[current] = None
    elif line.startswith("# TYPE "):
        name, kind = line.split()[2:]
        assert name == current and known[name] is None and kind in ("gauge", "counter"), line
        known[name] = kind
        assert (kind == "counter") == name.endswith("_total"), line
    else:
        found = sample.fullmatch(line)
        assert found and found[1] == current and known[current], line
        assert line.split(" ")[0] not in seen, "twice: " + line
        seen.add(line.rsplit(" ", 1)[0])
assert 'ccmc_queue_messages{queue="q",folder="in"} 2' in text
assert 'ccmc_queue_messages{queue="odd\\"\\\\\\nname",folder="in"} 0' in text
assert 'ccmc_events_total{queue="q",id="20000",severity="info"} 5' in text
PY
if command -v promtool >/dev/null; then check "--prometheus: by promtool" promtool check metrics <metrics.prom
else skip "--prometheus: by promtool" "no promtool here"; fi

# Several queues; one of them is missing.
run "$st" --json q nothing empty
is "one of three is missing" "$status $(wc -l <out)" "66 2"

# Strange things in its folders.
rm -rf s; mkdir -p s/in s/log s/work/file.d; : >s/work/file; ln -s /nowhere s/work/link; mkfifo s/log/pipe.jsonl s/in/pipe; : >s/done
ln -s /etc s/failed; mkdir s/log/dir.jsonl; ln -s loop s/log/loop.jsonl
LIMIT=20 run "$st" --json s
is "strange things" "$status $(value 'o["in"]["count"], o["done"]["count"], o["failed"]["count"]')" "0 (1, 0, 0)"

# While it changes: many runs of both, and no error.
queue q 1500
"$convert" --no-sync -q --workers 2 q & pid=$!
bad=; n=0
while kill -0 $pid 2>/dev/null; do
    run "$st" --json q; n=$((n + 1))
    [ $status = 0 ] || bad="$bad$(cat err)"
    [ "$(value 'sum(o[f]["count"] for f in ("in", "work", "done")) <= 2 * 1500')" = True ] || bad="$bad$(cat out)"
done
wait $pid
is "while it changes, $n times" "$bad" ""

# Memory does not grow with the queue.
case $TEST_SIZE in quick) n=5000 ;; full) n=200000 ;; *) n=30000 ;; esac
rm -rf big; mkdir -p big/in
python3 -c 'import os,sys
for i in range(int(sys.argv[1])): os.mknod("big/in/m%d.eml" % i)' $n
if command -v /usr/bin/time >/dev/null; then
    /usr/bin/time -f %M -o few "$st" empty >/dev/null; /usr/bin/time -f %M -o many "$st" big >/dev/null
    check "$n messages: memory ($(cat few) and $(cat many) KB)" test "$(cat many)" -lt $(($(cat few) + 4096))
fi
