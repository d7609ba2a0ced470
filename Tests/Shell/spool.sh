#!/bin/bash
# ccm-convert on a queue: what goes where, under which name, with which report, exit status and summary.
. "$(dirname "$0")/lib.sh"
programs ccm-convert eml2ccm
require "reports and summaries" python3
convert=$BIN/ccm-convert

# value FILE KEY: a member of a JSON object.
value() { python3 -c 'import json,sys; v = json.load(open(sys.argv[1])).get(sys.argv[2]); print(v if isinstance(v, (str, int)) else json.dumps(v))' "$@" 2>&1; }

run "$convert" --help; is "--help" $status 0
run "$convert" --version; is "--version" $status 0
run "$convert"; is "no queue" $status 64
run "$convert" --no-such-option q; is "unknown option" $status 64
run "$convert" --workers 0 q; is "--workers 0" $status 64
run "$convert" --workers many q; is "--workers many" $status 64
run "$convert" --from nothing q; is "--from: unknown kind" $status 64
run "$convert" q --workers 1 extra; is "two queues" $status 64
: >file
run "$convert" file
among "the queue is a file" $status 66 71 73 74
is "the queue is a file: it stays empty" "$(size file)" 0

queue q 5
run "$convert" q
is "five messages: exit status" $status 0
is "five messages: accounted" "$(all_done=1 accounted q 5)" ""
check "five messages: in is empty" test -z "$(names q/in)"
is "five messages: results are what eml2ccm makes" "$(for i in 1 2 3 4 5; do "$BIN/eml2ccm" q/done/m$i.eml | cmp - q/results/m$i.ccm 2>&1; done)" ""
check "five messages: the log is JSON" json q/log/*.jsonl
check "five messages: the originals are unchanged" cmp <(eml 3) q/done/m3.eml
check "nothing on standard output" test ! -s out
for dir in work results done failed quarantine log; do check "made: $dir" test -d q/$dir; done
run "$convert" q
is "empty queue: exit status" $status 0
is "empty queue: nothing changed" "$(count q/results) $(count q/done)" "5 5"

# And back.
mkdir -p back/in; cp q/results/*.ccm back/in
run "$convert" --to eml back
is "to Internet mail: exit status" $status 0
is "to Internet mail: results" "$(names back/results | tr '\n' ' ')" "m1.eml m2.eml m3.eml m4.eml m5.eml "

# --json
queue q 3
garbage 1 500 >q/in/noise.eml
run "$convert" --json q
is "--json: exit status" $status 0
is "--json: taken" "$(value out taken)" 4
is "--json: done" "$(value out done)" 3
is "--json: results" "$(value out results)" 3
is "--json: failed and quarantined" "$(($(value out failed) + $(value out quarantine)))" 1
is "--json: returned" "$(value out returned)" 0

# What cannot be read: report beside the original; --strict.
where=$(ls -d q/failed/noise.eml q/quarantine/noise.eml 2>/dev/null)
is "unreadable message: quarantined" "$where" q/quarantine/noise.eml
is "report: name" "$(value "$where.report" name)" noise.eml
is "report: fate" "$(value "$where.report" fate)" quarantine
is "report: results" "$(value "$where.report" results)" "[]"
is "report: exit" "$(value "$where.report" exit)" 65
check "report: why, and where" grep -qE '^offset [0-9]+: .' <(value "$where.report" text)
check "unreadable message: an event names it" grep -q noise.eml q/log/*.jsonl
queue q 2; garbage 1 500 >q/in/noise.eml
run "$convert" --strict q
is "--strict: exit status" $status 65
is "--strict: the others are done" "$(all_done=1 accounted q 2)" ""
queue q 2
run "$convert" --strict q
is "--strict, all good: exit status" $status 0

# Several messages in one file; kinds by content.
queue q 0
{ mbox 1; mbox 2; mbox 3; } >q/in/dump.mbox
{ ccm 4; ccm 5; } >q/in/two.ccm
eml 6 >q/in/nosuffix
eml 7 >q/in/one.two.eml
run "$convert" --to ccm q
is "an mbox in a queue: results" "$(names q/results | grep '^dump' | tr '\n' ' ')" "dump.1.ccm dump.2.ccm dump.3.ccm "
is "no suffix: result" "$(names q/results | grep '^nosuffix')" nosuffix.ccm
is "two suffixes: the last goes" "$(names q/results | grep '^one')" one.two.ccm
queue q 0
{ ccm 4; ccm 5; } >q/in/two.ccm
ccm 6 >q/in/six.CCM
run "$convert" --to eml q
is "a .ccm file of two: results" "$(names q/results | tr '\n' ' ')" "six.eml two.1.eml two.2.eml "

# A bad message in a dump costs itself, no more.
queue q 0
{ ccm 1; garbage 3 300 | tr -d '\r\n'; printf '\r\n'; ccm 2; } >q/in/dump.ccm
run "$convert" --to eml q
is "garbage between two messages: both are converted" "$(cat q/results/* 2>/dev/null | grep -o '^Subject: Number [12]' | tr '\n' ' ')" "Subject: Number 1 Subject: Number 2 "
check "garbage between two messages: reported" json q/done/dump.ccm.report

# --into: the next queue's in.
queue q 3; rm -rf next; mkdir -p next/in
run "$convert" --into next/in q
is "--into: exit status" $status 0
is "--into: results are there" "$(names next/in | tr '\n' ' ')" "m1.ccm m2.ccm m3.ccm "
is "--into: and nowhere else" "$(names q/results)" ""
run "$convert" --to eml next
is "a chain of two queues" "$(names next/results | tr '\n' ' ')" "m1.eml m2.eml m3.eml "
queue q 2
run "$convert" --into nowhere/at/all q
among "--into a directory that is not there" $status 73 66 78 0
if [ $status = 0 ]; then is "--into a directory that is not there: made" "$(count nowhere/at/all)" 2
else is "--into a directory that is not there: messages wait" "$(count q/in)" 2; fi
if mountpoint -q /dev/shm && [ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d .)" ]; then
    other=$(mktemp -d /dev/shm/ccmc-test.XXXXXX)
    queue q 2
    run "$convert" --into "$other" q
    among "--into another file system" $status 73 78 64 0
    is "--into another file system: nothing lost, nothing twice" \
        "$(($(count q/in) + $(count "$other"))) $(($(count q/in) + $(count q/done)))" "2 2"
    rm -rf "$other"
else
    skip "--into another file system" "/dev/shm is not one"
fi

# Options of the mapping arrive.
queue q 1
run "$convert" --plain q
is "--plain: exit status" $status 0
is "--plain: no sizes" "$(grep -cE '^[0-9]+ *.$' q/results/m1.ccm)" 0

# --no-sync and workers change nothing but speed.
for options in --no-sync "--workers 1" "--workers 2" "--workers 2 --no-sync" "--workers 8"; do
    queue q 40
    run "$convert" $options q
    is "$options: exit status" $status 0
    is "$options: accounted" "$(all_done=1 accounted q 40)" ""
done

# Two invocations: the second finds the queue in use and takes what is left, no error.
queue q 200
"$convert" --no-sync q 2>err1 & one=$!
"$convert" --no-sync q 2>err2 & two=$!
wait $one; a=$?; wait $two; b=$?
is "two at once: exit status" "$a $b" "0 0"
is "two at once: accounted" "$(all_done=1 accounted q 200)" ""

# No progress when standard error is no terminal.
queue q 20
run "$convert" q
check "no terminal: no progress" test -z "$(tr -dc '\r\033' <err)"
check "no terminal: a summary" grep -q 20 err

# On a terminal there is progress, and it does not become part of the log.
queue q 40
printf '#!/bin/sh\nsleep 0.05\nexec cat\n' >slow; chmod +x slow
python3 - "$convert" --workers 1 --to txt q -- "$tmp/slow" >terminal 2>&1 <<'PY'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
while True:
    try: data = os.read(fd, 4096)
    except OSError: break
    if not data: break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
is "a terminal: exit status" $? 0
check "a terminal: progress is shown" grep -qE $'[0-9].*[\r\033].*[0-9]' terminal
check "a terminal: progress stays out of the log" test -z "$(cat q/log/* 2>/dev/null | tr -dc '\r\033')"

# What is done in spite of findings has a report too.
queue q 0
ccm 1 | sed '2s/.*/999\r/' >q/in/bad.ccm
run "$convert" --to eml q
is "findings: done" "$status $(names q/results)" "0 bad.eml"
is "findings: report: fate" "$(value q/done/bad.ccm.report fate)" done
is "findings: report: results" "$(value q/done/bad.ccm.report results)" '["bad.eml"]'
check "findings: report: offset, rule and text" python3 -c 'import json
f = json.load(open("q/done/bad.ccm.report"))["findings"][0]
assert f["offset"] > 9 and f["rule"] and f["text"], f'

