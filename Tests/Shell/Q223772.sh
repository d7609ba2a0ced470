#!/bin/bash
# An IMPORT that returns result code 1 and keeps its input, for one message and always (Q223772: the connector loops
# trying to import the same message, and the undeliverable file grows). The message has its attempts, then it is put
# aside with one report; the others flow. Beside it: result codes that what IMPORT left contradicts.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import eml2ccm ccpo-init ccpo-import
require "reports are read" python3
import=$here/fake/import
messages=21 bad=7

# connector [OPTION...] QUEUE: one run over the queue, with the fake as IMPORT and the post office `po`.
connector() {
    run "$BIN/ccm-import" --quiet --retry 0 --attempts 3 --import-reliable no --import-program "$import" \
        --post-office "$tmp/po" --host hub.example.org --postmaster postmaster@example.org "$@"
}

# looping QUEUE: what shows that a message goes round and round, after many runs.
looping() {
    local q=$1 one n=0 wanted entries=0 i
    n=$(given_alone po $bad)
    [ "$n" -le 3 ] || printf 'message %d was given to IMPORT %d times alone; ' $bad "$n"
    misplaced "$q" ccm $messages "done" $bad=quarantine
    not_once po $messages $bad
    n=$(count "$q/results")
    [ "$n" = 1 ] || printf '%d reports; ' "$n"
    # An undeliverable file may hold what one run said, and no more.
    for one in $(find "$q" -iname '*.und'); do
        n=$(grep -c 'Unable to import' "$one")
        [ "$n" -le 1 ] || printf '%s has %d entries; ' "${one##*/}" "$n"
    done
}

office po; echo "<$bad>" >po/bad
ccm_queue q $messages
worst=
for i in 1 2 3 4 5 6 7 8; do connector q; worst+=$status; done
is "one bad message: exit status of eight runs" "$worst" 00000000
is "one bad message: it has its attempts, then one report; the others flow" "$(looping q)" ""
is "one bad message: its attempts" "$(given_alone po $bad)" 3
is "one bad message: the report is one" "$(bad_report "$(echo q/results/*.eml)" $bad)" ""
check "one bad message: its reason is beside it" grep -q 'result code 1' q/quarantine/m$bad.ccm.report
is "one bad message: each fate is told once" "$(fates q | sort | uniq -c | awk '$1 != 1')$(fates q | wc -l)" $messages
calls=$(wc -l <po/calls) logs=$(find q/log -name '*.und' | wc -l)
for i in 1 2 3; do connector q; done
is "one bad message: IMPORT is not run again" "$(wc -l <po/calls)" "$calls"
is "one bad message: no further .und" "$(find q -iname '*.und' | wc -l)" "$logs"
is "one bad message: no bytes changed" "$(ccm $bad | cmp - q/quarantine/m$bad.ccm 2>&1)" ""
rm -f po/calls; : >po/calls
for ((i = 101; i <= 104; i++)); do ccm $i >q/in/n$i.ccm; done
connector --strict q
is "one bad message: those after it: status, in done" "$status $(cd q/done && echo n*.ccm)" "0 n101.ccm n102.ccm n103.ccm n104.ccm"
is "one bad message: it is not among them" "$(given po $bad)" 0

# ---- Killed in between: everything of it, at another moment each time.
case $TEST_SIZE in quick) rounds=3 ;; normal) rounds=12 ;; *) rounds=60 ;; esac
wrong=
for ((round = 1; round <= rounds; round++)); do
    office po; echo "<$bad>" >po/bad
    ccm_queue q $messages
    for ((i = 1; i <= 3; i++)); do
        setsid "$BIN/ccm-import" --quiet --retry 0 --import-reliable yes --import-program "$import" \
            --post-office "$tmp/po" q 2>/dev/null & pid=$!
        sleep 0.0$((RANDOM % 90 + 10))
        end_session $pid
        wait $pid
    done 2>/dev/null
    for ((i = 1; i <= 8; i++)); do connector --import-reliable yes q; done
    # A death may cost a message an attempt, or give it one more; it may be one report all the same, and one fate.
    why=$(misplaced q ccm $messages "done" $bad=quarantine)
    [ "$(count q/results)" = 1 ] || why+="$(count q/results) reports; "
    [ "$(given_alone po $bad)" -le 9 ] || why+="$(given_alone po $bad) attempts; "
    [ -z "$why" ] || wrong+="round $round: $why"
done
is "killed in between, $rounds rounds: one report, one fate" "$wrong" ""

# ---- Everything is refused.
office po; echo all >po/bad
ccm_queue q 6
worst=
for i in 1 2 3 4 5 6 7; do connector q; worst+=$status; done
is "everything is refused: exit status" "$worst" 0000000
is "everything is refused: all in quarantine" "$(misplaced q ccm 6 quarantine)" ""
is "everything is refused: one report each" "$(names q/results | tr '\n' ' ')" "m1.eml m2.eml m3.eml m4.eml m5.eml m6.eml "
wrong=
for i in 1 2 3 4 5 6; do wrong+=$(bad_report q/results/m$i.eml $i); [ "$(given_alone po $i)" = 3 ] || wrong+="m$i: $(given_alone po $i) attempts; "; done
is "everything is refused: three attempts, and a whole report" "$wrong" ""
office po; echo all >po/bad
ccm_queue q 2
connector --retry 60 q
connector --retry 60 q
is "a message that was refused rests before it is tried again" "$(given_alone po 1) $(given_alone po 2)" "1 1"

# ---- The result code says one thing, what IMPORT left another: it took the messages and removed its input, yet it says
# that it did not, or could not. Asking again would deliver them twice.
for code in 1 2 3 4 6 126 127 255; do
    office po; echo $code >po/status
    ccm_queue q 4
    for i in 1 2 3 4; do connector q; done
    is "result code $code though the input is gone: delivered once" "$(not_once po 4)" ""
    is "result code $code though the input is gone: a fate" "$(names q/in | tr '\n' ' ')$(leftovers q)" ""
done
# It says that all is well, but its input is still there: whether it took them is not known, and asking is no way to know.
office po; : >po/keep
ccm_queue q 4
for i in 1 2 3 4; do connector q; done
is "result code 0 though the input is there: not given again" "$(not_once po 4)" ""

# ---- Messages that are handed over together must not suffer from each other. Here with the embedded post office.
mail() { printf '%s\r\n' "From: Ann Example <ann@example.org>" "To: $2" "Date: Tue, 2 Jun 1998 08:39:00 +0000" "Subject: Mailing" "" "The mark is <$1>." | "$BIN/eml2ccm" --zone UTC 2>/dev/null; }
embedded() { run "$BIN/ccm-import" --quiet --retry 0 --mailbox EX --post-office "$tmp/hub" "$@"; }
arrived() { cat hub/mail/internet/new/*/*.ccm 2>/dev/null | grep -ao 'The mark is <[0-9]*>' | tr '\n' ' '; }
"$BIN/ccpo-init" --no-sync --name HUB --remote EX --remote INTERNET hub >/dev/null

