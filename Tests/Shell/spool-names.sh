#!/bin/bash
# Input names and kinds of files that nobody promised: none is trusted, opened without need, followed, lost or overwritten.
. "$(dirname "$0")/lib.sh"
programs ccm-convert
require "hostile names" python3
convert=$BIN/ccm-convert
LIMIT=30

# where NUMBER: the directories in which the message with this mark lies, sorted, its results too.
where() { (cd q && grep -rlaFZ "The mark is <$1>." in work results done failed quarantine 2>/dev/null | xargs -0 -r -n 1 bash -c 'printf "%s\n" "${1%%/*}"' _ | sort | tr '\n' ' '); }

# Regular messages under hostile names: each is converted.
long=$(printf 'a%.0s' {1..251})
list=(
    '-n.eml' '--help.eml' '--.eml' '-' '~.eml' 'a b.eml' ' .eml' 'trailing .eml ' 'a..eml' 'a...eml' $'new\nline.eml' $'tab\t.eml'
    $'bell\a.eml' $'esc\033[31mred.eml' $'del\177.eml' $'cr\r.eml' $'high\377\376.eml' $'caf\303\251.eml' $'\342\200\256rtl.eml'
    '"quoted".eml' "it's.eml" 'back\slash.eml' '$(touch owned).eml' '`touch owned`.eml' '*.eml' '?[a-z].eml' '%s%n%d.eml' '|cat.eml'
    ';touch owned;.eml' '&.eml' '<x>.eml' '#.eml' '=.eml' 'CON.eml' 'X~1.eml' 'X~2.eml' 'X~999.eml' 'm.report' 'x.report.eml' 'lock' 'hand'
    'in' 'src' 'results.eml' '0' '0.commit' 'Case.eml' 'case.eml' 'CASE.eml' 'case.EML' 'stem.eml' 'stem.txt' 'stem.msg' 'stem'
    "$long.eml" "${long}b.eml" "${long}.txt" "${long}abcd" 'a.suffixthatislongerthanmostsuffixesare'
)
mkdir -p q/in
n=0
for name in "${list[@]}"; do
    n=$((n + 1))
    eml $n >"q/in/${name:0:255}"
