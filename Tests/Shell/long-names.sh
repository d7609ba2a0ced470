#!/bin/bash
# Names of 247 to 255 bytes, with and without suffixes, in each fate and again and again: each original has its report beside it, the
# audit is sound, a repair finds nothing to do, and a replay puts each back with its own report.
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-replay ccm-status
require "long names" python3
convert=$BIN/ccm-convert audit=$BIN/ccm-audit

# make DIR WHAT...: a file for each kind of name at each length; WHAT COUNT prints the content of one.
cat >make.py <<'END'
import sys
where, what = sys.argv[1:3]
n = 0
for length in (247, 248, 249, 250, 252, 255):
    for kind in range(6):
        stem, suffix = [("x", b".eml"), ("y", b""), ("z", b"." + b"s" * 40), ("a.b.", b".txt"), ("\u00e9", b".eml"), ("r", b".report")][kind]
        stem = (stem.encode() * 300)[:length - len(suffix)]
        if kind == 4: stem = stem.decode(errors="ignore").encode(); stem += b"_" * (length - len(suffix) - len(stem))
        n += 1
        text = b"junk %d\n" % n
        if what == "good": text = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nThe mark is <%d>.\r\n" % n
        open(where.encode() + b"/" + stem + suffix, "wb").write(text)
print(n)
END
# reports FOLDER: originals, and those of them whose report is beside them and says who they are.
cat >reports.py <<'END'
import json, os, sys
folder = os.fsencode(sys.argv[1])
names = os.listdir(folder)
originals = [n for n in names if not n.endswith(b".report")]
paired = [n for n in originals if n + b".report" in names]
right = 0
for n in paired:
    told = json.load(open(folder + b"/" + n + b".report", "rb"))["name"].encode()
    right += told[:200] == n[:200] and told.split(b".")[-1][:20] == n.split(b".")[-1].split(b"~")[0][:20]
print(len(originals), len(paired), right, len(names) - len(originals))
END
sound() {
    run "$audit" -q q; is "$1: sound" "$status $(head -c 300 out)" "0 "
    run "$audit" --repair q; is "$1: nothing to repair" "$status $(grep -o '[0-9]* repaired' err)" "0 0 repaired"
}

for fate in quarantine failed done; do
    rm -rf q; mkdir -p q/in
    what=junk; [ $fate = quarantine ] || what=good
    n=0
    for again in 1 2 3; do
        n=$((n + $(python3 make.py q/in $what)))
        case $fate in
            failed) run "$convert" --no-sync -q q -- false ;;
            *) run "$convert" --no-sync -q q ;;
        esac
        is "$fate, time $again: exit status" $status 0
    done
    is "$fate: each has its fate" "$(count q/in) $(names q/$fate | grep -cv '\.report$') $(leftovers q)" "0 $n "
    [ $fate = done ] || is "$fate: each report is beside its original" "$(python3 reports.py q/$fate)" "$n $n $n $n"
    [ $fate != done ] || is "done: each has its result" "$(count q/results) $(cat q/results/* | grep -o 'mark is <[0-9]*>' | sort -u | wc -l)" "$n $((n / 3))"
    sound $fate
    run "$BIN/ccm-status" --json q; is "$fate: ccm-status" "$(python3 -c "import json; print(json.load(open('out'))['$fate']['count'])")" $n
    run "$BIN/ccm-replay" -q --from $fate --all q
    is "$fate: put back" "$status $(count q/in) $(count q/$fate)" "0 $n 0"
    sound "$fate, put back"
    run "$convert" --no-sync -q q
    is "$fate, put back: their fates" "$status $(count q/in) $(find q/done q/failed q/quarantine -type f ! -name '*.report' | wc -l)" "0 0 $n"
    sound "$fate, put back and processed"
done

# Killed between the rename of an original and that of its report.
require "long names, killed" strace
for at in 1 2 3 4; do
    rm -rf q; mkdir -p q/in
    for c in u v; do garbage 7 300 >"q/in/$(printf "$c%.0s" {1..251}).eml"; done
    strace -f -qq -o trace -P q/quarantine -e trace=renameat2 -e inject=renameat2:signal=KILL:when=$at "$convert" --no-sync -q --workers 1 q 2>/dev/null
    run "$convert" --no-sync -q q
    is "killed at rename $at: fates and reports" "$status $(python3 reports.py q/quarantine)" "0 2 2 2 2"
    sound "killed at rename $at"
done

# As an earlier version left them: a name of 255 bytes, and a report whose name is cut.
rm -rf q; mkdir -p q/in
python3 make.py q/in junk >n; run "$convert" --no-sync -q q
python3 - <<'END'
import os, re, shutil
folder = b"q/quarantine/"
for n in sorted(os.listdir(folder)):
    if n.endswith(b".report") or len(n) != 248: continue
    stem, suffix = os.path.splitext(n)
    long = stem + b"L" * 7 + suffix
    os.rename(folder + n, folder + long)
    os.rename(folder + n + b".report", folder + long[:248] + b".report")
END
run "$audit" -q q; is "as an earlier version left them: sound" "$status $(head -c 300 out)" "0 "
run "$audit" --repair -q q; is "as an earlier version left them: nothing to repair" "$status $(count q/quarantine)" "0 $((2 * $(cat n)))"
long=$(names q/quarantine | grep -v report | awk 'length > 254' | head -1)
is "as an earlier version left them: listed" "$("$BIN/ccm-replay" --from quarantine --list q | grep -c .)" "$(cat n)"
rm "q/quarantine/$(cut -c1-248 <<<"$long").report"
run "$audit" -q q; is "a lost one is missed" "$status $(grep -c 'without its report' out)" "65 1"
run "$audit" --repair -q q; is "and written anew" "$status $(count q/quarantine)" "0 $((2 * $(cat n)))"
run "$audit" --repair -q q; is "once" "$status $(count q/quarantine)" "0 $((2 * $(cat n)))"
leave
