#!/bin/bash
# ccm-prune: what has had its fate for long goes, whole, and nothing else; the audit stays sound, the counters never fall,
# however it is interrupted and whatever works beside it.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-replay ccm-status ccm-prune
require "counters" python3
convert=$BIN/ccm-convert audit=$BIN/ccm-audit replay=$BIN/ccm-replay st=$BIN/ccm-status prune=$BIN/ccm-prune

run "$prune" --help; is "--help" $status 0
run "$prune" --version; is "--version" $status 0
run "$prune" --older-than 30d; is "no queue" $status 64
run "$prune" q; is "no age" $status 64
for age in 30 d -1d 1x "" 99999999999999999999d 1.5d; do run "$prune" --older-than "$age" q; is "--older-than '$age'" $status 64; done
run "$prune" --older-than 30d --from in q; is "--from in" $status 64
run "$prune" --older-than 30d nothing; is "no such queue" $status 66
check "and it is not made" test ! -e nothing

# A queue with everything in it; two runs, so that there are several logs.
rm -rf model; mkdir -p model/in
for i in 1 2 3 4; do eml $i >model/in/m$i.eml; done
garbage 1 300 >model/in/noise
"$convert" --no-sync -q model
for i in 2 3; do eml 5$i >model/in/m$i.eml; done
eml 7 >model/in/m7.eml; printf 'X-Unknown: \351\r\n' | cat - model/in/m7.eml >model/in/m8.eml; eml 9 >"model/in/"$'\351.eml'
printf '#!/bin/sh\nexit 70\n' >fails; chmod +x fails
"$convert" --no-sync -q model
eml 10 >model/in/f1.eml; "$convert" --no-sync -q --to ccm model -- ./fails
fresh() { rm -rf q; cp -a model q; }
sound() { run "$audit" "${@:2}" q; is "$1" "$status|$(cat out)" "0|"; }
# counters: `ID SEVERITY TOTAL` of each event that was counted.
counters() { "$st" --json "${1:-q}" | python3 -c 'import json, sys
for e in json.load(sys.stdin)["events"]: print(e["id"], e["severity"], e["total"])'; }
# risen BEFORE: no counter is lower than in that file.
risen() { counters | python3 -c 'import sys
def read(lines): return {tuple(l.split()[:2]): int(l.split()[2]) for l in lines}
before, now = read(open(sys.argv[1])), read(sys.stdin)
low = {k: (n, now.get(k, 0)) for k, n in before.items() if now.get(k, 0) < n}
assert not low, low' "$1"; }
# The messages, wherever they are.
originals() { (cd q && find in done failed quarantine -type f ! -name '*.report') | sort; }
fresh; sound "before"; counters >before; originals >all
done=$(count q/done); is "done, failed, quarantine" "$done $(names q/failed | grep -vc report) $(names q/quarantine | grep -vc report)" "9 1 1"

# ---- Too young, whatever the age of the mail.
find q -type f -exec touch -d 1999-01-01 {} +
run "$prune" --older-than 1h q
is "young messages of old mail stay" "$status $(originals | cmp - all)" "0 "
run "$prune" --dry-run --older-than 0s q
is "--dry-run: all that is done" "$status $(grep -c '^q/done/' out) $(wc -l <out)" "0 $done $done"
is "--dry-run: nothing goes" "$(originals | cmp - all)" ""

# ---- Old enough.
fresh; results=$(names q/results | sort)
run "$prune" --older-than 0s q
is "done: pruned, with the reports" "$status $(count q/done)" "0 0"
is "done: told" "$(grep -c "q: $done messages, " err)" 1
is "results, failed, quarantine: they stay" "$([ "$(names q/results | sort)" = "$results" ] && count q/failed q/quarantine)" 4
check "the logs are in the ledger" test -f q/log/ledger -a "$(ls q/log/*.jsonl | wc -l)" = 1
check "the ledger is JSON" json q/log/ledger
sound "sound"
run "$audit" q; check "counted as pruned" grep -q " $done pruned" err
check "counters" risen before
run "$prune" -q --older-than 0s q
is "again: nothing to do, and nothing said" "$status$(cat out err)" 0
sound "again: sound"; check "again: counters" risen before
run "$audit" q; check "again: counted as pruned" grep -q " $done pruned" err
rm q/results/m1.ccm; echo x >q/done/unknown.eml; run "$audit" q
is "what the ledger knows is still missed, what it does not is unknown" "$status $(grep -c 'results/m1.ccm: .*log/ledger line' out) $(grep -c 'done/unknown.eml: ' out)" "65 1 1"
run "$prune" --older-than 0s q
is "what no event knows stays, and is told" "$status $(names q/done) $(grep -c 'done/unknown.eml: .*stays' err)" "74 unknown.eml 1"
eml 1 >q/in/m1.eml; "$convert" --no-sync -q q; rm q/done/unknown.eml
run "$audit" --acknowledge results/m1.ccm q; is "and the queue goes on" "$status $(cat out | wc -l)" "0 0"

fresh; run "$prune" --older-than 0s --from failed --from quarantine q
is "--from failed and quarantine: with their reports" "$status $(count q/failed q/quarantine) $(names q/done | grep -vc report)" "0 0 $done"
sound "--from failed and quarantine: sound"
fresh; rm q/results/m*; run "$prune" --consumed --older-than 0s q
sound "--consumed: sound" --consumed
is "--consumed: results that are gone are not remembered" "$(grep -c '"folder":"results","name":"m' q/log/ledger)" 0
cp q/results/f* q/results/more.ccm 2>/dev/null || eml 1 >q/results/more.ccm
run "$audit" --consumed q; is "--consumed: one too many is told" $status 65
fresh; mkdir into; eml 20 >q/in/m20.eml; "$convert" --no-sync -q --into into q; "$prune" -q --older-than 0s q; "$prune" -q --older-than 0s q
sound "--into: sound"
is "--into: results elsewhere are not remembered" "$(grep -c m20 q/log/ledger)" 0

# ---- Only what is old: two generations.
fresh; sleep 2.1; eml 21 >q/in/m21.eml; "$convert" --no-sync -q q
run "$prune" --older-than 2s q; is "what is younger stays" "$status $(names q/done)" "0 m21.eml"
sound "what is younger stays: sound"
"$replay" -q --from done --all q; "$convert" --no-sync -q q; "$prune" -q --older-than 0s q
sound "replayed, converted, pruned: sound"; is "replayed, converted, pruned" "$(count q/done)" 0

# ---- Queues whose old logs somebody has removed: what they told of is older than what is there.
fresh; sleep 0.1; rm q/log/*.jsonl; eml 21 >q/in/m21.eml; "$convert" --no-sync -q q; run "$audit" q
check "without old logs: unproved" grep -q ' [1-9][0-9]* unproved' err
run "$prune" --older-than 0s q; is "without old logs: pruned" "$status $(count q/done)" "0 0"
sound "without old logs: sound"

# ---- An archive, here and on another file system.
places=archive
[ "$(stat -c %d /tmp)" = "$(stat -c %d "$tmp")" ] || { other=$(mktemp -d /tmp/ccmc-prune.XXXXXX); places+=" $other"; }
for place in $places; do
    fresh; touch -d 1999-01-01 q/done/m1.eml; cp -a q/done saved
    run "$prune" --to $place --older-than 0s q
    is "--to ${place%.*}: all of it is there" "$status $(diff -r saved $place/q/done) $(date -r $place/q/done/m1.eml +%Y)" "0  1999"
    is "--to ${place%.*}: the logs as well" "$(ls $place/q/log/*.jsonl | wc -l)" "$(ls model/log/*.jsonl | wc -l)"
    is "--to ${place%.*}: and gone from here" "$(count q/done)" 0
    sound "--to ${place%.*}: sound"
    rm -rf saved "$place"
done
for place in q q/done .; do
    fresh; run "$prune" --to $place --older-than 0s q; is "--to $place" "$status $(originals | cmp - all)" "73 "
done

# ---- What is damaged, and what is no message.
fresh; log=$(ls q/log/*.jsonl | head -n 1); printf 'no JSON\n' >>"$log"
run "$prune" --older-than 0s q; is "a damaged log is kept, and told" "$status $(ls "$log") $(grep -c 'is no event' err)" "74 $log 1"
fresh; "$prune" -q --older-than 0s q; sed -i '$d' q/log/ledger
run "$audit" q; is "a ledger that is cut off" "$status $(grep -c 'log/ledger: .*cut off' out)" "65 1"
eml 22 >q/in/m22.eml; "$convert" --no-sync -q q; run "$prune" --older-than 0s q; is "a ledger that is cut off: no log goes" "$status $(ls q/log/*.jsonl | wc -l)" "74 3"
fresh; mkdir q/quarantine/dir q/log/run.iABCDEF; mkfifo q/log/pipe; run "$prune" --from quarantine --older-than 0s q
check "directories stay" test -d q/quarantine/dir -a -d q/log/run.iABCDEF

# ---- A living invocation: its log is not taken away from it, and what the dead left neither.
fresh; id=20261121T101010Z-host-1; mkdir -p q/work/$id; exec 9>q/work/$id/lock; flock -n 9
echo '{"time":"2026-11-21T10:10:10.000Z","id":20020,"severity":"error","text":"x"}' >q/log/$id.jsonl; echo out >q/log/$id.iABCDEF.out
run "$prune" --older-than 0s q; check "the logs of the living stay" test -e q/log/$id.jsonl -a -e q/log/$id.iABCDEF.out
exec 9>&-; run "$prune" --older-than 0s q
check "the log of the dead is folded; what its program printed stays for who settles it" test ! -e q/log/$id.jsonl -a -e q/log/$id.iABCDEF.out

# ---- Beside others: runs, replays, audits that repair, and two prunings.
case $TEST_SIZE in quick) n=100 ;; full) n=3000 ;; *) n=400 ;; esac
queue q $n; "$convert" --no-sync -q q; counters >before; bad=
end=$((SECONDS + 4))
(while [ $SECONDS -lt $end ]; do "$replay" -q --from done 'm*[05].eml' q 2>/dev/null; "$convert" --no-sync -q q; done) & runs=$!
(while [ $SECONDS -lt $end ]; do "$audit" -q --repair q >audit.out 2>&1 || cp audit.out audit.bad; done) & audits=$!
(while [ $SECONDS -lt $end ]; do "$prune" -q --older-than 1s q; done) & one=$!
(while [ $SECONDS -lt $end ]; do counters >now; risen before || echo "counters fell"; cp now before; done) >falls 2>&1 & counts=$!
while [ $SECONDS -lt $end ]; do "$prune" -q --older-than 2s q || bad+="$?"; done
wait $runs $audits $one $counts
is "beside others: exit status" "$bad" ""
is "beside others: counters never fall" "$(cat falls)" ""
is "beside others: no audit found anything" "$(cat audit.bad 2>/dev/null | head -n 3)" ""
"$convert" --no-sync -q q; "$prune" -q --older-than 0s q; sound "beside others: sound in the end"
is "beside others: all of them are gone" "$(originals)" ""

# ---- Killed at each system call.
require "killed at each system call" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "killed at each system call" "strace may not trace here"; exit 0; }
case $TEST_SIZE in quick) every=11 ;; full) every=1 ;; *) every=4 ;; esac
counters model >before
for to in "" "--to archive"; do
    rm -rf archive; fresh; strace -f -qq -o calls.log "$prune" -q --older-than 0s $to q
    bad=; points=0
    while read -r most call; do
        for ((i = 1; i <= most; i += every)); do
            rm -rf archive; fresh; points=$((points + 1))
            (strace -qq -o /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$i" "$prune" -q --older-than 0s $to q >/dev/null 2>&1; exit 0) 2>/dev/null
            risen before >why 2>&1 || bad+=" $call $i: $(tail -n 1 why);"
            "$audit" --repair -q q >out 2>&1 || bad+=" $call $i: $(head -n 2 out);"
            "$prune" -q --older-than 0s $to q >out 2>&1 || bad+=" $call $i: the next one: $(cat out);"
            [ -z "$to" ] || [ "$(names archive/q/done | grep -vc report)" = "$done" ] || bad+=" $call $i: not all in the archive;"
            "$audit" -q q >out 2>&1 || bad+=" $call $i: at the end: $(head -n 2 out);"
            [ "$(count q/done)" = 0 ] || bad+=" $call $i: left: $(names q/done);"
        done
    done < <(awk '{ sub(/^[0-9]+ +/, "") } /^[a-z_0-9]+\(/ { sub(/\(.*/, ""); n[$0]++ }
        END { for (c in n) if (c ~ /^(rename|unlink|write|mkdir|flock|fsync|syncfs)/) print n[c], c }' calls.log)
    is "killed at each of $points points${to:+, $to}" "${bad:0:500}" ""
done
