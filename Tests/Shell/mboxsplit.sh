#!/bin/bash
# mboxsplit: the mbox kinds, compressed or not, and the lines beginning `From ` that separate nothing.
. "$(dirname "$0")/lib.sh"
programs mboxsplit

# split NAME MESSAGES OPTION...: splits the file `mbox` into `made`, of MESSAGES files and nothing else.
split() {
    local name=$1 n=$2
    shift 2
    rm -rf made; mkdir made
    run "$BIN/mboxsplit" --directory made --prefix P "$@" mbox
    is "$name: exit status" $status 0
    is "$name: messages" "$(count made)" "$n"
    is "$name: prints nothing" "$(cat out)" ""
}

# The names, the bytes.
for i in 1 2 3; do eml $i | tr -d '\r' >$i.eml; done
{ mbox 1; mbox 2; mbox 3; } >mbox
split "three messages" 3
is "the files are numbered" "$(names made | tr '\n' ' ')" "P000001.eml P000002.eml P000003.eml "
for i in 1 2 3; do check "message $i is whole, without its From line" cmp $i.eml made/P00000$i.eml; done
rm -rf made; mkdir made
(cd made && run "$BIN/mboxsplit" ../mbox)
is "without --directory and --prefix" "$(names made | tr '\n' ' ')" "000001.eml 000002.eml 000003.eml "
run "$BIN/mboxsplit" --format mboxy mbox
is "--format: unknown" $status 64

# Compressed.
cp mbox plain
gzip -c plain >mbox
split "gzip" 3
for i in 1 2 3; do check "gzip: message $i" cmp $i.eml made/P00000$i.eml; done
rm -rf made; mkdir made
run "$BIN/mboxsplit" --directory made --prefix P - <mbox
is "gzip on standard input: messages" "$(count made)" 3
{ mbox 1 | gzip; mbox 2 | gzip; mbox 3 | gzip; } >mbox
split "gzip: three members in a row" 3
gzip -c plain | head -c 150 >mbox
rm -rf made; mkdir made
run "$BIN/mboxsplit" --directory made mbox
is "gzip cut short: exit status" $status 65
check "gzip cut short: said" grep -qE '^mboxsplit: mbox: offset [0-9]+: ' err
{ gzip -c plain; printf garbage; } >mbox
rm -rf made; mkdir made
run "$BIN/mboxsplit" --directory made mbox
among "gzip with something after it" $status 0 65

# Separators that real programs wrote.
while IFS= read -r line; do
    { mbox 1; printf '%s\n' "$line"; tail -n +2 <(mbox 2); } >mbox
    split "separates: $line" 2
done <<'LINES'
From ann@example.org Tue Jun  2 08:39:00 1998
From ann@example.org Tue Jun 02 08:39:00 1998
From ann@example.org  Tue Jun  2 08:39 1998
From ann@example.org Tue Jun  2 08:39:00 GMT 1998
From ann@example.org Tue Jun  2 08:39:00 MET DST 1998
From ann@example.org Tue Jun  2 08:39:00 1998 +0200
From ann@example.org Tue Jun  2 08:39:00 +0200 1998
From - Tue Jun  2 08:39:00 1998
From MAILER-DAEMON Tue Jun  2 08:39:00 1998
From "ann example"@example.org Tue Jun  2 08:39:00 1998
From ann at example.org Tue Jun  2 08:39:00 1998
LINES

# Lines that look a little like one.
while IFS= read -r line; do
    { mbox 1 "" "$line" "That was it."; mbox 2; } >mbox
    split "never separates: $line" 2 --format mboxrd
    check "never separates: $line: kept" grep -qxF -- "$line" made/P000001.eml
    { mbox 1 "" "$line" "Key: value" "" "That was it."; mbox 2; } >mbox
    split "never separates, before a line like a header: $line" 2
done <<'LINES'
From the beginning we knew it.
From 1998 on nobody asked.
From here on, Tue is the day.
From Tue Jun 2 on
From ann@example.org
From Monday to Friday 08:39:00
From ann@example.org Tue Jun 32 08:39:00 1998
From ann@example.org Tue Jun  2 25:39:00 1998
From: ann@example.org Tue Jun  2 08:39:00 1998
from ann@example.org Tue Jun  2 08:39:00 1998
 From ann@example.org Tue Jun  2 08:39:00 1998
LINES

# Quoted lines: only mboxrd is reversible.
{ mbox 1 "" ">From me" ">>From you" ">>>From them" "> From us" ">Fromage"; mbox 2; } >mbox
split "mboxrd" 2 --format mboxrd
is "mboxrd: one > less" "$(tail -n 5 made/P000001.eml | tr '\n' '|')" "From me|>From you|>>From them|> From us|>Fromage|"
for format in mboxo mboxcl; do
    split "$format" 2 --format $format
    is "$format: > stays" "$(tail -n 5 made/P000001.eml | tr '\n' '|')" ">From me|>>From you|>>>From them|> From us|>Fromage|"
