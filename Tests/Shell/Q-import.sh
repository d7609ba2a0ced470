#!/bin/bash
# What IMPORT could not deliver, and how to see what it was given: a test for each article of the Microsoft Knowledge
# Base about it. One that refuses a message for ever is in Q223772.sh.
. "$(dirname "$0")/lib.sh"
. "$here/programs.lib"

# ---- Q212788: the connector stops without a word while files .und are there.
office
program und <<'SH'
{ printf '***  Unknown recipient: Bob Example at HUBPO2  ***\r\n\r\n'; cat "$file"; } >>CCMAIL.UND
rm "$file"; exit 5
SH
inbox q 1
hand und
is "Q212788: the message has its fate" "$status $(where_are q)" "0 failed m1.ccm; "
is "Q212788: no .und file is left where IMPORT runs" "$(find q -name '*.UND' -o -name '*.und' | grep -v /log/)" ""
is "Q212788: it is kept beside the logs" "$(cat q/log/*.und | grep -c 'mark is <1>')" 1
program taking <<'SH'
take
SH
ccm 2 >q/in/m2.ccm; cp q/log/*.und q/in/CCMAIL.UND; cp q/log/*.und q/run/CCMAIL.UND
hand taking
is "Q212788: .und files lie about, and mail flows" "$status $(imported 2) $(ls q/in)" "0 1 "

# ---- Q168680: a .und file is never imported.
is "Q168680: one that was put into the queue is put aside" "$(names q/quarantine | tr '\n' ' ')$(imported 1)" "CCMAIL.UND CCMAIL.UND.report 0"

# ---- Q193864: `Disk error in creating message item`: the sender is told so, in these words.
office
program disk <<'SH'
{ cat "$file"; printf '***  Disk error in creating message item  ***\r\n'; } >CCMAIL.UND
rm "$file"; exit 5
SH
inbox q 1
hand disk
is "Q193864: one report" "$status $(where_are q) $(names q/results)" "0 failed m1.ccm;  m1.eml"
has "Q193864: the reason in its words" "$(cat q/results/m1.eml)" "^    Disk error in creating message item"
has "Q193864: for programs, too" "$(cat q/results/m1.eml)" "^Diagnostic-Code: x-ccmail; Disk error in creating message item"
has "Q193864: event 63" "$(event q 63)" "m1.ccm: IMPORT: result code 5.*: Disk error in creating message item"
has "Q193864: and in the report beside it" "$(cat q/failed/m1.ccm.report)" "Disk error in creating message item"

# ---- Q192516: to see what was handed over, the original had to be told to keep copies.
office
program one <<'SH'
grep -c 'mark is' "$file" >>"$BOX/sizes"; cp "$file" "$BOX/copy.$$"; take
SH
inbox q 1 2 3; cp -r q/in before
hand one --import-batch 1
is "Q192516: what was handed over is in done, as it was" "$(diff -r before q/done)$status" 0
is "Q192516: one message a run with import-batch 1" "$(tr '\n' ' ' <box/sizes)" "1 1 1 "
check "Q192516: a run got the bytes of the original" cmp "$(grep -l 'mark is <2>' box/copy.*)" before/m2.ccm
inbox q 4
hand one --diagnostics maximum
has "Q192516: with the highest level of logging, an event has its header" "$(event q 11001)" "m4.ccm: handed to IMPORT: From: Ann Example at HUB, Date: 6/2/98 8:39, To: Bob Example at HUBPO2"

# ---- Q181512: a report could not be written, for its temporary file could not be opened: access violation.
if command -v strace >/dev/null && strace -f -qq -o /dev/null true 2>/dev/null; then
    office; inbox q 1
    strace -f -qq -o calls.log -e trace=openat "$import" --config ccm.conf --import-program ./und q >/dev/null 2>&1
    nth=$(awk '{ pid = $1; sub(/^[0-9]+ +/, "") } /^openat\(/ { n[pid]++ } /^openat\(.*"m1\.eml"/ && /O_CREAT/ { last = n[pid] } END { print last + 0 }' calls.log)
    if [ "$nth" = 0 ]; then
        skip "Q181512: a report that cannot be opened" "it is not opened by its name"
    else
        for error in EMFILE EACCES ENOSPC; do
            inbox q 1
            run strace -f -qq -o /dev/null -e trace=openat -e "inject=openat:error=$error:when=$nth" "$import" --config ccm.conf --import-program ./und q
            is "Q181512: $error: the message is in one place, without half a report" "$(where_are q | grep -o 'm1.ccm' | wc -l)$(names q/results | tr '\n' ' ')" 1
            check "Q181512: $error: it is said" grep -q 'm1\|work' err
            run "$import" --config ccm.conf --import-program ./und q; run "$import" --config ccm.conf --import-program ./und q
            is "Q181512: $error: the next run has the report, once" "$(where_are q)$(names q/results)" "failed m1.ccm; m1.eml"
        done
    fi
else
    skip "Q181512: a report that cannot be opened" "no strace here"
fi
