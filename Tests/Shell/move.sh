#!/usr/bin/env bash
# ccm-move: on one file system and between two, files that are still written, many at once, mounts that only a rename
# tells apart, and kills and errors at each system call.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-move
move=$BIN/ccm-move
moves() { run "$move" -q "$@"; }

# ---- One file system.

mkdir from to
eml 1 >from/a.eml; eml 2 >from/-b.EML; ccm 3 >from/c.ccm; echo x >from/d.txt; eml 4 >from/.hidden.eml; mkdir from/e.eml
eml 5 >to/a.eml; ln -s a.eml from/link.eml; mkfifo from/fifo.eml
moves from to
is "exit status" "$status $(cat err)" "0 "
is "names" "$(ls -A from | tr '\n' '|') $(ls -A to | tr '\n' '|')" ".hidden.eml|d.txt|e.eml|fifo.eml|link.eml| -b.EML|a.eml|a~2.eml|c.ccm|"
is "nothing is replaced" "$(grep -c '<5>' to/a.eml) $(grep -c '<1>' to/a~2.eml)" "1 1"
moves from/d.txt from/.hidden.eml to
is "files by name, whatever they are called" "$status $(cat to/d.txt) $(ls -A to | grep -c hidden)" "0 x 1"
run "$move" from to; is "says how many" "$status $(cat err)" "0 ccm-move: 0 moved to $(pwd -P)/to"
moves none to; is "no directory to take from" "$status" 66
moves from/none.eml to; is "no file to take" "$status" 66
moves from none; is "no directory to put into" "$status" 73
moves to to; is "into itself" "$status $(count to)" "64 5"
moves to/a.eml to; is "a file into its own directory" "$status $(count to)" "64 5"
mkdir -p queue/in queue/done queue/results
for wrong in queue queue/done; do
    moves to/a.eml $wrong
    is "a queue, or what it keeps: $wrong" "$status $(count queue/done) $(names queue | tr '\n' ' ')" "64 0 done in results "
done
moves to/c.ccm queue/results; is "a folder of a queue from which results are taken" "$status $(names queue/results)" "0 c.ccm"
for wrong in from "-s x from to" "-s -1 from to" "--none from to"; do moves $wrong; is "usage: $wrong" $status 64; done

rm -rf from to; mkdir from to
eml 1 >from/still.eml; eml 2 >from/grows.eml; eml 3 >from/open.eml; : >from/empty.eml; : >from/old.eml; touch -d '-2 minutes' from/old.eml
(until [ -e enough ]; do echo more >>from/grows.eml; sleep 0.1; done) &
exec 7>>from/open.eml
moves -s 2 from to
is "--settle: what is still written stays" "$status $(names from | tr '\n' '|') $(names to | tr '\n' '|')" "0 empty.eml|grows.eml|open.eml| old.eml|still.eml|"
exec 7>&-
touch enough; wait
moves --settle 1 from to
is "--settle: until it is complete" "$(names from) $(count to)" "empty.eml 4"

rm -rf from to; mkdir from to
for i in {1..200}; do eml $i >from/m$i.eml; done
runs=
for i in 1 2 3 4; do "$move" -q from to 2>>err.many & runs+=" $!"; done
wait $runs
is "four runs" "$(count from) $(count to) $(cat to/*.eml | grep -c mark) $(cat err.many)" "0 200 200 "

# ---- Two file systems.

other=
for one in /tmp /var/tmp "${XDG_RUNTIME_DIR:-}" /dev/shm; do
    [ -d "$one" ] && [ -w "$one" ] && [ "$(stat -c %d "$one")" != "$(stat -c %d "$tmp")" ] && { other=$one; break; }
