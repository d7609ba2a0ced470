#!/bin/bash
# A ccm-convert that is killed at each system call it makes, then started again: every message has exactly one result
# and one fate (Q238189: duplicates after a restart, because what was done was not marked as done).
#
# strace counts a call by name and thread, so the points are (name, Nth of its thread); a log of a clean run gives
# them. With one worker there is one thread, and they are all its calls. With two, where both make the same Nth call,
# only the first is hit.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit
require "killed at each system call" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "killed at each system call" "strace may not trace here"; exit 0; }
convert=$BIN/ccm-convert
case $TEST_SIZE in quick) every=7 ;; *) every=1 ;; esac
# Further injections, in the killed run and in those after it.
inject=()

# traced LOG OPTION... -- COMMAND...: under strace; in a subshell, which hides the shell's `Killed`.
traced() {
    local log=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    (timeout -k 5 60 strace -f -qq -o "$log" ${options[@]+"${options[@]}"} "$@" >/dev/null 2>>again; exit $?) 2>/dev/null
}

# points LOG: `COUNT NAME`, COUNT being the greatest number of calls of that name in one thread.
points() {
    awk '{ pid = $1; line = $0; sub(/^[0-9]+ +/, "", line)
           if (line ~ /^[a-z_0-9]+\(/) { sub(/\(.*/, "", line); n = ++seen[pid, line]; if (n > most[line]) most[line] = n } }
         END { for (name in most) print most[name], name }' "$1" | sort -k2
}

# finish QUEUE: starts again until nothing waits; five times at most.
finish() {
    local i
    for i in 1 2 3 4 5; do
        if [ ${#inject[@]} = 0 ]; then timeout -k 5 60 "$convert" "$1" >/dev/null 2>>again
        else traced /dev/null -e trace=renameat2 "${inject[@]}" -- "$convert" "$1"; fi || return 1
        [ -n "$(names "$1/in")$(leftovers "$1")" ] || return 0
    done
    return 1
}

# state QUEUE: the names in its fates and its results.
state() { (cd "$1" && for dir in results done failed quarantine work/strikes; do echo "$dir: $(names $dir | tr '\n' ' ')"; done); }

# verdict QUEUE MODEL: what is other than after a clean run.
verdict() {
    local a b
    a=$(state "$1") b=$(state "$2")
    if [ "$a" != "$b" ]; then diff <(echo "$b") <(echo "$a") | grep '^[<>]'; return; fi
    "$BIN/ccm-audit" --quiet "$1" 2>&1
    diff -rq "$1/results" "$2/results" 2>&1
}

# copy PREPARED QUEUE: a queue as it was prepared. The message that PREPARED/twice names has two strikes, which go by
# the inode.
copy() {
    local message
    rm -rf "$2"; cp -a "$1" "$2"
    [ -e "$1/twice" ] || return 0
    message=$(echo "$2"/work/*/1/src/"$(cat "$1/twice")")
    mkdir -p "$2/work/strikes"
    printf xx >"$2/work/strikes/$(stat -c %i-%Y "$message")"
}

# sweep NAME PREPARED MODEL EVERY OPTION...: kills a run over a copy of PREPARED at each EVERY-th point.
sweep() {
    local name=$1 prepared=$2 model=$3 every=$4 points=0 hits=0 bad=0 call most i why k=0
    shift 4
    copy "$prepared" q
    : >again
    # A traced call is also one that is not followed by anything: the log must be whole.
    traced points.log ${inject[@]+"${inject[@]}"} -- "$convert" "$@" q || { fail "$name" "the clean run failed: $(cat again)"; return; }
    while read -r most call; do
        for ((i = 1; i <= most; i++)); do
            k=$((k + 1))
            [ $((k % every)) = 0 ] || continue
            points=$((points + 1))
            copy "$prepared" q
            : >again
            if [ ${#inject[@]} = 0 ] || [ "$call" = renameat2 ]; then
                traced /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$i" -- "$convert" "$@" q
            else
                traced /dev/null -e trace=renameat2,$call "${inject[@]}" -e "inject=$call:signal=KILL:when=$i" -- "$convert" "$@" q
            fi
            status=$?
            [ $status = 137 ] && hits=$((hits + 1))
            [ $status = 124 ] && { fail "$name: $call number $i" "hangs under strace"; bad=$((bad + 1)); continue; }
            if finish q; then why=$(verdict q "$model"); else why="does not finish: $(tail -n 2 again) in: $(names q/in) work: $(leftovers q)"; fi
            if [ -n "$why" ]; then
                bad=$((bad + 1))
                [ $bad -gt 8 ] || fail "$name: $call number $i" "$why"
            fi
        done
    done < <(points points.log)
    if [ $bad = 0 ]; then ok "$name: $points points, $hits deaths, every message once"
    else fail "$name" "$bad of $points points are wrong"; fi
    [ $((hits * 4)) -ge $points ] || fail "$name: the kills" "only $hits of $points runs were killed"
}

# Ten messages: one makes two results, one cannot be read, one is a link, one is done with findings.
queue ten 6
{ mbox 7; mbox 77; } >ten/in/m7.mbox
garbage 8 300 >ten/in/m8.eml
ln -s /nowhere ten/in/m9.eml
{ eml 10; printf 'a\0b\r\n'; } | sed 's/^To:.*/To: b\xc3\xa9 <bob@example.com>\r/' >ten/in/m10.eml
cp -a ten model
"$convert" --workers 1 model 2>err || { fail "clean run" "$(cat err)"; exit 0; }
is "clean run: results" "$(names model/results | tr '\n' ' ')" "m1.ccm m10.ccm m2.ccm m3.ccm m4.ccm m5.ccm m6.ccm m7.1.ccm m7.2.ccm "
is "clean run: quarantine" "$(names model/quarantine | tr '\n' ' ')" "m8.eml m8.eml.report m9.eml m9.eml.report "
is "clean run: nothing is left" "$(leftovers model)$(names model/in model/work/strikes)" ""

sweep "killed at each system call, one worker" ten model $every --workers 1

# The recovery is killed as well. Its queue: one that died in the middle of publishing, or just before its commit.
rm -rf q; cp -a ten q
traced renames.log -e trace=renameat2 -- "$convert" --workers 1 q
# Claims, the commit, results and originals, in this order.
renames=$(wc -l <renames.log)
commit=$(grep -n '\.commit"' renames.log | head -n 1 | cut -d: -f1)
[ $every = 1 ] && [ "$TEST_SIZE" != full ] && sparse=3 || sparse=$every
for at in $commit $((commit + 3)) $(((commit + renames) / 2 + 2)) $((renames - 1)); do
    rm -rf dead; cp -a ten dead
    traced /dev/null -e trace=renameat2 -e "inject=renameat2:signal=KILL:when=$at" -- "$convert" --workers 1 dead
    if [ -n "$(leftovers dead)" ]; then sweep "killed again while recovering (rename $at of $renames)" dead model $sparse --workers 1
    else fail "killed again while recovering (rename $at of $renames)" "the first kill left nothing to recover"; fi
done

# A message is put aside after its third strike: with its report and its event, or not yet.
queue struck 1; mv struck/in/m1.eml struck/in/m2.eml
("$convert" --workers 1 --to out struck -- sh -c 'kill -KILL $PPID'; exit $?) >/dev/null 2>&1
sleep 0.1
is "a message in hand: prepared" "$(names struck/in)$(cd struck/work && echo */1/src/*)" "$(ls struck/work | grep Z-)/1/src/m2.eml"
echo m2.eml >struck/twice; eml 1 >struck/in/m1.eml; eml 3 >struck/in/m3.eml
copy struck aside
"$convert" aside >/dev/null 2>&1
is "a third strike: put aside" "$(state aside | tr '\n' ';')" \
    "results: m1.ccm m3.ccm ;done: m1.eml m3.eml ;failed: ;quarantine: m2.eml m2.eml.report ;work/strikes: ;"
sweep "killed while a message is put aside" struck aside $((every * 3)) --workers 1

[ "$TEST_SIZE" = full ] || sparse=$((sparse * 2))
sweep "killed at each system call, two workers" ten model $sparse --workers 2

# A file system that refuses RENAME_NOREPLACE, as NFS does: link and unlink instead, and a state between them.
inject=(-e inject=renameat2:error=EINVAL)
rm -rf q; cp -a ten q
if traced points.log "${inject[@]}" -- "$convert" --workers 1 q; then
    is "without RENAME_NOREPLACE: a clean run" "$(verdict q model)" ""
    sweep "killed at each system call, without RENAME_NOREPLACE" ten model $sparse --workers 1
else
    fail "without RENAME_NOREPLACE: a clean run" "$(tail -n 1 again)"
fi
# There, too, a claim has one winner, even when everybody is slow between link and unlink.
rm -rf q; queue q 60
for i in 1 2 3 4; do
    traced /dev/null -e trace=renameat2,linkat "${inject[@]}" -e inject=linkat:delay_exit=20000 -- \
        "$convert" --no-sync --workers 1 q & pids[i]=$!
done
bad=
for i in 1 2 3 4; do wait ${pids[i]} || bad+="$? "; done
is "without RENAME_NOREPLACE: four processes at once: exit status" "$bad" ""
is "without RENAME_NOREPLACE: four processes at once: each once" "$(all_done=1 accounted q 60)" ""
