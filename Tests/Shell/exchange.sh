#!/bin/bash
# Samples/exchange-to-ccmail and ccmail-to-exchange: the way of messages through IMPORT and EXPORT, and back as reports,
# runs that overlap, and a pickup on another file system.
. "$(dirname "$0")/lib.sh"
require "exchange" flock setsid
samples=$(realpath "$here/../../Samples")
export BIN

# A directory on another file system, where there is one.
other=
for one in /dev/shm "${XDG_RUNTIME_DIR:-}" /var/tmp /tmp; do
    [ -d "$one" ] && [ -w "$one" ] && [ "$(stat -c %d "$one")" != "$(stat -c %d "$tmp")" ] && { other=$one; break; }
done
if [ -z "$other" ]; then
    skip "pickup on another file system" "only one here"
else
    other=$(mktemp -d "$other/ccmc-test.XXXXXX") || exit 1
    trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp" "$other"' EXIT
fi

# ---- From Exchange to cc:Mail and back, with programs that play IMPORT and EXPORT: a post office is a directory.

programs ccm-convert ccm-import ccm-export ccm-move
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
sed -e "s:= *$tmp/\\(drop\\|pickup\\|q/\\):= -\\1:" ccm.conf >dash.conf
mkdir -- -drop -pickup; eml 11 >-drop/m11.eml; eml 12 REFUSE >-drop/m12.eml; ccm 13 >office/out/13.ccm
chain exchange-to-ccmail dash.conf
is "paths that begin with a dash" "$status $(names ./-drop) $(grep -l '<11>' office/in/* | wc -l) $(count ./-pickup)" "0  1 1"
chain ccmail-to-exchange dash.conf
is "paths that begin with a dash, the other way" "$status $(grep -l '<13>' ./-pickup/* | wc -l)" "0 1"
chain exchange-to-ccmail none.conf; is "no configuration" $status 66
for wrong in "no-such-key = 1" "codepage = none" "import-batch = 0" "no equals sign" "include\0 = x"; do
    { cat ccm.conf; printf "$wrong\n"; } >bad.conf
    eml 20 >drop/m20.eml
    chain exchange-to-ccmail bad.conf
    is "a configuration that is wrong takes nothing out of drop: $wrong" "$status $(names drop) $(count q/to-ccmail/in)" "78 m20.eml 0"
done
rm drop/*
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