# Strangers in the queue's folders harm nobody.
queue q 3
mkdir -p q/work/foreign q/work/1-2-3 q/results/dir q/done/dir q/log/dir
echo x >q/work/file; ln -s /nowhere q/work/link; mkfifo q/work/fifo; echo x >q/log/notes
LIMIT=20 run "$convert" q
is "strangers in work: exit status" $status 0
is "strangers in work: the messages are done" "$(names q/in)$(count q/done)" 4
check "strangers in work: a file of theirs stays" test -f q/work/file -a -f q/log/notes
for dir in results done failed quarantine work log; do
    queue q 2
    echo x >q/$dir
    LIMIT=20 run "$convert" q
    among "$dir is a file: exit status" $status 73 71 74 75 78
    is "$dir is a file: messages wait" "$(names q/in | tr '\n' ' ')" "m1.eml m2.eml "
    check "$dir is a file: said" test -s err
    rm q/$dir
    run "$convert" q
    is "$dir is a file, repaired: done" "$status $(all_done=1 accounted q 2)" "0 "
done

# Standard descriptors that are closed: nothing of ours gets their numbers, and what is said on them.
queue q 3; mkdir model; for i in 1 2 3; do eml $i | cat >model/m$i.out; done
"$convert" --workers 1 --no-sync q -- sh -c 'echo said >&2; cat' <&- >&- 2>&-
is "closed descriptors: exit status" $? 0
is "closed descriptors: results" "$(diff -r model q/results)" ""
queue q2 1
check "closed descriptors: no file has one of them" bash -c '
    mkfifo hold; "$0" --workers 1 q2 -- sh -c "echo >hold; cat" <&- >&- 2>&- & read -r x <hold
    mine=$(ls -l /proc/$!/fd/0 /proc/$!/fd/1 /proc/$!/fd/2 | grep -vc /dev/null); wait; exit $mine' "$convert"
