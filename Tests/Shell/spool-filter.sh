#!/bin/bash
# `ccm-convert QUEUE -- COMMAND`: a program a message. What it says never reaches a message (Q179072: a console
# message written through the descriptor of a message file), what its exit status says is done.
. "$(dirname "$0")/lib.sh"
programs ccm-convert eml2ccm
convert=$BIN/ccm-convert
LIMIT=60

# command NAME: a shell script from standard input.
command_file() { { echo '#!/bin/sh'; cat; } >"$1"; chmod +x "$1"; }

queue q 5
run "$convert" --to ccm q -- "$BIN/eml2ccm"
is "eml2ccm as the command: exit status" $status 0
is "eml2ccm as the command: accounted" "$(all_done=1 accounted q 5)" ""
check "eml2ccm as the command: the result is its own" cmp <("$BIN/eml2ccm" q/done/m1.eml) q/results/m1.ccm

queue q 3
run "$convert" --to txt q -- sed 's/mark/MARK/'
is "a command with operands: exit status" $status 0
is "a command with operands: results" "$(names q/results | tr '\n' ' ')" "m1.txt m2.txt m3.txt "
check "a command with operands: its output, all of it" cmp q/results/m2.txt <(eml 2 | sed 's/mark/MARK/')
is "a command with operands: originals" "$(names q/done | grep -v report | tr '\n' ' ')" "m1.eml m2.eml m3.eml "

# Exit statuses.
command_file status <<'SH'
text=$(cat)
case $text in *'<1>'*) exit 0 ;; *'<2>'*) echo half; exit 75 ;; *'<3>'*) echo half; echo sorry >&2; exit 1 ;; *'<4>'*) echo half; exit 65 ;;
    *'<5>'*) echo half; kill -SEGV $$ ;; *) printf '%s' "$text" ;; esac
SH
queue q 6
run "$convert" --to txt q -- "$tmp/status"
among "exit statuses of the command: exit status" $status 0 75
is "exit 75: the message waits" "$(names q/in | tr '\n' ' ')" "m2.eml "
for i in 3 4 5; do
    is "a command that fails (m$i): original" "$(cd q && ls -d failed/m$i.eml quarantine/m$i.eml 2>/dev/null | sed 's/quarantine/failed/')" failed/m$i.eml
    check "a command that fails (m$i): report" test -s "$(ls q/failed/m$i.eml.report q/quarantine/m$i.eml.report 2>/dev/null)"
done
is "a command that fails: exit 1 means failed" "$(ls -d q/failed/m3.eml 2>&1)" q/failed/m3.eml
check "a command that fails: its status is in the report" grep -qE '"exit": ?1\b' q/failed/m3.eml.report
is "a command that fails: no result" "$(names q/results | tr '\n' ' ' | sed 's/m1.txt //')" "m6.txt "
run "$convert" --strict --to txt q -- "$tmp/status"
is "exit 75 again: it still waits, nothing is doubled" "$(names q/in | tr '\n' ' ')$(count q/results)" "m2.eml $(count q/results)"

# No such program: nobody's message fails for it.
queue q 2
run "$convert" --to txt q -- "$tmp/no-such-program"
is "no such command: exit status" $status 69
is "no such command: messages wait" "$(names q/in | tr '\n' ' ')$(leftovers q)" "m1.eml m2.eml "
check "no such command: said" grep -q no-such-program err
: >notexec
run "$convert" --to txt q -- "$tmp/notexec"
among "a command that may not be executed: exit status" $status 69
is "a command that may not be executed: messages wait" "$(names q/in | tr '\n' ' ')" "m1.eml m2.eml "

# Console output never becomes part of a message.
command_file noisy <<'SH'
echo 'Exporting messages in mailbox' >&2
cat
echo 'Exporting messages in mailbox' >&2
SH
for workers in 1 4; do
    queue q 40
    run "$convert" --workers $workers --to txt q -- "$tmp/noisy"
    is "console output, $workers workers: exit status" $status 0
    is "console output, $workers workers: none in a result" "$(grep -l 'Exporting' q/results/* q/done/*.eml | wc -l)" 0
    is "console output, $workers workers: results are whole" "$(for i in 1 20 40; do cmp q/results/m$i.txt q/done/m$i.eml 2>&1; done)" ""
    check "console output, $workers workers: kept" grep -rq 'Exporting messages' q/log err
