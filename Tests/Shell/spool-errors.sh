#!/bin/bash
# Disk full, I/O errors, no more descriptors, at each call in turn: nothing is lost, nothing happens twice, and each
# failure is told (Q157684: mail deleted when an open failed, and nothing logged).
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert
convert=$BIN/ccm-convert
messages=3

# events QUEUE: what was told about trouble: standard error, and the log's lines that are no mere information.
events() { cat err; cat "$1"/log/*.jsonl 2>/dev/null | grep -viE '"severity": ?"(info|information|informational|debug|notice)"'; }

# ---- A real disk that is full. In a mount namespace of its own, where this script runs again.
disk() {
    local option i n=20 room
    mkdir small
    for option in "" "--workers 2" "--no-sync"; do
        mount -t tmpfs -o size=480k,mode=0700 none small || return 1
        mkdir -p small/q/in
        for ((i = 1; i <= n; i++)); do eml $i "$(yes 'A line of text in a message of some length.' | head -n 100)" >small/q/in/m$i.eml; done
        cat /dev/zero >small/fill 2>/dev/null
        run "$convert" $option small/q
        among "disk full${option:+, $option}: exit status" $status 75 74 73 71
        is "disk full${option:+, $option}: nothing lost" "$(kept small/q $n)" ""
        check "disk full${option:+, $option}: told" test -n "$(events small/q)"
        # Some room, not enough for all.
        for room in 40 90; do
            rm -f small/fill; head -c $((320 - room))k /dev/zero >small/fill
            run "$convert" $option small/q
            is "disk with room for a few ($room)${option:+, $option}: nothing lost" "$(kept small/q $n)" ""
            check "disk with room for a few ($room)${option:+, $option}: told" test -n "$(events small/q)"
        done
        mount -o remount,size=4m small
        run "$convert" $option small/q
        is "disk with room again${option:+, $option}: exit status" $status 0
        is "disk with room again${option:+, $option}: each once" "$(all_done=1 accounted small/q $n)" ""
        is "disk with room again${option:+, $option}: no torn result" \
            "$(cd small/q/results && for i in *; do "$BIN/eml2ccm" ../done/"${i%.ccm}.eml" | cmp - "$i" 2>&1; done)" ""
        umount small
    done
}
if [ "${1:-}" = disk ]; then disk; exit; fi
if ! unshare -m true 2>/dev/null; then skip "disk full" "no right to mount"
elif ! unshare -m -- "$here/spool-errors.sh" disk 2>/dev/null; then skip "disk full" "no tmpfs can be mounted here"
fi

# ---- Folders that vanish, or become something else, while a command runs (Q202178: mail stays where it is).
for damage in 'rm -rf q/results' 'rm -rf q/done' 'rm -rf q/log' 'rm -rf q/failed q/quarantine' 'rm -rf q/in.gone; mv q/in q/in.gone' \
    'rm -rf q/results; : >q/results' 'rm -rf q/done; : >q/done' 'rm -rf q/log; : >q/log'; do
    queue q 3
    printf '#!/bin/sh\n[ -e once ] || { : >once; %s; }\nexec cat\n' "$damage" >vandal; chmod +x vandal
    rm -f once
    LIMIT=30 run "$convert" --workers 1 --to ccm q -- "$tmp/vandal"
    check "$damage: no hang, no signal" test $status -lt 124
    for dir in q/results q/done q/log; do [ -f $dir ] && rm $dir; done
    if [ -d q/in.gone ]; then mkdir -p q/in; for i in q/in.gone/*; do [ -e "$i" ] && mv "$i" q/in/; done; fi
    run "$convert" --workers 1 --to ccm q -- "$tmp/vandal"
    run "$convert" --workers 1 --to ccm q -- "$tmp/vandal"
    is "$damage: each once after the next run" "$(accounted q 3)$(names q/in)" ""
done

# ---- The folder work goes away: what is in hand is beyond help, the rest waits, and the run ends.
queue q 3
LIMIT=20 run "$convert" --workers 1 q -- sh -c 'rm -rf q/work; cat'
among "work removed: exit status" $status 74 75
is "work removed: the others wait" "$(count q/in)" 2

# ---- What any message would meet is no fault of the first one: a command's log that cannot be made.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$tmp"
    queue q 3
    mkdir q/log; chown -R 65534:65534 q; chown 0:0 q/log
    run setpriv --reuid 65534 --regid 65534 --clear-groups "$convert" --workers 1 q -- cat
    among "a log that may not be written: exit status" $status 73 74
    is "a log that may not be written: all wait" "$(count q/in) $(count q/failed q/done)" "3 0"
    check "a log that may not be written: told" grep -q 'Permission denied' err
else
    skip "a log that may not be written" "for root and setpriv only"
fi

# ---- A limit on the size of files: the message that does not fit fails, and nobody is killed.
queue q 2
eml 3 "$(yes 'A line of text in a message of some length.' | head -n 8000)" >q/in/m3.eml
(ulimit -f 128; LIMIT=30 run "$convert" --workers 1 q; echo $status >status)
is "a limit on the size of files: exit status" "$(cat status)" 0
is "a limit on the size of files: fates" "$(names q/done) $(names q/failed | grep -v report)" $'m1.eml\nm2.eml m3.eml'
is "a limit on the size of files: each in one place" "$(accounted q 3)" ""

# ---- Injected errors.
require "injected errors" strace awk
strace -f -qq -o /dev/null true 2>/dev/null || { skip "injected errors" "strace may not trace here"; exit 0; }
case $TEST_SIZE in quick) every=5 ;; *) every=1 ;; esac

rm -rf model; queue model $messages
cp -a model three
run "$convert" --json --workers 1 model
is "clean run: exit status" $status 0
is "clean run: no event of trouble" "$(events model)" ""

# points LOG CALL: the first and the last number of a call of that name in one thread, from the first call that names
# the queue on: what the loader and the runtime do before is not the program's.
points() {
    awk -v call="$2" '{ pid = $1; sub(/^[0-9]+ +/, "") } /"q"/ && !/^execve/ && !begun { begun = 1; first = seen[pid] + 1 }
        index($0, call "(") == 1 { n = ++seen[pid]; if (n > most) most = n }
        END { print (begun ? first : 1), most + 0 }' "$1"
}

# rerun: what is wrong after two runs without an error: the first is clean, the second has nothing left to do.
rerun() {
    timeout -k 5 60 "$convert" --json --workers 1 q >out 2>again; timeout -k 5 60 "$convert" --json --workers 1 q >out 2>>again
    accounted q $messages | tr '\n' ';'
    [ -z "$(names q/in)" ] || printf 'left in in: %s' "$(names q/in | tr '\n' ' ')"
}

# inject ERROR CALL...: ERROR at each call of those names.
inject() {
    local error=$1 call most i bad=0 tried=0 why k=0 hit
    shift
    for call; do
        read -r i most < <(points calls.log $call)
        for ((; i <= most; i++)); do
            k=$((k + 1)); [ $((k % every)) = 0 ] || continue
            tried=$((tried + 1))
            rm -rf q hit.log; cp -a three q
            (timeout -k 5 60 strace -f -qq -y -o hit.log -e trace=$call -e "inject=$call:error=$error:when=$i" \
                "$convert" --json --workers 1 q >out 2>err; exit $?) 2>/dev/null
            status=$?
            why=
            [ $status = 124 ] && why+="hangs; "
            [ $status -gt 128 ] && why+="dies of signal $((status - 128)); "
            why+=$(kept q $messages | tr '\n' ';')
            # Trouble with something of the queue's own must be told; a missing locale or time zone file need not be,
            # nor a call that was interrupted and is simply made again.
            hit=$(grep INJECTED hit.log | head -n 1)
            [ $error = EINTR ] && hit=
            case $hit in
                *"$tmp/q"* | *'"q'* | *'"q/'*) [ -n "$(events q)" ] || why+="not told: ${hit:0:200}; " ;;
            esac
            why+=$(rerun)
            for r in q/results/*; do
                [ -e "$r" ] && { cmp -s "$r" "model/results/${r##*/}" || why+="${r##*/} differs from a clean run's; "; }
            done
            if [ -n "$why" ]; then
                bad=$((bad + 1))
                [ $bad -gt 10 ] || fail "$error at $call number $i" "$why"
            fi
        done
    done
    if [ $bad = 0 ]; then ok "$error at each of $*: $tried points"; else fail "$error at each of $*" "$bad of $tried points are wrong"; fi
}

