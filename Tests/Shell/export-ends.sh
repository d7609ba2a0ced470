#!/bin/bash
# A foreign EXPORT that does not come to its end, or whose connector does not: what it wrote is taken over, what comes
# again is recognised among all that came since the mailbox was empty, and while it runs no other one begins.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-export ccm-audit

office() { rm -rf po box q; mkdir po box; : >po/CCPOMBOX.000; : >calls; }
fill() { local i; for i; do ccm "$i" >box/m$i.ccm; done; }
# program <<SH: an EXPORT; `give N` writes N messages of the mailbox to EXPORT.CCM, `clear` removes those.
program() {
    { cat <<SH
#!/bin/bash
box=$tmp/box; echo x >>$tmp/calls
case " \$* " in *"/MSG#"*) exit 0 ;; esac
give() { names=\$(ls \$box | head -\${1:-99}); for x in \$names; do cat \$box/\$x; done >EXPORT.TMP; [ -s EXPORT.TMP ] && mv EXPORT.TMP EXPORT.CCM || rm EXPORT.TMP; }
clear() { for x in \$names; do rm \$box/\$x; done; }
SH
      cat; } >prog
    chmod 755 prog
}
export() { LIMIT=60 run "$BIN/ccm-export" --quiet --post-office po --export-program "$tmp/prog" "$@" q; }
passed() { cat q/results/* 2>/dev/null | grep -ao 'mark is <[0-9]*>' | tr -dc '0-9\n' | sort -n | tr '\n' ' '; }
aside() { find q/quarantine -type f ! -name '*.report' -exec cat {} + 2>/dev/null | grep -ao 'mark is <[0-9]*>' | tr -dc '0-9\n' | sort -n | tr '\n' ' '; }
crashed() { # N: N runs of connectors that died, each with the whole mailbox in its file
    local i run
    mkdir -p q/run
    for ((i = 1; i <= $1; i++)); do
        run=eDead0$i
        mkdir q/run/$run; ln -s 20211121T101010Z-host-$i q/run/$run.owner
        cat box/* >q/run/$run/EXPORT.CCM
    done
}

# ---- Several files with the same messages are taken over at one start, and the messages come again after that.
program <<<'give; clear'
for n in 1 2 3; do
    office; fill 1 2 3 4
    crashed $n
    for i in 1 2; do export; done
    is "$n files taken over: passed on once" "$status $(passed)" "0 1 2 3 4 "
    is "$n files taken over: nothing is left, a copy is put aside" "$(names box q/in q/run)$(leftovers q)$(aside | tr ' ' '\n' | sort -u | tr '\n' ' ')" "1 2 3 4 "
done

# The same in runs of their own, the messages in another order and number each time.
office; fill 1 2 3 4 5 6
for give in 'give 4; exit 1' 'give 2; kill -9 $$' 'give 6; exit 1' 'give 1; exec sleep 30'; do
    program <<<"$give"; export --export-time-limit 1
done
program <<<'give 3; clear'; export; export
is "four runs that do not end, then one: passed on once" "$status $(passed)" "0 1 2 3 4 5 6 "

# ---- Once the mailbox was empty, the same words are another message.
export
ccm 1 >box/m1.ccm; export
is "the same words, after the mailbox was empty: another message" "$status $(passed)" "0 1 1 2 3 4 5 6 "
# In one file, they are two.
office; for i in 1 2; do ccm 7 >box/m$i.ccm; done; export
is "the same words twice in one file: two messages" "$status $(passed)" "0 7 7 "
# And so they are when the file has to be converted again: somebody died before the commit.
if command -v strace >/dev/null; then
    office; for i in 1 2; do ccm 7 >box/m$i.ccm; done; ccm 8 >box/m8.ccm
    strace -f -qq -o trace -e trace=renameat2,renameat "$BIN/ccm-export" -q --post-office po --export-program "$tmp/prog" q
    at=$(awk '/renameat2\(/ { n++ } /"[0-9]+", [0-9]+, "[0-9]+\.commit"/ { print n; exit }' trace)
    office; for i in 1 2; do ccm 7 >box/m$i.ccm; done; ccm 8 >box/m8.ccm
    { strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=${at:-1} \
        "$BIN/ccm-export" -q --post-office po --export-program "$tmp/prog" q; } >/dev/null 2>&1
    is "killed before the commit: nothing is passed on yet" "$(passed)" ""
    export; export
    is "killed before the commit: passed on once" "$status $(passed)$(aside)" "0 7 7 8 "
else skip "killed before the commit" "no strace here"; fi

# ---- A file that was cut off: the whole messages are passed on, the half one is put aside and may come again.
office; fill 1 2 3
program <<'SH'
cat $box/* | head -c $(($(cat $box/m[12].ccm | wc -c) + CUT)) >EXPORT.CCM; kill -9 $$
SH
for cut in 9 40 100 150; do
    office; fill 1 2 3
    CUT=$cut export --environment CUT
    export --no-fetch
    is "cut off at $cut of the third: two are passed on" "$(passed)" "1 2 "
    is "cut off at $cut of the third: half of one is passed on to nobody" "$(grep -L 'mark is' q/results/*)" ""
done
program <<<'give; clear'; export
is "cut off, then whole: passed on once" "$status $(passed)" "0 1 2 3 "

# ---- No other run begins while one lives whose connector died.
office; fill 1 2
program <<'SH'
give; : >"$box/../running"; until [ -e "$box/../go" ]; do read -t 0.05 <> <(:); done; clear
SH
rm -f running go
"$BIN/ccm-export" -q --post-office po --export-program "$tmp/prog" q 2>/dev/null & pid=$!
for ((i = 0; i < 2000; i++)); do [ ! -e running ] || break; read -r -t 0.01 <> <(:); done
# Another one beside a living one.
export
is "beside a living connector: later" "$status $(wc -l <calls)" "75 1"
kill -KILL $pid; wait $pid 2>/dev/null
export
is "beside a living EXPORT of a dead connector: not run" "$status $(wc -l <calls) $(passed)" "75 1 "
check "beside a living EXPORT: told" grep -q 'EXPORT still runs' q/log/*.jsonl
: >go
for ((i = 0; i < 2000; i++)); do [ -n "$(ls box)" ] || break; read -r -t 0.01 <> <(:); done
program <<<'give; clear'
for i in 1 2 3; do export; [ $status != 0 ] || break; done
is "when it has ended: taken over, passed on once" "$status $(passed)$(aside)" "0 1 2 "

leave

# ---- An audit that repairs, while an EXPORT still works whose connector was killed: its directory stays.
office; fill 1
rm -f go began
program <<SH
: >$tmp/began; n=0
until [ -e $tmp/go ] || [ \$n = 600 ]; do sleep 0.1; n=\$((n + 1)); done
give; clear
SH
"$BIN/ccm-export" -q --post-office po --export-program "$tmp/prog" q >/dev/null 2>&1 & pid=$!
for ((n = 0; n < 200; n++)); do [ -e began ] && break; sleep 0.05; done
kill -KILL $pid; wait $pid 2>/dev/null
run "$BIN/ccm-audit" --repair q
is "an EXPORT that works without its connector: the audit leaves it its directory" "$(ls q/run | grep -vc owner)" 1
: >go
for ((n = 0; n < 200; n++)); do [ -s "$(echo q/run/e??????/EXPORT.CCM)" ] && [ -z "$(ls box)" ] && break; sleep 0.05; done
sleep 0.3
export
is "an EXPORT that worked without its connector: passed on once" "$status $(passed)$(aside)" "0 1 "
run "$BIN/ccm-audit" q
is "an EXPORT that worked without its connector: sound" "$status$(head -n 2 out)" 0

# ---- Of a run that died, the link to its owner is all that is left: it keeps no other run from its work.
office; fill 1
mkdir -p q/run; ln -s 20211121T101010Z-host-1 q/run/eDead01.owner
program <<'SH'
give; clear
SH
export
is "a run of which the link is left: the next one works" "$status $(passed)$(aside)" "0 1 "
is "a run of which the link is left: it goes" "$(names q/run | wc -l)" 0