# A mailing: the same sender, date and subject. Whom nobody knows is told of each message for itself.
nobody='<IMCEACCMAIL-Nobody+20at+20HUB@ccmail.invalid>'
rm -rf q; mkdir -p q/in
for i in 1 2 3 4 5; do if [ $((i % 2)) = 0 ]; then mail $i "$nobody"; else mail $i 'bob@example.com'; fi >q/in/m$i.ccm; done
embedded q
is "messages with the same header: fates" "$(misplaced q ccm 5 "done" 2=failed 4=failed)" ""
is "messages with the same header: reports" "$(names q/results | tr '\n' ' ')$(bad_report q/results/m2.eml 2)$(bad_report q/results/m4.eml 4)" "m2.eml m4.eml "

# A message whose sizes lead into the next one: it takes nothing of that one with it.
rm -rf q hub; mkdir -p q/in
"$BIN/ccpo-init" --no-sync --name HUB --remote EX --remote INTERNET hub >/dev/null
mail 2 'bob@example.com' >q/in/m2.ccm
more=$(size q/in/m2.ccm)
text=$'The mark is <1>.\r\n'
printf -v text 'Text item: \r\n%-11d\r\n%s' $((${#text} + more)) "$text"
printf -v text 'From: Mallory at EX\r\nTo: Mallory at INTERNET\r\nContents:\r\n%-11d\r\n%s' $((${#text} + more)) "$text"
printf 'Message:\r\n%-11d\r\n%s' $((${#text} + more)) "$text" >q/in/m1.ccm
# Whichever is read first, there is one before and one behind it.
cp q/in/m2.ccm q/in/m3.ccm; sed -i 's/mark is <2>/mark is <3>/' q/in/m3.ccm
embedded q
is "sizes that lead into the next message: all arrive" "$(arrived | tr ' ' '\n' | grep -c '<')" 3
is "sizes that lead into the next message: nobody gets another one's" \
    "$(for i in hub/mail/internet/new/*/*.ccm; do grep -ac 'The mark is' "$i"; done | tr '\n' ' ')" "1 1 1 "

# ---- SIGCHLD ignored, as by some parents: how a child ended cannot be asked for.
office po
ccm_queue q 4
for i in 1 2 3; do
    LIMIT=30 run env --ignore-signal=CHLD "$BIN/ccm-import" --quiet --retry 0 --import-reliable no \
        --import-program "$import" --post-office "$tmp/po" q
done
is "SIGCHLD is ignored where it is started: each once" "$(not_once po 4)$(misplaced q ccm 4 "done")" ""

leave

# ---- The naive one.
office po; echo "<$bad>" >po/bad
ccm_queue naive $messages
for i in 1 2 3 4 5 6 7 8; do "$here/naive/Q223772" "$tmp/naive" "$import" "$tmp/po"; done
caught Q223772 "$(looping naive)"