done
made=$(find q/in -type f -printf x | wc -c)
is "all hostile names were made" "$made" ${#list[@]}
run "$convert" --json q
is "hostile names: exit status" $status 0
is "hostile names: in is empty" "$(find q/in -mindepth 1 -printf '%f ')" ""
is "hostile names: work is empty" "$(leftovers q)" ""
for ((i = 1; i <= n; i++)); do
    printf -v shown '%q' "${list[i - 1]:0:40}"
    is "hostile name $shown: one result, one original" "$(where $i)" "done results "
done
check "hostile names: none was executed" test ! -e owned -a ! -e q/owned -a ! -e q/in/owned
check "hostile names: the log is JSON, a line an event" json q/log/*.jsonl
check "hostile names: the summary is JSON" json out
check "hostile names: no control character reaches the terminal" test -z "$(tr -dc '\000-\010\013-\037\177' <err)"
is "case twins: results" "$(names q/results | grep -ci '^case')" 4
is "one stem, four suffixes: results" "$(names q/results | grep -cE '^stem(~[0-9]+)*\.ccm$')" 4
is "one stem, four suffixes: originals keep their suffixes" "$(names q/done | grep '^stem' | sed 's/~[0-9]*//' | sort | tr '\n' ' ')" "stem stem.eml stem.msg stem.txt "

# The same, failing: the report's name must fit too.
rm -rf q; mkdir -p q/in
for name in "$long.eml" "${long}.txt" $'new\nline.eml' $'esc\033[2J.eml' '-n.eml' $'high\377.eml' "${long}abcd"; do garbage 5 400 >"q/in/$name"; done
run "$convert" --json q
is "garbage under hostile names: exit status" $status 0
is "garbage under hostile names: in is empty" "$(find q/in -mindepth 1 -printf '%f ')" ""
is "garbage under hostile names: one fate each" "$(find q/done q/failed q/quarantine -type f ! -name '*.report' -printf x | wc -c)" 7
is "garbage under hostile names: a report each" "$(find q/failed q/quarantine -type f -name '*.report' -printf x | wc -c)" 7
check "garbage under hostile names: reports are JSON" json q/*/*.report
check "garbage under hostile names: the log is JSON" json q/log/*.jsonl
check "garbage under hostile names: no control character reaches the terminal" test -z "$(tr -dc '\000-\010\013-\037\177' <err)"
# Once more: the names are taken now, and 255 bytes have no room for ~2.
for name in "$long.eml" "${long}.txt" $'new\nline.eml' '-n.eml'; do garbage 5 400 >"q/in/$name"; done
run "$convert" q
is "garbage under the same names again: one fate each" "$(find q/done q/failed q/quarantine -type f ! -name '*.report' -printf x | wc -c)" 11
is "garbage under the same names again: a report each" "$(find q/failed q/quarantine -type f -name '*.report' -printf x | wc -c)" 11

# A name that comes again: ~2, ~3, in the results and in the fates alike; what was there stays.
rm -rf q; mkdir -p q/in
for i in 1 2 3; do eml $i >q/in/X.eml; run "$convert" q; is "X for the ${i}th time: exit status" $status 0; done
is "X three times: results" "$(names q/results | sort | tr '\n' ' ')" "X.ccm X~2.ccm X~3.ccm "
is "X three times: originals" "$(names q/done | grep -v report | sort | tr '\n' ' ')" "X.eml X~2.eml X~3.eml "
for i in 1 2 3; do
    s="~$i"; [ $i = 1 ] && s=
    check "X number $i: result" grep -qF "<$i>" "q/results/X$s.ccm"
    check "X number $i: original" grep -qF "<$i>" "q/done/X$s.eml"
done
eml 4 >'q/in/X~2.eml'
run "$convert" q
is "X~2 that comes from outside" "$(where 4)" "done results "
check "X~2 that comes from outside replaces nothing" grep -qF '<2>' 'q/results/X~2.ccm'
rm -rf q; mkdir -p q/in
for i in 1 2 3; do garbage $i 300 >q/in/bad.eml; run "$convert" q; done
is "a bad name that comes again: originals" "$(names q/quarantine | grep -v report | sort | tr '\n' ' ')" "bad.eml bad~2.eml bad~3.eml "
is "a bad name that comes again: reports" "$(names q/quarantine | grep -c report)" 3
for ((i = 0; i < 2; i++)); do eml $i >"q/in/$long.eml"; run "$convert" q; done
is "255 bytes that come again: first" "$(where 0)" "done results "
is "255 bytes that come again: second" "$(where 1)" "done results "

# Results that somebody put there before.
rm -rf q; mkdir -p q/in q/results q/done
eml 1 >q/in/X.eml; echo mine >q/results/X.ccm; mkdir q/results/X~2.ccm; ln -s /nowhere q/results/X~3.ccm; echo mine >q/done/X.eml
run "$convert" q
is "results in the way: exit status" $status 0
is "results in the way: they stay" "$(cat q/results/X.ccm q/done/X.eml | tr '\n' ' ')$(readlink q/results/X~3.ccm)" "mine mine /nowhere"
is "results in the way: X is done" "$(where 1)" "done results "

# Dot files are not taken.
rm -rf q; mkdir -p q/in/.dir
eml 1 >q/in/.hidden.eml; eml 2 >q/in/..eml; eml 3 >q/in/...; eml 4 >q/in/..x.eml; eml 5 >q/in/seen.eml; eml 6 >q/in/.dir/x.eml
run "$convert" q
is "dot files: exit status" $status 0
is "dot files stay" "$(where 1)$(where 2)$(where 3)$(where 4)$(where 6)" "in in in in in "
is "dot files: the other is done" "$(where 5)" "done results "

# Links, FIFOs, sockets, directories, devices: none is opened, none is followed, none stops the run.
rm -rf q outside; mkdir -p q/in outside/dir
echo secret >outside/secret; eml 99 >outside/message.eml; eml 98 >outside/dir/inside.eml
ln -s ../../outside/message.eml q/in/link.eml
ln -s "$tmp/outside/message.eml" q/in/absolute.eml
ln -s ../../outside/dir q/in/linkdir.eml
ln -s nowhere q/in/dangling.eml
ln -s loop.eml q/in/loop.eml
ln -s /dev/zero q/in/linkdevice.eml
ln -s /dev/stdin q/in/stdin.eml
ln -s /etc/passwd q/in/passwd.eml
ln -s ../done q/in/linkdone.eml
mkfifo q/in/fifo.eml
mkdir -p q/in/dir.eml/sub; eml 97 >q/in/dir.eml/sub/x.eml
mkdir q/in/empty.eml
python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("q/in/socket.eml")'
kinds="link absolute linkdir dangling loop linkdevice stdin passwd linkdone fifo dir empty socket"
if mknod q/in/device.eml c 1 5 2>/dev/null; then kinds+=" device"; else skip "device.eml" "no right to make one"; fi
if mknod q/in/block.eml b 7 200 2>/dev/null; then kinds+=" block"; else skip "block.eml" "no right to make one"; fi
eml 1 >q/in/plain.eml
run "$convert" q
is "other kinds of files: exit status (124 is a hang)" $status 0
is "other kinds of files: the message among them is done" "$(where 1)" "done results "
for kind in $kinds; do
    found=$(cd q && for d in in work done failed quarantine results; do find $d -name $kind.eml -o -name "$kind.ccm"; done)
    is "$kind.eml: quarantined" "$found" quarantine/$kind.eml
    check "$kind.eml: with a report" json q/quarantine/$kind.eml.report
done
is "other kinds of files: in is empty" "$(names q/in)" ""
is "links: what they name is unchanged" "$(cat outside/secret; cmp outside/message.eml <(eml 99) && cmp outside/dir/inside.eml <(eml 98) && echo same)" "secret
same"
is "links: nothing of it was converted" "$(where 99)$(where 98)" ""
check "links are still links" test -L q/quarantine/link.eml -a -L q/quarantine/dangling.eml -a -L q/quarantine/loop.eml
check "a directory keeps what is in it" cmp q/quarantine/dir.eml/sub/x.eml <(eml 97)
check "a FIFO is still one" test -p q/quarantine/fifo.eml
check "other kinds of files: the log is JSON" json q/log/*.jsonl
run "$convert" q
is "other kinds of files: a second run finds nothing" "$status $(count q/quarantine)" "0 $(count q/quarantine)"

# A second name (hard link) of a file outside: converted, and the other name stays.
rm -rf q; mkdir -p q/in
eml 1 >outside/hard.eml; ln outside/hard.eml q/in/hard.eml
run "$convert" q
is "hard link: done" "$(where 1)" "done results "
check "hard link: the other name stays" cmp outside/hard.eml <(eml 1)

# Empty file; file that cannot be opened; a file that a producer still writes is its own trouble, a large hole is not ours.
rm -rf q; mkdir -p q/in
: >q/in/empty.eml; eml 1 >q/in/plain.eml
truncate -s 200M q/in/hole.eml
run "$convert" q
is "empty file and a hole of 200 MB: exit status" $status 0
is "empty file: quarantined" "$(names q/quarantine | grep '^empty' | tr '\n' ' ')" "empty.eml empty.eml.report "
is "a hole of 200 MB: one fate" "$(find q -name 'hole.eml' | wc -l)" 1
is "a hole of 200 MB: not in in or work" "$(find q/in q/work -name 'hole*' | wc -l)" 0
if [ "$(id -u)" = 0 ]; then
    skip "a file without read permission" "root reads everything"
else
    rm -rf q; mkdir -p q/in; eml 1 >q/in/locked.eml; chmod 0 q/in/locked.eml; eml 2 >q/in/plain.eml
    run "$convert" q
    is "a file without read permission: the other is done" "$(where 2)" "done results "
    is "a file without read permission: kept once" "$(find q -name locked.eml | wc -l)" 1
fi

# Another message under the name of one that is in hand, again and again: each has its fate, and the run ends.
for verdict in 0 1; do
    rm -rf q seen; mkdir -p q/in; eml 1 >q/in/m1.eml
    cat >again <<'END'
#!/bin/sh
cat >text; echo x >>seen
[ $(wc -l <seen) -gt 3 ] || { cp text q/in/.m1; mv q/in/.m1 q/in/m1.eml; }
cat text; exit $1
END
    chmod +x again
    LIMIT=20 run "$convert" --workers 1 q -- "$tmp/again" $verdict
    is "a name that comes again during the run ($verdict): exit status" $status 0
    is "a name that comes again during the run ($verdict): fates" \
        "$(count q/in) $(find q/done -type f | wc -l) $(find q/failed -type f ! -name '*.report' | wc -l) $(count q/results)" \
        "0 $((verdict ? 0 : 4)) $((verdict ? 4 : 0)) $((verdict ? 0 : 4))"
    [ ! -x "$BIN/ccm-audit" ] || check "a name that comes again during the run ($verdict): sound" "$BIN/ccm-audit" q
done

# A message that is named as the report of another one is no report, neither for a replay nor for an audit.
rm -rf q; mkdir -p q/in; eml 1 >q/in/X; eml 2 >q/in/X.report
run "$convert" q -- false
is "X and X.report: two fates, two reports" "$(names q/failed | sort | tr '\n' ' ')" "X X.report X.report~2 X.report~2.report "
check "X and X.report: the message" cmp q/failed/X.report~2 <(eml 2)
if [ -x "$BIN/ccm-audit" ] && [ -x "$BIN/ccm-replay" ]; then
    check "X and X.report: sound" "$BIN/ccm-audit" q
    run "$BIN/ccm-replay" X q
    is "X and X.report: X is put back" "$status $(names q/in) $(names q/failed | tr '\n' ' ')" "0 X X.report~2 X.report~2.report "
    check "X and X.report: the message is still there" cmp q/failed/X.report~2 <(eml 2)
    check "X and X.report: sound after the replay" "$BIN/ccm-audit" q
    run "$BIN/ccm-replay" --all q
    is "X and X.report: both put back" "$(names q/in | tr '\n' ' ')" "X X.report~2 "
fi
