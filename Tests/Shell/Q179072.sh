#!/bin/bash
# An IMPORT and an EXPORT that print without end, guess at descriptors, close theirs and open others, leave children
# behind and write into what they find (Q179072: what the program printed was written into the header of a message,
# because two files had the same handle). No byte of a message changes; what EXPORT wrote there itself is found.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import ccm-export ccm2eml
require "a program that does damage" python3
vandal=$here/fake/vandal
limit=65536

# connector import|export [OPTION...] QUEUE
connector() {
    local program=$1
    shift
    LIMIT=60 run "$BIN/ccm-$program" --quiet --retry 0 --log-limit $limit --post-office "$tmp/po" --zone UTC \
        --import-program "$vandal" --export-program "$vandal" "$@"
}

# Letters of the program's own words within messages: console FILE...
console() { grep -alE 'Exporting messages in mailbox|of the console|still here|from the beginning' "$@" 2>/dev/null; }

# damaged QUEUE FILE...: what is wrong with the logs, the descriptors and the children, the files being messages.
damaged() {
    local q=$1 one inode pid n
    local -A seen=()
    shift
    [ ! -e po/open ] || printf 'found descriptors open: %s; ' "$(head -n 3 po/open | tr '\n' ' ')"
    one=$(console "$@")
    [ -z "$one" ] || printf 'console text in %s; ' "$one"
    for one in "$q"/log/*.out "$q"/log/*.err "$@"; do
        [ -e "$one" ] || continue
        inode=$(stat -c %d:%i "$one")
        [ -z "${seen[$inode]:-}" ] || printf '%s is %s; ' "$one" "${seen[$inode]}"
        seen[$inode]=$one
        case $one in *.out | *.err) n=$(size "$one"); [ "$n" -le $limit ] || printf '%s has %d bytes; ' "$one" "$n" ;; esac
    done
    while read -r pid; do
        case $(ps -o stat= -p "$pid") in "" | Z*) ;; *) false ;; esac || printf 'process %d still runs; ' "$pid"
    done < <(cat po/pids 2>/dev/null)
    one=$(leftovers "$q")$(names "$q/run" | tr '\n' ' ')
    [ -z "$one" ] || printf 'left: %s; ' "$one"
}

# quiet QUEUE: nothing in it changes any more.
quiet() {
    local before
    before=$(find "$1" -type f -exec cksum {} + | sort)
    sleep 0.1
    [ "$before" = "$(find "$1" -type f -exec cksum {} + | sort)" ] || echo "files still change"
}

# ---- Programs that never end, SIGTERM or not. They take their time, so they run beside the rest, each in a directory of
# its own.

# endless NAME FUNCTION ARGUMENT...
endless() { (mkdir "endless.$1" && cd "endless.$1" && tmp=$PWD && shift && "$@") & }

# It stays in its process group, or leaves it for ours.
never_ends() {
    local name="IMPORT that never ends${1:+, in our process group}" start=$SECONDS
    office po; : >po/hang; [ -z "$1" ] || : >po/$1
    ccm_queue q 2
    connector import --import-time-limit 1 --import-reliable yes q
    check "$name: its time limit" [ $((SECONDS - start)) -le 30 -a $status -lt 124 ]
    [ $status -lt 124 ] || end_runs
    is "$name: nothing lost, nothing left" "$(kept_ccm q 2)$(damaged q)" ""
    check "$name: told" grep -q 'time limit' <(told q)
}

# The connector is killed meanwhile: the next ones wait for IMPORT, as long as it may run, and then end it.
outlives() {
    local name="IMPORT that outlives its connector" i
    office po; : >po/hang
    ccm_queue q 2
    setsid "$BIN/ccm-import" --quiet --import-time-limit 3 --post-office "$tmp/po" --import-program "$vandal" --import-reliable yes q & i=$!
    while [ ! -s po/runs ]; do sleep 0.05; done
    kill -KILL $i
    wait $i
    connector import --import-time-limit 3 --import-reliable yes q
    is "$name: left alone at first" "$status $(wc -l <po/runs) $(kept_ccm q 2)" "0 1 "
    check "$name: told" grep -q 'still runs' <(told q)
    rm po/hang
    # It hangs without that file as well: it is stopped.
    kill -STOP $(head -n 1 po/runs) $(cat po/pids 2>/dev/null)
    sleep 9
    for i in 1 2 3; do connector import --import-time-limit 3 --import-reliable yes q; done
    is "$name: ended at last, nothing lost, nothing left" "$(damaged q)$(misplaced q ccm 2 "done")" ""
} 2>/dev/null

export_never_ends() {
    office po; messages >po/export; : >po/hang
    connector export --export-time-limit 1 --export-reliable no q
    rm po/hang
    connector export --export-reliable no q
    connector export --export-reliable no q
    is "EXPORT that never ends: each message once" "$(grep -aho 'The mark is <[0-9]*>' q/results/* | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
        " 1 The mark is <1>; 1 The mark is <2>; 1 The mark is <3>;"
    is "EXPORT that never ends: nothing left" "$(damaged q)" ""
}

messages() { local i; for i in 1 2 3; do ccm $i; done; }

endless 1 never_ends ""
endless 2 never_ends leave
endless 3 outlives
endless 4 export_never_ends

# ---- IMPORT.
office po
ccm_queue q 12
cp -a q/in put
connector import --import-reliable no q
is "IMPORT: exit status" $status 0
is "IMPORT: no byte changed" "$(diff -r put <(true) 2>/dev/null; for i in put/*; do cmp "$i" "q/done/${i##*/}" 2>&1; done)" ""
is "IMPORT: it got the messages and nothing else" "$(cat po/given.* | cksum)" "$(cd put && cat $(ls -U ../put >/dev/null; sed 's/$/.ccm/' <(grep -ao 'The mark is <[0-9]*' ../po/given.* | grep -o '[0-9]*$' | sed 's/^/m/')) | cksum)"
is "IMPORT: nothing of its words in a message, logs apart and bounded, children gone" "$(damaged q q/done/*)" ""
is "IMPORT: nothing changes afterwards" "$(quiet q)" ""
is "IMPORT: each once" "$(misplaced q ccm 12 "done")$(grep -aho 'The mark is <[0-9]*>' po/given.* | sort | uniq -d)" ""
check "IMPORT: that processes were left behind, and a log was cut, is told" \
    sh -c 'cat q/log/*.jsonl | grep -q "left .* processes behind" && cat q/log/*.jsonl | grep -q "is cut"'
