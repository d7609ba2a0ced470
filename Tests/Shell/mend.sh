#!/bin/bash
# What a person does with messages that a person has to look at: mended ones go back, others are discarded, and what was
# done by hand is acknowledged. The audit understands all of it.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-replay
convert=$BIN/ccm-convert audit=$BIN/ccm-audit replay=$BIN/ccm-replay
unset VISUAL EDITOR SUDO_USER
who=$(id -un)

# A queue with three messages in quarantine, whose trouble is in their first line, a FIFO, and one that is done.
broken() { printf 'broken\n\n'; eml "$1"; }
rm -rf model; mkdir -p model/in
for i in 1 2 3; do broken $i >model/in/m$i.eml; done
eml 9 >model/in/m9.eml; mkfifo model/in/pipe
"$convert" --no-sync -q model
fresh() { rm -rf q; cp -a model q; }
sound() { run "$audit" "${@:2}" q; is "$1" "$status|$(cat out)" "0|"; }
fresh; is "three are in quarantine" "$(names q/quarantine | grep -c 'eml$') $(count q/done)" "3 1"
sound "before"

# ---- Mended.
mend='sed -i 1,2d'
VISUAL=$mend run "$replay" --from quarantine --edit m1.eml q
is "--edit: it waits, mended" "$status $(names q/in) $(head -n 1 q/in/m1.eml | tr -d '\r')" "0 m1.eml From: Ann Example <ann@example.org>"
is "--edit: as it was, it is in the log" "$(head -n 1 q/log/m1.eml.original.*)" broken
is "--edit: the others are where they were" "$(names q/quarantine | grep 'eml$' | tr '\n' ' ')" "m2.eml m3.eml "
check "--edit: the log says who" grep -q '"id":20055.*"by":"'"$who"'"' q/log/*.jsonl
is "--edit: nothing is left in work" "$(leftovers q)" ""
sound "--edit: sound"
"$convert" --no-sync -q q; is "--edit: it is done" "$(names q/done | tr '\n' ' ')" "m1.eml m9.eml "
sound "--edit, then converted: sound"
EDITOR=$mend run "$replay" --from quarantine --edit --all q
is "--edit with EDITOR, all" "$status $(names q/in | tr '\n' ' ')" "0 m2.eml m3.eml "
VISUAL="sh -c 'exit 3'" run "$replay" --from quarantine --edit pipe q
is "--edit: what is no file is no message" $status 66
"$convert" --no-sync -q q; sound "--edit, all of them: sound"

fresh; VISUAL=true run "$replay" --from quarantine --edit m1.eml q
is "--edit, nothing changed: it stays" "$status $(names q/in) $(grep -c 'not changed' err)" "0  1"
VISUAL=false run "$replay" --from quarantine --edit m1.eml q
is "--edit, the editor fails: it stays" "$status $(names q/in) $(head -n 1 q/quarantine/m1.eml)" "74  broken"
VISUAL='rm --' run "$replay" --from quarantine --edit m1.eml q
is "--edit, the editor removes it: it stays" "$status $(names q/in) $(head -n 1 q/quarantine/m1.eml)" "74  broken"
sound "--edit without effect: sound"
printf '#!/bin/sh\nsed -i 1,2d "$1"; mv q/quarantine/m1.eml q/in/\n' >race; chmod +x race
VISUAL=./race run "$replay" --from quarantine --edit m1.eml q
is "--edit, overtaken: what was made of it is kept" "$status $(head -n 1 q/in/m1.eml) $(head -n 1 q/log/m1.eml.mended.* | cut -c 1-5)" "74 broken From:"
fresh; VISUAL='sed -i s/broken/BROKEN/' run "$replay" --from quarantine --edit m1.eml q
"$convert" --no-sync -q q; sound "--edit, of one size, and it fails again: sound"
VISUAL=$mend run "$replay" --from quarantine --edit m1.eml q
"$convert" --no-sync -q q; sound "--edit for the second time: sound"
is "--edit for the second time: done" "$(names q/done | tr '\n' ' ')" "m1.eml m9.eml "

# Mended where it lies, and then put back: that is natural, and sound.
fresh; sed -i 1,2d q/quarantine/m1.eml; run "$audit" q
is "mended by hand: the size is told" "$status $(grep -c 'm1.eml: .* bytes; it had' out)" "65 1"
"$replay" -q --from quarantine m1.eml q; sound "mended by hand, and put back: sound"
"$convert" --no-sync -q q; sound "mended by hand, and converted: sound"
is "mended by hand, and converted: done" "$(names q/done | tr '\n' ' ')" "m1.eml m9.eml "
rm q/done/m1.eml; run "$audit" q; is "and it is still missed" "$status $(grep -c 'done/m1.eml: ' out)" "65 1"

# ---- Discarded.
fresh; run "$replay" --from quarantine --discard "advertising for teapots" 'm[12].eml' q
is "--discard" "$status $(names q/quarantine | grep 'eml$') $(names q/in)" "0 m3.eml "
is "--discard: the reports are kept" "$(names q/log | grep -c '^m[12].eml.report.20')" 2
check "--discard: the log says why and who" grep -q '"id":20054.*"by":"'"$who"'".*teapots' q/log/*.jsonl
sound "--discard: sound"
run "$audit" q; check "--discard: counted" grep -q ' 2 discarded' err
run "$replay" --from quarantine --discard "a FIFO" pipe q
is "--discard what is no file" "$status $(names q/quarantine | grep -c pipe)" "0 0"
sound "--discard what is no file: sound"
run "$replay" --from quarantine --discard " " m3.eml q; is "--discard without a reason" $status 64
run "$replay" --from quarantine --discard why --edit m3.eml q; is "--discard and --edit" $status 64
run "$replay" --from quarantine --discard why nothing q; is "--discard of nothing" $status 66
run "$replay" --from quarantine --discard why --dry-run m3.eml q; is "--discard --dry-run" "$status $(cat out) $(ls q/quarantine/m3.eml)" "0 m3.eml q/quarantine/m3.eml"

# ---- Acknowledged.
fresh; rm q/quarantine/m1.eml q/results/m9.ccm; echo new >q/done/new.eml; echo more >>q/quarantine/m2.eml
run "$audit" q; is "by hand: damage" "$status $(grep -c . out)" "65 5"
for one in quarantine/m1.eml results/m9.ccm done/new.eml quarantine/m2.eml; do run "$audit" --acknowledge $one q; done
is "--acknowledge, each by its name: sound" "$status|$(cat out)" "0|"
sound "--acknowledge: sound from then on"
check "--acknowledge: the log says who" grep -q '"id":20056.*"by":"'"$who"'"' q/log/*.jsonl
is "--acknowledge: the report is kept in the log" "$(names q/log | grep -c '^m1.eml.report.20')" 1
run "$audit" --acknowledge quarantine/m1.eml q; is "--acknowledge, a second time" $status 66
run "$audit" --acknowledge done/m9.eml q; is "--acknowledge what is no damage" $status 66
run "$audit" --acknowledge done/m9.eml q q; is "--acknowledge with two queues" $status 64
sound "--acknowledge of nothing: sound"
eml 1 >q/quarantine/m1.eml; run "$audit" q
is "and what comes back is told" "$status $(grep -c 'quarantine/m1.eml: ' out)" "65 2"
fresh; rm q/quarantine/m1.eml q/quarantine/m2.eml
run "$audit" --acknowledge quarantine/m1.eml --acknowledge quarantine/m2.eml q
is "--acknowledge, twice at once" "$status|$(cat out)" "0|"

# ---- One that may not be moved does not keep the others.
require "killed at each system call" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "killed at each system call" "strace may not trace here"; exit 0; }
for error in EPERM EACCES; do
    fresh
    strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:error=$error:when=2 "$replay" --all --from quarantine q >out 2>err; status=$?
    is "--all, $error for one of them" "$status $(names q/in | wc -l) $(names q/quarantine | grep -c 'eml$')" "74 2 1"
    check "--all, $error: told" grep -q "eml: was not put back: " err
    sound "--all, $error: sound"
done
fresh; strace -f -qq -o /dev/null -e trace=unlinkat -e inject=unlinkat:error=EPERM:when=1 "$replay" --discard why 'm*' --from quarantine q >out 2>err; status=$?
is "--discard, EPERM for one of them" "$status $(names q/quarantine | grep -c 'eml$')" "74 1"
sound "--discard, EPERM: sound"

# ---- Killed at each system call: the message is in one place, as it was or mended, or discarded, and the audit knows.
case $TEST_SIZE in quick) every=11 ;; full) every=1 ;; *) every=3 ;; esac
killed() {
    local name=$1 most call i n bad= points=0
    shift
    fresh; strace -f -qq -o calls.log "$replay" -q "$@" q
    while read -r most call; do
        for ((i = 1; i <= most; i += every)); do
            fresh; points=$((points + 1))
            (strace -qq -o /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$i" "$replay" -q "$@" q >/dev/null 2>&1; exit 0) 2>/dev/null
            n=$(find q/in q/quarantine -name 'm1.eml' | wc -l)
            case $name in
                --edit) [ "$n" = 1 ] || bad+=" $call $i: $n;" ;;
                *) [ "$n" = 1 ] || grep -q '"id":20053' q/log/*.jsonl || bad+=" $call $i: gone, and nothing says so;" ;;
            esac
            "$audit" --repair -q q >out 2>&1 || bad+=" $call $i: $(head -n 2 out);"
            "$replay" -q "$@" q >/dev/null 2>&1
            "$convert" --no-sync -q q; "$audit" -q q >out 2>&1 || bad+=" $call $i: at the end: $(head -n 2 out);"
        done
    done < <(awk '{ sub(/^[0-9]+ +/, "") } /^[a-z_0-9]+\(/ { sub(/\(.*/, ""); n[$0]++ }
        END { for (c in n) if (c ~ /^(rename|link|unlink|open|write|mkdir|flock|fsync|syncfs)/) print n[c], c }' calls.log)
    is "$name killed at each of $points points" "${bad:0:500}" ""
}
export VISUAL=$mend
killed --edit --from quarantine --edit m1.eml
killed --discard --from quarantine --discard why m1.eml
