#!/bin/bash
# Samples/move-mail, exchange-to-ccmail and ccmail-to-exchange: files that are still written, two file systems, kills,
# runs that overlap, and the way of messages through IMPORT and EXPORT, and back as reports.
. "$(dirname "$0")/lib.sh"
require "exchange" flock setsid
samples=$(realpath "$here/../../Samples")
export BIN
moves() { run "$samples/move-mail" -q "$@"; }

# ---- move-mail on one file system.

mkdir from to
eml 1 >from/a.eml; eml 2 >from/-b.EML; ccm 3 >from/c.ccm; echo x >from/d.txt; eml 4 >from/.hidden.eml; mkdir from/e.eml
eml 5 >to/a.eml
moves from to
is "move: exit status" "$status $(cat err)" "0 "
is "move: names" "$(ls -A from | tr '\n' '|') $(names to | tr '\n' '|')" ".hidden.eml|d.txt|e.eml| -b.EML|a.eml|a~2.eml|c.ccm|"
is "move: nothing is replaced" "$(grep -c '<5>' to/a.eml) $(grep -c '<1>' to/a~2.eml)" "1 1"
moves none to; is "move: no directory to take from" $status 66
moves from none; is "move: no directory to put into" $status 73
run "$samples/move-mail" from; is "move: usage" $status 64

rm -rf from to; mkdir from to
eml 1 >from/still.eml; eml 2 >from/grows.eml; eml 3 >from/open.eml; : >from/empty.eml; : >from/old.eml; touch -d '-2 minutes' from/old.eml
(for i in {1..60}; do echo more >>from/grows.eml; sleep 0.1; done) &
exec 7>>from/open.eml
moves -s 2 from to
is "move -s: what is still written stays" "$status $(names from | tr '\n' '|') $(names to | tr '\n' '|')" "0 empty.eml|grows.eml|open.eml| old.eml|still.eml|"
exec 7>&-
wait
moves -s 1 from to
is "move -s: until it is complete" "$(names from) $(count to)" "empty.eml 4"

rm -rf from to; mkdir from to
for i in {1..200}; do eml $i >from/m$i.eml; done
for i in 1 2 3 4; do "$samples/move-mail" -q from to 2>>err.many & runs+=" $!"; done
wait $runs
is "move: four runs" "$(count from) $(count to) $(cat to/*.eml | grep -c mark) $(cat err.many)" "0 200 200 "

# ---- move-mail between two file systems.

other=
for one in /dev/shm "${XDG_RUNTIME_DIR:-}" /var/tmp /tmp; do
    [ -d "$one" ] && [ -w "$one" ] && [ "$(stat -c %d "$one")" != "$(stat -c %d "$tmp")" ] && { other=$one; break; }
done
if [ -z "$other" ]; then
    skip "move between two file systems" "only one here"
