#!/bin/bash
# ccm-replay: failed and quarantined messages go back into the queue, each once, and nothing else does (KB Q168680).
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-replay
require "logs" python3
convert=$BIN/ccm-convert audit=$BIN/ccm-audit replay=$BIN/ccm-replay

run "$replay" --help; is "--help" $status 0
run "$replay" --version; is "--version" $status 0
run "$replay"; is "no queue" $status 64
run "$replay" q; is "no names, no --all" $status 64
run "$replay" --all x q; is "names and --all" $status 64
run "$replay" --from in --all q; is "--from in" $status 64
run "$replay" --all nothing; is "no such queue" $status 66
check "and it is not made" test ! -e nothing

printf '#!/bin/sh\n[ -e broken ] && exit 70\nread -r line\ncase $line in *bad*) exit 65 ;; esac\nexec cat\n' >filter
chmod +x filter; : >broken
filter() { "$convert" --no-sync -q --to txt "$1" -- "$tmp/filter"; }
mkdir -p model/in
for i in 1 2 3; do echo "message $i" >model/in/m$i.txt; done
filter model
cp model/failed/m1.txt model/in; filter model
cp model/failed/m1.txt "model/in/"$'\351 *.txt'; filter model
echo und >model/failed/CCMAIL.UND; echo und >model/failed/x.und; echo '{"text":"alone"}' >model/failed/alone.report
rm broken; echo "bad one" >model/in/b1.txt; mkfifo model/in/pipe; filter model; : >broken
is "the model" "$(names model/failed | grep -c txt$) $(names model/quarantine | grep -c txt$)" "5 1"
fresh() { rm -rf q; cp -a model q; }

fresh
run "$replay" --list q
is "--list: exit status" $status 0
is "--list: files but for .und and reports" "$(cut -f 1 out | sort | tr '\n' ' ')" '? *.txt m1.txt m1~2.txt m2.txt m3.txt '
is "--list: why" "$(grep -c "filter: .*70" out)" 5
run "$replay" --from quarantine --list q
is "--list: quarantine, no FIFO" "$(cut -f 1 out)" b1.txt
run "$replay" --dry-run 'm1*' q
is "--dry-run: names" "$(sort out | tr '\n' ' ')" "m1.txt m1~2.txt "
is "--dry-run: nothing moved" "$(cd q && find . | sort)" "$(cd model && find . | sort)"

run "$replay" m1.txt m3.txt q
is "by name: exit status" $status 0
is "by name: they wait" "$(names q/in | tr '\n' ' ')" "m1.txt m3.txt "
is "by name: the others do not" "$(names q/failed | grep txt$ | tr '\n' ' ')" $'m1~2.txt m2.txt \351 *.txt '
is "by name: their reports are in the log" "$(names q/log | grep -c '^m[13].txt.report.20')" 2
is "by name: none is left behind" "$(ls q/failed/m1.txt.report q/failed/m3.txt.report 2>/dev/null)" ""
is "by name: unchanged" "$(cat q/in/m1.txt)" "message 1"
check "by name: events" python3 -c 'import glob, json
events = [json.loads(l) for f in glob.glob("q/log/*.jsonl") for l in open(f)]
found = {e["name"]: e for e in events if e["id"] == 20030}
assert set(found) == {"m1.txt", "m3.txt"}, found
e = found["m1.txt"]
assert e["severity"] == "info" and e["program"] == "ccm-replay" and e["from"] == "failed" and e["published"] == "m1.txt" and e["size"] == 10, e'
check "by name: nothing on standard output" test ! -s out
is "nothing of the replay is left in work" "$(leftovers q)" ""
rm q/failed/CCMAIL.UND q/failed/x.und q/failed/alone.report
run "$audit" q; is "by name: the audit says sound" "$status$(cat out)" 0
filter q; run "$audit" q; is "by name, and failed again: sound" "$status$(cat out)" 0
rm broken; "$replay" -q --all q; filter q; : >broken
is "all of them are done in the end" "$(names q/failed)|$(names q/done | grep -c txt$)" "|5"
run "$audit" q; is "all of them are done in the end: sound" "$status$(cat out)" 0

fresh
run "$replay" m2.txt nothing 'x*.txt' ../in/m q
is "unknown names: exit status" $status 66
is "unknown names: the others are put back" "$(names q/in)" m2.txt
is "unknown names: each is said" "$(grep -c 'no such message' err)" 3
fresh; run "$replay" '*' q
is "a pattern: no .und, no report" "$(names q/in | wc -l) $(names q/failed | sort | tr '\n' ' ')" "5 CCMAIL.UND alone.report x.und "
fresh; run "$replay" $'\303\251 \\*.txt' '? \*.txt' q
is "a pattern for a name that is not UTF-8" "$(names q/in)" $'\351 *.txt'
fresh; run "$replay" --all q; run "$replay" --all q
is "--all on nothing: exit status" $status 0
fresh; echo other >q/in/m1.txt; run "$replay" m1.txt q
is "a name that is taken" "$(cat q/in/m1.txt q/in/m1~2.txt | tr '\n' ' ')" "other message 1 "

# Another directory, and those that are none.
fresh; mkdir -p next/in; run "$replay" --into next/in m1.txt q
is "--into: there" "$status $(names next/in) $(names q/in)" "0 m1.txt "
rm q/failed/CCMAIL.UND q/failed/x.und q/failed/alone.report
run "$audit" q; is "--into: sound" "$status$(cat out)" 0
for dir in nowhere q/done q/failed q/log q/results; do
    fresh; run "$replay" --into $dir --all q
    is "--into $dir: exit status" $status 73
    is "--into $dir: nothing moved" "$(names q/failed | grep -c txt$)" 5
