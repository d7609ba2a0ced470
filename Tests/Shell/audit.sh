#!/bin/bash
# ccm-audit on queues that were damaged in each known way: every damage is found and named, a sound queue is sound, and
# a repair repairs what a crash left and touches no message.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-replay
require "logs and summaries" python3
convert=$BIN/ccm-convert audit=$BIN/ccm-audit

run "$audit" --help; is "--help" $status 0
run "$audit" --version; is "--version" $status 0
run "$audit"; is "no queue" $status 64

run "$audit" --no-such-option q; is "unknown option" $status 64
run "$audit" nothing; is "no such queue" $status 66
: >file; run "$audit" file; is "the queue is a file" $status 66
check "and it is not made" test ! -e nothing
mkdir -p empty/in; run "$audit" empty
is "a queue in which nothing was ever: sound" "$status $(ls empty)" "0 in"

# A queue with everything in it: done with and without report, failed, quarantine, names that were taken, a non-file.
printf '#!/bin/sh\nread -r line\ncase $line in *fail*) exit 70 ;; *bad*) exit 65 ;; esac\necho "$line"; exec cat\n' >filter
chmod +x filter
mkdir -p model/in
for i in 1 2 3 4; do eml $i >model/in/m$i.eml; done
"$convert" --no-sync -q model
for i in 2 3; do eml 5$i >model/in/m$i.eml; done
garbage 1 300 >model/in/noise; garbage 2 200 >model/in/noise2; mkfifo model/in/fifo
"$convert" --no-sync -q model
echo "fail me" >model/in/f1; echo "fail me" >model/in/f2; echo fine >model/in/m9.txt
"$convert" --no-sync -q --to txt model -- ./filter
: >"model/in/"$'\351t\351.eml'; eml 8 >"model/in/"$'\351t\351.eml'
"$convert" --no-sync -q model
run "$audit" model
is "a sound queue: exit status" $status 0
is "a sound queue: nothing is said on standard output" "$(cat out)" ""
check "a sound queue: a summary" grep -q 'sound: .*8 done, 2 failed, 3 quarantine.* 0 damages' err
before=$(cd model && find . | sort)
run "$audit" --json model
check "--json: a summary" python3 -c 'import json
s = json.loads(open("out").read()); assert s["done"] == 8 and s["damages"] == 0 and s["unproved"] == 0, s'
is "--json: nothing on standard error" "$(cat err)" ""
run "$audit" --quiet model
is "--quiet: nothing at all" "$status $(cat out err)" "0 "
is "nothing was changed" "$(cd model && find . | sort)" "$before"