done

# The command has three descriptors and no more (and what ls opens), and its errors go to no message.
if [ -d /proc/self/fd ]; then
    queue q 4
    exec 7<q/in/m1.eml 8>>leak
    run "$convert" --workers 2 --to txt q -- ls -l /proc/self/fd
    exec 7<&- 8>&-
    is "descriptors of the command: results" "$(count q/results)" 4
    is "descriptors of the command" "$(cat q/results/*.txt | sed -n 's/.* \([0-9]* -> .*\)/\1/p' | grep -v '^[012] \|/proc/[0-9]*/fd$')" ""
    check "standard error of the command is no result" test -z "$(grep -hE ' 2 -> .*/(src|out|results|done)/' q/results/*.txt)"
else
    skip "descriptors of the command" "no /proc"
fi

# Our own descriptors closed: the summary and the errors must not land in the first file that is opened.
for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&- 2>&-'; do
    queue q 5; garbage 3 300 >q/in/noise.eml
    eval "timeout 60 \"\$convert\" q $closed" >/dev/null 2>err || true
    is "started with $closed: the messages are done" "$(all_done=1 accounted q 5)" ""
    is "started with $closed: results are whole" "$(for i in 1 2 3 4 5; do "$BIN/eml2ccm" q/done/m$i.eml | cmp - q/results/m$i.ccm 2>&1; done)" ""
    check "started with $closed: reports and log are JSON" json q/*/*.report q/log/*.jsonl
    queue q 3
    eval "timeout 60 \"\$convert\" --json --to txt q $closed -- \"\$tmp/noisy\"" >/dev/null 2>err || true
    is "started with $closed, a command: results are whole" "$(for i in 1 2 3; do cmp q/results/m$i.txt q/done/m$i.eml 2>&1; done)" ""
done

# Commands that do not read, read late, write much, leave children behind, or change the world around them.
head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 70 >big
mkdir -p q; rm -rf q; mkdir -p q/in
{ eml 1; cat big; } >q/in/m1.eml; cp q/in/m1.eml original
command_file deaf <<'SH'
exec <&-
echo nothing read
SH
run "$convert" --to txt q -- "$tmp/deaf"
is "a command that does not read: done" "$status $(cat q/results/m1.txt)" "0 nothing read"
rm -rf q; mkdir -p q/in; cp original q/in/m1.eml
run "$convert" --to txt q -- cat
check "3 MB through cat" cmp original q/results/m1.txt
rm -rf q; mkdir -p q/in; cp original q/in/m1.eml
command_file late <<'SH'
head -c 2000000 /dev/zero | tr '\0' y
head -c 300000 /dev/zero | tr '\0' e >&2
exec cat
SH
run "$convert" --to txt q -- "$tmp/late"
is "a command that writes before it reads" "$status $(size q/results/m1.txt)" "0 $((2000000 + $(size original)))"
queue q 2
command_file orphan <<'SH'
cat
(exec >/dev/null 2>&1 </dev/null; sleep 2) &
SH
start=$SECONDS
run "$convert" --to txt q -- "$tmp/orphan"
is "a command that leaves a child behind: done" "$status $(count q/results)" "0 2"
queue q 2
command_file traps <<'SH'
cd / && umask 0 && cat && cat >&2
SH
run "$convert" --to txt q -- "$tmp/traps"
is "a command that changes directory and mask" "$status $(count q/results)" "0 2"
queue q 2
(cd q && run "$convert" --to txt . -- cat; echo $status >rc)
is "the queue is the current directory" "$(cat q/rc) $(count q/results)" "0 2"

# TMPDIR of the command is its invocation's own, and goes with it.
queue q 2
command_file temporary <<'SH'
mktemp
cat >/dev/null
SH
run "$convert" --to txt q -- "$tmp/temporary"
is "temporary files of the command: nothing is left in work" "$(leftovers q)" ""