rm -rf q; cp -a three q
strace -f -qq -o calls.log "$convert" --json --workers 1 q >/dev/null 2>&1
inject EIO open openat read pread64 readv
inject EIO write pwrite64 writev pwritev
inject EIO fsync fdatasync syncfs sync_file_range
inject EIO rename renameat renameat2 link linkat unlink unlinkat
inject EIO getdents64 mkdir mkdirat ftruncate fallocate flock fstat newfstatat statx rmdir
inject ENOSPC open openat write pwrite64 writev fsync fdatasync syncfs rename renameat renameat2 linkat mkdir mkdirat ftruncate fallocate
inject EMFILE open openat socket pipe2 dup dup3
inject ENOMEM mmap clone3 clone
inject EINTR read write open openat fsync flock

# ---- Two errors in one run: the second one meets what the first one made necessary.
# twice ERROR CALL ERROR CALL: each pair of points.
twice() {
    local i j k=0 a b most_a most_b bad=0 tried=0 why
    read -r a most_a < <(points calls.log $2)
    read -r b most_b < <(points calls.log $4)
    # What comes after the first error are calls that the clean run did not make.
    most_b=$((most_b + 4))
    for ((i = a; i <= most_a; i++)); do
        for ((j = b; j <= most_b; j++)); do
            k=$((k + 1)); [ $((k % every)) = 0 ] || continue
            tried=$((tried + 1))
            rm -rf q; cp -a three q
            (timeout -k 5 60 strace -f -qq -o /dev/null -e trace=$2,$4 -e "inject=$2:error=$1:when=$i" \
                -e "inject=$4:error=$3:when=$j" "$convert" --json --workers 1 q >out 2>err; exit $?) 2>/dev/null
            status=$?
            why=
            [ $status -ge 124 ] && why+="exit status $status; "
            why+=$(kept q $messages | tr '\n' ';')
            why+=$(rerun)
            if [ -n "$why" ]; then
                bad=$((bad + 1))
                [ $bad -gt 10 ] || fail "$1 at $2 number $i, $3 at $4 number $j" "$why"
            fi
        done
    done
    if [ $bad = 0 ]; then ok "$1 at $2, then $3 at $4: $tried pairs"; else fail "$1 at $2, then $3 at $4" "$bad of $tried pairs are wrong"; fi
}
rm -rf q; cp -a three q
strace -f -qq -o calls.log "$convert" --json --workers 1 q >/dev/null 2>&1
twice ENOSPC write EIO renameat2
twice ENOSPC write EIO unlinkat