done
split "auto" 2
is "auto: lines that are not quoted at all stay" "$(tail -n 2 made/P000001.eml | tr '\n' '|')" "> From us|>Fromage|"

# Content-Length: the text may hold anything, as long as the number leads to a separator or the end.
body="$(printf 'Before.\n\nFrom ann@example.org Tue Jun  2 08:39:00 1998\nSubject: no message\n\nAfter.\n.')"
body=${body%.}
cl() { printf '%s\n' "From ann@example.org Tue Jun  2 08:39:00 1998" "From: ann@example.org" "Content-Length: $1" "Subject: Length $1" ""; printf '%s\n' "$body"; }
{ cl ${#body}; mbox 2; cl ${#body}; } >mbox
split "mboxcl" 3 --format mboxcl
check "mboxcl: the false separator is text" grep -q '^Subject: no message' made/P000001.eml
split "mboxcl, found out" 3
for wrong in 0 1 $((${#body} - 5)) $((${#body} + 7)) 999999999 99999999999999999999999 -4 x ""; do
    { cl "$wrong"; mbox 2; mbox 3; } >mbox
    for format in mboxcl auto; do
        rm -rf made; mkdir made
        run "$BIN/mboxsplit" --directory made --format $format mbox
        is "Content-Length: '$wrong' that is wrong ($format): exit status" $status 0
        is "Content-Length: '$wrong' that is wrong ($format): later messages are found" "$(cat made/* | grep -cE '<[23]>\.$')" 2
        among "Content-Length: '$wrong' that is wrong ($format): messages" "$(count made)" 3 4
    done
done

# Line ends, blank lines, what is missing at the end.
{ mbox 1; mbox 2; } | sed 's/$/\r/' >mbox
split "CRLF" 2
check "CRLF: message" cmp <(tr -d '\r' <made/P000002.eml) 2.eml
{ mbox 1; mbox 2; } | head -c -2 >mbox
split "no line end at the end" 2
check "no line end at the end: message" cmp made/P000002.eml <(head -c -1 2.eml)
{ printf '\n\n'; mbox 1; printf '\n\n\n'; mbox 2; } >mbox
split "blank lines before and between" 2
{ printf 'From ann@example.org Tue Jun  2 08:39:00 1998\n'; mbox 2; } >mbox
rm -rf made; mkdir made
run "$BIN/mboxsplit" --directory made mbox
among "a separator with nothing after it" $status 0 65
is "a separator with nothing after it: the next message is found" "$(cat made/* | grep -c '<2>')" 1
cp 1.eml mbox
rm -rf made; mkdir made
run "$BIN/mboxsplit" --directory made mbox
is "a file that is no mbox: exit status" $status 65
is "a file that is no mbox: no files" "$(names made)" ""
{ mbox 1; printf 'From ann@example.org Tue Jun  2 08:39:00 1998\nSubject: NUL\n\n'; printf 'a\0b\n\n'; mbox 2; } >mbox
split "NUL bytes" 3
is "NUL bytes are kept" "$(tr -dc '\0' <made/P000002.eml | wc -c)" 1
{ mbox 1; printf 'From ann@example.org Tue Jun  2 08:39:00 1998\nSubject: long\n\n'; head -c 3000000 /dev/zero | tr '\0' x; printf '\n\n'; mbox 2; } >mbox
split "a line of 3 MB" 3
is "a line of 3 MB is whole" "$(tr -dc x <made/P000002.eml | wc -c)" 3000000

# An independent reader counts the same.
if command -v python3 >/dev/null; then
    for seed in 1 2 3 4; do
        rm -f mbox
        wanted=$(python3 - $seed <<'PY'
import mailbox, random, sys
r = random.Random(int(sys.argv[1]))
box = mailbox.mbox("mbox")
words = "From from >From me you 1998 Tue Jun 2 08:39:00 the Message: end".split()
for n in range(300):
    lines = [" ".join(r.choice(words) for _ in range(r.randrange(9))) for _ in range(r.randrange(12))]
    m = mailbox.mboxMessage("From: ann@example.org\nSubject: %d\n\n%s\n" % (n, "\n".join(lines)))
    m.set_from("ann@example.org", True)
    box.add(m)
box.flush()
print(len(mailbox.mbox("mbox")))
PY
)
        split "300 messages by Python's mailbox ($seed)" "$wanted" --format mboxo
        check "300 messages by Python's mailbox ($seed): same bytes" python3 - <<'PY'
import mailbox, os, sys
box = mailbox.mbox("mbox")
for n, key in enumerate(box.keys(), 1):
    mine = open("made/P%06d.eml" % n, "rb").read()
    theirs = box.get_bytes(key)
    if mine.rstrip(b"\n") != theirs.rstrip(b"\n"): sys.exit("message %d differs" % n)
PY
    done
else
    skip "messages by Python's mailbox" "no python3 here"
fi
