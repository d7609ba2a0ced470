#!/bin/bash
# A ccpo-import and a ccpo-export that are killed at each system call they make, then started again: every mailbox has
# each message once, the undeliverable file one entry, and every message is exported once.
#
# See spool-kill.sh for how the points are found.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccpo-init ccpo-import ccpo-export
require "killed at each system call" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "killed at each system call" "strace may not trace here"; exit 0; }
case $TEST_SIZE in quick) every=5 ;; *) every=1 ;; esac
# A kill at a call that changes nothing is the same as one at the next call that does: only with --full.
changing='write|pwrite64|ftruncate|renameat|renameat2|linkat|unlink|unlinkat|mkdirat|openat|flock|fsync|fdatasync|syncfs|close|exit_group'
[ "$TEST_SIZE" = full ] && changing='.*'
export CCPO_LOCK_WAIT=5

# traced LOG OPTION... -- COMMAND...: under strace; in a subshell, which hides the shell's `Killed`.
traced() {
    local log=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    (timeout -k 5 60 strace -f -qq -o "$log" ${options[@]+"${options[@]}"} "$@" >/dev/null 2>>again; exit $?) 2>/dev/null
}

# points LOG: `COUNT NAME`, COUNT being the number of calls of that name.
points() {
    awk '{ line = $0; sub(/^[0-9]+ +/, "", line)
           if (line ~ /^[a-z_0-9]+\(/) { sub(/\(.*/, "", line); seen[line]++ } }
         END { for (name in seen) print seen[name], name }' "$1" | sort -k2 | grep -xE "[0-9]+ ($changing)"
}

# message NUMBER RECIPIENT...: a .ccm message with these To lines.
message() {
    local number=$1 to= text item header
    shift
    printf -v to 'To: %s\r\n' "$@"
    printf -v text '\r\n\r\n%s\r\n\r\n' "The mark is <$number>."
    printf -v item 'Text item: \r\n%-11d\r\n%s' ${#text} "$text"
    printf -v header 'From: Ann at HUB\r\nDate: 6/2/98 8:39\r\n%sSubject: Number %s\r\n' "$to" "$number"
    printf -v item '%sContents:\r\n%-11d\r\n%s\r\n\r\n' "$header" ${#item} "$item"
    printf 'Message:\r\n%-11d\r\n%s' ${#item} "$item"
}

# marks FILE...: the numbers of the messages in files, in their order.
marks() { cat "$@" /dev/null | sed -n 's/^The mark is <\(.*\)>.*/\1/p' | tr '\n' ' '; }

# mailbox NAME: the numbers of its messages.
mailbox() { marks $(find "po/mail/$1/new" -name '*.ccm' | sort); }

"$BIN/ccpo-init" --no-sync --name HUB --user Ann --user Ben --remote INTERNET empty || { fail "a post office" "none"; exit 0; }
{ message 1 "Ann at HUB" "Ben"; message 2 "Ann" "Nobody at HUB"; message 3 "jeff@example.com at INTERNET"; } >three.ccm

do_import() { "$BIN/ccpo-import" /NHUB /Dpo "/@$1/three.ccm" /ITEMSIZE /PARTIAL; }

# ---- Import.
# fresh PREPARED: po and the directory of a run as they were. After a death, the very files of it: they are known by
# their inodes.
fresh() {
    rm -rf po run other f.ccm g.ccm .ccpo*
    cp -a "$1" po
    mkdir run other
    : >again
    [ -n "${after_death:-}" ] || { cp three.ccm run/; return; }
    for one in dead_files/.ccpo* dead_files/f.ccm; do [ ! -e "$one" ] || ln "$one" .; done
    [ ! -e dead_run/three.ccm ] || ln dead_run/three.ccm run/
    [ ! -e dead_run/CCMAIL.UND ] || { cat dead_und >dead_run/CCMAIL.UND; ln dead_run/CCMAIL.UND run/; }
}

delivered() {
    [ "$(mailbox ann)" = "1 2 " ] || echo "Ann has $(mailbox ann)"
    [ "$(mailbox ben)" = "1 " ] || echo "Ben has $(mailbox ben)"
    [ "$(mailbox internet)" = "3 " ] || echo "INTERNET has $(mailbox internet)"
    [ -z "$(ls -A po/import)" ] || echo "left in import: $(ls -A po/import)"
}
und() {
    [ "$(grep -ac '^\*\*\*' "$1/CCMAIL.UND")" = 1 ] && [ "$(marks "$1/CCMAIL.UND")" = "2 " ] ||
        echo "$1/CCMAIL.UND: $(tr -d '\r' <"$1/CCMAIL.UND" | tr '\n' '|')"
}

# The same file again, in the same directory.
again_here() {
    local had=; [ -e run/three.ccm ] && had=yes
    do_import run >again 2>&1
    case $had:$? in *:5 | :1) ;; *) echo "ended with an unexpected code: $(cat again)" ;; esac
    [ ! -e run/three.ccm ] || echo "the input is still there"
    delivered; und run
}
# A copy of the file in a new directory, as a caller does that never trusts the old one.
again_there() {
    cp three.ccm other/
    do_import other >again 2>&1 || [ $? = 5 ] || echo "ended badly: $(cat again)"
    delivered; und other
}

# sweep NAME PREPARED EVERY VERDICT COMMAND...: kills the command at each EVERY-th point.
sweep() {
    local name=$1 prepared=$2 every=$3 verdict=$4 points=0 hits=0 bad=0 call most i why k=0
    shift 4
    fresh "$prepared"
    traced points.log -- "$@"
    while read -r most call; do
        for ((i = 1; i <= most; i++)); do
            k=$((k + 1))
            [ $((k % every)) = 0 ] || continue
            points=$((points + 1))
            fresh "$prepared"
            traced /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$i" -- "$@"
            case $? in
                137) hits=$((hits + 1)) ;;
                124) fail "$name: $call number $i" "hangs"; bad=$((bad + 1)); continue ;;
            esac
            why=$($verdict 2>&1)
            if [ -n "$why" ]; then
                bad=$((bad + 1))
                [ $bad -gt 8 ] || fail "$name: $call number $i" "$why"
            fi
        done
    done < <(points points.log)
    if [ $bad = 0 ]; then ok "$name: $points points, $hits deaths, everything once"
    else fail "$name" "$bad of $points points are wrong"; fi
    [ $((hits * 4)) -ge $points ] || fail "$name: the kills" "only $hits of $points runs were killed"
}