else
    other=$(mktemp -d "$other/ccmc-test.XXXXXX") || exit 1
    trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp" "$other"' EXIT
    # two: fresh directories.
    two() { rm -rf from "$other/to"; mkdir from "$other/to"; }
    two
    eml 1 >from/a.eml; touch -d '2001-02-03 04:05' from/a.eml; eml 2 >"$other/to/a.eml"
    long=$(printf 'x%.0s' {1..251}).eml
    eml 3 >"from/$long"; eml 4 >"$other/to/$long"
    moves from "$other/to"
    is "move, two file systems" "$status $(cat err) $(count from from/.move/copy from/.move/done) $(count "$other/to")" "0  0 4"
    is "move, two file systems: nothing is replaced" "$(grep -c '<1>' "$other/to/a~2.eml") $(stat -c %Y "$other/to/a~2.eml")" "1 $(date -d '2001-02-03 04:05' +%s)"
    moves from "$other/to"
    is "move, two file systems: nothing to do" "$status $(count "$other/to")" "0 4"
    mkdir "$other/elsewhere"; eml 5 >from/b.eml
    moves from "$other/elsewhere"
    is "move, two file systems: not mounted" "$status $(count "$other/elsewhere") $(names from)" "75 0 b.eml"
    mkdir -p full; two; eml 1 >from/a.eml
    bash -c 'ulimit -f 0; trap "" XFSZ; exec "$@"' full "$samples/move-mail" -q from "$other/to" 2>err
    among "move, two file systems: it cannot be written" "$? $(names from) $(count "$other/to")" "74 a.eml 0"

    # Killed before and after each of its commands; what has arrived is taken away before the next run.
    mkdir shim
    for one in mv cat sync rm touch find stat od flock; do
        printf '#!/bin/sh\nn=$(($(/bin/cat "$COUNT") + 1)); echo $n >"$COUNT"\n[ "$AT" != "before $n" ] || kill -KILL 0\n%s "$@"\nstatus=$?\n[ "$AT" != "after $n" ] || kill -KILL 0\nexit $status\n' \
            "$(command -v $one)" >shim/$one
    done
    chmod +x shim/*
    export COUNT=$tmp/count
    wrong= killed=0
    case $TEST_SIZE in quick) step=5 ;; normal) step=2 ;; *) step=1 ;; esac
    for ((n = 1; n <= 46; n += step)); do
        for at in before after; do
            two; rm -rf "$other/gone"; mkdir "$other/gone"; eml 1 >from/a.eml; eml 2 >from/b.eml; eml 3 >from/c.eml; echo 0 >count
            AT="$at $n" PATH=$tmp/shim:$PATH setsid -w "$samples/move-mail" -q from "$other/to" >out 2>&1 || killed=$((killed + 1))
            for one in "$other"/to/*.eml; do [ ! -e "$one" ] || mv "$one" "$other/gone/$n-${one##*/}"; done
            "$samples/move-mail" -q from "$other/to" >out 2>&1 || wrong+="$at $n: $(cat out) "
            marks=$(cat "$other"/gone/*.eml "$other"/to/*.eml 2>/dev/null | grep -o '<[123]>' | sort | tr -d '\n')
            [ "$marks$(count from)" = '<1><2><3>0' ] || wrong+="$at $n: $marks "
            [ -z "$(find "$other/to" -name '*.moving')$(find from/.move -name '*.eml')" ] || wrong+="$at $n: left over "
        done
    done 2>killed
    check "move, killed at its commands: it was" [ $killed -gt $((40 / step)) ]
    is "move, killed at its commands and run again: each once" "$wrong" ""
    two
    for i in {1..100}; do eml $i >from/m$i.eml; done
    runs=
    for i in 1 2 3; do "$samples/move-mail" -q from "$other/to" 2>>err.two & runs+=" $!"; done
    wait $runs
    moves from "$other/to"
    is "move, two file systems: three runs" "$(count from) $(count "$other/to") $(cat "$other"/to/*.eml | grep -c mark)" "0 100 100"
fi

# ---- From Exchange to cc:Mail and back, with programs that play IMPORT and EXPORT: a post office is a directory.

programs ccm-convert ccm-import ccm-export
mkdir -p drop pickup office/in office/out
touch office/CCPOMBOX.000
cat >import <<'END'
#!/bin/bash
# Takes the messages of its file, but those that have the word REFUSE in them: they are undeliverable.
for one; do case $one in /D*) office=${one#/D} ;; /@*) file=${one#/@} ;; esac; done
[ ! -e "$office/CCPODOWN" ] || { echo "Post office is temporarily shut down."; exit 4; }
if grep -q REFUSE "$file"; then
    { printf '***  Unknown recipient  ***\r\n\r\n'; cat "$file"; } >>CCMAIL.UND
    rm "$file"; exit 5
fi
name=$(mktemp "$office/in/XXXXXXXX")
mv "$file" "$name"
END
cat >export <<'END'
#!/bin/bash
for one; do case $one in /D*) office=${one#/D} ;; /@*) file=${one#/@} ;; esac; done
for one in "$office"/out/*.ccm; do [ -e "$one" ] || exit 0; cat "$one" >>"$file.tmp" && rm "$one"; done
mv "$file.tmp" "$file"
END
chmod +x import export
conf() {
    cat <<END
# A bridge
post-office = $tmp/office
mailbox = EXCHANGE
import-program = $tmp/import
export-program = $tmp/export
import-batch = 1
attempts = 1
retry = 0
drop = $tmp/drop
convert-queue=$tmp/q/to-ccmail
 import-queue =  $tmp/q/import
export-queue = $tmp/q/export
pickup = $1
codepage = 850
four-digit-year = yes
domain = ccmail.example.com
zone = UTC
END
}
conf "$tmp/pickup" >ccm.conf
chain() { run env SETTLE=1 "$samples/$1" -q "${@:2}"; }
for i in 1 2 3; do eml $i >drop/m$i.eml; done
eml 4 REFUSE >drop/m4.eml
chain exchange-to-ccmail ccm.conf
is "to cc:Mail: exit status" "$status" 0
is "to cc:Mail: what is in the post office" "$(cat office/in/* | grep -ao 'mark is <[0-9]*>' | sort | tr -dc '0-9 ')" "$(printf 'mark is <%d>\n' 1 2 3 | tr -dc '0-9 ')"
check "to cc:Mail: options of the conversion" grep -aq '^Date: 6/2/1998 8:39' office/in/*
is "to cc:Mail: the refused one has a report in pickup" "$(count pickup) $(grep -c REFUSE pickup/*.eml) $(grep -ciE '^To:.*ann@example.org' pickup/*.eml)" "1 1 1"
is "to cc:Mail: queues" "$(count drop) $(count q/to-ccmail/done) $(count q/import/in)" "0 4 0"
eml 5 >drop/m5.eml; : >office/CCPODOWN
chain exchange-to-ccmail ccm.conf
is "to cc:Mail: a post office that is down" "$status $(count q/import/in) $(count office/in)" "75 1 3"
rm office/CCPODOWN
for i in 6 7 8 9; do eml $i >drop/m$i.eml; done
runs=
for i in 1 2 3; do env SETTLE=1 "$samples/exchange-to-ccmail" -q ccm.conf >>many 2>&1 & runs+=" $!"; done
wait $runs
chain exchange-to-ccmail ccm.conf
is "to cc:Mail: runs that overlap" "$status $(cat office/in/* | grep -ao 'mark is <[0-9]*>' | sort | uniq -c | grep -c ' 1 mark') $(count q/import/in drop)" "0 8 0"

rm -f pickup/*
for i in 1 2 3; do ccm $i >office/out/$i.ccm; done
chain ccmail-to-exchange ccm.conf
is "to Exchange" "$status $(cat pickup/*.eml | grep -o 'mark is <[0-9]*>' | sort | tr -dc '0-9 ')" "0 $(printf 'mark is <%d>\n' 1 2 3 | tr -dc '0-9 ')"
if [ -n "$other" ]; then
    mkdir "$other/pickup"
    conf "$other/pickup" >two.conf
    for i in 4 5; do ccm $i >office/out/$i.ccm; done
    eml 10 REFUSE >drop/m10.eml
    chain ccmail-to-exchange two.conf
    is "to Exchange: pickup is on another file system" "$status $(cat "$other"/pickup/*.eml | grep -o 'mark is <[0-9]*>' | sort | tr -dc '0-9 ')" "0 $(printf 'mark is <%d>\n' 4 5 | tr -dc '0-9 ')"
    chain exchange-to-ccmail two.conf
    is "to Exchange: so is a report" "$status $(cat "$other"/pickup/*.eml | grep -c REFUSE)" "0 1"
    mv "$other/pickup" "$other/away"
    ccm 6 >office/out/6.ccm
    chain ccmail-to-exchange two.conf
    is "to Exchange: pickup is away" "$status $(count q/export/results)" "75 1"
    mv "$other/away" "$other/pickup"
    chain ccmail-to-exchange two.conf
    is "to Exchange: pickup is back" "$status $(count q/export/results) $(cat "$other"/pickup/*.eml | grep -c '<6>')" "0 0 1"
fi
chain exchange-to-ccmail none.conf; is "no configuration" $status 66
echo "drop = x" >bad.conf
chain exchange-to-ccmail bad.conf; is "a key is missing" $status 78
chain ccmail-to-exchange bad.conf; is "a key is missing, the other way" $status 78

# ---- The same with the embedded post office, which needs no program to be named.

if [ ! -x "$BIN/ccpo-init" ]; then
    skip "embedded post office" "no $BIN/ccpo-init"
else
    rm -rf q pickup/* hub
    "$BIN/ccpo-init" hub --name HUB --user "Ann Example" --remote INTERNET
    conf "$tmp/pickup" | sed -e '/-program/d' -e "s:^post-office.*:post-office = $tmp/hub:" -e 's:^mailbox.*:mailbox = INTERNET:' >hub.conf
    to() { printf '%s\r\n' "From: Bob Example <bob@example.org>" "To: Example <IMCEACCMAIL-$1+20Example+20at+20HUB@ccmail.example.com>" "Subject: $2" "" "The mark is <$2>."; }
    to Ann 1 >drop/a.eml; to Nobody 2 >drop/b.eml
    chain exchange-to-ccmail hub.conf
    is "embedded post office: one is delivered, one is reported" "$status $(cat err) $(find hub/mail -name '*.ccm' | wc -l) $(cat pickup/*.eml | grep -c '^To:.*bob@example.org')" "0  1 1"
    # An answer of hers: to the post office from her station.
    mkdir answer
    { printf 'Message:\r\n'; ccm 3 | sed -e 1d -e 's/^From: .*/From: Ann Example at HUB\r/' -e 's/^To: .*/To: bob@example.org at INTERNET\r/'; } >answer/3.ccm
    run "$BIN/ccpo-import" /NHUB /D"$tmp/hub" /@"$tmp/answer/3.ccm" /ITEMSIZE /BATCH
    rm pickup/*
    chain ccmail-to-exchange hub.conf
    is "embedded post office: to Exchange" "$status $(cat err) $(cat pickup/*.eml | grep -c -e 'mark is <3>' -e '^To: .*bob@example.org')" "0  2"
    # The envelope of Drop: Ann is a blind one, and the two others have their copies elsewhere.
    { cat hub.conf; echo "envelope = yes"; } >replay.conf
    rm -f pickup/*
    before=$(find hub/mail -name '*.ccm' | wc -l)
    {
        printf '%s\r\n' "X-Sender: <bob@example.org>" "X-Receiver: <IMCEACCMAIL-Ann+20Example+20at+20HUB@ccmail.example.com> NOTIFY=NEVER" \
            "X-CreatedBy: MSExchange15" "X-EndOfInjectedXHeaders: 120"
        to Nobody 4 | sed 's/^Subject/Cc: ruth@example.org\r\n&/'
    } >drop/c.eml
    chain exchange-to-ccmail replay.conf
    is "embedded post office: whom the envelope names, and nobody else" "$status $(cat err) $(($(find hub/mail -name '*.ccm' | wc -l) - before)) $(count pickup)" "0  1 0"
    # Her answer to one on each side: the colleague has it from cc:Mail. One that cannot be delivered is reported with an
    # envelope, too.
    { printf 'Message:\r\n'; ccm 5 | sed -e 1d -e 's/^From: .*/From: Ann Example at HUB\r/' -e 's/^To: .*/To: bob@example.org at INTERNET\r\ncc: Ann Example at HUB\r/'; } >answer/5.ccm
    run "$BIN/ccpo-import" /NHUB /D"$tmp/hub" /@"$tmp/answer/5.ccm" /ITEMSIZE /BATCH
    chain ccmail-to-exchange replay.conf
    is "embedded post office: to Replay" "$status $(cat err) $(cat pickup/*.eml | tr -d '\r' | head -3 | cut -d: -f1 | tr '\n' ' ')$(cat pickup/*.eml | tr -d '\r' | grep -a '^X-Receiver')" \
        "0  X-Sender X-Receiver From X-Receiver: <bob@example.org>"
    rm pickup/*; to Nobody 6 >drop/d.eml
    chain exchange-to-ccmail replay.conf
    is "embedded post office: a report to Replay" "$status $(cat err) $(tr -d '\r' <"$(ls -d pickup/*.eml)" | head -2 | tr '\n' ' ')" "0  X-Sender: <> X-Receiver: <bob@example.org> "
fi

# ---- The same with programs in DOSBox.

require "IMPORT in DOSBox" dosbox
mkdir -p dos/programs
printf '@ECHO OFF\r\nCOPY C:\\IMPORT.CCM P:\\IN\\DOS.CCM>>%%CONSOLE%%\r\nDEL C:\\IMPORT.CCM\r\nI:\\CODE.COM\r\n' >dos/programs/IMPORT.BAT
printf '@ECHO OFF\r\nCOPY P:\\OUT\\7.CCM C:\\EXPORT.CCM>>%%CONSOLE%%\r\nDEL P:\\OUT\\7.CCM\r\nI:\\CODE.COM\r\n' >dos/programs/EXPORT.BAT
printf '\xB8\x00\x4C\xCD\x21' >dos/programs/CODE.COM
{
    conf "$tmp/pickup" | sed "s:^\(import\|export\)-program = .*:\1-program = $samples/dosbox/\1:"
    echo "environment = CCMC_DOS_PROGRAMS=$tmp/dos/programs"
} >dos.conf
rm -rf q pickup/* office/in/*
eml 7 >drop/m7.eml
chain exchange-to-ccmail dos.conf
is "IMPORT in DOSBox" "$status $(cat err) $(count q/import/done) $(grep -ac 'mark is <7>' office/in/DOS.CCM)" "0  1 1"
ccm 7 >office/out/7.ccm
chain ccmail-to-exchange dos.conf
is "EXPORT in DOSBox" "$status $(cat err) $(cat pickup/*.eml | grep -c 'mark is <7>') $(count office/out)" "0  1 0"
rm dos/programs/IMPORT.BAT; eml 8 >drop/m8.eml
chain exchange-to-ccmail dos.conf
is "IMPORT in DOSBox: no program" "$status $(count q/import/in)" "78 1"