check "IMPORT: its words are kept" grep -q 'of the console' q/log/*.out

# ---- What IMPORT leaves in its directory is no undeliverable file, though its name says so.
leave=('ln -s /etc/passwd CCMAIL.UND' 'mkfifo CCMAIL.UND' 'mkdir -p CCMAIL.UND/x' 'ln -s . loop.und' \
    "mkdir -p \$(printf 'd/%.0s' \$(seq 500)); chmod 0 ." "printf '\r\n' >\$(printf 'caf\351.und')")
for what in "${leave[@]}"; do
    office po
    ccm_queue q 2
    printf '#!/bin/bash\n"%s" "$@"\nstatus=$?\n%s\nexit $status\n' "$here/fake/import" "$what" >leaver; chmod +x leaver
    for i in 1 2; do connector import --import-program "$tmp/leaver" --import-reliable no q; done
    is "IMPORT leaves '$what': each once" "$status $(not_once po 2)$(misplaced q ccm 2 "done")" "0 "
done
# One that is one, under a name of another code page: its reasons are read.
office po; : >po/keep; echo 5 >po/status
ccm_queue q 1
printf '#!/bin/bash\n"%s" "$@"\nstatus=$?\n{ printf "***  Unknown recipient: Bob Example at HUBPO2  ***\\r\\n\\r\\n"; cat IMPORT.CCM; } >$(printf "caf\351.und")\nrm IMPORT.CCM\nexit $status\n' \
    "$here/fake/import" >leaver
for i in 1 2; do connector import --import-program "$tmp/leaver" --import-reliable no q; done
check "an undeliverable file with an odd name: its reason is in the report" grep -q 'Unknown recipient' q/results/m1.eml

# ---- EXPORT.
office po; messages >po/export
rm -rf q
connector export --export-reliable no q
is "EXPORT: exit status" $status 0
is "EXPORT: no byte changed" "$(cmp po/made "$(echo q/done/msg-*.ccm)" 2>&1)" ""
wrong=
i=0
for one in q/results/*.eml; do i=$((i + 1)); ccm $i | "$BIN/ccm2eml" --zone UTC | cmp - "$one" 2>&1; done >why
is "EXPORT: three messages, each as it was" "$i $(cat why)" "3 "
is "EXPORT: nothing of its words in a message, logs apart and bounded, children gone" "$(damaged q q/done/*.ccm q/results/*)" ""
is "EXPORT: nothing changes afterwards" "$(quiet q)" ""
is "EXPORT: nothing in quarantine" "$(names q/quarantine q/failed q/in)" ""

# What it printed stands in the header of the second of three messages.
for damage in over between cut late; do
    office po; messages >po/export; echo $damage >po/damage
    [ $damage = late ] || : >po/quiet
    rm -rf q
    connector export --export-reliable no q
    is "console text in a header ($damage): the others pass" "$(grep -aho 'The mark is <[13]>' q/results/* | tr '\n' ' ')" "The mark is <1> The mark is <3> "
    is "console text in a header ($damage): not in what is passed on" "$(console q/results/*)" ""
    n=$(names q/quarantine | grep -v '\.report$')
    is "console text in a header ($damage): put aside" "$(grep -aho 'The mark is <[0-9]*>' q/quarantine/*.ccm | tr '\n' ' ')" "The mark is <2> "
    check "console text in a header ($damage): with a report that says so" grep -q 'EXPORT printed' q/quarantine/*.report
done

# Between two messages, it is in none of them.
office po; messages >po/export; echo before >po/damage; : >po/quiet
rm -rf q
connector export --export-reliable no q
is "console text between two messages: all pass" "$(grep -aho 'The mark is <[0-9]>' q/results/* | tr '\n' ' ')$(console q/results/*)" \
    "The mark is <1> The mark is <2> The mark is <3> "

# What it made is no file, or two: nothing of it is thrown away, and nothing stands still.
for what in 'mv EXPORT.CCM MSG.TMP; ln -s MSG.TMP EXPORT.CCM' 'mv EXPORT.CCM x; mkdir EXPORT.CCM; mv x EXPORT.CCM/' 'mv EXPORT.CCM x; mkfifo EXPORT.CCM' \
    'cp EXPORT.CCM export.ccm'; do
    office po; messages >po/export; : >po/quiet
    rm -rf q
    printf '#!/bin/bash\n"%s" "$@"\n[ ! -e EXPORT.CCM ] || { %s; }\n' "$vandal" "$what" >leaver; chmod +x leaver
    connector export --export-program "$tmp/leaver" --export-reliable no q
    messages >po/export
    connector export --export-program "$vandal" --export-reliable no q
    is "EXPORT leaves '$what': kept, and the next ones pass" \
        "$(grep -raho 'The mark is <2>' q/quarantine | sort -u) $(grep -aho 'The mark is <[0-9]*>' q/results/* | tr '\n' ' ')$(names q/run; leftovers q)" \
        "The mark is <2> The mark is <1> The mark is <2> The mark is <3> "
done

# Messages in another file than it was asked for, and a file that may not be read.
for what in 'cp EXPORT.CCM EXPORT.002' 'mv EXPORT.CCM MSG0001.TMP' 'chmod 000 EXPORT.CCM .'; do
    office po; messages >po/export; : >po/quiet
    rm -rf q
    printf '#!/bin/bash\n"%s" "$@"\n[ ! -e EXPORT.CCM ] || { %s; }\n' "$vandal" "$what" >leaver; chmod +x leaver
    connector export --export-program "$tmp/leaver" --export-reliable no q
    check "EXPORT leaves '$what': its messages are kept" test -n "$(grep -rao 'The mark is <2>' q/quarantine q/done)"
    is "EXPORT leaves '$what': nothing stays in run" "$(names q/run)" ""
done

wait

leave

# ---- The naive one.
office po; messages >po/export; : >po/quiet
"$here/naive/Q179072" "$tmp/naive" "$vandal" "$tmp/po"
caught Q179072 "$(damaged naive naive/results/*)"
while read -r pid; do kill -KILL "$pid" 2>/dev/null; done <po/pids