# As ccm-import calls it: by this list a copy elsewhere is the same delivery.
printf '0 %064d\n' 7 >ids; export CCM_DELIVERIES=$PWD/ids
importing=("$BIN/ccpo-import" /NHUB /Dpo /@run/three.ccm /ITEMSIZE /PARTIAL)
fresh empty
"${importing[@]}" >out; is "import: result code" $? 5
is "import: each once" "$(delivered; und run; ls run)" "CCMAIL.UND"
sweep "import killed at each system call, again in its place" empty $every again_here "${importing[@]}"
sweep "import killed at each system call, again elsewhere" empty $every again_there "${importing[@]}"

# The next import, which finishes what the dead one began, is killed as well.
fresh empty
traced renames.log -e trace=renameat,renameat2 -- "${importing[@]}"
# Its renames: of its directory, of the commit, of what is recorded, of four copies, of the note for the undeliverable
# file.
for at in $(seq 2 $(wc -l <renames.log)); do
    call=$(sed -n "${at}s/^[0-9 ]*\([a-z0-9]*\)(.*/\1/p" renames.log)
    nth=$(head -n "$at" renames.log | grep -c " $call(")
    fresh empty
    traced /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$nth" -- "${importing[@]}"
    rm -rf dead dead_run; mv po dead; mv run dead_run
    [ ! -e dead_run/CCMAIL.UND ] || cp dead_run/CCMAIL.UND dead_und
    after_death=yes sweep "import killed again while it recovers (rename $at)" dead $((every * 4)) again_here "${importing[@]}"
done

# ---- Export.
rm -rf po run; cp -a empty po; mkdir run
{ message 1 Ann; message 2 Ann; message 3 Ann; } >run/three.ccm
"${importing[@]}" >out || { fail "three messages for Ann" "$(cat out)"; exit 0; }
rm -rf full; mv po full
exporting=("$BIN/ccpo-export" /NAnn /Dpo /@f.ccm /ITEMSIZE)

exported() {
    local got=
    "$BIN/ccpo-export" /NAnn /Dpo /@g.ccm /ITEMSIZE >again || echo "ended with $?: $(cat again)"
    [ -e g.ccm ] && got=g.ccm
    [ -e taken.ccm ] && got="taken.ccm $got"
    [ "$(marks $got)" = "1 2 3 " ] || echo "exported: $(marks $got)"
    [ -z "$(mailbox ann)$(find po/mail/ann/out -mindepth 1)" ] || echo "left: $(find po/mail/ann -mindepth 2)"
    [ -z "$(find . -maxdepth 1 -name '.ccpo*')" ] || echo "left: $(ls -d .ccpo*)"
    rm -f taken.ccm
}
# A caller asks for the list before it looks at the file.
listed_first() {
    "$BIN/ccpo-export" /NAnn /Dpo '/MSG#' >list || echo "the list ended with $?"
    [ ! -e f.ccm ] || { [ ! -s list ] || echo "messages are both exported and listed"; mv f.ccm taken.ccm; }
    exported
}
# A caller takes the file at once.
taken_first() { [ ! -e f.ccm ] || mv f.ccm taken.ccm; exported; }

sweep "export killed at each system call, listed first" full $every listed_first "${exporting[@]}"
sweep "export killed at each system call, taken first" full $every taken_first "${exporting[@]}"
# Killed where the file is about to get its name, or has it; the next start, which settles that, is killed as well.
fresh full
traced renames.log -e trace=renameat2 -- "${exporting[@]}"
last=$(wc -l <renames.log)
for at in 3 $((last - 1)) $last; do
    fresh full
    rm -rf dead dead_run dead_files; mkdir dead_files dead_run
    traced /dev/null -e trace=renameat2,unlinkat -e "inject=renameat2:signal=KILL:when=$at" -- "${exporting[@]}"
    for one in .ccpo* f.ccm; do [ ! -e "$one" ] || ln "$one" dead_files/; done
    mv po dead
    after_death=yes sweep "export killed again while the list settles it (rename $at)" dead $((every * 3)) listed_first \
        "$BIN/ccpo-export" /NAnn /Dpo '/MSG#'
done
fresh full
traced /dev/null -e trace=unlinkat -e "inject=unlinkat:signal=KILL:when=2" -- "${exporting[@]}"
is "export killed while it clears up" "$(taken_first)" ""
