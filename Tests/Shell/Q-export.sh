#!/bin/bash
# Messages that EXPORT cannot get rid of, or cannot write: a test for each article of the Microsoft Knowledge Base about
# it.
. "$(dirname "$0")/lib.sh"
. "$here/programs.lib"

# Marks of the messages that were passed on, sorted.
passed_on() { cat e/results/*.eml 2>/dev/null | grep -o 'mark is <[0-9]*>' | tr -dc '0-9\n' | sort -n | tr '\n' ' '; }
aside() { names e/quarantine | grep -c '\.ccm$'; }

# ---- Q212759: a damaged message in the mailbox is exported again and again, every 15 seconds: event 54 each time.
office
program stuck <<'SH'
[ "$list" ] && { echo "123456 6/2/98 damaged"; exit 0; }
stay=yes; give; rm -f "$BOX"/[0-9]*.ccm
SH
printf 'Message:\r\n\0\0\0\0\r\n' >box/damaged.ccm
for i in 1 2 3; do ccm $i >box/$i.ccm; done
rm -rf e
fetch stuck
is "Q212759: the others are passed on, this one is put aside" "$status $(passed_on)$(aside)" "0 1 2 3 1"
is "Q212759: EXPORT was asked once more, not for ever" "$(wc -l <calls)" 2
for i in 4 5 6 7; do ccm $i >box/$i.ccm; fetch stuck; done
is "Q212759: four runs later: the same" "$(passed_on)$(aside)" "1 2 3 4 5 6 7 1"
is "Q212759: it is no new one" "$(grep -c . <<<"$(event e 54)")" 1
has "Q212759: event 20043 says how to be rid of it" "$(event e 20043)" "came again; it is in quarantine as msg-.*EXPORT /MSG# lists what is in the mailbox, EXPORT /DELETE/n removes a message"
is "Q212759: and EXPORT is not asked in a loop" "$(wc -l <calls)" 10
run timeout -s TERM 4 "$export" --config ccm.conf --export-program ./stuck --export-interval 1 --watch e
is "Q212759: --watch asks at its interval only" "$(($(wc -l <calls) <= 15)) $(aside)" "1 1"
rm e/quarantine/*
fetch stuck
is "Q212759: taken out of quarantine, it is a new one" "$(aside)" 1

# The same for a message that is in order, from an EXPORT that removes nothing.
office
program keeping <<'SH'
[ "$list" ] || { stay=yes; give; }
SH
for i in 1 2; do ccm $i >box/$i.ccm; done
rm -rf e
for i in 1 2 3 4; do fetch keeping; done
is "Q212759: sound messages that stay in the mailbox are passed on once" "$status $(passed_on)" "0 1 2 "
is "Q212759: and put aside once" "$(aside)" 2

# ---- Q202240: EXPORT does not finish a PCX item: event 54, and the queue is stuck.
office
program unfinished <<'SH'
[ "$list" ] && exit 0
give
if [ -e "$BOX/fax" ]; then printf 'Message:\r\n999        \r\nFrom: Fax at HUB\r\nContents:\r\n900        \r\nFax item: PAGE1.PCX\r\n800        \r\n' >>"$file"; head -c 100 "$0" >>"$file"; sleep 60; fi
SH
ccm 1 >box/1.ccm; : >box/fax
rm -rf e; start=$SECONDS
fetch unfinished --export-time-limit 1
is "Q202240: ended at the time limit" "$status $((SECONDS - start <= 10))" "75 1"
has "Q202240: event 68" "$(event e 68)" "stopped at its time limit"
rm box/fax; ccm 2 >box/2.ccm
fetch unfinished --export-time-limit 1
is "Q202240: what it had written is not lost, and what comes after flows" "$status $(passed_on)" "0 1 2 "
is "Q202240: nothing is left behind" "$(names e/in e/run)$(names e/work | grep -v "^known$\|^strikes$")" ""

# EXPORT ends with an error each time, at the same message.
: >box/fax; sed -i 's/sleep 60/exit 1/' unfinished
ccm 3 >box/3.ccm
fetch unfinished
has "Q202240: an EXPORT that fails at it" "$status $(event e 68 | grep result)" "^75 .*result code 1"
for i in 1 2 3; do fetch unfinished; done
rm box/fax
fetch unfinished
is "Q202240: the message before it came through once" "$(passed_on)" "1 2 3 "

# ---- Q166561, Q168556 as EXPORT brings them: a file that cannot be parsed, between sound ones.
office
program noise <<'SH'
[ "$list" ] && exit 0
case $(ls "$BOX") in *noise*) cp "$BOX/noise" "$file"; rm "$BOX/noise" ;; *) give ;; esac
SH
rm -rf e; garbage 7 3000 >box/noise; ccm 1 >box/1.ccm
fetch noise; fetch noise
is "Q168556: a file that is none is put aside as a whole" "$(passed_on)$(aside)" "1 1"
has "Q168556: event 54" "$(event e 54)" "msg-.*not a .ccm file"