done
[ -n "$other" ] || { skip "two file systems" "only one here"; exit 0; }
other=$(mktemp -d "$other/ccmc-test.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp" "$other"' EXIT
to=$other/to
# two: fresh directories.
two() { rm -rf from "$to"; mkdir from "$to"; }
# left: what a mover has left in both, but for its marks.
left() { find from/.ccm-move "$to/.ccm-move" -mindepth 1 ! -name 'id.*' ! -name 'to.*' 2>/dev/null; }

two
eml 1 >from/a.eml; chmod 640 from/a.eml; touch -d '2001-02-03 04:05:06.789' from/a.eml; eml 2 >"$to/a.eml"
long=$(printf 'x%.0s' {1..251}).eml
eml 3 >"from/$long"; eml 4 >"$to/$long"; eml 5 >$'from/b\n\001\377.eml'
moves from "$to"
is "two file systems" "$status $(cat err) $(count from) $(find "$to" -name '*.eml' -printf .) $(left)" "0  0 ..... "
is "two file systems: nothing is replaced" "$(grep -c '<1>' "$to/a~2.eml") $(stat -c '%a %.3Y' "$to/a~2.eml")" "1 640 $(date -d '2001-02-03 04:05:06.789' +%s.%3N)"
moves from "$to"
is "two file systems: nothing to do" "$status $(find "$to" -name '*.eml' -printf .)" "0 ....."
mv "$to" "$to.away"; mkdir "$to"; eml 6 >from/b.eml
moves from "$to"
is "two file systems: not mounted" "$status $(count "$to") $(names from)" "75 0 b.eml"
rmdir "$to"; mv "$to.away" "$to"
moves from "$to"
is "two file systems: mounted again" "$status $(cat err) $(find "$to" -name '*.eml' -printf .) $(count from)" "0  ...... 0"
two; eml 1 >from/a.eml; eml 2 >from/b.eml
bash -c 'ulimit -f 0; exec "$@"' full "$move" -q from "$to" 2>err
is "two file systems: no room to write" "$? $(names from | tr '\n' ' ')$(count "$to") $(left)" "74 a.eml b.eml 0 "
moves from/a.eml from/none.eml "$to"
is "two file systems: files by name" "$status $(names from) $(names "$to")" "66 b.eml a.eml"

# Two sources, one target, the same names.
two; mkdir from/x from/y
for i in {1..100}; do { eml A$i; garbage $i 300; echo end; } >from/x/$i.eml; { eml B$i; echo end; } >from/y/$i.eml; done
"$move" -q from/x "$to" 2>>err.two & runs=$!
"$move" -q from/y "$to" 2>>err.two & wait $runs $!
is "two sources at once" "$(count "$to") $(cat "$to"/*.eml | grep -ao '<[AB][0-9]*>' | sort -u | wc -l) $(tail -qn 1 "$to"/*.eml | grep -ac 'end$') $(count from/x from/y) $(cat err.two)" "200 200 200 0 "
two
for i in {1..300}; do eml $i >from/m$i.eml; done
runs=
for i in 1 2 3; do "$move" -q from "$to" 2>>err.three & runs+=" $!"; done
wait $runs
is "three runs" "$(count from) $(count "$to") $(cat "$to"/*.eml | grep -c mark) $(left) $(cat err.three)" "0 300 300  "

# Killed while its target is known, then its target is away: what is complete waits for it.
require "kills and errors" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "kills and errors" "strace may not trace here"; exit 0; }
three() { two; eml 1 >from/a.eml; eml 2 >from/b.eml; { eml 3; garbage 3 2000; } >from/c.eml; }
# traced INJECTION: a move of `three` under it; in a subshell, which hides the shell's `Killed`.
traced() { (timeout -k 5 60 strace -f -qq -o trace -e "trace=${1%%:*}" -e "inject=$1" "$move" -q from "$to" >/dev/null 2>err; exit $?) 2>/dev/null; }
three
number=$(strace -f -qq -e trace=fsync "$move" -q from "$to" 2>&1 | grep -c '^[^+]*fsync')
check "fsync: each copy, and both sides" [ "$number" -ge 9 ]
waits=
for ((n = 1; n <= number; n++)); do
    three
    traced "fsync:signal=KILL:when=$n"
    [ -n "$(find from/.ccm-move -path '*/committed/*' 2>/dev/null)" ] || continue
    waits=yes
    mv "$to" "$to.away"; mkdir "$to" "$other/else"
    moves from "$other/else"
    is "committed to a directory that is away" "$status $(count "$other/else") $(find from/.ccm-move -path '*/committed/*' | wc -l)" "75 0 3"
    rm -rf "$to" "$other/else"; mv "$to.away" "$to"
    eml 4 >from/d.eml
    moves from "$to"
    is "and there again" "$status $(count from) $(count "$to") $(left)" "0 0 4 "
    break
done
is "killed between commit and publication" "$waits" yes

# ---- Killed at each system call that changes something; what has arrived is taken away before the next run.

