#!/bin/bash
# Errors that any message would meet: no space, no memory, no descriptors, a server that is gone. Whatever is written when
# they come is whole or gone, no message is blamed, the run ends with 75, and all wait; but one that meets them again and
# again while others pass goes to `failed`, or it would block its queue for ever.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-convert ccm-import ccm-export ccm-audit ccpo-init ccpo-import eml2ccm
require "errors of the system" strace
traced() { timeout -k 5 60 strace -f -qq "$@"; }
"$BIN/ccpo-init" --name HUB --remote EX --remote INTERNET empty >/dev/null

# ---- At each call of a kind that a program makes for its second message.
# sweep NAME QUEUE CALLS ERRORS COMMAND...: QUEUE.0 is what each run begins with; after a clean run, all is done.
sweep() {
    local name=$1 q=$2 calls=$3 errors=$4 call error n first most why bad= runs=0 every=1 again
    shift 4
    rm -rf $q po; cp -r $q.0 $q; cp -r empty po
    traced -o trace -e trace=${calls// /,} "$@" >/dev/null 2>&1
    "$BIN/ccm-audit" $q >/dev/null 2>&1 || { fail "$name: a clean run" "$(cat $q/log/*)"; return; }
    case $TEST_SIZE in quick) every=9 ;; normal) every=3 ;; esac
    for call in $calls; do
        # Until the queue is open, it is the loader and the start that meet it.
        first=$(awk -v call="$call(" 'index($2, "renameat2(") == 1 { print n + 1; exit } index($2, call) == 1 { n++ }' trace)
        most=$(grep -c "^[0-9]* *$call(" trace)
        for ((n = first; n <= most; n++)); do
            # Another error each time, all of them in the long test.
            for error in $([ "$TEST_SIZE" = full ] && echo $errors || echo $errors | tr ' ' '\n' | sed -n "$((n % $(echo $errors | wc -w) + 1))p"); do
                [ $(((n + ${#call}) % every)) = 0 ] || continue
                runs=$((runs + 1))
                rm -rf $q po; cp -r $q.0 $q; cp -r empty po
                traced -o /dev/null -e trace=$call -e inject=$call:error=$error:when=$n "$@" >out 2>err; status=$?
                why=
                [ $status -lt 100 ] || why+="exit status $status: $(tail -n 1 err); "
                why+=$(names $q/failed $q/quarantine | tr '\n' ' ')
                for again in 1 2 3; do "$@" >>out 2>>err; [ -n "$(ls $q/in)$(leftovers $q)" ] || break; done
                why+=$(cd $q/done && for i in *.report; do [ ! -e "$i" ] || [ -s "$i" -a -e "${i%.report}" ] || echo "$i is half or alone; "; done)
                why+=$(json $q/done/*.report 2>&1)
                why+=$("$BIN/ccm-audit" $q 2>&1 | grep -v ': sound:')
                [ "$(names $q/done | grep -vc '\.report$')" = 3 ] || why+="done: $(names $q/done | tr '\n' ' ')"
                [ -z "$why" ] || bad+="$call $n $error: $why"$'\n'
            done
        done
    done
    is "$name: $runs errors, nothing half, nobody blamed" "$bad" ""
}
mkdir -p c.0/in i.0/in e.0/in
# Without a date: each has a finding, so a report.
for i in 1 2 3; do eml $i | grep -v '^Date' >c.0/in/m$i.eml; eml $i | "$BIN/eml2ccm" --zone UTC >i.0/in/m$i.ccm; done
cp i.0/in/* e.0/in/
# What is met before the queue is open ends the program, and is in another test.
all="ENOSPC EDQUOT EMFILE ENOMEM ESTALE"
sweep "ccm-convert" c "renameat2 openat write read" "$all" "$BIN/ccm-convert" --workers 1 -q c
sweep "ccm-export" e "renameat2 openat write dup read" "$all" "$BIN/ccm-export" -q --no-fetch --post-office po --mailbox INTERNET e
printf '#!/bin/sh\ncat IMPORT.CCM >>"%s/taken"; rm IMPORT.CCM\n' "$tmp" >prog; chmod 755 prog
sweep "ccm-import" i "renameat2 openat write read" "ENOSPC EMFILE ESTALE" \
    "$BIN/ccm-import" -q --retry 0 --post-office po --mailbox EX --import-reliable yes i

# ---- One message meets it while others pass: three strikes.
# ulimit -f would blame the message at once; here, a disk has no room for it.
small=
if mkdir small && mount -t tmpfs -o size=3m none small 2>/dev/null; then
    trap 'umount "$tmp/small" 2>/dev/null; chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
    mkdir -p small/q/in
    { eml 9; head -c 1800000 /dev/zero | tr '\0' 'x' | fold -w 70; } >small/q/in/m9.eml
    for run in 1 2 3 4 5; do
        eml $run >small/q/in/m$run.eml
        run "$BIN/ccm-convert" --workers 1 -q small/q
        small+="$status "
    done
    is "one message that has no room, others pass: five runs" "$small $(names small/q/failed | tr '\n' ' ')$(names small/q/done | tr '\n' ' ')" \
        "75 75 0 0 0  m9.eml m9.eml.report m1.eml m2.eml m3.eml m4.eml m5.eml "
    check "one message that has no room: why" grep -q 'No space left on device, 3 times while others passed' small/q/failed/m9.eml.report
    is "one message that has no room: nothing is remembered of it" "$(ls -A small/q/work/strikes | grep -c setback)" 0
    # A disk that is full for all: nobody is blamed, however often.
    rm small/q/failed/*; head -c 3m /dev/zero >small/full 2>/dev/null
    rm small/full; eml 6 >small/q/in/m6.eml; { eml 7; head -c 900000 /dev/zero | tr '\0' 'x' | fold -w 70; } >small/q/in/m7.eml
    head -c 3m /dev/zero >small/full 2>/dev/null
    for i in 1 2 3 4 5; do "$BIN/ccm-convert" --workers 1 -q small/q 2>/dev/null; done
    is "a full disk: nobody is blamed" "$(names small/q/failed | tr '\n' ' ')$(find small/q/in small/q/work -name 'm[67].eml' -size +0 -printf '%f\n' | sort | tr '\n' ' ')" "m6.eml m7.eml "
    rm small/full
    run "$BIN/ccm-convert" --workers 1 -q small/q
    is "there is room again: done" "$(names small/q/failed small/q/in)$(cd small/q/done && ls m[67].eml | tr '\n' ' ')" "m6.eml m7.eml "
    umount small
else skip "a message that has no room" "no mount here"; fi

# ---- The post office has no room: result code 4, and nobody is told that his message failed.
rm -rf po q; cp -r empty po; cp -r i.0 q
printf '#!/bin/bash\nexec strace -f -qq -o /dev/null -e trace=write -e inject=write:error=ENOSPC "%s" "$@"\n' "$BIN/ccpo-import" >full; chmod 755 full
for i in 1 2 3 4; do run "$BIN/ccm-import" -q --retry 0 --post-office po --mailbox EX --import-program "$tmp/full" --import-reliable yes q; done
is "a post office without room: all wait" "$status $(names q/in | wc -l) $(names q/quarantine q/failed q/results)" "75 3 "
run "$BIN/ccm-import" -q --retry 0 --post-office po --mailbox EX q
is "a post office with room again: each once" "$status $(names q/done | wc -l) $(find po/mail -name '*.ccm' | wc -l)" "0 3 3"
