#!/bin/bash
# ccmsplit: one file a message, the bytes of the dump and nothing else; sizes are honoured, never scanned.
. "$(dirname "$0")/lib.sh"
programs ccmsplit ccmcheck

# split NAME MESSAGES OPTION...: splits the file `dump` into `made`.
split() {
    local name=$1 n=$2
    shift 2
    rm -rf made; mkdir made
    run "$BIN/ccmsplit" --directory made --prefix P "$@" dump
    is "$name: exit status" $status 0
    is "$name: messages" "$(count made)" "$n"
    is "$name: prints nothing" "$(cat out)" ""
    check "$name: together they are the dump" cmp <(cat made/* 2>/dev/null) <(if [ "${zipped:-}" ]; then zcat dump; else cat dump; fi)
}

for i in 1 2 3; do ccm $i >$i.ccm; done
cat 1.ccm 2.ccm 3.ccm >dump
split "three messages" 3
is "the files are numbered" "$(names made | tr '\n' ' ')" "P000001.ccm P000002.ccm P000003.ccm "
for i in 1 2 3; do check "message $i is whole" cmp $i.ccm made/P00000$i.ccm; done
rm -rf made; mkdir made
(cd made && run "$BIN/ccmsplit" ../dump)
is "without --directory and --prefix" "$(names made | tr '\n' ' ')" "000001.ccm 000002.ccm 000003.ccm "
cp dump plain
gzip -c plain >dump
zipped=1 split "gzip" 3
for i in 1 2 3; do check "gzip: message $i" cmp $i.ccm made/P00000$i.ccm; done
gzip -c plain | head -c 120 >dump
rm -rf made; mkdir made
run "$BIN/ccmsplit" --directory made dump
is "gzip cut short: exit status" $status 65
check "gzip cut short: said" grep -qE '^ccmsplit: dump: offset [0-9]+: ' err

# A file item full of keywords (Q233054).
data=$'Message:\r\n12\r\nFrom: Nobody at NOWHERE\r\nContents:\r\n0\r\nMessage:\r\nFrom: x\r\n'
printf -v item 'File item: DATA.BIN 5/6/97 3:10PM\r\n%-11d\r\n%s' ${#data} "$data"
printf -v message 'From: Ann Example at HUB\r\nDate: 6/2/98 8:39\r\nTo: Bob at HUBPO2\r\nSubject: trap\r\nContents:\r\n%-11d\r\n%s\r\n\r\n' ${#item} "$item"
{ ccm 1; printf 'Message:\r\n%-11d\r\n%s' ${#message} "$message"; ccm 2; } >dump
split "keywords inside a file item" 3

# Sizes that are blank (Q287056), zero, or nonsense.
for text in "           " 0 -1 999999999 99999999999999999999 many; do
    { ccm 1; ccm 2 | sed "2s/.*/$text\r/"; ccm 3; } >dump
    rm -rf made; mkdir made
    run "$BIN/ccmsplit" --directory made dump
    among "message size '$text': exit status" $status 0 65
    is "message size '$text': all three are found" "$(cat made/* 2>/dev/null | grep -ac 'The mark is')" 3
    is "message size '$text': three files" "$(count made)" 3
done

# Without sizes.
{ for i in 1 2 3; do ccm $i | sed '/^[0-9 ]*\r$/d'; done; } >dump
split "plain dialect" 3

# LF line ends, Ctrl-Z at the end, no line end at the end, lines between the messages.
for i in 1 2 3; do ccm $i | sed '/^[0-9 ]*\r$/d' | tr -d '\r'; done >dump
split "plain dialect, LF" 3
{ ccm 1; ccm 2; printf '\032'; } >dump
rm -rf made; mkdir made
run "$BIN/ccmsplit" --directory made dump
is "Ctrl-Z at the end: messages" "$(count made)" 2
{ ccm 1; printf '\r\n\r\n'; ccm 2; printf '\r\n'; } >dump
rm -rf made; mkdir made
run "$BIN/ccmsplit" --directory made dump
is "extra line ends between messages: messages" "$(count made)" 2
ccm 1 | head -c -9 >dump
rm -rf made; mkdir made
run "$BIN/ccmsplit" --directory made dump
among "cut at the end: exit status" $status 0 65