case $TEST_SIZE in quick) every=5 ;; *) every=1 ;; esac
calls="renameat2 renameat openat mkdirat write fsync unlinkat flock"
[ $TEST_SIZE != full ] || calls+=" close read getdents64 fchmod utimensat newfstatat"
# arrived: takes away what a consumer sees.
arrived() { local one; for one in "$to"/*.eml; do [ ! -e "$one" ] || mv "$one" "gone/$1-${one##*/}"; done; }
# whole: each message once and complete; prints what is wrong.
whole() {
    local marks
    marks=$(cat gone/* 2>/dev/null | grep -ao '<[123]>' | sort | tr -d '\n')
    [ "$marks" = '<1><2><3>' ] || echo "has $marks"
    [ "$(cat gone/*c.eml* | tail -c 2000 | cksum)" = "$garbage" ] || echo "half"
    [ "$(count from)$(left)" = 0 ] || echo "left: $(names from) $(left)"
}
garbage=$(garbage 3 2000 | cksum)
# each INJECTION...: every point of every call, with a further run behind it.
each() {
    local name=$1 what=$2 call n total wrong= hit=0 why
    shift 2
    for call; do
        three
        total=$(strace -f -qq -e "trace=$call" "$move" -q from "$to" 2>&1 | grep -c "$call(")
        for ((n = 1; n <= total; n += every)); do
            three; rm -rf gone; mkdir gone
            traced "$call:$what:when=$n" || hit=$((hit + 1))
            arrived 1
            moves from "$to"
            [ $status = 0 ] || wrong+="$call $n: $status $(cat err) "
            arrived 2
            why=$(whole)
            [ -z "$why" ] || wrong+="$call $n: $why "
        done
    done
    check "$name: it was ($hit times)" [ $hit -gt 10 ]
    is "$name: each message once" "$wrong" ""
}
each "killed at each system call" signal=KILL $calls
changing="renameat2 mkdirat write fsync unlinkat"
each "EIO at each system call" error=EIO $changing
each "ENOSPC at each system call" error=ENOSPC renameat2 mkdirat write
# A run that is killed while it finishes what another has left.
wrong= hit=0
for ((n = 1; n <= 9; n++)); do
    for ((m = 1; m <= 9; m += 3)); do
        three; rm -rf gone; mkdir gone
        traced "renameat2:signal=KILL:when=$n"; arrived 1
        traced "unlinkat:signal=KILL:when=$m" || hit=$((hit + 1)); arrived 2
        moves from "$to"; arrived 3
        why=$(whole)
        [ -z "$why" ] || wrong+="$n, $m: $why "
    done
done
check "killed twice: it was ($hit times)" [ $hit -gt 10 ]
is "killed twice: each message once" "$wrong" ""

# Without RENAME_NOREPLACE, as on NFS: no name is taken from another file.
three; eml 4 >"$to/a.eml"
traced "renameat2:error=EINVAL"
is "no RENAME_NOREPLACE, two file systems" "$? $(cat err) $(count from) $(count "$to") $(left)" "0  0 4 "
check "no RENAME_NOREPLACE: nothing is replaced" grep -q '<4>' "$to/a.eml"
rm -rf one two; mkdir one two; eml 1 >one/a.eml; eml 2 >two/a.eml
strace -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:error=EINVAL "$move" -q one two
is "no RENAME_NOREPLACE, one file system" "$(count one) $(count two) $(grep -l '<2>' two/*) $(names two | grep -c '^a~[0-9a-f]\{16\}\.eml$')" "0 2 two/a.eml 1"

# ---- Two mounts of one file system: only a rename tells.

mkdir -p bind/from bind/volume bind/to
unshare -m true 2>/dev/null || { skip "bind mount" "no right to mount"; exit 0; }
eml 1 >bind/from/a.eml; eml 2 >bind/from/b.eml
unshare -m bash -c 'mount --bind bind/volume bind/to && strace -f -qq -o bind.log -e trace=fsync -e inject=fsync:signal=KILL:when=4 "$0" -q bind/from bind/to' "$move" 2>/dev/null
is "bind mount, killed: nothing is there half" "$(count bind/volume)" 0
unshare -m bash -c 'mount --bind bind/volume bind/to && exec "$0" -q bind/from bind/to' "$move" >out 2>&1
is "bind mount: each once" "$? $(cat out) $(count bind/from) $(names bind/volume | tr '\n' ' ')" "0  0 a.eml b.eml "
