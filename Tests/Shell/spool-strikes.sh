#!/bin/bash
# A message that kills its converter: three dead invocations with it in hand, and it lies in quarantine with a report;
# the others are done (Q168556, Q176375: the connector restarted its thread 25 times and stopped).
. "$(dirname "$0")/lib.sh"
programs ccm-convert
require "strikes" python3
convert=$BIN/ccm-convert

cat >killer <<'SH'
#!/bin/sh
# Kills the program that runs it when it meets the mark of message 3.
cat >"$TEXTS/$$"
grep -q 'The mark is <3>' "$TEXTS/$$" && kill -KILL $PPID
cat "$TEXTS/$$"
SH
chmod +x killer
mkdir texts; export TEXTS=$tmp/texts

# until_done OPTION...: runs on the queue q until a run is not killed and nothing is left to recover; $deaths. A filter
# that was just being started when its program died holds the program's lock until it has begun.
until_done() {
    local runs=0
    deaths=0
    while [ $runs -lt 20 ]; do
        runs=$((runs + 1))
        (timeout -k 5 60 "$convert" "$@" >out 2>err; exit $?) 2>/dev/null # which hides the shell's `Killed`
        status=$?
        if [ $status -gt 128 ]; then deaths=$((deaths + 1)); continue; fi
        [ -n "$(leftovers q)" ] || return
        sleep 0.2
    done
}

for workers in 1 2; do
    queue q 6
    until_done --to out --workers $workers q -- "$tmp/killer"
    is "a message that kills, $workers workers: deaths" $deaths 3
    is "a message that kills, $workers workers: the run after them" $status 0
    is "a message that kills, $workers workers: it lies in quarantine" "$(names q/quarantine | tr '\n' ' ')" "m3.eml m3.eml.report "
    is "a message that kills, $workers workers: the others are done" "$(names q/done | grep -v report | tr '\n' ' ')" "m1.eml m2.eml m4.eml m5.eml m6.eml "
    is "a message that kills, $workers workers: results" "$(names q/results | tr '\n' ' ')" "m1.out m2.out m4.out m5.out m6.out "
    is "a message that kills, $workers workers: nothing is left" "$(names q/in)$(leftovers q)$(names q/work/strikes)" ""
    check "a message that kills, $workers workers: its report" python3 -c 'import json
r = json.load(open("q/quarantine/m3.eml.report")); assert r["fate"] == "quarantine" and r["name"] == "m3.eml" and r["results"] == [], r'
    check "a message that kills, $workers workers: an event names it" grep -q 'm3\.eml' q/log/*.jsonl
done

# Two of them, and one worker.
queue q 6
sed 's/<3>/<[25]>/' killer >killers; chmod +x killers
until_done --to out --workers 1 q -- "$tmp/killers"
is "two messages that kill: they lie in quarantine" "$(names q/quarantine | grep -v report | tr '\n' ' ')" "m2.eml m5.eml "
is "two messages that kill: deaths" $deaths 6
is "two messages that kill: the others are done" "$(names q/done | grep -v report | tr '\n' ' ')" "m1.eml m3.eml m4.eml m6.eml "

# A message under the same name later is another message.
eml 7 >q/in/m2.eml
until_done --to out --workers 1 q -- "$tmp/killers"
is "a new message under the old name: done at once" "$deaths $(grep -l '<7>' q/done/* | wc -l)" "0 1"

# A message put back by hand after its quarantine goes there again; it never loops.
mv q/quarantine/m5.eml q/in/
rm -f q/quarantine/m5.eml.report
until_done --to out --workers 1 q -- "$tmp/killers"
is "a message put back: quarantined again" "$status $(names q/quarantine | grep -c '^m5.*eml$')" "0 1"

# The built-in conversion, killed by the system at its first write of a result.
if command -v strace >/dev/null && strace -f -qq -o /dev/null true 2>/dev/null; then
    queue q 1; cp -a q model
    strace -f -qq -o calls.log "$convert" --workers 1 model >/dev/null 2>&1
    # The last opening of a file under `out`, as an Nth openat of its thread.
    nth=$(awk '{ pid = $1; sub(/^[0-9]+ +/, "") } /^openat\(/ { n[pid]++ } /^openat\(.*m1\.ccm/ && /O_CREAT/ { last = n[pid] } END { print last + 0 }' calls.log)
    if [ "$nth" = 0 ]; then
        skip "killed three times while converting" "the result is not opened by its name"
    else
        for i in 1 2 3; do
            (strace -f -qq -o /dev/null -e trace=openat -e "inject=openat:signal=KILL:when=$nth" "$convert" --workers 1 q >/dev/null 2>&1; exit $?) 2>/dev/null
        done
        run "$convert" --workers 1 q
        run "$convert" --workers 1 q
        # Recovery makes calls of its own, so the second and third kill may come before it is in hand.
        is "killed three times while converting: one fate" "$(accounted q 1)" ""
    fi
else
    skip "killed three times while converting" "no strace here"
fi