# damaged NAME KIND FILE COMMAND: exactly the damages of FILE (with `+`: among others) are named, in words and in JSON.
damaged() {
    local name=$1 kind=$2 file=$3 q
    rm -rf q; cp -a model q
    eval "$4"
    run "$audit" q
    is "$name: exit status" $status 65
    check "$name: it is named" grep -qF "q: ${file#+}: " out
    run "$audit" --json q
    cp out json.out
    check "$name: its kind is $kind" python3 - "$kind" "$file" <<'PY'
import json, sys
kind, file = sys.argv[1:]
found = [json.loads(line) for line in open("json.out", encoding="utf-8", errors="surrogateescape")]
assert "damages" in found[-1], found[-1]
assert found[-1]["damages"] == len(found) - 1 > 0, found
names = [(d["kind"], d["folder"] + "/" + d["name"]) for d in found[:-1]]
assert (kind, file.lstrip("+")) in names, names
assert file[0] == "+" or len(names) == 1, names
assert all(d["text"] and d["evidence"] for d in found[:-1])
PY
}
# The messages of q, wherever they are.
messages() {
    (cd q && find in done failed quarantine work -type f ! -name '*.report' ! -name lock ! -name hand ! -path '*/out/*' \
        ! -name events ! -path '*/tmp*' -exec cksum {} +) | cut -d ' ' -f 1,2 | sort | cksum
}
# repaired NAME [STATUS]: after a repair, this is what the audit says; no message was touched by it.
repaired() {
    local before
    before=$(messages)
    run "$audit" --repair q
    is "$1: exit status of the repair" $status ${2:-0}
    is "$1: each message is still there" "$(messages)" "$before"
    run "$audit" q
    is "$1: after the repair" $status ${2:-0}
    check "$1: the log is JSON" json q/log/*.jsonl
}
events() { grep -l '"name":"'"$1"'"' q/log/*.jsonl | head -n 1; }

damaged "a result deleted" result-missing results/m1.ccm 'rm q/results/m1.ccm'
damaged "a result of a name that was taken, deleted" result-missing +results/m2.ccm 'rm q/results/m2~2.ccm q/results/m2.ccm'
damaged "a result doubled under another name" result-unknown results/m1~2.ccm 'cp -p q/results/m1.ccm q/results/m1~2.ccm'
damaged "a result that nobody made" result-unknown results/alien.ccm 'cp -p q/results/m1.ccm q/results/alien.ccm'
damaged "a result truncated" result-size results/m1.ccm 'truncate -s 100 q/results/m1.ccm'
damaged "a result emptied, of a name that was taken" result-size results/m3~2.ccm ': >q/results/m3~2.ccm'
damaged "a result grown" result-size results/m1.ccm 'echo >>q/results/m1.ccm'
damaged "an original deleted" original-missing done/m1.eml 'rm q/done/m1.eml'
damaged "a failed original and its report deleted" original-missing failed/f1 'rm q/failed/f1 q/failed/f1.report'
damaged "an original in another fate" original-missing +done/m1.eml 'mv q/done/m1.eml q/failed/'
damaged "an original copied into another fate" two-places +failed/m1.eml 'cp -p q/done/m1.eml q/failed/; echo "{}" >q/failed/m1.eml.report'
damaged "an original linked into another fate" two-places +failed/m1.eml 'ln q/done/m1.eml q/failed/; echo "{}" >q/failed/m1.eml.report'
damaged "an original linked into in" two-places +done/m1.eml 'ln q/done/m1.eml q/in/'
damaged "an original truncated" original-size done/m1.eml 'truncate -s 10 q/done/m1.eml'
damaged "an original that no event knows" original-unknown done/alien.eml 'eml 77 >q/done/alien.eml'
damaged "an original copied beside itself" original-unknown done/m1~2.eml 'cp -p q/done/m1.eml q/done/m1~2.eml'
damaged "a name that is not UTF-8: deleted" original-missing "+done/"$'\357\277\275t\357\277\275.eml' 'rm q/done/*t*.eml'
damaged "two fates in the log" original-missing failed/m1.eml 'sed "s/\"fate\":\"done\"/\"fate\":\"failed\"/; s/\"results.*\"text\"/\"text\"/" "$(events m1.eml)" | grep m1.eml >q/log/other.2.jsonl'
damaged "one fate twice in the log" original-missing +done/m1.eml 'grep m1.eml "$(events m1.eml)" >q/log/other.2.jsonl'
damaged "one result twice in the log" result-missing +results/m1.ccm 'grep m1.eml "$(events m1.eml)" >q/log/other.2.jsonl'
damaged "a log without its last byte" damaged-log +log/"$(cd model/log && ls *.1.jsonl | head -n 1)" 'truncate -s -1 q/log/'"$(cd model/log && ls *.1.jsonl | head -n 1)"
repaired "a log without its last byte"
is "a log without its last byte: as it was it is kept" "$(ls q/log/*.damaged | wc -l)" 1
damaged "a line of a log that is no JSON" damaged-log log/other.jsonl 'echo "{\"id\":1" >q/log/other.jsonl'
repaired "a line of a log that is no JSON"
damaged "a log of noise" damaged-log +log/other.jsonl 'garbage 4 3000 >q/log/other.jsonl'
repaired "a log of noise"
damaged "a log that is a link" foreign-file log/other.jsonl 'ln -s "$(ls q/log/*.1.jsonl | head -n 1)" q/log/other.jsonl'
damaged "no log at all" missing-log 'log/*.jsonl' 'rm -r q/log'
damaged "a FIFO in done" foreign-file done/pipe 'mkfifo q/done/pipe'
damaged "a link in failed" foreign-file +failed/link 'ln -s ../done/m1.eml q/failed/link'
damaged "a directory in results" foreign-file results/dir 'mkdir q/results/dir'

damaged "a report without its original" orphaned-report done/gone.eml.report 'echo "{}" >q/done/gone.eml.report'
repaired "a report without its original"
check "a report without its original: kept in the log" test -n "$(ls q/log/gone.eml.report.*)"
check "a report without its original: an event" grep -q '"id":20031' q/log/*.jsonl
damaged "a failed original without its report" missing-report failed/f1 'rm q/failed/f1.report'
repaired "a failed original without its report"
check "a failed original without its report: there is one again" json q/failed/f1.report
damaged "a quarantined original without its report" missing-report quarantine/noise 'rm q/quarantine/noise.report'
damaged "a report with another number, as a crash leaves it" original-unknown done/alien.eml 'mv q/failed/f1.report q/failed/f1~2.report; eml 77 >q/done/alien.eml'

# What the dead left.
dead=20211121T101010Z-host-1
damaged "an orphaned claim" orphaned-claim work/$dead/1/src/claimed.eml "mkdir -p q/work/$dead/1/src; : >q/work/$dead/lock; eml 9 >q/work/$dead/1/src/claimed.eml"
repaired "an orphaned claim"
check "an orphaned claim: it waits again" test -f q/in/claimed.eml
damaged "a dead invocation without messages" orphaned-claim work/$dead "mkdir -p q/work/$dead; : >q/work/$dead/lock"
repaired "a dead invocation without messages"
damaged "temporary files of the dead" orphaned-run work/$dead/tmpAbCdEf "mkdir -p q/work/$dead/tmpAbCdEf; : >q/work/$dead/tmpAbCdEf/x"
repaired "temporary files of the dead"
group='mkdir -p q/work/$dead/1.commit/{src,out}
    eml 9 >q/work/$dead/1.commit/src/late.eml; echo result >q/work/$dead/1.commit/out/late.ccm
    echo "{\"time\":\"2036-01-01T00:00:00.000Z\",\"id\":20000,\"severity\":\"info\",\"name\":\"late.eml\",\"fate\":\"done\",\"size\":$(eml 9 | wc -c),\"results\":[\"late.ccm\"],\"sizes\":[7]}" >q/work/$dead/1.commit/events'
damaged "a committed group that is not finished" unfinished-group work/$dead/1.commit/src/late.eml "$group"
repaired "a committed group that is not finished"
is "a committed group that is not finished: finished" "$(ls q/done/late.eml q/results/late.ccm 2>&1 | wc -l)" 2
damaged "a committed group that is half published" unfinished-group work/$dead/1.commit/src/late.eml "$group; mv q/work/$dead/1.commit/out/late.ccm q/results"
repaired "a committed group that is half published"
damaged "a run without owner" orphaned-run run/iAbCdEf "mkdir -p q/run/iAbCdEf"
repaired "a run without owner"
damaged "a run that never began" orphaned-run run/iAbCdEf.owner "mkdir -p q/run; ln -s $dead q/run/iAbCdEf.owner"
repaired "a run that never began"
run_of='mkdir -p q/run/${1}AbCdEf; ln -s $dead q/run/${1}AbCdEf.owner; echo a message >q/run/${1}AbCdEf/$2.CCM'
damaged "a run of IMPORT whose owner died" orphaned-run run/iAbCdEf "set i IMPORT; $run_of"
repaired "a run of IMPORT whose owner died"
is "a run of IMPORT whose owner died: no file of it is lost" "$(cat q/log/run.iAbCdEf/IMPORT.CCM)" "a message"
damaged "a run of EXPORT whose owner died" orphaned-run run/eAbCdEf "set e EXPORT; $run_of"
run "$audit" --repair q
is "a run of EXPORT whose owner died: it is left to ccm-export" "$status $(cat q/run/eAbCdEf/EXPORT.CCM) $(readlink q/run/eAbCdEf.owner)" "65 a message $dead"
# Where something is to be settled, the directory of the run is the evidence for it.
rm -rf q; cp -a model q; mkdir -p q/work/$dead/1/src; : >q/work/$dead/lock; eml 9 >q/work/$dead/1/src/m.ccm; echo iAbCdEf >q/work/$dead/1/started
set i IMPORT; eval "$run_of"
run "$audit" --repair q
is "a run of IMPORT that is to be settled: the evidence stays" "$status $(grep -c orphaned-run out) $(cat q/run/iAbCdEf/IMPORT.CCM)" "65 0 a message"

# Not damages: what is consumed, what went elsewhere, what is older than the logs.
rm -rf q; cp -a model q; rm q/results/m1.ccm
run "$audit" --consumed q; is "--consumed: a result that is gone" $status 0
cp -p q/results/m4.ccm q/results/m4~2.ccm
run "$audit" --consumed q; is "--consumed: a result that nobody made" $status 65
queue q 3; mkdir next; "$convert" --no-sync -q --into next q; rm next/m1.ccm
run "$audit" q; is "--into: results that somebody took" $status 0
queue q 3; touch -d '10 days ago' q/in/*; "$convert" --no-sync -q q; rm q/log/*
sleep 0.05; eml 4 >q/in/m4.eml; "$convert" --no-sync -q q
run "$audit" q
is "originals that are older than the logs" "$status $(grep -o '[0-9]* unproved' err)" "0 6 unproved"
rm q/done/m4.eml
run "$audit" q; is "originals that are older than the logs: the others are proved" "$status" 65

# A queue at work: nothing of what lives is damage.
queue q 3000
"$convert" --no-sync -q --workers 2 q & pid=$!
bad= ; n=0
while kill -0 $pid 2>/dev/null; do
    run "$audit" q; n=$((n + 1))
    [ $status = 0 ] || bad="$bad$(head -n 3 out err)"
done
wait $pid
is "a queue at work, audited $n times: sound" "$bad" ""
run "$audit" q
is "and afterwards" "$status $(all_done=1 accounted q 3000)" "0 "

# Killed at any moment: what the audit finds is what recovery finishes, and then it is sound.
case $TEST_SIZE in quick) rounds=4 ;; full) rounds=60 ;; *) rounds=15 ;; esac
bad=
for ((round = 0; round < rounds; round++)); do
    queue q 400
    "$convert" --no-sync -q --workers 2 q & pid=$!
    sleep 0.$(printf %02d $((round * 37 % 40 + 3)))
    { kill -9 $pid; wait $pid; } 2>/dev/null
    run "$audit" --repair q
    [ $status = 0 ] || bad="$bad round $round: $(head -n 3 out)"
    run "$audit" q
    [ $status = 0 ] || bad="$bad round $round, again: $(head -n 3 out)"
    "$convert" --no-sync -q q
    run "$audit" q
    [ "$status$(accounted q 400)" = 0 ] || bad="$bad round $round, done: $(head -n 3 out)"
done
is "killed $rounds times and repaired: sound" "$bad" ""

# Hostile logs and names.
rm -rf q; cp -a model q
python3 - <<'PY'
import random
random.seed(5)
lines = [l for n in __import__("glob").glob("q/log/*.jsonl") for l in open(n, "rb")]
with open("q/log/x.9.jsonl", "wb") as f:
    for i in range(3000):
        line = bytearray(random.choice(lines))
        for j in range(random.randrange(1, 4)):
            line[random.randrange(len(line))] = random.randrange(256)
        f.write(line)
    f.write(b'{"id":20000,"fate":"done","name":"../../../etc/passwd","size":-5,"results":["../x","",".."],"sizes":[99999999999999999999]}\n')
    f.write(b'{"id":20000,"fate":"done","name":"' + b'a' * 100000 + b'","size":1}\n')
    f.write(b'{"id":20000,"time":"9999-99-99T99:99:99.999Z","fate":"done","name":"\\u0000\\n"}\n')
PY
for option in "" --json "--repair"; do
    LIMIT=20 run "$audit" $option q
    is "a hostile log $option: exit status" $status 65
    check "a hostile log $option: no control characters" test -z "$(tr -d '\n\040-\176\200-\377' <out)"
done