done

# quarantine and done; strikes and attempts.
fresh
key=$(stat -c %i-%Y q/quarantine/b1.txt); mkdir -p q/work/attempts; echo -n xx >q/work/strikes/$key; echo -n x >q/work/attempts/$key
run "$replay" --from quarantine --all q
is "quarantine: back, the FIFO stays" "$(names q/in) $(names q/quarantine | tr '\n' ' ')" "b1.txt pipe pipe.report "
is "quarantine: strikes and attempts are forgotten" "$(names q/work/strikes q/work/attempts)" ""
fresh
key=$(stat -c %i-%Y q/failed/m1.txt); mkdir -p q/work/attempts; echo -n x >q/work/attempts/$key
run "$replay" m1.txt q; is "failed: attempts are kept" "$(names q/work/attempts)" $key
mv q/in/m1.txt q/failed/; run "$replay" --reset m1.txt q; is "failed, --reset: forgotten" "$(names q/work/attempts)" ""
fresh; rm broken; "$replay" -q m1.txt q; filter q
run "$replay" --all --from done q
is "done: says that it is sent again" "$status $(grep -c 'once more' err) $(names q/in)" "0 1 m1.txt"
filter q; : >broken
is "done: its result is there twice" "$(names q/results | tr '\n' ' ')" "m1.txt m1~2.txt "
rm q/failed/CCMAIL.UND q/failed/x.und q/failed/alone.report
run "$audit" q; is "done: sound" "$status$(cat out)" 0

# Many at once: each message goes back once.
rm -rf q; mkdir -p q/in; for ((i = 0; i < 500; i++)); do echo "message $i" >q/in/m$i.txt; done; filter q
is "five hundred failed" "$(names q/failed | grep -c txt$)" 500
for i in 1 2 3 4 5; do "$replay" -q --all q & done; wait
is "five replays at once: each message once" "$(names q/in | wc -l) $(names q/failed | wc -l)" "500 0"
is "five replays at once: five hundred events" "$(cat q/log/*.jsonl | grep -c '"id":20030')" 500
run "$audit" q; is "five replays at once: sound" "$status$(head -n 3 out)" 0

# Killed at each system call: the message is in one place, and what is left is known to the audit.
require "killed at each system call" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "killed at each system call" "strace may not trace here"; exit 0; }
rm -rf three; mkdir -p three/in; for i in 1 2 3; do echo "message $i" >three/in/m$i.txt; done; filter three
rm -rf q; cp -a three q; strace -f -qq -o calls.log "$replay" -q --all q
case $TEST_SIZE in quick) every=7 ;; *) every=1 ;; esac
bad=; points=0
while read -r most call; do
    for ((i = 1; i <= most; i += every)); do
        rm -rf q; cp -a three q; points=$((points + 1))
        (strace -f -qq -o /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$i" "$replay" -q --all q >/dev/null 2>&1; exit 0) 2>/dev/null
        n=$(find q/in q/failed -name 'm?.txt' | sort | sed 's/.*\///' | tr '\n' ' ')
        [ "$n" = "m1.txt m2.txt m3.txt " ] || bad="$bad $call $i: $n;"
        "$audit" --repair -q q >out 2>&1 || bad="$bad $call $i: $(head -n 2 out);"
        "$replay" -q --all q || bad="$bad $call $i: the next one ends with $?;"
        [ "$(names q/in | wc -l) $(names q/failed | wc -l)" = "3 0" ] || bad="$bad $call $i: after the next one: $(names q/in q/failed | tr '\n' ' ');"
        filter q; "$audit" -q q >out 2>&1 || bad="$bad $call $i: at the end: $(head -n 2 out);"
    done
done < <(awk '{ sub(/^[0-9]+ +/, "") } /^[a-z_0-9]+\(/ { sub(/\(.*/, ""); n[$0]++ }
    END { for (c in n) if (c ~ /^(rename|open|write|unlink|mkdir|flock|syncfs|fstat|newfstat|close)/) print n[c], c }' calls.log)
is "killed at each of $points points" "${bad:0:500}" ""

# A log that takes nothing more: what an audit could not understand is not done; and a line is whole, or not there.
for when in 2+ 3+ 4+; do
    rm -rf q; cp -a three q
    (strace -f -qq -o /dev/null -e trace=write -e "inject=write:error=ENOSPC:when=$when" "$replay" -q --all q >out 2>err); status=$?
    is "no room in the log from write ${when%+} on: moved" "$status $(names q/in | wc -l)" "75 $(((${when%+} - 1) / 2))"
    check "no room in the log from write ${when%+} on: sound, but for a report" sh -c '! "$0" q | grep -v "a report without its original"' "$audit"
    run "$audit" --repair q; run "$audit" q; is "no room in the log from write ${when%+} on: sound once repaired" "$status$(head -n 3 out)" 0
done
rm -rf q; cp -a three q
(ulimit -f 1; "$replay" -q --all q >out 2>err); status=$?
is "a log that may not grow: moved" "$status $(names q/in q/failed | grep -c 'txt$')" "74 3"
check "a log that may not grow: whole lines" json q/log/*.jsonl
run "$audit" --repair q; run "$audit" q; is "a log that may not grow: sound once repaired" "$status$(head -n 3 out)" 0
